"""LEAK002 eval-leak-near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.context import alike
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class EvalLeakNear(Check):
    """A training row that is nearly an evaluation row: a typing slip, filler or a reordered sentence apart.

    It lifts the evaluation score as an exact copy does, and exact matching never finds it. Rows are compared on
    prompt and answer together and on the prompt alone, every pair verified by exact Jaccard similarity; a pair
    that differs in a number, a name, a negation or a word of the question is another question, not a leak.

    Example: "hi, quick question: where is my order" in train, "Where is my order?" in eval.

    What to do: nothing by hand; `dataprep split --eval FILE` drops the training row and lists it.
    """

    code = "LEAK002"
    name = "eval-leak-near"
    severity = "error"
    needs_eval = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row with a near match and no exact one."""
        for match in context.leakage.matches:
            if match.kind != "near":
                continue
            left, right = context.texts.example(match.left), context.eval_texts.example(match.right)
            if match.field == "prompt":
                left, right = (left[0], ""), (right[0], "")
            words, evidence = alike(left, right, match.score)
            what = "prompt " if match.field == "prompt" else ""
            message = f"{what}{words} ({context.places(match.right, in_eval=True)})"
            yield Found(
                match.left,
                message,
                field="prompt" if match.field == "prompt" else None,
                score=match.score,
                related=match.right,
                related_eval=True,
                evidence=evidence,
            )

    def notes(self, context: AuditContext) -> list[str]:
        """Method and expected recall."""
        pairs = context.leakage.pairs
        return [pairs.method, *pairs.limits]


CHECK = EvalLeakNear()
