"""DYN001 likely-wrong-answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.trained import OPTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext

LEAST: Final = 3.0
"""Spreads above the usual loss from which on a row is reported."""
MOST: Final = 0.1
"""Share of the rows that are reported at most: where more stand out, standing out means nothing."""


class LikelyWrongAnswer(Check):
    """An answer that training found far less likely than the answers of rows like it.

    It runs with `--scores RUN`, on the data that run was trained on. While rows pass, the model has learnt from all
    others: what it still finds unlikely is rare, hard, or wrong. Each loss is compared with that of rows of like
    length at the same time of training, in units of their spread; the passes of a row are averaged. The rows that
    stand out most come first. A mislabelled row looks like this, and so does a correct one of a kind that occurs
    once: read it before it goes. Method after dataset cartography (Swayamdipta et al. 2020).

    Example: "My card has not arrived" with the answer "exchange rate", among 200 rows that all say "card arrival".

    What to do: read the rows from the top; mend the answer, or leave the row out.
    """

    code = "DYN001"
    name = "likely-wrong-answer"
    severity = "warning"
    option = OPTION

    def run(self, context: AuditContext) -> Iterable[Found]:
        """The rows that stand out, the most surprising first."""
        rows = context.surprise.filter(pl.col("surprise") >= LEAST).sort("surprise", "position", descending=True)
        for position, surprise, loss, usual in rows.head(int(MOST * context.surprise.height) + 1).iter_rows():
            yield Found(
                position,
                f"the model found this answer {surprise:.1f} spreads less likely than others like it "
                f"(loss {loss:.2f}, usual {usual:.2f})",
                field="answer",
                score=1 - LEAST / (LEAST + surprise),
                evidence={"loss": round(loss, 4), "usual": round(usual, 4), "spreads": round(surprise, 2)},
            )

    def notes(self, context: AuditContext) -> list[str]:
        """How many rows the run has scored."""
        return [
            f"{context.surprise.height:,} rows were trained on; reported from {LEAST:g} spreads above the usual loss"
        ]


CHECK = LikelyWrongAnswer()
