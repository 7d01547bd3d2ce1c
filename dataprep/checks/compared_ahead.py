"""Answers of many questions, compared by several processes before they are asked for one question at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.processes import worked_out
from dataprep.text.evidence.conflict import Conflict, conflict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.disputes import Asked
    from dataprep.text.evidence.conflict import Compare


def compared_ahead(questions: Iterable[Asked], compare: Compare) -> Compare:
    """The comparison, known already for questions with two answers, which most of them are.

    Args:
        questions: that will be asked.
        compare: where it is a model's, it works on many answers by itself, and stays as it is.
    """
    if compare is not conflict:
        return compare
    calls = [(one.answers[0], one.answers[1]) for one in questions if len(one.answers) == 2]
    texts = [(left.answer, right.answer, left.prompt) for left, right in calls]
    found = worked_out(conflict, texts, Conflict | None)
    known = {call: result[0] for call, result in zip(texts, found, strict=True) if result}
    if not known:
        return compare

    def looked_up(left: str, right: str, prompt: str) -> Conflict | None:
        call = (left, right, prompt)
        return known[call] if call in known else conflict(left, right, prompt)

    return looked_up
