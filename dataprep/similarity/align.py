"""Word alignment of two similar texts: which words differ, and where."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

# A number with its separators and sign; one ideograph, kana or Thai letter; a word or identifier with
# apostrophes and a trailing # or ++ (C#, C++); an operator.
_TOKEN: Final = re.compile(
    r"(?:(?<![\w)\]])[-−])?\d+(?:[.,:/]\d+)*%?(?![^\W\d_])"
    r"|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W_]+(?:['’][^\W\d_]+)*(?:#|\+\+)?"
    r"|[<>=≤≥≠±×÷]+"
)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?。！？…])\s+|\s*[\r\n]+\s*|(?<=[。！？])")

ALIGN_LIMIT: Final = 1_500
"""Differing words beyond which alignment (quadratic at worst) gives way to comparing word counts."""


@dataclass(frozen=True, slots=True)
class Change:
    """One aligned stretch that differs: the words of each side, as written but for sentence-initial capitals."""

    left: tuple[str, ...]
    right: tuple[str, ...]


def words(text: str) -> list[str]:
    """The words, numbers and operators of a text as written."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text))


def changes(left: str, right: str) -> list[Change]:
    """The stretches of words in which two texts differ, in order.

    Case and punctuation do not count, and neither does the order of whole sentences.
    """
    a_sentences, b_sentences = _sentences(left), _sentences(right)
    a_keys, b_keys = Counter(map(_key, a_sentences)), Counter(map(_key, b_sentences))
    a = _without(a_sentences, a_keys & b_keys)
    b = _without(b_sentences, a_keys & b_keys)
    return _align(a, b)


def _sentences(text: str) -> list[list[str]]:
    found = [words(sentence) for sentence in _SENTENCE_END.split(text) if sentence]
    for sentence in found:
        # A capital at the start of a sentence says nothing about the word.
        if sentence:
            sentence[0] = sentence[0].casefold()
    return found


def _key(sentence: list[str]) -> tuple[str, ...]:
    return tuple(fold(word) for word in sentence)


def fold(word: str) -> str:
    """A word as it is compared: case folded, without apostrophes."""
    return word.casefold().replace("'", "").replace("’", "")


def _without(sentences: list[list[str]], shared: Counter[tuple[str, ...]]) -> list[str]:
    """The words of the sentences that the other side does not have as well."""
    left = Counter(shared)
    rest: list[str] = []
    for sentence in sentences:
        key = _key(sentence)
        if left[key]:
            left[key] -= 1
        else:
            rest += sentence
    return rest


def _align(a: list[str], b: list[str]) -> list[Change]:
    a_keys, b_keys = [fold(word) for word in a], [fold(word) for word in b]
    if len(a) + len(b) > ALIGN_LIMIT:
        only_a, only_b = Counter(a_keys) - Counter(b_keys), Counter(b_keys) - Counter(a_keys)
        return [Change(tuple(only_a.elements()), tuple(only_b.elements()))] if only_a or only_b else []
    matcher = SequenceMatcher(None, a_keys, b_keys, autojunk=False)
    return [
        Change(tuple(a[i1:i2]), tuple(b[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"
    ]
