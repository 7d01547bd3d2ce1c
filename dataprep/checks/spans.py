"""Where in a text, as it was written, words of its normal form stand."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from dataprep.similarity import word_places
from dataprep.text.normalise import normalised

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
