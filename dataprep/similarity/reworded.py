"""Reworded texts: for each text the likeliest rewordings of it among others, offline, with a score to be calibrated.

A rewording keeps the numbers of a text, mostly in their order, and some of its words; an unrelated text has them by
chance only. The score weighs one against the other: every feature that two texts share adds the logarithm of
P(shared | rewording) / P(shared | unrelated), every other one that of the complements. The second probability is the
share of texts that have the feature, so a rare word proves more than a frequent one; the first is a constant of the
kind of feature (`KEPT`). A feature that unrelated texts share more often than rewordings do weighs nothing. Either
text's sum is divided by what it could be at most to the power of 0.75, which makes texts of all lengths comparable,
and the two are added.

Features are words by their first five characters, single characters and their pairs in scripts without spaces,
numbers (in digits or, in English, in words), and pairs of numbers that follow each other.

Sources: S. Robertson and K. Spärck Jones, "Relevance weighting of search terms", 1976, for the weights; I. Fellegi and
A. Sunter, "A theory for record linkage", 1969, for the losses of what is not shared.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from dataprep.similarity.column import Column
from dataprep.similarity.compiled import loops, share, threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

KEPT: Final = (0.4, 0.9, 0.98, 0.8)
"""Share of its words, numbers up to twelve, other numbers, and pairs of numbers, that a rewording keeps."""

LENGTH: Final = 0.75
"""Power of the highest sum by which a sum is divided: between 0, which favours long texts, and 1, short ones."""

SAMPLE: Final = 1 << 17
"""Texts of each side from which it is learnt how frequent features are."""

WORK: Final = 1 << 32
"""Places of the index that are looked at in all, spread evenly over the texts that are asked about."""

FEWEST: Final = 1 << 12
"""What is looked at for one of them at least."""

MOST: Final = 1 << 16
"""What is looked at for one of them at most."""

BLOCK: Final = 1 << 28
"""Bytes of text in an index; more texts are searched one index after the other."""

_FREQUENCIES: Final = 1 << 22

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NAMED: Final[dict[str, str]] = {
    **{word: str(value) for value, word in enumerate(_SMALL)},
    **{word: str(10 * value) for value, word in enumerate(_TENS, start=2)},
    **{"hundred": "100", "thousand": "1000", "million": "1000000", "dozen": "12", "once": "1"},
    **{"twice": "2", "double": "2", "doubles": "2", "doubled": "2", "thrice": "3", "triple": "3", "tripled": "3"},
    **{"half": "1/2", "halves": "1/2", "quarter": "1/4", "quarters": "1/4"},
}


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The likeliest rewordings of texts, sorted by the text that was asked about, the best first.

    Attributes:
        left: positions of the texts that were asked about.
        right: positions of what was found for them; of equal texts the first.
        score: above 0, the higher the likelier; comparable within one search only, see `calibrate`.
        shared_numbers: numbers that both texts have.
        numbers: numbers of the one that has more.
        limits: what was not compared, in words; empty when nothing was left out.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    score: NDArray[np.float64]
    shared_numbers: NDArray[np.int64]
    numbers: NDArray[np.int64]
    limits: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return int(self.left.size)

    def where(self, chosen: NDArray[np.bool_]) -> Retrieved:
        """Some of the pairs."""
        parts = (self.left, self.right, self.score, self.shared_numbers, self.numbers)
        return Retrieved(*(part[chosen] for part in parts), limits=self.limits)


def cross(left: pl.Series, right: pl.Series, *, most: int = 1, itself: NDArray[np.int64] | None = None) -> Retrieved:
    """For each text of `left` the likeliest rewordings of it in `right`, those with a positive score.

    Args:
        left: normalised texts.
        right: normalised texts to be searched.
        most: rewordings of each text.
        itself: where each text of `left` stands in `right`, or -1; it is no rewording of itself.
    """
    return _search(left, right, most, itself, [right, left])


def within(texts: pl.Series, *, most: int = 1) -> Retrieved:
    """For each distinct text the likeliest rewordings of it among the others, by the positions of first occurrences.

    A pair is listed once or twice: for either of its texts, where it is among the best `most` of that text.
    """
    distinct = texts.to_frame("text").with_row_index("position").unique("text", keep="first", maintain_order=True)
    positions = distinct["position"].to_numpy().astype(np.int64)
    found = _search(distinct["text"], distinct["text"], most, np.arange(positions.size), [distinct["text"]])
    return Retrieved(
        positions[found.left], positions[found.right], found.score, found.shared_numbers, found.numbers, found.limits
    )


@dataclass(frozen=True, slots=True)
class Features:
    """Features of texts; those of text i are ids[places[i]:places[i + 1]]."""

    ids: NDArray[np.uint32]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, texts: pl.Series) -> Features:
        """Of normalised texts."""
        run, named, column = loops("kernels_reworded"), _named(), Column.of(texts)
        sizes = np.zeros(len(column), dtype=np.int64)
        parts: dict[int, NDArray[np.uint32]] = {}

        def build(first: int, last: int) -> None:
            room = int(column.starts[last] - column.starts[first]) + last - first
            out = np.empty(room, dtype=np.uint32)
            count = run.features(column.data, column.starts, first, last, named, out, sizes[first:last])
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
    def learnt_from(cls, sides: list[pl.Series]) -> Weights:
        """From texts taken evenly out of each side."""
        run = loops("kernels_reworded")
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
        run = loops("kernels_reworded")
        count = features.places.size - 1
        out = np.zeros((count, 2), dtype=np.float32)
        share(
            lambda first, last: run.weigh(
                features.ids, features.places, first, last, self.often, self.table, out
            ),
            count,
        )
        gain = out[:, 1].astype(np.float64)
        out[:, 1] = np.where(gain > 0, np.maximum(gain, 1e-9) ** -LENGTH, 0.0)
        return out


@dataclass(frozen=True, slots=True)
class Index:
    """Which texts have a feature, by the low bits of its number; features too frequent to be looked up left out."""

    counts: NDArray[np.uint32]
    starts: NDArray[np.int64]
    postings: NDArray[np.uint32]

    @classmethod
    def of(cls, features: Features, budget: int) -> Index:
        """Of some texts."""
        run = loops("kernels_reworded")
        slots = 1 << min(max(int(features.ids.size).bit_length() - 1, 12), 24)
        counts = np.zeros(slots, dtype=np.uint32)
        run.count_features(features.ids, counts)
        starts = np.zeros(slots + 1, dtype=np.int64)
        np.cumsum(np.where(counts <= budget, counts, 0), out=starts[1:])
        postings = np.empty(int(starts[-1]), dtype=np.uint32)
        parts = 8
        cuts = np.searchsorted(starts, np.linspace(0, starts[-1], parts + 1)).tolist()
        cuts[0], cuts[-1] = 0, slots
        with ThreadPoolExecutor(threads()) as pool:
            ends = zip(cuts, cuts[1:], strict=False)
            list(pool.map(lambda cut: run.invert(features.ids, features.places, starts, *cut, postings), ends))
        return cls(counts, starts, postings)


def _search(
    left: pl.Series, right: pl.Series, most: int, itself: NDArray[np.int64] | None, known: list[pl.Series]
) -> Retrieved:
    run = loops("kernels_reworded")
    positions, number_of = _distinct(right)
    own = np.full(left.len(), -1, dtype=np.int64)
    if itself is not None:
        own[itself >= 0] = number_of[itself[itself >= 0]]
    weights = Weights.learnt_from(known)
    asked = Features.of(left)
    asked_sides = weights.sides(asked)
    budget = min(max(WORK // max(left.len(), 1), FEWEST), MOST)
    best = _Best.none(left.len(), most)
    for first, texts in _blocks(right.gather(positions)):
        features = Features.of(texts)
        index, sides = Index.of(features, budget), weights.sides(features)
        mine = _Best.none(left.len(), most)
        inside = np.where((own >= first) & (own < first + texts.len()), own - first, -1).astype(np.int32)

        def look(start: int, end: int) -> None:
            run.nearest(
                *(start, end, asked.ids, asked.places, asked_sides, inside, weights.often, weights.table),  # noqa: B023
                *(features.ids, features.places, index.counts, sides, index.postings, index.starts),  # noqa: B023
                *(budget, 0.0, mine.others, mine.scores, mine.numbers, mine.cut),  # noqa: B023
            )

        share(look, left.len())
        best = best.joined(mine, first)
    rows, ranks = np.nonzero(best.others >= 0)
    numbers = best.numbers[rows, ranks].astype(np.int64)
    cut = int(best.cut.sum())
    limits = [
        f"{cut:,} of {left.len():,} texts share frequent words with more than {budget:,} others and were compared by "
        "their rarest words and numbers"
    ]
    return Retrieved(
        rows.astype(np.int64),
        positions[best.others[rows, ranks]],
        best.scores[rows, ranks].astype(np.float64),
        numbers[:, 0],
        numbers[:, 1],
        limits if cut else [],
    )


@dataclass(frozen=True, slots=True)
class _Best:
    """What was found for each text, the best first: shape (texts, most), numbers of shape (texts, most, 2)."""

    others: NDArray[np.int32]
    scores: NDArray[np.float32]
    numbers: NDArray[np.int32]
    cut: NDArray[np.bool_]

    @classmethod
    def none(cls, count: int, most: int) -> _Best:
        """Nothing yet."""
        return cls(
            np.full((count, most), -1, dtype=np.int32),
            np.zeros((count, most), dtype=np.float32),
            np.zeros((count, most, 2), dtype=np.int32),
            np.zeros(count, dtype=np.bool_),
        )

    def joined(self, other: _Best, first: int) -> _Best:
        """The best of these and of those of a later index, whose first text is number `first`."""
        most = self.others.shape[1]
        others = np.concatenate([self.others, np.where(other.others >= 0, other.others + np.int32(first), -1)], axis=1)
        scores = np.concatenate([self.scores, other.scores], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
        numbers = np.concatenate([self.numbers, other.numbers], axis=1)
        return _Best(
            np.take_along_axis(others, order, axis=1),
            np.take_along_axis(scores, order, axis=1),
            np.take_along_axis(numbers, order[:, :, None], axis=1),
            self.cut | other.cut,
        )


def _distinct(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions of first occurrences, and which of them each text is."""
    numbered = texts.to_frame("text").with_row_index("position")
    first = numbered.select(pl.col("position").first().over("text")).to_series().to_numpy().astype(np.int64)
    is_first = first == np.arange(first.size)
    return np.flatnonzero(is_first), (np.cumsum(is_first) - 1)[first]


def _blocks(texts: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    """Stretches of texts of about `BLOCK` bytes, each with the number of its first text."""
    ends = np.cumsum(texts.str.len_bytes().to_numpy(), dtype=np.int64)
    first = 0
    while first < texts.len():
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + BLOCK, side="right")), first + 1)
        yield first, texts[first:last]
        first = last


@cache
def _named() -> NDArray[np.uint64]:
    """The table of numbers in words that `features` looks tokens up in."""
    run = loops("kernels_reworded")
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
    found: tuple[int, int, int, int] = run.token(data, 0, data.size)
    return found
