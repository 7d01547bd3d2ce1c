"""Answers in scripts that put no spaces between words, where names cannot be told from other words."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from dataprep.text.evidence.words import UNSPACED, is_content

if TYPE_CHECKING:
    from dataprep.text.evidence.answer import Answer

LONGEST: Final = 8
"""Characters of a name."""

FRAME: Final = 2
"""Characters that two answers must have around it, at least."""

_DENIED: Final = (
    ("ます", "ません"),
    ("ました", "ませんでした"),
    ("です", "ではありません"),
    ("る", "ない"),
    ("可能です", "不可能です"),
    ("습니다", "지 않습니다"),
    ("가능합니다", "불가능합니다"),
)
"""Endings of a Japanese or Korean sentence, and of its negation."""

_DENYING: Final = frozenset("不没沒未无無非")
_ENDS: Final = " \t\r\n。.!！"


def unlike_middles(left: Answer, right: Answer) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The one stretch in which two sentences differ, where each says nothing else: 首都是堪培拉, 首都是悉尼.

    None where it may be grammar, or where one is a part of the other (北京, 北京市).
    """
    if len(left.sentences) != 1 or len(right.sentences) != 1 or max(left.text, default="") < UNSPACED:
        return None
    a, b = left.text.rstrip(_ENDS), right.text.rstrip(_ENDS)
    head = _shared(a, b)
    tail = _shared(a[head:][::-1], b[head:][::-1])
    mine, theirs = a[head : len(a) - tail], b[head : len(b) - tail]
    if head + tail < FRAME or not (0 < len(mine) <= LONGEST and 0 < len(theirs) <= LONGEST):
        return None
    if mine in theirs or theirs in mine or not all(map(_is_name, (mine, theirs))):
        return None
    return (head, head + len(mine)), (head, head + len(theirs))


def is_denied(left: Answer, right: Answer) -> bool:
    """Whether one sentence is the other with its verb negated: 返品できます, 返品できません."""
    a, b = left.text.strip(_ENDS), right.text.strip(_ENDS)
    return any(
        one.endswith(said) and other.endswith(denied) and one.removesuffix(said) == other.removesuffix(denied)
        for one, other in ((a, b), (b, a))
        for said, denied in _DENIED
    )


def _shared(left: str, right: str) -> int:
    """Characters with which both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _is_name(text: str) -> bool:
    are_letters = all(letter >= UNSPACED and letter.isalpha() for letter in text)
    return are_letters and any(map(is_content, text)) and _DENYING.isdisjoint(text)
