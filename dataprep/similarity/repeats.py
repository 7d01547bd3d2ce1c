"""Whether one of two alike examples repeats the other, so that it can go.

Less is a repeat than is the same question: see `repeat_difference`.
"""

from __future__ import annotations

from typing import NamedTuple

from dataprep.similarity.guard import LABEL_WORDS, Difference, added_word, meaningful_difference
from dataprep.similarity.verbatim import verbatim_difference


class Example(NamedTuple):
    """The raw texts and the label of one example."""

    prompt: str
    answer: str
    rejected_text: str
    label: str | None


def examples_differ(left: Example, right: Example) -> Difference | None:
    """What sets two examples apart although they are alike, or None: they teach the same, and one of them can go."""
    if left.label != right.label:
        return Difference("label", str(left.label), str(right.label))
    found = repeat_difference((left.prompt, left.answer), (right.prompt, right.answer))
    if found is None and left.rejected_text != right.rejected_text:
        found = meaningful_difference(left.rejected_text, right.rejected_text)
        found = found or verbatim_difference(left.rejected_text, right.rejected_text)
    return found


def repeat_difference(left: tuple[str, str], right: tuple[str, str]) -> Difference | None:
    """What one of two (prompt, answer) examples has of its own, or None: one of them can go.

    That is more than what makes it another question (`guard.example_difference`): who asks for miles as well, or
    answers with another word or another name in code, asks the same, but is no copy.
    """
    return (
        meaningful_difference(left[0], right[0], words_matter=True)
        or meaningful_difference(left[1], right[1], words_matter=True)
        or added_word(left[0], right[0])
        or added_word(left[1], right[1], most=LABEL_WORDS, asked=f"{left[0]} {right[0]}")
        or verbatim_difference(left[0], right[0])
        or verbatim_difference(left[1], right[1])
    )
