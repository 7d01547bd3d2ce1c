"""CON001 conflicting-answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.compared_ahead import compared_ahead
from dataprep.checks.dispute_findings import reported
from dataprep.checks.disputes import MOST_COMPARED, positions, questions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext
    from dataprep.checks.found import Found


class ConflictingAnswers(Check):
    """Two rows ask the same thing in the same context and get answers that cannot both be right.

    The model learns to waver between them, and whichever it says is wrong for somebody. The question must be the
    same after normalisation, with the same system prompt, tools and earlier turns; and there must be evidence: another
    conclusion, another value for the same quantity or date, another option or label, yes against no, a statement
    against its negation, a word against its opposite. A mere difference in wording, order or length is none, and
    answers to an open task (a poem, ideas, examples) never conflict. What only a reader can settle, prose against
    prose, is a note to review.

    Example: "How long does a refund take?" - "5 to 7 business days" on line 27, "30 days" on line 311.

    What to do: decide which one holds and delete the other. `dataprep split` sets all of them aside as needing a
    decision and never picks one silently; --resolve ask-file writes them into a table to be filled in, and
    --resolve majority, newest or drop-all decide by rule.
    """

    code = "CON001"
    name = "conflicting-answers"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row of a question whose answer some other row excludes."""
        every = list(questions(context, context.context_keys))
        disputed, compare = compared_ahead(every, context.compare_answers)
        for asked in disputed:
            if found := positions(asked, compare, context.unread[self.code]):
                yield from reported(context, asked, found, compare)

    def notes(self, context: AuditContext) -> list[str]:
        """What counts as the same question, and what could not be read."""
        return [
            "exact: same normalised conversation before the answer; conflicts need evidence, wording is none",
            f"each answer is compared with the {MOST_COMPARED} most frequent others to its question",
            *context.unread[self.code].notes(context),
        ]


CHECK = ConflictingAnswers()
