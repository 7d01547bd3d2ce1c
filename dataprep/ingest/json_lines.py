"""JSON Lines: pieces of a file that end with a line, and the records on their lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from dataprep.ingest.decode import Unreadable, as_object, decode_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataprep.ingest.rows import RowReader

PIECE: Final = 8 << 20
_LINE_FEED: Final = ord("\n")
MAX_RECORD: Final = 128 << 20
"""Bytes of the longest record that is read; one that is longer is set aside, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a file.

    Attributes:
        first_line: 1-based number of the first of them.
        data: their bytes; only the beginning of a line that is too long.
        lines: how many there are.
        overlong: bytes of the line, where it is one that is too long to be read.
    """

    first_line: int
    data: bytes
    lines: int
    overlong: int = 0


def pieces(blocks: Iterable[bytes], size: int = PIECE, max_record: int = MAX_RECORD) -> Iterator[Piece]:
    """Cut a stream into pieces of whole lines, of about `size` bytes."""
    held: list[bytes] = []
    length = skipped = 0
    line = 1
    for block in blocks:
        if skipped:
            end = block.find(b"\n")
            skipped += len(block) if end < 0 else end + 1
            if end < 0:
                continue
            yield Piece(line, b"".join(held)[:max_record], 1, skipped)
            line, skipped, held, length = line + 1, 0, [], 0
            held.append(block[end + 1 :])
        else:
            held.append(block)
        length += len(held[-1])
        if length < size:
            continue
        data = b"".join(held)
        cut = data.rfind(b"\n") + 1
        if cut:
            whole = data[:cut]
            # Four times as fast as bytes.count.
            lines = int(np.count_nonzero(np.frombuffer(whole, np.uint8) == _LINE_FEED))
            yield Piece(line, whole, lines)
            line += lines
        held, length = [data[cut:]], len(data) - cut
        if length > max_record:
            held, skipped = [held[0][:65_536]], length
    if skipped:
        yield Piece(line, b"".join(held), 1, skipped)
    elif data := b"".join(held):
        yield Piece(line, data, data.count(b"\n") + (not data.endswith(b"\n")))


def read_piece(piece: Piece, reader: RowReader) -> None:
    """Read the records of a piece into a reader."""
    if piece.overlong:
        text = piece.data.decode("utf-8", "replace")
        problem = f"a record of {piece.overlong:,} bytes: the longest that is read has {MAX_RECORD:,}"
        reader.reject(piece.first_line, "FMT001", None, problem, text)
        return
    decode, add_value = msgspec.json.Decoder().decode, reader.add_value
    for number, line in enumerate(piece.data.split(b"\n"), piece.first_line):
        try:
            value = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            _read_hard(number, line, reader)
            continue
        if type(value) is dict:
            add_value(number, value)
        else:
            _read_hard(number, line, reader)


def _read_hard(number: int, line: bytes, reader: RowReader) -> None:
    """A line that is blank, broken, or readable only leniently."""
    text = line.strip()
    if not text:
        return
    try:
        value = as_object(decode_object(text, reader.notes))
    except Unreadable as err:
        reader.reject(number, "FMT001", None, str(err), text.decode("utf-8", "replace"))
    else:
        reader.add_value(number, value)
