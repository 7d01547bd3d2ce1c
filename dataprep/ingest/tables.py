"""CSV and its relatives: records with the line each starts on, and a fault that costs no more than its record."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from typing import TYPE_CHECKING, Final

from dataprep.errors import InputError
from dataprep.ingest.decode import scrub

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataprep.ingest.rows import RowReader

_FIELD_LIMIT: Final = 1 << 30
_LONGEST: Final = 20_000
"""Lines that one record may span; a quote that opens and is not closed by then was never meant to."""
_STRAY: Final = re.compile("[\udc80-\udcff]")
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')


class _Lines:
    """The lines of a text, which can be put back."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._lines = self._decoded(blocks)
        self._back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    @staticmethod
    def _decoded(blocks: Iterable[bytes]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        rest = ""
        for block in blocks:
            parts = (rest + decoder.decode(block)).split("\n")
            rest = parts.pop()
            for part in parts:
                yield part + "\n"
        rest += decoder.decode(b"", True)
        if rest:
            yield rest

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) > _LONGEST:
            raise csv.Error(f"a record of more than {_LONGEST:,} lines")
        line = self._back.popleft() if self._back else next(self._lines)
        self.number += 1
        self.taken.append(line)
        return line

    def begin(self) -> None:
        """A record begins."""
        self.taken = []

    def put_back(self, keep: int) -> None:
        """Give back what was taken for the record but its first `keep` lines."""
        self._back.extendleft(reversed(self.taken[keep:]))
        self.number -= len(self.taken) - keep
        self.taken = self.taken[:keep]


def read_table(blocks: Iterable[bytes], name: str, reader: RowReader, delimiter: str | None) -> Iterator[None]:
    """Read a table into a reader; hands over after each record, so that rows can be taken.

    Args:
        blocks: UTF-8, where broken bytes stay as they are.
        name: of the file, for messages.
        reader: receives the records.
        delimiter: None to find out.

    Raises:
        InputError: there is no usable header.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    lines = _Lines(blocks)
    head = ""
    for head in lines:
        if head.strip():
            break
    lines.put_back(len(lines.taken) - 1)
    if delimiter is None:
        delimiter = _delimiter(head)
        if delimiter != ",":
            reader.notes.add(f"columns separated by {'tabs' if delimiter == chr(9) else repr(delimiter)}")
    header = _header(lines, name, delimiter, reader.notes)
    while True:
        lines.begin()
        first = lines.number + 1
        cells, problem = _record(lines, delimiter)
        if cells is None and problem is None:
            return
        if problem is None and cells is not None and not any(cells):
            continue
        raw = "".join(lines.taken).rstrip("\r\n")
        problem = problem or _bad_byte(raw)
        if problem is None and cells is not None and len(cells) != len(header):
            problem = f"{len(cells)} cells where the header has {len(header)}"
        if problem is not None:
            text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            reader.reject(first, "FMT001", None, problem, text)
        elif cells is not None:
            reader.add_value(first, {key: scrub(cell, reader.notes) for key, cell in zip(header, cells, strict=True)})
        yield


def _bad_byte(raw: str) -> str | None:
    """The first byte that is no UTF-8, in words."""
    if raw.isascii():
        return None
    bad = _STRAY.search(raw)
    return f"not UTF-8 (byte 0x{ord(bad[0]) - 0xDC00:02x} at character {bad.start() + 1})" if bad else None


def _record(lines: _Lines, delimiter: str) -> tuple[list[str] | None, str | None]:
    """The cells of the next record, or what is wrong with it; neither at the end.

    A reader over one record at a time: after a fault only the line on which the record starts is given up.
    """
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True)), None
    except StopIteration:
        return None, None
    except csv.Error as err:
        words = str(err)
        if len(lines.taken) > 1:
            words = "a quote opens here and is never closed"
        elif "expected after" in words:
            words = "a quote inside a quoted cell is not doubled"
        elif words == "unexpected end of data":
            words = "a quote opens here and is never closed"
        lines.put_back(1)
        return None, f"not CSV: {words}"


def _header(lines: _Lines, name: str, delimiter: str, notes: set[str]) -> list[str]:
    lines.begin()
    first = lines.number + 1
    cells, problem = _record(lines, delimiter)
    if problem is not None:
        raise InputError(f"{name}: line {first}: {problem}", "Mend the header line")
    if any(_STRAY.search(cell) for cell in cells or []):
        notes.add("bytes of the header that are no UTF-8 replaced by U+FFFD")
        cells = [_STRAY.sub("\ufffd", cell) for cell in cells or []]
    header = [cell.strip() or f"column {index}" for index, cell in enumerate(cells or [], start=1)]
    if len(set(header)) != len(header):
        twice = sorted({column for column in header if header.count(column) > 1})
        raise InputError(f"{name}: the header names {', '.join(twice)} twice", "Rename one of the columns")
    return header


def _delimiter(head: str) -> str:
    """The sign that separates most columns of the header."""
    bare = _QUOTED.sub("", head)
    return max(",;\t|", key=bare.count)
