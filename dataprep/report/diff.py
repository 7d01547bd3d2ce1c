"""What differs between two texts, word by word, with the equal stretches folded away.

Bounded: the texts are cut before they get here, and a middle part that is too large to align is shown as
changed as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from dataprep.report.signs import visible
from dataprep.report.views import Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

PRODUCT_LIMIT: Final = 1_000_000
"""Tokens on one side times tokens on the other that are still aligned."""
ALIKE_AT_LEAST: Final = 0.3
"""Share of equal text below which marking single words would only be noise."""
FOLD_WORDS: Final = 24
"""Equal words in a row that are worth folding."""
CONTEXT_WORDS: Final = 7
"""Equal words that stay visible next to a fold."""

# A word, a character of a script written without spaces, one space, or one other character.
_WIDE: Final = "\u0e00-\u0fff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_PUNCTUATION: Final = r"!-/:-@\[-`{-~\u2000-\u206f\u3000-\u303f"
_TOKEN: Final = re.compile(f"[{_WIDE}]|[^\\s{_PUNCTUATION}{_WIDE}]{{1,40}}|\\s|.", re.DOTALL)
_WORD: Final = re.compile(r"\S+\s*")

Tag = Literal["equal", "change"]
Step = tuple[Tag, str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both texts as pieces; `throughout` when they share too little to mark single words."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    throughout: bool


def compare(left: str, right: str) -> Comparison:
    """Align two texts and mark on each side what the other does not have."""
    steps = _smooth(_steps(left, right))
    equal = sum(len(one) for tag, one, _ in steps if tag == "equal")
    if equal < ALIKE_AT_LEAST * max(len(left), len(right)):
        return Comparison(visible(left), visible(right), throughout=True)
    return Comparison(_side(steps, 1, "del"), _side(steps, 2, "ins"), throughout=False)


def first_difference(left: str, right: str) -> int:
    """Length of the common beginning of two texts."""
    low, high = 0, min(len(left), len(right))
    while high - low > 64:
        middle = (low + high) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle
    return low + _common(left[low:high], right[low:high])


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many items two sequences share at their beginning."""
    pairs = zip(left, right, strict=False)
    return next((place for place, (one, two) in enumerate(pairs) if one != two), min(len(left), len(right)))


def _steps(left: str, right: str) -> list[Step]:
    one, two = _TOKEN.findall(left), _TOKEN.findall(right)
    start = _common(one, two)
    ending = _common(one[start:][::-1], two[start:][::-1])
    a, b = one[start : len(one) - ending], two[start : len(two) - ending]
    head = "".join(one[:start])
    tail = "".join(one[len(one) - ending :])
    steps: list[Step] = [("equal", head, head)]
    if len(a) * len(b) > PRODUCT_LIMIT:
        steps.append(("change", "".join(a), "".join(b)))
    else:
        matcher = SequenceMatcher(str.isspace, a, b, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            kind: Tag = "equal" if tag == "equal" else "change"
            steps.append((kind, "".join(a[i1:i2]), "".join(b[j1:j2])))
    steps.append(("equal", tail, tail))
    return [step for step in steps if step[1] or step[2]]


def _smooth(steps: list[Step]) -> list[Step]:
    """Join changes that only a scrap of equal text keeps apart: whole phrases read better than crumbs."""
    merged: list[Step] = []
    for position, (tag, one, two) in enumerate(steps):
        kind = tag
        if tag == "equal" and 0 < position < len(steps) - 1:
            before, after = merged[-1], steps[position + 1]
            around = min(max(len(before[1]), len(before[2])), max(len(after[1]), len(after[2])))
            if before[0] == "change" and len(one) <= min(around, 12):
                kind = "change"
        if merged and merged[-1][0] == kind:
            last = merged.pop()
            merged.append((kind, last[1] + one, last[2] + two))
        else:
            merged.append((kind, one, two))
    return merged


def _side(steps: list[Step], side: Literal[1, 2], kind: Literal["del", "ins"]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for position, step in enumerate(steps):
        text = step[side]
        if step[0] == "equal":
            pieces += _folded(text, first=position == 0, last=position == len(steps) - 1)
        elif text:
            pieces.append(Piece(kind, inside=visible(text, spaces=_only_spaces(step))))
    return tuple(pieces)


def _only_spaces(step: Step) -> bool:
    """Whether the two sides of a change say the same and differ in their spaces alone."""
    return "".join(step[1].split()) == "".join(step[2].split())


def _folded(text: str, *, first: bool, last: bool) -> tuple[Piece, ...]:
    words = _WORD.findall(text)
    lead = 0 if first else CONTEXT_WORDS
    trail = 0 if last else CONTEXT_WORDS
    hidden = len(words) - lead - trail
    if hidden < FOLD_WORDS:
        return visible(text)
    start = sum(len(word) for word in words[:lead]) + (len(text) - len(text.lstrip()))
    end = len(text) - sum(len(word) for word in words[len(words) - trail :]) if trail else len(text)
    fold = Piece("fold", f"… {hidden:,} equal words …", visible(text[start:end]))
    return (*visible(text[:start]), fold, *visible(text[end:]))


def marked(text: str, spans: tuple[str, ...]) -> tuple[Piece, ...]:
    """The text with every occurrence of the spans marked as whole words; overlapping ones become one mark."""
    edges = [0, *(edge for pair in _ranges(text, spans) for edge in pair), len(text)]
    pieces: list[Piece] = []
    for number, (start, end) in enumerate(pairwise(edges)):
        if start < end:
            inner = visible(text[start:end])
            pieces += [Piece("mark", inside=inner)] if number % 2 else inner
    return tuple(pieces)


def _ranges(text: str, spans: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the spans are, in order and without overlap."""
    found: list[tuple[int, int]] = []
    for span in spans:
        if span.strip():
            pattern = re.escape(span)
            pattern = (r"\b" if span[0].isalnum() else "") + pattern + (r"\b" if span[-1].isalnum() else "")
            found += [match.span() for match in re.finditer(pattern, text)]
    ranges: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], end))
        else:
            ranges.append((start, end))
    return ranges
