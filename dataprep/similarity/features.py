"""Texts as sets of features, and what it proves that two texts share one.

A rewording keeps the numbers of a text, mostly in their order, and some of its words; an unrelated text has them by
chance only. A feature that two texts share speaks for a rewording with the logarithm of
P(shared | rewording) / P(shared | unrelated), one that is not shared with that of the complements. The second
probability is the share of texts that have the feature, so a rare word proves more than a frequent one; the first is a
constant of the kind of feature (`KEPT`). A feature that unrelated texts share more often than rewordings do weighs
nothing.

Features are words by their first five characters, single characters and their pairs in scripts without spaces,
numbers (in digits or, in English, in words), and pairs of numbers that follow each other.

Sources: S. Robertson and K. Spärck Jones, "Relevance weighting of search terms", 1976, for the weights; I. Fellegi and
A. Sunter, "A theory for record linkage", 1969, for the losses of what is not shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dataprep.similarity.column import Column
from dataprep.similarity.compiled import loops, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

KEPT: Final = (0.4, 0.9, 0.98, 0.8)
"""Share of its words, numbers up to twelve, other numbers, and pairs of numbers, that a rewording keeps."""

LENGTH: Final = 0.75
"""Power of the highest sum by which a sum is divided: between 0, which favours long texts, and 1, short ones."""

KIND_BITS: Final = 30
"""Bits of a feature below its kind."""

NUMBERS: Final = (1, 2)
"""Kinds of features that are numbers: up to twelve, and others."""

SAMPLE: Final = 1 << 17
"""Texts of each side from which it is learnt how frequent features are."""

_FREQUENCIES: Final = 1 << 22

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_OTHERS: Final = {
    "1": ("once",),
    "2": ("twice", "double", "doubles", "doubled"),
    "3": ("thrice", "triple", "triples", "tripled"),
    "12": ("dozen",),
    "100": ("hundred",),
    "1000": ("thousand",),
    "1000000": ("million",),
    "1/2": ("half", "halves"),
    "1/4": ("quarter", "quarters"),
}
_NAMED: Final[dict[str, str]] = (
    {word: str(value) for value, word in enumerate(_SMALL)}
    | {word: str(10 * value) for value, word in enumerate(_TENS, start=2)}
    | {word: digits for digits, words in _OTHERS.items() for word in words}
)


@dataclass(frozen=True, slots=True)
class Features:
    """Features of texts; those of text i are ids[places[i]:places[i + 1]]."""

    ids: NDArray[np.uint32]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, texts: pl.Series) -> Features:
        """Of normalised texts."""
        run, named, column = loops("kernels_features"), _named(), Column.of(texts)
        sizes, lengths = np.zeros(len(column), dtype=np.int64), column.sizes
        whole = column.data, column.starts, column.ends
        parts: dict[int, NDArray[np.uint32]] = {}

        def build(first: int, last: int) -> None:
            room = int(lengths[first:last].sum()) + last - first
            out = np.empty(room, dtype=np.uint32)
            count = run.features(*whole, first, last, named, out, sizes[first:last])
            parts[first] = out[:count].copy()

        share(build, len(column))
        places = np.zeros(len(column) + 1, dtype=np.int64)
        np.cumsum(sizes, out=places[1:])
        ids = np.empty(int(places[-1]), dtype=np.uint32)
        for first in sorted(parts):
            part = parts.pop(first)
            ids[places[first] : places[first] + part.size] = part
        return cls(ids, places)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much features prove: their frequencies in a sample, and gain and loss by kind and frequency."""

    often: NDArray[np.uint32]
    table: NDArray[np.float32]

    @classmethod
    def learnt_from(cls, sides: Sequence[pl.Series]) -> Weights:
        """From texts taken evenly out of each side."""
        run = loops("kernels_features")
        often, texts = np.zeros(_FREQUENCIES, dtype=np.uint32), 0
        for side in sides:
            step = max(1, -(-side.len() // SAMPLE))
            part = side.gather_every(step)
            run.count_features(Features.of(part).ids, often)
            texts += part.len()
        # A feature that one of two texts has: how likely is it that the other has it by chance?
        chance = np.minimum((np.maximum(np.arange(texts + 1) - 1, 0) + 0.5) / max(texts, 1), 0.9)
        kept = np.array(KEPT)[:, None]
        gain = np.where(chance < kept, np.log(kept / chance), 0.0)
        loss = np.where(chance < kept, np.log((1 - kept) / (1 - chance)), 0.0)
        return cls(often, np.ascontiguousarray(np.stack([gain, loss]), dtype=np.float32))

    def sides(self, features: Features) -> NDArray[np.float32]:
        """For each text what it loses when nothing is shared, and the factor of its sum; shape (texts, 2)."""
        run = loops("kernels_features")
        count = features.places.size - 1
        out = np.zeros((count, 2), dtype=np.float32)
        share(
            lambda first, last: run.weigh(features.ids, features.places, first, last, self.often, self.table, out),
            count,
        )
        gain = out[:, 1].astype(np.float64)
        out[:, 1] = np.where(gain > 0, np.maximum(gain, 1e-9) ** -LENGTH, 0.0)
        return out


@cache
def _named() -> NDArray[np.uint64]:
    """The table of numbers in words that `features` looks tokens up in."""
    run = loops("kernels_features")
    table = np.zeros((3, 256), dtype=np.uint64)
    for word, digits in _NAMED.items():
        (key, _, _, _), (value, _, kind, _) = (_token(run, text) for text in (word, digits))
        place = int(key) % table.shape[1]
        while table[0, place]:
            place = (place + 1) % table.shape[1]
        table[:, place] = key, value, run.SMALL if "/" in digits else kind
    return table


def _token(run: Any, text: str) -> tuple[int, int, int, int]:
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    found: tuple[int, int, int, int] = run.whole_token(data)
    return found
