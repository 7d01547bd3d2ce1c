"""Evidence that two texts share or exchange words: in a message, and as spans of what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from dataprep.similarity import word_places
from dataprep.text.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.similarity import Difference

LONGEST: Final = 2_000
"""Characters of a span that are copied into a finding."""


class Wanted(NamedTuple):
    """A stretch of words of a text.

    Attributes:
        side: "left" for the row, "right" for the other one.
        field: which of its texts.
        text: as written.
        words: first word of the normal form, and the one behind the last.
    """

    side: str
    field: str
    text: str
    words: tuple[int, int]


def spans(wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    """Each stretch as evidence: where it stands in what was written, and how it reads."""
    found = []
    for one, (first, last) in zip(wanted, _written(wanted), strict=True):
        text = one.text[first : min(last, first + LONGEST)]
        found.append({"side": one.side, "field": one.field, "start": first, "end": last, "text": text})
    return found


def _written(wanted: Sequence[Wanted]) -> list[tuple[int, int]]:
    """First character of each stretch, and the one behind the last; the whole text where the words do not add up."""
    tokens = [[one.text[first:last] for first, last in word_places(one.text)] for one in wanted]
    distinct = sorted({token for some in tokens for token in some})
    # A word before each token keeps signs from being taken for a text of signs only.
    forms = _normal([f"x {token}" for token in distinct])
    words_of = {token: len(word_places(form)) - 1 for token, form in zip(distinct, forms, strict=True)}
    places = []
    for one, some, form in zip(wanted, tokens, _normal([one.text for one in wanted]), strict=True):
        counts = [words_of[token] for token in some]
        place = _place(one, counts) if sum(counts) == len(word_places(form)) else None
        places.append(place or (0, len(one.text)))
    return places


def _place(one: Wanted, counts: list[int]) -> tuple[int, int] | None:
    """The same, where there are such words; `counts` are the words of the normal form in each word as written."""
    first, last = one.words
    before = 0
    inside = []
    for place, count in zip(word_places(one.text), counts, strict=True):
        if count and before < last and before + count > first:
            inside.append(place)
        before += count
    return (inside[0][0], inside[-1][1]) if inside else None


def _normal(texts: list[str]) -> list[str]:
    column = pl.Series("t", texts, dtype=pl.String)
    return column.to_frame().select(normalised(pl.col("t"))).to_series().to_list()


def exchanged(change: Difference) -> str:
    """What was exchanged, for a message: from the evaluation item to the row."""
    return f"{change.right or 'nothing'} → {change.left or 'nothing'}"


def swap(change: Difference) -> dict[str, Any]:
    """The same as evidence."""
    sides = ("left", change.left), ("right", change.right)
    return {
        "exchanged": {"row": change.left, "item": change.right},
        "spans": [{"side": side, "text": text} for side, text in sides if text],
    }
