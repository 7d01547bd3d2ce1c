"""LEAK001 eval-leak-exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class EvalLeakExact(Check):
    """A training row that also stands in the evaluation data, apart from case and punctuation.

    The evaluation then measures memory: scores go up and say nothing about new questions. Where the evaluation
    row has no answer, the same question is enough.

    Example: line 226 is eval.jsonl line 1.

    What to do: nothing by hand; `dataprep split --eval FILE` drops the training row and lists it.
    """

    code = "LEAK001"
    name = "eval-leak-exact"
    severity = "error"
    needs_eval = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row with an exact match."""
        for match in context.leakage.matches:
            if match.kind == "exact":
                what = "the same question stands in" if match.field == "prompt" else "also stands in"
                message = f"{what} {context.places(match.right, in_eval=True)}"
                yield Found(match.left, message, score=1.0, related=match.right, related_eval=True)

    def notes(self, context: AuditContext) -> list[str]:  # noqa: ARG002
        """How matches are recognised."""
        return ["exact: compared after normalisation (case, punctuation, spacing)"]


CHECK = EvalLeakExact()
