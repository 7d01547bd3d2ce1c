"""Evidence that two answers to one question cannot both be right.

A different wording, order or length is no conflict. Evidence is a quantity of the same dimension with other
values, yes against no, a statement against its negation, or a word against its opposite.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from dataprep.text.quantities import TOLERANCE, Quantity, quantities, same_value

_YES: Final = frozenset(["yes", "yeah", "yep", "true", "correct", "right", "ja", "oui", "sí", "si", "sim", "да", "是"])
_NO: Final = frozenset(["no", "nope", "false", "incorrect", "wrong", "nein", "non", "não", "нет", "否", "不"])
_NEGATIONS: Final = frozenset(
    "not no never none cannot cant dont doesnt didnt isnt arent wasnt werent wont couldnt shouldnt "
    "neither nor without nicht kein keine nie pas jamais nunca não nie не".split()
)
_OPPOSITES: Final = tuple(
    (frozenset(a.split()), frozenset(b.split()))
    for a, b in (
        ("optional voluntary", "mandatory required obligatory compulsory"),
        ("allowed permitted", "forbidden prohibited banned disallowed"),
        ("always", "never"),
        ("increase increases rise rises", "decrease decreases fall falls drop drops"),
        ("true", "false"),
        ("possible", "impossible"),
        ("safe", "unsafe dangerous"),
        ("legal lawful", "illegal unlawful"),
        ("open", "closed"),
        ("enabled", "disabled"),
        ("free", "paid chargeable"),
        ("included", "excluded"),
        ("available", "unavailable"),
    )
)
_SENTENCE: Final = re.compile(r"(?<=[.!?。！？])\s+|[\r\n]+")
_CLAUSE: Final = re.compile(r"[,;:]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_STOP: Final = frozenset(
    "the a an of in on at to for and or is are was were be been by with from as that this these those it "
    "its your our their my his her we you they he she i me us them if when then than but can may will "
    "would should could do does did has have had yes there here please also any all some so such".split()
)

SENTENCE_OVERLAP: Final = 0.6
"""Least share of the shorter sentence's content words that two sentences about the same thing have in common."""

FOCUS: Final = 3
"""An answer with more quantities of one dimension than this is no single fact that another answer could oppose."""


STEM: Final = 4
"""Letters that words of one stem have in common at least."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why two answers exclude one another, with the words on each side."""

    kind: Literal["quantity", "yes-no", "negation", "opposite"]
    left: str
    right: str

    def describe(self) -> str:
        """For a finding's message: `same question, 14 days vs 30 days`."""
        return f"same question, {self.left} vs {self.right}"


def conflict(left: str, right: str) -> Conflict | None:
    """The first evidence that two answers to one question contradict each other, or None.

    Args:
        left: an answer, as written.
        right: another answer to the same question.
    """
    return _yes_no(left, right) or _quantity(left, right) or _statements(left, right)


def _words(text: str) -> list[str]:
    return [word.lower().replace("'", "").replace("’", "") for word in _WORD.findall(text)]


def _leading(text: str) -> Literal["yes", "no"] | None:
    """A yes or no that opens the answer and stands for itself."""
    match = re.match(r"\W*([^\W\d_]+)\s*(?:[.,!:;—–-]|$)", text)
    if match is None:
        return None
    word = match[1].lower()
    return "yes" if word in _YES else "no" if word in _NO else None


def _yes_no(left: str, right: str) -> Conflict | None:
    sides = _leading(left), _leading(right)
    if None not in sides and sides[0] != sides[1]:
        return Conflict("yes-no", _opening(left), _opening(right))
    for here, there, text in ((*sides, right), (sides[1], sides[0], left)):
        if here == "yes" and there is None and _denies(text):
            return Conflict("yes-no", _opening(left), _opening(right))
    return None


def _denies(text: str) -> bool:
    """Whether a short answer's first sentence has a negated verb, as in 'We do not ship'."""
    sentences = [part for part in _SENTENCE.split(text.strip()) if part]
    first = _words(sentences[0]) if sentences else []
    return len(first) <= 20 and len(sentences) <= 3 and any(word in _NEGATIONS for word in first[:6])


def _opening(text: str) -> str:
    """The first words of an answer, for showing."""
    first = _SENTENCE.split(text.strip(), maxsplit=1)[0]
    return first if len(first) <= 80 else first[:79].rstrip() + "…"


def _quantity(left: str, right: str) -> Conflict | None:
    a, b = quantities(left), quantities(right)
    for dimension in dict.fromkeys(item.dimension for item in a):
        mine = [item for item in a if item.dimension == dimension]
        theirs = [item for item in b if item.dimension == dimension]
        if not theirs or len(mine) > FOCUS or len(theirs) > FOCUS:
            continue
        tolerance = TOLERANCE if dimension == "time" else 1e-9
        if any(same_value(x.value, y.value, tolerance) for x in mine for y in theirs):
            continue
        if _within(mine, theirs) or _within(theirs, mine):
            continue
        if dimension == "answer" or _same_subject(left, mine, right, theirs):
            return Conflict("quantity", _joined(mine), _joined(theirs))
    return None


def _within(ends: list[Quantity], others: list[Quantity]) -> bool:
    """Whether two quantities, as the ends of a range, hold one of the others between them."""
    low, high = min(item.value for item in ends), max(item.value for item in ends)
    is_range = len(ends) == 2 and ends[1].start < ends[0].start + len(ends[0].text)
    return is_range and any(low <= item.value <= high for item in others)


def _joined(items: list[Quantity]) -> str:
    texts, end = [], -1
    for item in items:
        # The first end of a range already shows the whole range.
        if item.start >= end:
            texts.append(item.text)
        end = max(end, item.start + len(item.text))
    return ", ".join(texts)


def _same_subject(left: str, mine: list[Quantity], right: str, theirs: list[Quantity]) -> bool:
    """Whether the sentences around two quantities speak of the same thing."""
    units = {word for item in (*mine, *theirs) for word in _words(item.text)}
    a = [word for word in _content(_sentence_at(left, mine[0].start)) if word not in units]
    b = [word for word in _content(_sentence_at(right, theirs[0].start)) if word not in units]
    if not a or not b:
        return True  # an answer of nothing but the quantity
    return _shared(a, b) >= max(1, SENTENCE_OVERLAP / 2 * min(len(a), len(b)))


def _sentence_at(text: str, position: int) -> str:
    start = 0
    for match in _SENTENCE.finditer(text):
        if match.start() > position:
            return text[start : match.start()]
        start = match.end()
    return text[start:]


def _statements(left: str, right: str) -> Conflict | None:
    """A sentence of one answer against its negation, or its opposite, in the other."""
    for a in _SENTENCE.split(left.strip())[:3]:
        for b in _SENTENCE.split(right.strip())[:3]:
            here, there = _content(a), _content(b)
            fewest = min(len(here), len(there))
            opposed = _opposed(here, there)
            shared = _shared(here, there)
            if opposed and shared >= 1 and shared + 1 >= SENTENCE_OVERLAP * fewest:
                return Conflict("opposite", *opposed)
            if shared < 2 or shared < SENTENCE_OVERLAP * fewest:
                continue
            if _denied(a, there) != _denied(b, here):
                return Conflict("negation", _opening(a), _opening(b))
    return None


def _opposed(left: list[str], right: list[str]) -> tuple[str, str] | None:
    for first, second in _OPPOSITES:
        for one, other in ((first, second), (second, first)):
            here = next((word for word in left if word in one), None)
            there = next((word for word in right if word in other), None)
            if here and there and not (set(right) & one) and not (set(left) & other):
                return here, there
    return None


def _denied(sentence: str, others: list[str]) -> bool:
    """Whether a negation stands right before something the other sentence speaks of as well.

    So "not refundable" denies "refunded", while "no problem" and "don't worry" deny nothing.
    """
    if _leading(sentence) == "no":
        sentence = sentence.lstrip().partition(" ")[2]
    return any(
        word in _NEGATIONS
        and any(_same_stem(near, other) for near in words[place + 1 : place + 4] for other in others)
        for words in map(_words, _CLAUSE.split(sentence))
        for place, word in enumerate(words)
    )


def _content(sentence: str) -> list[str]:
    return [word for word in _words(sentence) if word not in _STOP and word not in _NEGATIONS and len(word) > 1]


def _shared(left: list[str], right: list[str]) -> int:
    """Content words that have a word of the same stem on the other side."""
    return min(_with_partner(left, right), _with_partner(right, left))


def _with_partner(words: list[str], others: list[str]) -> int:
    whole = set(others)
    by_head: dict[str, list[str]] = {}
    for other in whole:
        by_head.setdefault(other[:STEM], []).append(other)
    return sum(
        word in whole or any(_same_stem(word, other) for other in by_head.get(word[:STEM], ())) for word in set(words)
    )


def _same_stem(left: str, right: str) -> bool:
    if left == right:
        return True
    common = 0
    while common < min(len(left), len(right)) and left[common] == right[common]:
        common += 1
    return common >= STEM and common >= min(len(left), len(right)) - 2
