"""Words, stems and sentences of a text, with their places in it.

Light on purpose: what compares answers needs to know that "refunded" and "refundable" speak of one thing, not their
grammar. Languages written without spaces are taken apart into characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from dataprep.text.evidence.lazy import lazy
from dataprep.text.evidence.lexicon import FORMS, STOP, WHOLE

_SPACED: Final = range(0x300, 0x2E80)
_MARKS: Final = "".join(chr(code) for code in _SPACED if unicodedata.category(chr(code)) in ("Mn", "Mc"))
"""Vowel signs and accents, which are part of a word but no letters: those of Hindi, Tamil, Hebrew, Arabic."""

WORD: Final = rf"[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]*)*"
"""A word, in a pattern."""

_TOKEN: Final = re.compile(rf"{WORD}(?:'{WORD})*|\d+(?:[.,:]\d+)*|[,;:()—–]")
_ASCII_TOKEN: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+(?:[.,:]\d+)*|[,;:()]")
"""The same for texts of ASCII alone, in half the time."""

_SENTENCE: Final = re.compile(r"[.!?。！？\r\n](?:(?<=[。！？\r\n])|[\"”’')*_]*\s+)[\r\n]*")
_ABBREVIATION: Final = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|v|No|approx|e\.g|i\.e|[ap]\.m)\.$")
_SUFFIX: Final = re.compile(
    r"(?:i[sz]ations?|ations?|ements?|ments?|ingly|edly|ings?|ers?|ors?|ied|ies|ed|es|ly|able|ible|ability|ances?|"
    r"ences?|ions?|ives?|ically|ical|ic|als?|ities|ity|ness|ful|ous|ians?|ans?|(?<!s)s|e|y|i)$"
)
UNSPACED: Final = chr(_SPACED.stop)
"""From here on are the scripts that put no spaces between words."""

MARKS: Final = frozenset(",;:()—–")
"""Words of a sentence that are none: what parts its clauses."""

SHORTEST_STEM: Final = 3


class Sentence:
    """A sentence and its words.

    Args:
        text: the text it stands in, in lower case and of the same length.
        start: where it begins in the text.
        end: where it ends.
        is_ascii: whether the whole text is ASCII.

    Attributes:
        words: words, numbers and marks that part clauses, in lower case.
        stems: what the forms of each word have in common, empty for marks and words of grammar.
    """

    def __init__(self, text: str, start: int, end: int, *, is_ascii: bool) -> None:
        self.start = start
        self.end = end
        self._text = text
        self._token = _ASCII_TOKEN if is_ascii else _TOKEN
        found = self._token.findall(text, start, end)
        if not is_ascii and max(found, default="") >= UNSPACED:
            found = [part for word in found for part in (word if word >= UNSPACED else (word,))]
        self.words: tuple[str, ...] = tuple(found)
        self.stems: tuple[str, ...] = tuple(map(content_stem, found))

    @lazy
    def spans(self) -> list[tuple[int, int]]:
        """Where each of the words begins and ends in the text."""
        found: list[tuple[int, int]] = []
        for match in self._token.finditer(self._text, self.start, self.end):
            first, last = match.span()
            if match.group() >= UNSPACED:
                found += ((place, place + 1) for place in range(first, last))
            else:
                found.append((first, last))
        return found

    @lazy
    def content(self) -> dict[str, int]:
        """The stems that are not empty, each with the place of its first word."""
        found: dict[str, int] = {}
        for place, name in enumerate(self.stems):
            if name and name not in found:
                found[name] = place
        return found

    def span(self, first: int, behind: int) -> tuple[int, int]:
        """Where a stretch of its words begins and ends in the text."""
        return self.spans[first][0], self.spans[behind - 1][1]


def lowered(text: str) -> str:
    """A text in lower case, every place kept.

    Patterns that are looked for in it need not ignore case, which makes some of them three times as slow.
    """
    lower = text.lower()
    if len(lower) != len(text):
        # A letter whose lower case is longer would move every place behind it.
        lower = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    return lower


@lru_cache(maxsize=2048)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text that have words; a line break ends one. A text is compared with several others."""
    bounds = [0]
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        start += 1
        if text[start - 1] == "." and _ABBREVIATION.search(text, max(bounds[-1], start - 7), start):
            continue
        bounds += (start, end)
    bounds.append(len(text))
    lower = lowered(text)
    if "’" in lower:
        lower = lower.replace("’", "'")
    is_ascii = lower.isascii()
    found = [
        Sentence(lower, start, end, is_ascii=is_ascii) for start, end in zip(bounds[::2], bounds[1::2], strict=True)
    ]
    return tuple(sentence for sentence in found if sentence.words)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """What the forms of a word have in common: "refund" for refunded, refunds and refundable.

    Endings are cut twice at most and leave three letters; irregular forms come from a list.

    Args:
        word: in lower case.
    """
    word = word.removesuffix("'s").removesuffix("'")
    if word in WHOLE:
        return word
    word = FORMS.get(word, word)
    for _ in range(2):
        word = _undoubled(word)
        cut = next((match.start() for match in _endings(word) if match.start() >= SHORTEST_STEM), None)
        if cut is None:
            return word
        word = word[:cut]
    return _undoubled(word)


def _undoubled(word: str) -> str:
    """Without the second of two equal last letters: "cancell" of cancelled, and so "sel" of sell."""
    is_doubled = len(word) > SHORTEST_STEM and word[-1] == word[-2] and word[-1] != "s"
    return word[:-1] if is_doubled else word


def _endings(word: str) -> list[re.Match[str]]:
    """Every ending of the list the word has, longest first."""
    found = []
    match = _SUFFIX.search(word)
    while match is not None:
        found.append(match)
        match = _SUFFIX.search(word, match.start() + 1)
    return found


@lru_cache(maxsize=1 << 16)
def is_content(word: str) -> bool:
    """Whether a word says what a sentence is about: no mark and no word of grammar."""
    return word[0].isalnum() and word not in STOP and not word.endswith("n't") and word.partition("'")[0] not in STOP


@lru_cache(maxsize=1 << 16)
def content_stem(word: str) -> str:
    """The stem of a word that says what a sentence is about, else the empty string."""
    return stem(word) if is_content(word) else ""
