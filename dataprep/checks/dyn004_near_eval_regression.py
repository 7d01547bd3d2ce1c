"""DYN004 near-eval-regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.trained import OPTION
from dataprep.similarity.bm25 import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext

WORSE: Final = 0.1
"""Nats per item by which a held-out row must have become worse."""
REGRESSIONS: Final = 50
"""Held-out rows that are looked at, those that lost most."""
NEAREST: Final = 3
LIKE: Final = 0.15
"""Least likeness of a training row, as a share of what the held-out row scores itself."""


class NearEvalRegression(Check):
    """A training row that is most like a held-out row which the model predicts worse after training than before.

    It runs with `--scores RUN`, on data that holds both the training and the held-out rows of that run. What made a
    held-out row worse is often taught by the training rows that share its rare words: another answer to the same
    question, an outdated fact, another style. For each of the held-out rows that lost most, the nearest training rows
    by BM25 on prompt and answer are named. Likeness is a pointer, not a proof of cause.

    Example: "How long is the warranty?" went from loss 0.8 to 1.9; the nearest training row says "Two years", the
    held-out one "Three years".

    What to do: read both rows side by side; where they disagree, one of them is wrong.
    """

    code = "DYN004"
    name = "near-eval-regression"
    severity = "note"
    option = OPTION

    def run(self, context: AuditContext) -> Iterable[Found]:
        """The training rows nearest to each regression, every row once, for the worst regression it is near to."""
        worse = _regressions(context)
        trained = context.scored.filter(pl.col("split") == "train")["position"]
        if worse.is_empty() or trained.is_empty():
            return
        forms = context.rows["pair_norm"]
        queries = forms.gather(worse["position"]).to_list()
        reported: set[int] = set()
        for number, place, score in nearest(queries, forms.gather(trained), most=NEAREST):
            position = trained[place]
            if score < LIKE or position in reported:
                continue
            reported.add(position)
            held, before, after = worse.row(number)
            yield Found(
                position,
                f"near {context.places(held)}, a held-out row that became worse: loss {before:.2f} -> {after:.2f}",
                score=score,
                related=held,
                evidence={"before": round(before, 4), "after": round(after, 4)},
            )

    def notes(self, context: AuditContext) -> list[str]:
        """How many held-out rows became worse."""
        held = context.scored.filter(pl.col("split") != "train")
        if held.is_empty():
            return ["the data holds no held-out row of the run"]
        count = _worse(held).height
        return [f"{count:,} of {held.height:,} held-out rows became worse by {WORSE:g} nats per item and more"]


def _worse(held: pl.DataFrame) -> pl.DataFrame:
    lost = pl.col("loss_after") - pl.col("loss_before")
    return held.with_columns(lost=lost).filter(pl.col("lost") >= WORSE)


def _regressions(context: AuditContext) -> pl.DataFrame:
    held = _worse(context.scored.filter(pl.col("split") != "train"))
    worst = held.sort("lost", "position", descending=[True, False]).head(REGRESSIONS)
    return worst.select("position", "loss_before", "loss_after")


CHECK = NearEvalRegression()
