"""Whether two rows ask the same thing in other words, and what their answers hold against each other."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dataprep.similarity import meaningful_difference
from dataprep.text.evidence.conflict import Conflict, conflict
from dataprep.text.evidence.same_question import Exchange, Weights, ask_the_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Judged = tuple[float, Conflict | None]
"""How much of what two rows speak of is the same, and the evidence of the left prompt that they exclude each other."""


class Judge:
    """Judges pairs of rows by prompts and answers.

    Args:
        some: prompts and answers of some of the rows, from which it is learnt which words are rare.
        compares: whether answers are compared; else there is no evidence.
    """

    def __init__(self, some: Sequence[tuple[str, str]], *, compares: bool) -> None:
        self._weights = Weights(_readable(some))
        self._compares = compares

    def __call__(self, prompt: str, answer: str, other_prompt: str, other_answer: str) -> Judged | None:
        """What there is of it where both seem to ask the same, else None."""
        left, right = _exchange(prompt, answer), _exchange(other_prompt, other_answer)
        if not ask_the_same(left, right, self._weights, differ):
            return None
        found = conflict(answer, other_answer, prompt) if self._compares else None
        return self._weights.overlap(left.topic, right.topic), found


def differ(left: str, right: str) -> object:
    """What sets two prompts of nearly the same words apart, if anything."""
    return meaningful_difference(left, right, words_matter=True)


@lru_cache(maxsize=1 << 12)  # a row has several likely rewordings, one after the other
def _exchange(prompt: str, answer: str) -> Exchange:
    return Exchange(prompt, answer)


def _readable(some: Iterable[tuple[str, str]]) -> Iterator[Exchange]:
    for row in some:
        found = _exchange(*row)
        try:
            found.topic  # noqa: B018 - is read here
        except Exception:  # noqa: BLE001, S112 - it will be told of where it is judged
            continue
        yield found
