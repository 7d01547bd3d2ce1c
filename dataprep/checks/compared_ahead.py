"""Answers of many questions, compared by several processes before they are asked for one question at a time."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING, Final

from dataprep.processes import worked_out
from dataprep.text.evidence.conflict import Conflict, conflict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataprep.checks.disputes import Asked
    from dataprep.text.evidence.conflict import Compare


FEW: Final = 5
"""Answers to one question that are compared ahead, each with each; of more, one often stands for several."""


def compared_ahead(questions: Sequence[Asked], compare: Compare) -> tuple[list[Asked], Compare]:
    """The questions of which answers may exclude each other, and the comparison, known already for most of them.

    Most questions have two answers, and most of those agree.

    Args:
        questions: that will be asked.
        compare: where it is a model's, it works on many answers by itself, and stays as it is.
    """
    if compare is not conflict:
        return list(questions), compare
    calls = [_calls(one) for one in questions]
    every = list(dict.fromkeys(chain.from_iterable(calls)))
    found = worked_out(conflict, every, Conflict | None)
    known = {call: result[0] for call, result in zip(every, found, strict=True) if result}
    if not known:
        return list(questions), compare

    def may_conflict(asked: Asked, own: Sequence[tuple[str, str, str]]) -> bool:
        return len(asked.answers) > FEW or any(call not in known or known[call] is not None for call in own)

    return [one for one, own in zip(questions, calls, strict=True) if may_conflict(one, own)], known_or_compared(known)


def known_or_compared(known: Mapping[tuple[str, str, str], Conflict | None]) -> Compare:
    """The comparison of answers where some of what it gives is known, by its arguments."""

    def compare(left: str, right: str, prompt: str) -> Conflict | None:
        call = (left, right, prompt)
        return known[call] if call in known else conflict(left, right, prompt)

    return compare


def _calls(asked: Asked) -> list[tuple[str, str, str]]:
    """The comparisons that a question may take."""
    if len(asked.answers) > FEW:
        return []
    sides = asked.sides or range(len(asked.answers))
    pairs = combinations(zip(asked.answers, sides, strict=True), 2)
    return [(left.answer, right.answer, left.prompt) for (left, here), (right, there) in pairs if here != there]
