"""CON002 conflicting-answers-similar-prompt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.compared_ahead import compared_ahead
from dataprep.checks.dispute_findings import reported
from dataprep.checks.disputes import positions
from dataprep.checks.similar_questions import NEIGHBOURS, alike_questions, reworded_questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataprep.checks.context import AuditContext
    from dataprep.checks.disputes import Asked
    from dataprep.checks.found import Found
    from dataprep.text.evidence.conflict import Compare


class ConflictingAnswersSimilarPrompt(Check):
    """Two rows ask the same thing in other words and get answers that cannot both be right.

    People do not ask twice with the same letters, so most contradictions stand between questions that are only alike.
    Compared are prompts that differ in slips, filler or spelling (errors), and prompts that reword each other
    (warnings, to be read: what looks like a rewording may ask for something else). System prompt and tools must be
    the same, and a prompt with another number, name, option or negation is another question. What counts as evidence
    is said at CON001; of rewordings only the hard evidence is reported.

    Example: "How long does a refund take?" - "5 to 7 business days" on line 27; "when will my refund arrive" -
    "Refunds arrive within 30 days" on line 311.

    What to do: decide which one holds, and correct or delete the other. `dataprep split` treats the errors like those
    of CON001 and keeps rows that only have a warning.
    """

    code = "CON002"
    name = "conflicting-answers-similar-prompt"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row whose answer excludes that of a row with a similar prompt."""
        seen: set[int] = set()
        for found in self._judge(context, *compared_ahead(list(alike_questions(context)), context.compare_answers)):
            seen.add(found.position)
            yield found
        for found in self._judge(context, *reworded_questions(context)):
            if found.severity == "error" and found.position not in seen:
                seen.add(found.position)
                yield replace(found, severity="warning")

    def _judge(self, context: AuditContext, questions: Iterable[Asked], compare: Compare) -> Iterator[Found]:
        for asked in questions:
            if found := positions(asked, compare, context.unread[self.code]):
                yield from reported(context, asked, found, compare)

    def notes(self, context: AuditContext) -> list[str]:
        """How similar prompts are found, and what could not be read."""
        return [
            f"alike prompts: {context.repeated_prompts[1].method}",
            f"reworded prompts: the {NEIGHBOURS} likeliest of each, by shared rare words and numbers",
            *context.unread[self.code].notes(context),
        ]


CHECK = ConflictingAnswersSimilarPrompt()
