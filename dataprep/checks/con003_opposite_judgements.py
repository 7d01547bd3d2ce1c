"""CON003 opposite-judgements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.text.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class OppositeJudgements(Check):
    """Two rows judge the same answers to the same question the opposite way.

    One preference pair prefers A to B and another B to A, or one row marks an answer as wanted and another marks the
    very same answer as unwanted. The two cancel each other, and the model learns that neither matters. Question,
    context and answers must be the same after normalisation.

    Example: line 3 prefers "Within 14 days" to "Whenever you like", line 9 has them the other way round.

    What to do: ask the annotators which one holds and delete the other; `dataprep split` sets both aside as needing
    a decision.
    """

    code = "CON003"
    name = "opposite-judgements"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row that another one contradicts, with the first of those."""
        frame = context.rows.with_columns(context=context.context_keys).with_row_index("position")
        pairs = frame.filter(pl.col("rejected").is_not_null() & (pl.col("rejected_text") != ""))
        preferred = normalised(pl.col("answer"))
        sides = pairs.select("position", "context", up=preferred, down=normalised(pl.col("rejected_text")))
        sides = sides.filter(pl.col("up") != pl.col("down"))
        turned = sides.select("context", up="down", down="up", other="position")
        yield from self._report(context, sides, turned, ["context", "up", "down"], "preferred here, rejected on")
        judged = frame.filter(pl.col("label").is_not_null() & (pl.col("answer_norm") != ""))
        judged = judged.select("position", "context", "answer_norm", "label")
        flip = {"true": "false", "false": "true"}
        against = judged.select("context", "answer_norm", label=pl.col("label").replace_strict(flip), other="position")
        words = "the same answer is judged the other way on"
        yield from self._report(context, judged, against, ["context", "answer_norm", "label"], words)

    @staticmethod
    def _report(
        context: AuditContext, rows: pl.DataFrame, others: pl.DataFrame, on: list[str], words: str
    ) -> Iterable[Found]:
        first = others.group_by(on, maintain_order=True).agg(pl.col("other").first())
        met = rows.join(first, on=on, how="inner").sort("position")
        for position, other in met.select("position", "other").iter_rows():
            yield Found(position, f"{words} {context.places(other)}", score=1.0, related=other)


CHECK = OppositeJudgements()
