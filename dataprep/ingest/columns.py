"""Rows to a polars frame without a detour through nested Python objects, in batches.

Building the frame from one dict per row costs 2.6 s for 100 MB of chat; flat lists of roles and contents that
polars groups into lists cost 0.1 s (docs/decisions.md).
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import polars as pl

from dataprep.frame import ALWAYS, MESSAGE, MESSAGE_FIELDS, ROW_SCHEMA, hash_content
from dataprep.ingest.shape import Parsed

_SPARSE = MESSAGE_FIELDS[2:]
_ENCODE = msgspec.json.Encoder().encode
_MESSAGES = pl.List(MESSAGE)


class RowColumns:
    """Collects rows column by column.

    Args:
        source: the file they are from.

    Attributes:
        height: rows collected.
        text_bytes: characters of content collected, a measure of the memory they take.
    """

    def __init__(self, source: str = "") -> None:
        self._source = source
        self._copies: dict[str, int] = {}
        self.height = 0
        self.text_bytes = 0
        self._lengths: list[int] = []
        self._roles: list[str] = []
        self._contents: list[str] = []
        self._sparse: dict[str, dict[int, Any]] = {key: {} for key in _SPARSE}
        self._row_ids: list[str] = []
        self._lines: list[int] = []
        self._formats: list[str] = []
        self._meta: list[str | None] = []
        self._rare: dict[str, dict[int, Any]] = {key: {} for key in ("chosen", "rejected", "label", "tools", "group")}

    def add(self, line: int, format_name: str, parsed: Parsed, own: dict[str, Any]) -> None:
        """Append a row.

        Args:
            line: where its record starts.
            format_name: what it was recognised as.
            parsed: its conversation.
            own: its own fields.
        """
        messages = parsed.messages
        beside = self._add_rare(parsed)
        first = len(self._roles)
        for place, turn in enumerate(messages):
            if len(turn) > 2:
                more = {key: value for key, value in turn.items() if key not in ALWAYS}
                beside[str(place)] = more
                for key, value in more.items():
                    self._sparse[key][first + place] = value
        roles = [turn["role"] for turn in messages]
        contents = [turn["content"] for turn in messages]
        self.append(line, format_name, roles, contents, beside, own)

    def append(
        self,
        line: int,
        format_name: str,
        roles: list[str],
        contents: list[str],
        beside: dict[str, Any],
        own: dict[str, Any],
    ) -> None:
        """Append a row that is taken apart already; `beside` as `frame.hash_content` takes it."""
        identity = hash_content(roles, contents, beside)
        copies = self._copies.get(identity, 0)
        self._copies[identity] = copies + 1
        self._row_ids.append(f"{identity}-{copies}")
        self._roles += roles
        self._contents += contents
        self._lengths.append(len(roles))
        self.text_bytes += sum(map(len, contents))
        self._lines.append(line)
        self._formats.append(format_name)
        self._meta.append(_ENCODE(own).decode() if own else None)
        self.height += 1

    def _add_rare(self, parsed: Parsed) -> dict[str, Any]:
        """Store what few rows have; returns the part of it that belongs to the content."""
        beside: dict[str, Any] = {}
        for key in ("label", "tools"):
            value = getattr(parsed, key)
            if value is not None:
                beside[key] = self._rare[key][self.height] = value
        for key in ("chosen", "rejected"):
            value = getattr(parsed, key)
            if value is not None:
                beside[key] = value
                # polars wants every field of a struct; the long columns get them column by column.
                self._rare[key][self.height] = [{name: turn.get(name) for name in MESSAGE_FIELDS} for turn in value]
                self.text_bytes += sum(len(turn["content"]) for turn in value)
        if parsed.group is not None:
            self._rare["group"][self.height] = parsed.group
        return beside

    def frame(self) -> pl.DataFrame:
        """The rows in `frame.ROW_SCHEMA`; the occurrence numbers in `row_id` count from the first of them."""
        if not self.height:
            return pl.DataFrame(schema=ROW_SCHEMA)
        rare = {key: _spread(values, self.height, ROW_SCHEMA[key]) for key, values in self._rare.items()}
        return pl.DataFrame(
            {
                "row_id": pl.Series(self._row_ids, dtype=pl.String),
                "source": pl.repeat(self._source, self.height, dtype=pl.String, eager=True),
                "line": pl.Series(self._lines, dtype=pl.Int64),
                "format": pl.Series(self._formats, dtype=pl.String),
                "messages": self._messages(),
                **rare,
                "meta": pl.Series(self._meta, dtype=pl.String),
            }
        ).select(list(ROW_SCHEMA))

    def _messages(self) -> pl.Series:
        count = len(self._roles)
        turns = pl.DataFrame(
            {
                "role": pl.Series(self._roles, dtype=pl.String),
                "content": pl.Series(self._contents, dtype=pl.String),
                **{
                    field.name: _spread(self._sparse[field.name], count, field.dtype)
                    for field in MESSAGE.fields
                    if field.name in self._sparse
                },
            }
        )
        row = pl.Series("row", np.repeat(np.arange(self.height), self._lengths))
        grouped = turns.select(pl.struct(MESSAGE_FIELDS).alias("messages"), row)
        return grouped.group_by("row", maintain_order=True).agg("messages")["messages"].cast(_MESSAGES)


def _spread(values: dict[int, Any], count: int, dtype: Any) -> pl.Series:
    """A column that has values at few places."""
    if not values:
        return pl.Series([None], dtype=dtype).new_from_index(0, count)
    cells: list[Any] = [None] * count
    for place, value in values.items():
        cells[place] = value
    return pl.Series(cells, dtype=dtype, strict=True)
