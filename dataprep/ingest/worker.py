"""A reader process: pieces of JSON Lines come in on standard input, frames go out on standard output.

Started by `parallel`; both ends are ours, and nothing in the data decides what is run.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import struct
import sys
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from dataprep.ingest.json_lines import Piece, read_piece
from dataprep.ingest.rows import Batch, RowReader, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

Head = TypeVar("Head", bound=msgspec.Struct)
LENGTH: Final = struct.Struct("<QQ")


class Job(msgspec.Struct, array_like=True):
    """The head of a piece; its bytes follow."""

    first_line: int
    lines: int
    overlong: int


class Reply(msgspec.Struct, array_like=True):
    """What a piece held, but for its rows; they follow as an Arrow file."""

    rejects: list[tuple[int, str, str | None, str, str]]
    turns: list[tuple[int, dict[str, Any]]]
    formats: dict[str, int]
    notes: list[str]
    lines: int


def send(stream: IO[bytes], head: msgspec.Struct, body: Sequence[bytes | memoryview]) -> None:
    """Write a head and the parts of its body."""
    encoded = msgspec.msgpack.encode(head)
    stream.write(LENGTH.pack(len(encoded), sum(map(len, body))))
    stream.write(encoded)
    for part in body:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes], kind: type[Head]) -> tuple[Head, bytes] | None:
    """Read a head and its body; None when the other end has closed."""
    lengths = stream.read(LENGTH.size)
    if len(lengths) < LENGTH.size:
        return None
    head, body = LENGTH.unpack(lengths)
    return msgspec.msgpack.decode(stream.read(head), type=kind), stream.read(body)


def reply_of(batch: Batch) -> tuple[Reply, list[memoryview]]:
    """A batch as it is sent."""
    frame = io.BytesIO()
    batch.rows.write_ipc(frame)
    reply = Reply(batch.rejects, batch.turns, dict(batch.formats), sorted(batch.notes), batch.lines)
    return reply, [frame.getbuffer()]


def main() -> None:
    """Read pieces until standard input closes."""
    # An interrupt is the parent's to handle; it closes our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Decoded records hold no cycles: looking for some costs a tenth of the time.
    gc.disable()
    first = receive(incoming, Settings)
    if first is None:
        return
    settings = first[0]
    reader = RowReader(settings.column_map, settings.input_format)
    reader.begin(settings.source)
    while (received := receive(incoming, Job)) is not None:
        job, data = received
        read_piece(Piece(job.first_line, [data], job.lines, job.overlong), reader)
        send(outgoing, *reply_of(reader.take(job.lines)))
