"""Inputs to the canonical frame: every record becomes a row or a named reject."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dataprep.contract import InputFile
from dataprep.discovery import discover
from dataprep.errors import ConfigError, InputError
from dataprep.frame import RAW_LIMIT, REJECT_SCHEMA, content_hash, rows_frame
from dataprep.ingest import formats
from dataprep.ingest.containers import SUFFIXES, Record, read_records
from dataprep.ingest.shape import Format, Parsed, ShapeError, as_json, as_text, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Ingested:
    """What the inputs hold.

    Attributes:
        rows: the canonical frame (`frame.ROW_SCHEMA`).
        rejects: records that could not become rows (`frame.REJECT_SCHEMA`).
        files: the account of each file; records == rows + unreadable.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    files: list[InputFile]


@cache
def all_formats() -> dict[str, Format]:
    """Every known format by name."""
    return discover(formats, "FORMAT", lambda plugin: plugin.name)


def read_inputs(
    paths: Iterable[Path], column_map: Mapping[str, str] | None = None, input_format: str | None = None
) -> Ingested:
    """Read files and folders into one frame.

    Args:
        paths: files, or folders whose data files are read in name order.
        column_map: which columns hold what, for records no format knows: {"prompt": "text", "answer": "label"}.
        input_format: read every record as this format instead of recognising it.

    Raises:
        InputError: a path is missing, empty or of an unknown kind, or no record at all is usable.
        ConfigError: the column map or the format name is not one.
    """
    chosen = _chosen_format(input_format)
    mapping = _checked_map(column_map)
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    files = [_read_file(path, chosen, mapping, rows, rejects) for path in expand(paths)]
    if not rows:
        raise _nothing_usable(files, rejects)
    return Ingested(rows_frame(rows), pl.DataFrame(rejects, schema=REJECT_SCHEMA, orient="row"), files)


def expand(paths: Iterable[Path]) -> list[Path]:
    """The files meant by the given paths, each once, in the order given."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
            if not inside:
                known = ", ".join(sorted(SUFFIXES))
                raise InputError(f"{path}: the folder holds no data files", f"It needs at least one of {known}")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise InputError(f"{path}: no such file or folder", "Check the path")
    if not found:
        raise InputError("no input given", "Name at least one data file")
    return list(found)


def _chosen_format(name: str | None) -> Format | None:
    if name is None:
        return None
    known = all_formats()
    if name not in known:
        raise ConfigError(f"unknown format {name!r}", f"Choose one of {', '.join(known)}")
    return known[name]


def _checked_map(column_map: Mapping[str, str] | None) -> Mapping[str, str] | None:
    if not column_map:
        return None
    allowed = {"prompt", "answer", "system", "group"}
    unknown = sorted(set(column_map) - allowed)
    if unknown or not {"prompt", "answer"} <= set(column_map):
        what = f"cannot map {', '.join(unknown)}" if unknown else "the column map needs prompt and answer"
        raise ConfigError(what, "Write it as --map prompt=COLUMN,answer=COLUMN[,system=COLUMN,group=COLUMN]")
    return column_map


def _read_file(
    path: Path,
    chosen: Format | None,
    column_map: Mapping[str, str] | None,
    rows: list[dict[str, Any]],
    rejects: list[dict[str, Any]],
) -> InputFile:
    try:
        data = path.read_bytes()
    except OSError as err:
        raise InputError(f"{path}: cannot be read ({err.strerror})", "Check the permissions") from err
    if not data.strip():
        raise InputError(f"{path}: the file is empty", "Give a file with at least one record")
    source, notes = path.as_posix(), set[str]()
    counts: Counter[str] = Counter()
    unreadable = 0
    for record in read_records(path, data, notes):
        row = _to_row(record, chosen, column_map, notes)
        if "code" in row:
            rejects.append({"source": source, "line": record.line} | row)
            unreadable += 1
        else:
            rows.append({"source": source, "line": record.line} | row)
            counts[row["format"]] += 1
    return InputFile(
        path=source,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        records=unreadable + counts.total(),
        rows=counts.total(),
        unreadable=unreadable,
        formats=dict(sorted(counts.items())),
        notes=sorted(notes),
    )


def _to_row(
    record: Record, chosen: Format | None, column_map: Mapping[str, str] | None, notes: set[str]
) -> dict[str, Any]:
    value = record.value
    if value is None:
        return _reject("FMT001", None, record.problem or "unreadable", record.raw or "")
    if kind := _preference(value):
        # Read as plain chat it would lose its answers, or teach the rejected ones.
        return _reject("FMT002", None, f"{kind} is not read yet", as_json(value))
    fmt = chosen or next((known for known in all_formats().values() if known.sniff(value)), None)
    try:
        if column_map is not None:
            parsed, name = _read_mapped(value, column_map), "mapped columns"
        elif fmt is not None:
            parsed, name = fmt.read(value), fmt.name
        else:
            keys = ", ".join(str(key) for key in list(value)[:6]) or "none"
            return _reject("FMT002", None, f"no known format has these fields: {keys}", as_json(value))
    except ShapeError as err:
        return _reject("FMT002", err.field, err.problem, as_json(value))
    except StopIteration:
        return _reject("FMT002", None, f"lacks the fields of {chosen.title if chosen else 'a format'}", as_json(value))
    notes |= parsed.adapted
    meta = {key: item for key, item in value.items() if key not in parsed.used}
    group = value.get(column_map["group"]) if column_map and "group" in column_map else None
    return {
        "row_id": content_hash(parsed.messages, parsed.tools),
        "format": name,
        "messages": [{key: turn.get(key) for key in ("role", "content")} | turn for turn in parsed.messages],
        "tools": parsed.tools,
        "group": None if group is None else str(group),
        "meta": as_json(meta) if meta else None,
    }


def _preference(value: Mapping[str, Any]) -> str | None:
    """What kind of preference data a record is, if it is one."""
    if {"chosen", "rejected"} <= value.keys() or {"chosen_messages", "rejected_messages"} <= value.keys():
        return "a preference pair (chosen, rejected)"
    if isinstance(value.get("label"), bool) and ("messages" in value or "conversations" in value):
        return "a row with a thumbs-up or thumbs-down label"
    return None


def _read_mapped(value: Mapping[str, Any], column_map: Mapping[str, str]) -> Parsed:
    parsed = Parsed([], set())
    for role, target in (("system", "system"), ("user", "prompt"), ("assistant", "answer")):
        column = column_map.get(target)
        if column is None:
            continue
        if column not in value:
            raise ShapeError(column, f"the mapped column {column!r} is not in the record")
        parsed.messages.append(message(role, as_text(value[column], column, parsed)))
        parsed.used.add(column)
    return parsed


def _reject(code: str, field: str | None, problem: str, raw: str) -> dict[str, Any]:
    if len(raw) > RAW_LIMIT:
        raw = raw[:RAW_LIMIT] + f"… ({len(raw) - RAW_LIMIT} more characters)"
    return {"code": code, "field": field, "message": problem, "raw": raw}


def _nothing_usable(files: Sequence[InputFile], rejects: Sequence[Mapping[str, Any]]) -> InputError:
    names = ", ".join(file.path for file in files)
    if not rejects:
        return InputError(f"{names}: no records in it", "Give a file with at least one record")
    first = rejects[0]
    problem = f"{names}: none of {len(rejects):,} records is usable; line {first['line']}: {first['message']}"
    if any(reject["code"] == "FMT002" for reject in rejects):
        known = ", ".join(fmt.title for fmt in all_formats().values())
        return InputError(problem, f"Known formats: {known}. For other columns: --map prompt=COLUMN,answer=COLUMN")
    return InputError(problem, "Mend or export the file again")
