"""Answers of many questions, compared by several processes before they are asked for one question at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.processes import worked_out
from dataprep.text.evidence.conflict import Conflict, conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.checks.disputes import Asked
    from dataprep.text.evidence.conflict import Compare


def compared_ahead(questions: Sequence[Asked], compare: Compare) -> tuple[list[Asked], Compare]:
    """The questions of which answers may exclude each other, and the comparison, known already for two answers.

    Most questions have two answers, and most of those agree.

    Args:
        questions: that will be asked.
        compare: where it is a model's, it works on many answers by itself, and stays as it is.
    """
    if compare is not conflict:
        return list(questions), compare
    calls = {number: _call(one) for number, one in enumerate(questions) if len(one.answers) == 2}
    found = worked_out(conflict, list(calls.values()), Conflict | None)
    known = {call: result[0] for call, result in zip(calls.values(), found, strict=True) if result}
    if not known:
        return list(questions), compare

    def looked_up(left: str, right: str, prompt: str) -> Conflict | None:
        call = (left, right, prompt)
        return known[call] if call in known else conflict(left, right, prompt)

    agreed = {number for number, call in calls.items() if call in known and known[call] is None}
    return [one for number, one in enumerate(questions) if number not in agreed], looked_up


def _call(asked: Asked) -> tuple[str, str, str]:
    left, right = asked.answers
    return left.answer, right.answer, left.prompt
