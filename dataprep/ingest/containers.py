"""Files to records: JSON Lines, JSON arrays and CSV, each record with the line it starts on."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.errors import InputError
from dataprep.ingest.decode import Unreadable, as_object, decode_object, json_problem, scrub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES: Final = {".jsonl": "json", ".ndjson": "json", ".json": "json", ".csv": "csv", ".tsv": "tsv"}
_NEXT_OBJECT: Final = re.compile(r"[,\n]\s*(?=\{)")
_CSV_FIELD_LIMIT: Final = 1 << 30


@dataclass(slots=True)
class Record:
    """One record of a file: its value, or why it has none.

    Attributes:
        line: 1-based line on which the record starts.
        value: the decoded object, or None.
        problem: why there is no value.
        raw: the record's text where there is no value.
    """

    line: int
    value: dict[str, Any] | None
    problem: str | None = None
    raw: str | None = None


def read_records(path: Path, data: bytes, notes: set[str]) -> Iterator[Record]:
    """Read a file's records by what its content is; the ending decides only between JSON and CSV.

    Args:
        path: the file, for its ending and for messages.
        data: its bytes.
        notes: receives what had to be adapted.

    Raises:
        InputError: the ending is unknown, or the file as a whole cannot be read.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(sorted(SUFFIXES))
        raise InputError(f"{path}: unknown kind of file {path.suffix!r}", f"Give one of {known}")
    data = _to_utf8(path, data, notes)
    if kind != "json":
        return _csv_records(path, data, "\t" if kind == "tsv" else ",", notes)
    start = data.lstrip()[:1]
    if start == b"[" and not _first_line_is_whole_array(data):
        if path.suffix.lower() != ".json":
            notes.add("holds a JSON array, not JSON Lines")
        return _array_records(data, notes)
    return _line_records(data, notes)


def _to_utf8(path: Path, data: bytes, notes: set[str]) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        notes.add("byte order mark removed")
        return data[len(codecs.BOM_UTF8) :]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        notes.add("converted from UTF-16")
        try:
            return data.decode("utf-16").encode("utf-8", "replace")
        except UnicodeDecodeError as err:
            raise InputError(f"{path}: starts as UTF-16 but is not", "Save it as UTF-8") from err
    return data


def _first_line_is_whole_array(data: bytes) -> bool:
    """Whether several lines hold one array each: broken JSON Lines, not one array."""
    lines = data.strip().split(b"\n", 2)
    return len(lines) > 1 and lines[0].rstrip().endswith(b"]") and lines[1].lstrip()[:1] == b"["


def _line_records(data: bytes, notes: set[str]) -> Iterator[Record]:
    for number, line in enumerate(io.BytesIO(data), start=1):
        text = line.strip()
        if not text:
            continue
        try:
            yield Record(number, decode_object(text, notes))
        except Unreadable as err:
            yield Record(number, None, str(err), text.decode("utf-8", "replace"))


def _array_records(data: bytes, notes: set[str]) -> Iterator[Record]:
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from _broken_array_records(data, notes)
        return
    end, counted, line = 0, 0, 1
    for item in items:
        raw = bytes(item)
        start = data.find(raw, end)
        line += data.count(b"\n", counted, start)
        end, counted = start + len(raw), start
        try:
            yield Record(line, decode_object(raw, notes))
        except Unreadable as err:
            yield Record(line, None, str(err), raw.decode("utf-8", "replace"))


def _broken_array_records(data: bytes, notes: set[str]) -> Iterator[Record]:
    """Read an array that is not valid JSON element by element, so that one fault costs one record.

    After a fault, reading goes on at the next place where an object starts behind a comma or on a new line.
    """
    text = data.decode("utf-8", "replace")
    if "\ufffd" in text:
        notes.add("bytes that are not UTF-8 replaced by U+FFFD")
    decoder = json.JSONDecoder(strict=False)
    position = text.index("[") + 1
    line, counted = 1, 0
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        line += text.count("\n", counted, position)
        counted = position
        if position >= len(text):
            yield Record(line, None, "the JSON array is never closed", "")
            return
        if text[position] == "]":
            rest = text[position + 1 :].strip()
            if rest:
                yield Record(line, None, "more text after the array's end", rest)
            return
        end = position + 1
        try:
            value, end = decoder.raw_decode(text, position)
            yield Record(line, as_object(scrub(value, notes)))
        except json.JSONDecodeError as err:
            following = _NEXT_OBJECT.search(text, position + 1)
            end = following.end() if following else len(text)
            raw = text[position:end].rstrip(" \t\r\n,]")
            relative = json.JSONDecodeError(err.msg, raw, min(err.pos - position, len(raw)))
            yield Record(line, None, json_problem(relative, raw), raw)
            if following is None:
                return
        except Unreadable as err:
            yield Record(line, None, str(err), text[position:end])
        except (RecursionError, ValueError):
            following = _NEXT_OBJECT.search(text, position + 1)
            end = following.end() if following else len(text)
            yield Record(line, None, "nested too deeply or with too large a number", text[position:end])
            if following is None:
                return
        position = end


def _csv_records(path: Path, data: bytes, delimiter: str, notes: set[str]) -> Iterator[Record]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        notes.add("not UTF-8: read as Windows-1252")
    csv.field_size_limit(_CSV_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(filter(any, reader), [])]
    except csv.Error as err:
        raise InputError(f"{path}: line 1: {err}", "Mend the header line") from err
    if len(set(header)) != len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        raise InputError(f"{path}: the header names {', '.join(twice)} twice", "Rename one of the columns")
    line = reader.line_num + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            yield Record(line, None, f"not CSV: {err}", "")
            line = reader.line_num + 1
            continue
        if len(cells) == len(header):
            yield Record(line, dict(zip(header, cells, strict=True)))
        elif any(cells):
            problem = f"{len(cells)} cells where the header has {len(header)}"
            yield Record(line, None, problem, delimiter.join(cells))
        line = reader.line_num + 1
