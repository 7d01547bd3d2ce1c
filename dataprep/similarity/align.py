"""Word alignment of two similar texts: which words differ, and where."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGN: Final = r"[$€£¥₹₩₽\u2600-\u27bf\U0001f300-\U0001faff]"
"""Pattern of a currency or a picture."""

# A number with its separators and sign; one ideograph, kana or Thai letter; a word or identifier with apostrophes,
# inner underscores and a trailing # or ++ (C#, C++); an operator; a currency or a picture. A run of ! is looked at
# from its start alone, and so is a run of spaces below: from each of its characters, a long one would take the square
# of its length.
_TOKEN: Final = re.compile(
    r"(?:(?<![\w)\]])[-−])?\d+(?:[.,:/]\d+)*%?(?![^\W\d_])"
    r"|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W_]+(?:['’][^\W\d_]+|_+[^\W_]+)*(?:#|\+\+)?"
    r"|(?:(?<!!)!+)?[<>=≤≥≠±×÷]+(?:!+[<>=≤≥≠±×÷]+)*|(?<=\s)[-+*/](?=\s)"
    rf"|{SIGN}"
)
_ASCII_TOKEN: Final = re.compile(
    r"(?:(?<![\w)\]])-)?\d+(?:[.,:/]\d+)*%?(?![A-Za-z])"
    r"|[A-Za-z0-9]+(?:'[A-Za-z]+|_+[A-Za-z0-9]+)*(?:#|\+\+)?"
    r"|(?:(?<!!)!+)?[<>=]+(?:!+[<>=]+)*|(?<=\s)[-+*/](?=\s)|\$"
)
"""The same for texts of ASCII alone, in four fifths of the time."""

_UNSEEN: Final = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
"""Soft hyphens, joiners, marks of direction and of variants."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?。！？…])\s+|(?<!\s)\s*[\r\n]+\s*|(?<=[。！？])")

_ASCII_END: Final = re.compile(r"[.!?]\s+")
"""The end of a sentence in ASCII, with its mark, where there are no lines; found in a third of the time."""

ALIGN_LIMIT: Final = 1_500
"""Differing words beyond which alignment (quadratic at worst) gives way to comparing word counts."""


@dataclass(frozen=True, slots=True)
class Change:
    """One aligned stretch that differs: the words of each side, as written but for sentence-initial capitals."""

    left: tuple[str, ...]
    right: tuple[str, ...]


def words(text: str) -> list[str]:
    """The words, numbers and operators of a text as written."""
    return _ASCII_TOKEN.findall(text) if text.isascii() else _TOKEN.findall(_composed(text))


def _composed(text: str) -> str:
    """A text in NFKC, without what cannot be seen."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text))


def has_more_words(text: str, count: int) -> bool:
    """Whether a text has more words, numbers and operators than so many."""
    is_ascii = text.isascii()
    found = _ASCII_TOKEN.finditer(text) if is_ascii else _TOKEN.finditer(_composed(text))
    return next(islice(found, count, None), None) is not None


def changes(left: str, right: str) -> list[Change]:
    """The stretches of words in which two texts differ, in order.

    Case and punctuation do not count, and neither does the order of whole sentences.
    """
    if left > right:  # the matcher is not symmetric; a difference has no direction
        return [Change(change.right, change.left) for change in changes(right, left)]
    a_sentences, b_sentences = _sentences(left), _sentences(right)
    both = {one.key for one in a_sentences} & {one.key for one in b_sentences}
    shared = Counter(one.key for one in a_sentences if one.key in both) if both else Counter()
    if both:
        shared &= Counter(one.key for one in b_sentences if one.key in both)
    return _align(*_without(a_sentences, shared), *_without(b_sentences, shared))


def reordered(left: str, right: str) -> tuple[str, str] | None:
    """The first two sentences of which each text has both, in another order; None where there are none."""
    a, b = (tuple(one.key for one in _sentences(text)) for text in (left, right))
    if a == b or len(a) == len(b) == 1:
        return None
    both = Counter(a) & Counter(b)
    mine, theirs = (_among(keys, Counter(both)) for keys in (a, b))
    return next(((" ".join(x), " ".join(y)) for x, y in zip(mine, theirs, strict=True) if x != y), None)


def _among(keys: Sequence[tuple[str, ...]], wanted: Counter[tuple[str, ...]]) -> list[tuple[str, ...]]:
    found = []
    for key in keys:
        if wanted[key]:
            wanted[key] -= 1
            found.append(key)
    return found


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence's words as written, and as they are compared."""

    words: tuple[str, ...]
    key: tuple[str, ...]


@lru_cache(maxsize=4_096)  # one text is compared with many others in a row
def _sentences(text: str) -> tuple[_Sentence, ...]:
    found = []
    for part in _parts(text):
        spoken = words(part)
        if spoken:
            # A capital at the start of a sentence says nothing about the word.
            spoken[0] = spoken[0].casefold()
            # No word holds a space: all of them are folded at once.
            found.append(_Sentence(tuple(spoken), tuple(fold(" ".join(spoken)).split(" "))))
    return tuple(found)


def _parts(text: str) -> list[str]:
    """A text cut where its sentences end."""
    if not text.isascii() or "\n" in text or "\r" in text:
        return _SENTENCE_END.split(text)
    parts, start = [], 0
    for match in _ASCII_END.finditer(text):
        parts.append(text[start : match.start() + 1])
        start = match.end()
    return [*parts, text[start:]]


def fold(words: str) -> str:
    """Words as they are compared: case folded, without apostrophes."""
    return words.casefold().replace("'", "").replace("’", "")


def _without(sentences: Sequence[_Sentence], shared: Counter[tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """The words of the sentences that the other side does not have as well, as written and as compared."""
    left = Counter(shared)
    rest: list[str] = []
    keys: list[str] = []
    for sentence in sentences:
        if left[sentence.key]:
            left[sentence.key] -= 1
        else:
            rest += sentence.words
            keys += sentence.key
    return rest, keys


def _align(a: list[str], a_keys: list[str], b: list[str], b_keys: list[str]) -> list[Change]:
    if len(a) + len(b) > ALIGN_LIMIT:
        only_a, only_b = Counter(a_keys) - Counter(b_keys), Counter(b_keys) - Counter(a_keys)
        return [Change(tuple(only_a.elements()), tuple(only_b.elements()))] if only_a or only_b else []
    # Most pairs differ in a few words: what both begin and end with needs no matcher.
    first, fewest = 0, min(len(a_keys), len(b_keys))
    while first < fewest and a_keys[first] == b_keys[first]:
        first += 1
    ends = 0
    while ends < fewest - first and a_keys[-1 - ends] == b_keys[-1 - ends]:
        ends += 1
    a, a_keys = a[first : len(a) - ends], a_keys[first : len(a_keys) - ends]
    b, b_keys = b[first : len(b) - ends], b_keys[first : len(b_keys) - ends]
    if not a or not b:
        return [Change(tuple(a), tuple(b))] if a or b else []
    matcher = SequenceMatcher(None, a_keys, b_keys, autojunk=False)
    return [
        Change(tuple(a[i1:i2]), tuple(b[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"
    ]
