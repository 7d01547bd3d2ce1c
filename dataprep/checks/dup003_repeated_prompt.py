"""DUP003 repeated-prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.checks.check import Check
from dataprep.checks.context import alike
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataprep.checks.context import AuditContext
    from dataprep.similarity import Texts


class RepeatedPrompt(Check):
    """A row that asks what an earlier row asks, and gets another answer.

    Several good answers to one question are often wanted. But a question that stands many times weighs many times,
    and when its answers contradict each other the model learns to waver; CON001 reports those. System and tool
    texts do not count, and a prompt with another number, name, negation or word is another question.

    Example: "Write a haiku about rain" on line 12 and on line 340, with two different poems.

    What to do: nothing as a rule. To keep one answer to each question, add DUP003 to --drop.
    """

    code = "DUP003"
    name = "repeated-prompt"
    severity = "note"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row whose prompt an earlier row has, copies and near-duplicates left to DUP001 and DUP002."""
        prompts, forms = context.texts.prompt, context.texts.prompt_norm
        for repeat in context.repeated_prompts[0]:
            where = context.places(repeat.kept)
            evidence: Mapping[str, Any] = {}
            if forms[repeat.position] == forms[repeat.kept]:
                message = f"asks the same as {where}, {_answered(context.texts, repeat.position, repeat.kept)}"
            else:
                left, right = (prompts[repeat.position], ""), (prompts[repeat.kept], "")
                words, evidence = alike(left, right, repeat.score)
                told = _answered(context.texts, repeat.position, repeat.kept)
                message = f"asks nearly the same as {where}, {told}; prompt {words}"
            yield Found(
                repeat.position, message, field="prompt", score=repeat.score, related=repeat.kept, evidence=evidence
            )

    def notes(self, context: AuditContext) -> list[str]:
        """Method and expected recall."""
        pairs = context.repeated_prompts[1]
        return [pairs.method, *pairs.limits]


def _answered(texts: Texts, row: int, other: int) -> str:
    """In what the examples differ: the answer, or what is said of it."""
    if texts.answer_norm[row] != texts.answer_norm[other]:
        return "with another answer"
    if texts.label[row] != texts.label[other]:
        return "with the same answer and the opposite label"
    is_same = texts.rejected_text[row] == texts.rejected_text[other]
    return "with the same answer" if is_same else "with the same answer and another rejected one"


CHECK = RepeatedPrompt()
