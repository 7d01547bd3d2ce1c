"""The canonical polars frames: rows, records that could not become rows, and findings.

Every reader ends in the row frame, every check starts from it. One row is one training example.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MESSAGE: Final = pl.Struct(
    {
        "role": pl.String,
        "content": pl.String,
        "name": pl.String,
        "tool_calls": pl.String,  # JSON, as the source gave it
        "tool_call_id": pl.String,
        "weight": pl.Float64,
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
    "label": pl.String,
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

MESSAGE_FIELDS: Final = ("role", "content", "name", "tool_calls", "tool_call_id", "weight")
"""Fields of one message in the frame, in the order of `MESSAGE`."""

RAW_LIMIT: Final = 4_000
"""Characters of an unreadable record that are kept."""


def content_hash(messages: Sequence[Mapping[str, Any]], tools: str | None = None) -> str:
    """16 hex digits that identify what a row teaches: its messages and tools, not where it came from."""
    body = [[message.get(key) for key in MESSAGE_FIELDS] for message in messages]
    encoded = msgspec.json.encode([body, tools], order="deterministic")
    return hashlib.blake2b(encoded, digest_size=8).hexdigest()


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
    """A message as it leaves the tools: fields without a value left out, tool calls as JSON values."""
    plain = {key: value for key, value in message.items() if value is not None}
    if "tool_calls" in plain:
        plain["tool_calls"] = msgspec.json.decode(plain["tool_calls"])
    return plain


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it leaves the tools: row_id, messages, tools, then the row's own fields in their order.

    The row's own fields never replace `row_id`, `messages` or `tools`; a clash is written as `original_…`.
    """
    plain: dict[str, Any] = {
        "row_id": row["row_id"],
        "messages": [plain_message(message) for message in row["messages"]],
    }
    if row["tools"] is not None:
        plain["tools"] = msgspec.json.decode(row["tools"])
    meta = msgspec.json.decode(row["meta"]) if row["meta"] else {}
    for key, value in meta.items():
        plain[f"original_{key}" if key in plain else key] = value
    return plain
