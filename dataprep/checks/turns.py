"""Which turns of which rows have something: asked in polars, so that rows without it cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator


def blank_turns(rows: pl.DataFrame, column: str, role: str) -> Iterator[tuple[int, list[int]]]:
    """Position of each row with turns of a role that say nothing at all, and the places of those turns.

    Args:
        rows: the row frame.
        column: "messages", "chosen" or "rejected".
        role: whose turns.
    """
    turn = pl.element().struct
    silent = (
        (turn.field("role") == role)
        & (turn.field("content").str.strip_chars() == "")
        & turn.field("tool_calls").is_null()
        & turn.field("parts").is_null()
    )
    found = rows.select(blank=pl.col(column).list.eval(silent)).with_row_index("position")
    for position, flags in found.filter(pl.col("blank").list.any()).iter_rows():
        yield position, [place for place, flag in enumerate(flags) if flag]
