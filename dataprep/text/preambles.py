"""The lines that many prompts begin or end with: an instruction, a list of tools, a form to fill in.

They make prompts look alike whose tasks have nothing in common, so similarity is measured on the rest. They are part
of the question all the same: what decides whether two prompts ask the same thing sees them whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

SHARED_BY: Final = 20
"""Distinct prompts that must have the same lines before those count as a preamble."""

MOST_LINES: Final = 60
"""Lines of a preamble at most."""


@dataclass(frozen=True, slots=True)
class Preambles:
    """Lines that many prompts have in common.

    Attributes:
        heads: texts of whole lines that prompts begin with, by their number of lines.
        tails: texts of whole lines that prompts end with, last line first, likewise.
    """

    heads: dict[int, pl.Series]
    tails: dict[int, pl.Series]

    @classmethod
    def of(cls, prompts: pl.Series) -> Preambles:
        """Those of a column of prompts."""
        lines = _lines(prompts.filter(prompts.str.contains("\n", literal=True)).unique(maintain_order=True))
        heads = _shared(lines)
        rest = _after(lines, heads)
        return cls(heads, _shared(rest.list.reverse()))

    def without(self, prompts: pl.Series) -> pl.Series:
        """The prompts without their preambles; one of which nothing would be left stays whole."""
        if not self.heads and not self.tails:
            return prompts
        several = prompts.str.contains("\n", literal=True).arg_true()
        lines = _lines(prompts.gather(several))
        rest = _after(lines, self.heads).list.reverse()
        rest = _after(rest, self.tails).list.reverse()
        core = rest.list.join("\n")
        says = core.str.contains(r"[\p{L}\p{N}]")
        if not says.any():
            return prompts
        return prompts.clone().scatter(several.filter(says), core.filter(says))


def _lines(prompts: pl.Series) -> pl.Series:
    # Without the blank ones: they say nothing, and whether an empty input left one is chance.
    return prompts.str.split("\n").list.eval(pl.element().filter(pl.element().str.strip_chars() != ""))


def _shared(lines: pl.Series) -> dict[int, pl.Series]:
    """By number of lines, the beginnings that enough of the prompts share and go beyond."""
    found: dict[int, pl.Series] = {}
    for depth in range(1, MOST_LINES + 1):
        lines = lines.filter(lines.list.len() > depth)
        begins = lines.list.head(depth).list.join("\n")
        counts = begins.value_counts(name="rows").filter(pl.col("rows") >= SHARED_BY)
        if not counts.height:
            break
        found[depth] = counts.get_column(counts.columns[0]).sort()
        lines = lines.filter(begins.is_in(found[depth].implode()))
    return found


def _after(lines: pl.Series, shared: dict[int, pl.Series]) -> pl.Series:
    """What comes after the longest shared beginning, always leaving one line."""
    depths = pl.zeros(len(lines), dtype=pl.Int64, eager=True)
    going_on = pl.int_range(len(lines), eager=True)
    for depth, begins in shared.items():
        own = lines.gather(going_on)
        going_on = going_on.filter(
            (own.list.len() > depth) & own.list.head(depth).list.join("\n").is_in(begins.implode())
        )
        if going_on.is_empty():
            break
        depths = depths.scatter(going_on, depth)
    return pl.DataFrame({"lines": lines, "depth": depths}).select(pl.col("lines").list.slice("depth")).to_series()
