"""Evidence that two texts share or exchange words: in a message, and as spans of what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dataprep.similarity import word_places
from dataprep.text.normalise import normalised

if TYPE_CHECKING:
    from dataprep.similarity import Difference

LONGEST: Final = 2_000
"""Characters of a span that are copied into a finding."""


def written(text: str, words: tuple[int, int]) -> tuple[int, int]:
    """First character, and the one behind the last, of a stretch of words.

    Args:
        text: as written.
        words: first word of the normal form, and the one behind the last.
    """
    tokens = word_places(text)
    # A word before each token keeps signs from being taken for a text of signs only.
    forms = pl.Series("t", [f"x {text[first:last]}" for first, last in tokens], dtype=pl.String)
    counts = [len(word_places(form)) - 1 for form in forms.to_frame().select(normalised(pl.col("t"))).to_series()]
    wanted = []
    before = 0
    for place, count in zip(tokens, counts, strict=True):
        if count and before < words[1] and before + count > words[0]:
            wanted.append(place)
        before += count
    return (wanted[0][0], wanted[-1][1]) if wanted else (0, len(text))


def span(side: str, field: str, text: str, words: tuple[int, int]) -> dict[str, Any]:
    """The same as evidence.

    Args:
        side: "left" for the row, "right" for the other one.
        field: which of its texts.
        text: as written.
        words: as in `written`.
    """
    first, last = written(text, words)
    return {
        "side": side,
        "field": field,
        "start": first,
        "end": last,
        "text": text[first : min(last, first + LONGEST)],
    }


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
