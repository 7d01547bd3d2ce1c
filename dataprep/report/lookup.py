"""Choose the findings to show and fetch their rows, without walking through the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dataprep.contract import SEVERITIES
from dataprep.frame import FINDING_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataprep.report.views import Limits

Row = dict[str, Any]
Key = tuple[str, str, int]

_PLACE: Final = ["source", "line"]
_KEYS: Final = ["row_id", "source", "line"]


def with_rejects(findings: pl.DataFrame, rejects: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """The findings, and one more for every unreadable record that none of them speaks of."""
    silent = rejects.join(findings.filter(pl.col("row_id").is_null()), on=_PLACE, how="anti")
    if silent.is_empty():
        return findings
    added = silent.select(
        "code",
        pl.col("code").replace_strict(dict(names) or {"": ""}, default="unreadable-record").alias("name"),
        pl.lit("error").alias("severity"),
        *_PLACE,
        "field",
        "message",
    )
    return pl.concat([findings, added.cast({"line": FINDING_SCHEMA["line"]})], how="diagonal")


def choose(findings: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The findings that get a card: per code the severest, and not all of them about one matched row."""
    rank = pl.col("severity").replace_strict(
        {severity: place for place, severity in enumerate(SEVERITIES)}, default=len(SEVERITIES)
    )
    seen = pl.int_range(pl.len()).over("code", "related_source", "related_line")
    crowd = pl.col("related_line").is_not_null() & (seen >= limits.same_match)
    ranked = findings.with_row_index("_place").with_columns(_rank=rank, _crowd=crowd)
    chosen = ranked.sort("_rank", "_crowd", "_place").group_by("code", maintain_order=True).head(limits.cards)
    return chosen.sort("code", "_rank", "_place").drop("_place", "_rank", "_crowd")


class Lookup:
    """The rows and records that the chosen findings speak of."""

    def __init__(
        self, chosen: pl.DataFrame, rows: pl.DataFrame, rejects: pl.DataFrame, eval_rows: pl.DataFrame
    ) -> None:
        related = chosen.select(
            pl.col("related_row_id", "related_source", "related_line").name.replace("related_", "")
        )
        wanted = pl.concat([chosen.select(_KEYS), related]).drop_nulls(_PLACE).unique()
        self._rows = _index(rows, wanted)
        self._eval = _index(eval_rows, wanted)
        unread = wanted.filter(pl.col("row_id").is_null()).select(_PLACE)
        records = rejects.join(unread, on=_PLACE, how="semi").unique(_PLACE, keep="first", maintain_order=True)
        self._raw: dict[tuple[str, int], str | None] = {
            (source, line): raw for source, line, raw in records.select(*_PLACE, "raw").iter_rows()
        }

    def row(self, row_id: str | None, source: str, line: int, *, eval_first: bool = False) -> tuple[Row | None, bool]:
        """A row, and whether it is one of the eval set."""
        places = [(self._rows, False), (self._eval, True)]
        for index, is_eval in reversed(places) if eval_first else places:
            row = index.get((row_id or "", source, line))
            if row is not None:
                return row, is_eval
        return None, False

    def raw(self, source: str, line: int) -> str | None:
        """The text of a record that could not be read."""
        return self._raw.get((source, line))


def _index(rows: pl.DataFrame, wanted: pl.DataFrame) -> dict[Key, Row]:
    """The wanted rows by row_id and place; by the place alone where the finding names no row_id."""
    index: dict[Key, Row] = {}
    for row in rows.join(wanted, on=_KEYS, how="semi").iter_rows(named=True):
        index[row["row_id"], row["source"], row["line"]] = row
    unnamed = wanted.filter(pl.col("row_id").is_null())
    if not unnamed.is_empty():
        placed = rows.join(unnamed, on=_PLACE, how="semi").unique(_PLACE, keep="first", maintain_order=True)
        for row in placed.iter_rows(named=True):
            index["", row["source"], row["line"]] = row
    return index
