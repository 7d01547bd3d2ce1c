"""JSON Lines: pieces of a file that end with a line, and the records on their lines."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from dataprep.ingest.decode import Unreadable, as_object, decode_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dataprep.ingest.rows import RowReader

PIECE: Final = 8 << 20
_SHOWN: Final = 65_536
"""Bytes that are kept of a longer one."""

_LINE_FEED: Final = ord("\n")
MAX_RECORD: Final = 128 << 20
"""Bytes of the longest record that is read; one that is longer is set aside, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a file.

    Attributes:
        first_line: 1-based number of the first of them.
        parts: their bytes, one part after the other; only the beginning of a line that is too long.
        lines: how many there are.
        overlong: bytes of the line, where it is one that is too long to be read.
    """

    first_line: int
    parts: Sequence[bytes | memoryview]
    lines: int
    overlong: int = 0

    @property
    def data(self) -> bytes:
        """Their bytes in one."""
        return b"".join(self.parts)


def pieces(blocks: Iterable[bytes], size: int = PIECE, max_record: int = MAX_RECORD) -> Iterator[Piece]:
    """Cut a stream into pieces of whole lines, of about `size` bytes; nothing is copied on the way."""
    whole: list[memoryview] = []  # up to the last line feed
    tail: list[memoryview] = []  # after it
    length = beyond = skipped = 0
    line, lines = 1, 0
    for block in blocks:
        view, start, end = memoryview(block), 0, block.rfind(b"\n") + 1
        if skipped:
            start = block.find(b"\n") + 1
            skipped += start or len(block)
            if not start:
                continue
            yield Piece(line, tail, 1, skipped)
            line, skipped, tail, beyond = line + 1, 0, [], 0
        if end > start:
            whole += [*tail, view[start:end]]
            # Four times as fast as bytes.count.
            lines += int(np.count_nonzero(np.frombuffer(view[start:end], np.uint8) == _LINE_FEED))
            length += beyond + end - start
            tail, beyond = [], 0
        tail.append(view[end:])
        beyond += len(tail[-1])
        if length >= size or (whole and beyond > max_record):
            yield Piece(line, whole, lines)
            line, whole, lines, length = line + lines, [], 0, 0
        if beyond > max_record:
            skipped, tail = beyond, [memoryview(b"".join(tail)[:_SHOWN])]
    if whole:
        yield Piece(line, whole, lines)
        line += lines
    if beyond:
        yield Piece(line, tail, 1, skipped)


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
    if text.startswith(codecs.BOM_UTF8):  # files put together begin anew in the middle
        text = text.removeprefix(codecs.BOM_UTF8).lstrip()
        reader.notes.add("byte order mark inside the file removed")
    if not text:
        return
    try:
        value = as_object(decode_object(text, reader.notes))
    except Unreadable as err:
        reader.reject(number, "FMT001", None, str(err), text.decode("utf-8", "replace"))
    else:
        reader.add_value(number, value)
