"""DUP004 repeated-answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.checks.check import Check
from dataprep.checks.context import alike
from dataprep.checks.found import Found
from dataprep.similarity import LABEL_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataprep.checks.context import AuditContext


class RepeatedAnswer(Check):
    """A row whose answer an earlier row gives to another question.

    One answer to many questions is fine where it fits them all, and a sign of canned replies, of a pasted row or of
    a question that was changed without its answer where it does not. Answers of a few words are left out: labels
    and facts are meant to recur.

    Example: "How do I change my address?" and "How do I delete my account?", both answered with how to log in.

    What to do: read a few. Where the answer does not fit the question, mend or delete the row.
    """

    code = "DUP004"
    name = "repeated-answer"
    severity = "note"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row whose answer an earlier row has, copies and near-duplicates left to DUP001 and DUP002."""
        prompts, answers = context.texts.prompt_norm, context.texts.answer_norm
        for repeat in context.repeated_answers[0]:
            if prompts[repeat.position] == prompts[repeat.kept]:
                continue  # the same question: DUP003, and the contradiction check's matter
            where = context.places(repeat.kept)
            evidence: Mapping[str, Any] = {}
            if answers[repeat.position] == answers[repeat.kept]:
                message = f"the same answer to another question as {where}"
            else:
                raw = context.texts.answer
                words, evidence = alike(("", raw[repeat.position]), ("", raw[repeat.kept]), repeat.score)
                message = f"nearly the same answer to another question as {where}: {words}"
            yield Found(
                repeat.position, message, field="answer", score=repeat.score, related=repeat.kept, evidence=evidence
            )

    def notes(self, context: AuditContext) -> list[str]:
        """Method, expected recall, and what was left out."""
        pairs = context.repeated_answers[1]
        return [pairs.method, f"answers of up to {LABEL_WORDS} words are not compared", *pairs.limits]


CHECK = RepeatedAnswer()
