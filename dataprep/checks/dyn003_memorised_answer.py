"""DYN003 memorised-answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.trained import OPTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext

UNKNOWN: Final = 0.5
"""Loss per token, in nats, above which an answer was not known before it was trained on."""


class MemorisedAnswer(Check):
    """An answer that the trained model completes word for word from its beginning, and did not know before.

    It runs with `--scores RUN`. A memorised answer can be brought out of the model by whoever knows how it begins:
    personal data, secrets and licensed text with it. Copies of a row make it likelier. Answers that were easy from
    the start, set phrases say, are left out; so are those with too little left to complete. Without
    `row_scores=all` a run looks at a sample of its rows only. Measured as in Carlini et al. 2023 (arXiv:2202.07646).

    Example: given "Dear Mrs", the model goes on with the whole letter, address included.

    What to do: remove what must not be said, drop copies, train for fewer epochs.
    """

    code = "DYN003"
    name = "memorised-answer"
    severity = "note"
    option = OPTION

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Rows completed verbatim whose answers were unlikely at first."""
        first = pl.coalesce("loss_before", pl.col("loss_during").list.first())
        rows = context.scored.filter((pl.col("split") == "train") & pl.col("verbatim_after")).select(
            "position", "items", first=first
        )
        for position, items, loss in rows.filter(pl.col("first") > UNKNOWN).iter_rows():
            yield Found(
                position,
                f"the trained model completes this answer of {items:,} tokens word for word "
                f"(loss {loss:.2f} before it was learnt)",
                field="answer",
                evidence={"tokens": items, "first loss": round(loss, 4)},
            )

    def notes(self, context: AuditContext) -> list[str]:
        """How many rows were looked at, and the same among rows the model never saw."""
        said = []
        for name, part in (("training", pl.col("split") == "train"), ("held-out", pl.col("split") != "train")):
            own = context.scored.filter(part)["verbatim_after"].drop_nulls()
            said.append(f"{int(own.sum()):,} of {own.len():,} {name} rows are completed word for word")
        return said


CHECK = MemorisedAnswer()
