"""CON003 opposite-judgements."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.text.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dataprep.checks.context import AuditContext


SHOWN: Final = 80
"""Characters of an answer that stand for it in a claim."""


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
        frame = frame.filter(pl.col("context").is_not_null())
        pairs = frame.filter(pl.col("rejected").is_not_null() & (pl.col("rejected_text") != ""))
        sides = pairs.select(
            "position", "context", up=normalised(pl.col("answer")), down=normalised(pl.col("rejected_text"))
        )
        sides = sides.filter(pl.col("up") != pl.col("down")).select(
            "position",
            "context",
            subject=pl.concat_list(pl.min_horizontal("up", "down"), pl.max_horizontal("up", "down")),
            side=pl.col("up") < pl.col("down"),
        )
        answers = context.rows["answer"]

        def preferred(first: int) -> str:
            text = " ".join(answers[first].split())
            return f"prefers {text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + '…'}"

        yield from self._report(context, sides, "preferred here, rejected on", preferred)
        judged = frame.filter(pl.col("label").is_not_null() & (pl.col("answer_norm") != ""))
        judged = judged.select("position", "context", subject="answer_norm", side=pl.col("label") == "true")
        labels = context.raw_rows["label"]
        words = "the same answer is judged the other way on"
        yield from self._report(
            context, judged, words, lambda first: "wanted" if labels[first] == "true" else "unwanted"
        )

    @staticmethod
    def _report(context: AuditContext, rows: pl.DataFrame, words: str, claim: Callable[[int], str]) -> Iterable[Found]:
        """The rows that another with the same context and subject stands on the other side of.

        Args:
            context: the rows under audit.
            rows: with the context, the subject they judge and the side they take.
            words: what the other row does, for messages.
            claim: what the rows of a side say, given the first of them.
        """
        by = ["context", "subject"]
        own = rows.group_by(*by, "side", maintain_order=True).agg("position")
        both = own.group_by(by, maintain_order=True).agg("position").filter(pl.col("position").list.len() > 1)
        row_ids = context.raw_rows["row_id"]
        found: list[Found] = []
        for one, other in both["position"].to_list():
            claims = [claim(one[0]), claim(other[0])]
            if claims[0] == claims[1]:
                claims[1] += " (2)"  # long answers that begin alike
            shared = {
                "group": min(row_ids[position] for position in (*one, *other)),
                "claims": dict(sorted(zip(claims, map(len, (one, other)), strict=True), key=lambda item: -item[1])),
            }
            for said, mine, against in ((claims[0], one, other[0]), (claims[1], other, one[0])):
                message = f"{words} {context.places(against)}"
                evidence = shared | {"claim": said}
                found += [Found(row, message, score=1.0, related=against, evidence=evidence) for row in mine]
        return sorted(found, key=attrgetter("position"))


CHECK = OppositeJudgements()
