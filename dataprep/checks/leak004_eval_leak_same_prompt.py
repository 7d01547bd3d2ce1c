"""LEAK004 eval-leak-same-prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class EvalLeakSamePrompt(Check):
    """A training row asks exactly what an evaluation row asks, and answers it differently.

    The question is no longer unseen, and if the answers disagree the model is trained towards failing it.

    Example: both files ask "how do I cancel my order?", with other steps in the answer.

    What to do: nothing by hand; `dataprep split --eval FILE` drops the training row and lists it. Use
    --ignore LEAK004 where the same prompt is expected to recur, such as one fixed instruction.
    """

    code = "LEAK004"
    name = "eval-leak-same-prompt"
    severity = "error"
    needs_eval = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row whose prompt stands in the evaluation data with another answer."""
        for match in context.leakage.matches:
            if match.kind == "same-prompt":
                message = f"asks the same as {context.places(match.right, in_eval=True)}, with another answer"
                yield Found(match.left, message, field="prompt", related=match.right, related_eval=True)

    def notes(self, context: AuditContext) -> list[str]:  # noqa: ARG002
        """How matches are recognised."""
        return ["exact: prompts compared after normalisation"]


CHECK = EvalLeakSamePrompt()
