"""Typing slips: two spellings of one word, told from two words that are spelt alike.

A slip is one wrong, missing, added or exchanged letter (the restricted distance of Damerau, 1964). Where several
words of a text have one, it was typed badly as a whole, and two spellings may be further apart; a single pair of
words is taken at its word. "Dakar" is not "Osaka", nor is a month, a unit or a name another one for sharing letters.
"""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from dataprep.similarity.align import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataprep.similarity.align import Change

RATIO: Final = 0.5
"""Share of letters in common, in order, from which two spellings of a short word can be slips of each other."""

LONG_RATIO: Final = 0.72
"""The same for words of six letters and more, where one slip leaves more in common: maximum is not minimum."""

LONG: Final = 6
VERY_LONG: Final = 7
"""Letters from which a word may have two slips, where a text has more of them."""

SHORTEST: Final = 4
"""Letters of a word that one wrong letter leaves recognisable: "ml" is not "mg"."""

LONG_NAME: Final = 7
"""The same of a name: Anna is not Hanna, nor Iran Iraq."""

SEVERAL: Final = 2
"""Words with a slip that make a text badly typed."""

_ENDINGS: Final = frozenset(["s", "es", "ed"])


def badly_typed(changes: Iterable[Change]) -> bool:
    """Whether several of the words that differ differ by a slip."""
    slips = 0
    for change in changes:
        if len(change.left) == len(change.right):
            pairs = zip(change.left, change.right, strict=True)
            slips += sum(a.isalpha() and b.isalpha() and _is_misspelt(fold(a), fold(b)) for a, b in pairs)
            if slips >= SEVERAL:
                return True
    return False


def _is_misspelt(left: str, right: str) -> bool:
    if left == right or _is_inflected(left, right):
        return False
    return distance(left, right, 2) <= (2 if max(len(left), len(right)) >= VERY_LONG else 1)


def are_slips(left: Sequence[str], right: Sequence[str], *, badly: bool) -> bool:
    """Whether two stretches of words can be slips of one another.

    Args:
        left: words as written.
        right: words as written.
        badly: whether the texts are full of slips.
    """
    if len(left) == len(right):
        return all(_is_slip(a, b, badly=badly) for a, b in zip(left, right, strict=True))
    whole, other = "".join(left), "".join(right)  # "alot", "a lot"
    if fold(whole) == fold(other):
        return True
    return (badly or min(len(whole), len(other)) >= SHORTEST) and _are_alike(fold(whole), fold(other))


def _is_slip(left: str, right: str, *, badly: bool) -> bool:
    a, b = fold(left), fold(right)
    if left.rstrip("#+") != left or right.rstrip("#+") != right:
        return a == b  # C, C# and C++ are three languages
    if _without_accents(a) == _without_accents(b):
        return True
    if not _are_alike(a, b):
        return False
    is_long = min(len(a), len(b)) >= SHORTEST
    if left[0].isupper() or right[0].isupper():
        is_long = max(len(a), len(b)) >= LONG_NAME
    elif _is_inflected(a, b) or _is_doubled(a, b):
        return True
    return badly or (is_long and distance(a, b, 1) <= 1)


def _are_alike(left: str, right: str) -> bool:
    needed = LONG_RATIO if max(len(left), len(right)) >= LONG else RATIO
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    # The two quick ratios are upper bounds.
    return matcher.real_quick_ratio() >= needed and matcher.quick_ratio() >= needed and matcher.ratio() >= needed


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


def _is_inflected(left: str, right: str) -> bool:
    """Whether one is the other with an ending: "item", "items"."""
    short, long = sorted((left, right), key=len)
    ending = long[len(short) :] if len(short) >= SHORTEST - 1 and long.startswith(short) else ""
    return ending in _ENDINGS or (ending == "d" and short.endswith("e"))


def _is_doubled(left: str, right: str) -> bool:
    """Whether one is the other with a letter doubled: "annd", "too"."""
    short, long = sorted((left, right), key=len)
    if len(short) == 1 or len(long) != len(short) + 1:
        return False
    place = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[place:] == long[place + 1 :] and long[place] == long[place - 1]


def distance(left: str, right: str, most: int) -> int:
    """Letters to replace, add, drop or exchange with their neighbour to make one word of the other.

    Args:
        left: a word.
        right: a word.
        most: distances beyond it are all `most + 1`.
    """
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        above, row_before = row, before
        row = [i]
        for j, b in enumerate(right, start=1):
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, row_before[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before = above
    return min(row[-1], most + 1)
