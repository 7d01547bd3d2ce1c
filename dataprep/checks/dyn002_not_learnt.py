"""DYN002 not-learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.trained import OPTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext

KEPT: Final = 0.9
"""Share of a row's first loss that is left at the end, from which on it was not learnt."""
OTHERS: Final = 0.7
"""The same of the median row, above which training as a whole did too little to judge by."""


class NotLearnt(Check):
    """A row whose answer is as unlikely at the end of training as when it first passed, while others were learnt.

    It runs with `--scores RUN`, on rows that were looked at twice and more. What cannot be learnt in several passes
    is often noise: an answer that follows from nothing in the prompt, garbled text, a contradiction of another row.
    It costs training time and pulls the weights about.

    Example: a row with the answer "See attachment 4711-B" has the loss 5.1 at first and 5.0 after three epochs; the
    median row went from 2.2 to 0.9.

    What to do: read the row; what the prompt cannot tell belongs into it, or the row out of the data.
    """

    code = "DYN002"
    name = "not-learnt"
    severity = "note"
    option = OPTION

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Rows of high loss that did not fall, where those of others did."""
        looks = pl.concat_list("loss_during", pl.concat_list("loss_after")).list.drop_nulls()
        rows = (
            context.scored.filter(pl.col("split") == "train")
            .with_columns(looks=looks)
            .filter(pl.col("looks").list.len() >= 2)
            .select("position", first=pl.col("looks").list.first(), last=pl.col("looks").list.last())
            .filter(pl.col("first") > 0)
            .with_columns(left=pl.col("last") / pl.col("first"))
        )
        if rows.is_empty() or rows["left"].median() > OTHERS:  # type: ignore[operator]  # polars: any scalar
            return
        high = pl.col("last") > pl.col("first").median()
        for position, first, last, left in rows.filter((pl.col("left") >= KEPT) & high).iter_rows():
            yield Found(
                position,
                f"not learnt: loss {first:.2f} when it first passed, {last:.2f} at the end",
                field="answer",
                score=min(left, 1.0),
                evidence={"first": round(first, 4), "last": round(last, 4)},
            )

    def notes(self, context: AuditContext) -> list[str]:  # noqa: ARG002 - the same for all data
        """The thresholds."""
        return [
            f"at least {KEPT:.0%} of the first loss left, and above the median row's first loss; only where the "
            f"median row has at most {OTHERS:.0%} left"
        ]


CHECK = NotLearnt()
