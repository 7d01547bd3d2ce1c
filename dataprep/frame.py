"""The canonical polars frames: rows, records that could not become rows, and findings.

Every reader ends in the row frame, every check starts from it. One row is one training example.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from dataprep.contract import Example

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MESSAGE: Final = pl.Struct(
    {
        "role": pl.String,
        "content": pl.String,  # the text of the turn; of several parts, the text parts joined
        "name": pl.String,
        "tool_calls": pl.String,  # JSON, as the source gave it
        "tool_call_id": pl.String,
        "weight": pl.Float64,
        "parts": pl.String,  # JSON list of the content parts where one of them is no text
        "extra": pl.String,  # JSON object of everything else the turn carried
    }
)

ROW_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row_id": pl.String,
    "source": pl.String,
    "line": pl.Int64,
    "format": pl.String,
    "messages": pl.List(MESSAGE),
    "chosen": pl.List(MESSAGE),
    "rejected": pl.List(MESSAGE),
    "label": pl.String,  # "true" or "false": whether the answer is a wanted one
    "tools": pl.String,  # JSON
    "group": pl.String,
    "meta": pl.String,  # JSON object of everything else the row carried
}

REJECT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "line": pl.Int64,
    "code": pl.String,
    "field": pl.String,
    "message": pl.String,
    "raw": pl.String,
}

FINDING_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "code": pl.String,
    "name": pl.String,
    "severity": pl.String,
    "row_id": pl.String,
    "source": pl.String,
    "line": pl.Int64,
    "field": pl.String,
    "message": pl.String,
    "score": pl.Float64,
    "related_row_id": pl.String,
    "related_source": pl.String,
    "related_line": pl.Int64,
    "evidence": pl.String,
}

MESSAGE_FIELDS: Final = tuple(field.name for field in MESSAGE.fields)
"""Fields of one message in the frame, in order."""

ALWAYS: Final = frozenset(MESSAGE_FIELDS[:2])
"""The fields that every message has."""

RAW_LIMIT: Final = 4_000
"""Characters of an unreadable record that are kept."""

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")


def content_hash(row: Mapping[str, Any]) -> str:
    """16 hex digits that identify what a row teaches: messages, preferences, label and tools.

    Args:
        row: with `messages`, and `chosen`, `rejected`, `label` and `tools` where the row has them. Fields without
            a value count as absent.
    """
    beside = {key: row[key] for key in ("label", "tools") if row.get(key) is not None}
    for key in ("chosen", "rejected"):
        if row.get(key) is not None:
            beside[key] = [{name: item for name, item in turn.items() if item is not None} for turn in row[key]]
    messages = row["messages"]
    for place, turn in enumerate(messages):
        more = {name: item for name, item in turn.items() if name not in ALWAYS and item is not None}
        if more:
            beside[str(place)] = more
    return hash_content([turn["role"] for turn in messages], [turn["content"] for turn in messages], beside)


def hash_content(roles: Sequence[str], contents: Sequence[str], beside: Mapping[str, Any]) -> str:
    """`content_hash` of a conversation that is already taken apart.

    Args:
        roles: of each message.
        contents: of each message.
        beside: everything else, without values that are None; a message's other fields under its number.
    """
    # The lengths keep apart what the line breaks alone would not.
    text = "\n".join((*roles, *map(str, map(len, contents)), *contents))
    body = text.encode("utf-8", "surrogatepass")
    if beside:
        body += _ENCODER.encode(beside)
    return hashlib.sha256(body).hexdigest()[:16]


def rows_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Build the row frame; `row_id` must hold the content hash and gets its occurrence number here.

    Args:
        rows: mappings with the keys of `ROW_SCHEMA`; a missing key becomes null.
    """
    frame = pl.DataFrame(list(rows), schema=ROW_SCHEMA, orient="row")
    return number_occurrences(frame)


def number_occurrences(frame: pl.DataFrame) -> pl.DataFrame:
    """Append to each content hash in `row_id` how often it was seen before: `…-0`, `…-1`."""
    occurrence = pl.int_range(pl.len()).over("row_id").cast(pl.String)
    return frame.with_columns(pl.col("row_id") + "-" + occurrence)


def empty_findings() -> pl.DataFrame:
    """A findings frame without rows."""
    return pl.DataFrame(schema=FINDING_SCHEMA)


def sort_findings(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings in the order they are published: by code, source, line, then what they relate to."""
    keys = ["code", "source", "line", "related_source", "related_line", "message"]
    return findings.sort(keys, nulls_last=False, maintain_order=True)


def plain_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as it leaves the tools: fields without a value left out, parts, calls and extras as JSON values."""
    plain = {key: value for key, value in message.items() if value is not None}
    if "tool_calls" in plain:
        plain["tool_calls"] = msgspec.json.decode(plain["tool_calls"])
    if "parts" in plain:
        plain["content"] = msgspec.json.decode(plain.pop("parts"))
    if "extra" in plain:
        plain |= msgspec.json.decode(plain.pop("extra"))
    return plain


def conversation(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row teaches, as JSON values: messages, and where it has them chosen, rejected, label and tools."""
    plain: dict[str, Any] = {"messages": _plain_messages(row["messages"])}
    for key in ("chosen", "rejected"):
        if row.get(key) is not None:
            plain[key] = _plain_messages(row[key])
    if row.get("label") is not None:
        plain["label"] = row["label"] == "true"
    if row["tools"] is not None:
        plain["tools"] = msgspec.json.decode(row["tools"])
    return plain


def with_own_fields(
    record: dict[str, Any], row: Mapping[str, Any], taken: Iterable[str] | None = None
) -> dict[str, Any]:
    """Add the row's own fields to a record; one whose name is taken is written as `original_…`.

    Args:
        record: what is written of the row so far.
        row: with its own fields in `meta`.
        taken: names that no own field may have; those in the record by default.
    """
    if row["meta"]:
        own = msgspec.json.decode(row["meta"])
        names = set(record if taken is None else taken)
        for key, value in own.items():
            name = key
            while name in names or (name != key and name in own):
                name = f"original_{name}"
            record[name] = value
    return record


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it leaves the tools: row_id, what it teaches, then its own fields.

    A label in words, say, would be read as whether the answer is wanted: no own field is written under such a name.
    """
    return with_own_fields({"row_id": row["row_id"]} | conversation(row), row, Example.model_fields)


def _plain_messages(messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [plain_message(message) for message in messages]
