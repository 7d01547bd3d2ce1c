"""DUP002 near-duplicate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.context import alike
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class NearDuplicate(Check):
    """A row that says the same as an earlier one with other case, punctuation, spelling or filler.

    Prompt and answer are judged together, system and tool texts left out. Every pair that MinHash proposes is
    verified by exact Jaccard similarity against the row that is kept, and a pair that differs in a number, a unit,
    a negation or another opposite, a name, the order of a list, what a program reads letter by letter (a name in code,
    the block of a line, mW and MW) or - in the question - a word is not a duplicate however alike it looks.

    Example: "Please help me with this: where is my order?" and "where is my order", with the same answer.

    What to do: look at a few pairs in the report; `dataprep split` keeps the first row of each and lists the
    others. Raise --threshold if you want fewer.
    """

    code = "DUP002"
    name = "near-duplicate"
    severity = "warning"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row that repeats a kept one, exact copies left to DUP001."""
        systems = _systems(context.raw_rows) if context.near[0] else pl.Series(dtype=pl.String)
        for duplicate in context.near[0]:
            left, right = context.texts.example(duplicate.position), context.texts.example(duplicate.kept)
            words, evidence = alike(left, right, duplicate.score)
            if systems[duplicate.position] != systems[duplicate.kept]:
                words = "differs only" if left == right else f"{words}, and"
                words += " in the system message, which does not count"
            message = f"{words} ({context.places(duplicate.kept)})"
            yield Found(duplicate.position, message, score=duplicate.score, related=duplicate.kept, evidence=evidence)

    def notes(self, context: AuditContext) -> list[str]:
        """Method, expected recall, and what was seen but not counted."""
        links = context.pair_links
        variants = len(context.near[1])
        spared = f"{variants} more pairs are as alike but differ in a number, name, negation or word: not duplicates"
        return [links.method, *links.limits, *([spared] if variants else [])]


def _systems(rows: pl.DataFrame) -> pl.Series:
    """What the system says in each row."""
    said = pl.element().struct
    return rows.select(
        pl.col("messages").list.eval(said.field("content").filter(said.field("role") == "system")).list.join("\n")
    ).to_series()


CHECK = NearDuplicate()
