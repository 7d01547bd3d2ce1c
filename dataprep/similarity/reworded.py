"""Reworded texts: for each text the likeliest rewordings of it among others, offline, with a score to be calibrated.

The score of two texts is the evidence of `features`, weighed for either text by what there could be at most to the
power of 0.75, which makes texts of all lengths comparable, and added. The texts that share features are found with an
inverted index, in which frequent features are not followed further than a bounded number of texts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from dataprep.processes import threads
from dataprep.similarity.compiled import loops, share
from dataprep.similarity.features import Features, Weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

WORK: Final = 1 << 30
"""Places of the index that are looked at in all, spread evenly over the texts that are asked about."""

FEWEST: Final = 1 << 11
"""What is looked at for one of them at least."""

MOST: Final = 1 << 18
"""What is looked at for one of them at most."""

BLOCK: Final = 1 << 28
"""Bytes of text in an index; more texts are searched one index after the other."""

PROOF: Final = 3
"""Numbers that two texts must have in common to prove that one is a rewording of the other."""

AGREEMENT: Final = 0.8
"""Share of its numbers that a rewording has in common with the text it rewords, at least."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The likeliest rewordings of texts, sorted by the text that was asked about, the best first.

    Attributes:
        left: positions of the texts that were asked about.
        right: positions of what was found for them; of equal texts the first.
        score: the higher the likelier; see `calibrate` for what it means.
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

    @property
    def is_proved(self) -> NDArray[np.bool_]:
        """Whether the numbers of both texts prove the rewording: enough of them, and nearly all the same."""
        return (self.shared_numbers >= PROOF) & ~self.is_variant

    @property
    def is_variant(self) -> NDArray[np.bool_]:
        """Whether the texts differ in their numbers, as two exercises of one pattern do."""
        return self.shared_numbers < AGREEMENT * self.numbers

    def where(self, chosen: NDArray[np.bool_]) -> Retrieved:
        """Some of the pairs."""
        return Retrieved(
            self.left[chosen],
            self.right[chosen],
            self.score[chosen],
            self.shared_numbers[chosen],
            self.numbers[chosen],
            self.limits,
        )


def cross(left: pl.Series, right: pl.Series, *, most: int = 1, least: float = 0.0) -> Retrieved:
    """For each text of `left` the likeliest rewordings of it in `right`; equal texts are none.

    Args:
        left: normalised texts.
        right: normalised texts to be searched.
        most: rewordings of each text.
        least: score below which texts are left out.
    """
    return cross_each([(left, most)], right, Weights.learnt_from([right, left]), least=least)[0]


def cross_each(
    lefts: Sequence[tuple[pl.Series, int]], right: pl.Series, weights: Weights, *, least: float
) -> list[Retrieved]:
    """The same for several columns, each with its number of rewordings, and with known frequencies of features."""
    positions = first_positions(right)
    distinct = right.gather(positions)
    numbered = distinct.to_frame("text").with_row_index("number")
    tasks = []
    for left, most in lefts:
        own = left.to_frame("text").join(numbered, on="text", how="left", maintain_order="left")["number"]
        tasks.append(_Asked.of(left, own.cast(pl.Int64).fill_null(-1).to_numpy(), most, weights))
    found = _search(tasks, distinct, weights, least=least)
    return [replace(one, right=positions[one.right]) for one in found]


def within(texts: pl.Series, *, most: int = 1, least: float = 0.0) -> Retrieved:
    """For each distinct text the likeliest rewordings of it among the earlier ones, by positions of first occurrences.

    Args:
        texts: normalised texts.
        most: rewordings of each text; a pair is listed once.
        least: score below which texts are left out.
    """
    positions = first_positions(texts)
    distinct = texts.gather(positions)
    weights = Weights.learnt_from([distinct])
    asked = _Asked.of(distinct, np.arange(positions.size), most, weights)
    (found,) = _search([asked], distinct, weights, least=least, earlier=True)
    return replace(found, left=positions[found.left], right=positions[found.right])


def first_positions(texts: pl.Series) -> NDArray[np.int64]:
    """Where each distinct text stands for the first time, in order."""
    numbered = texts.to_frame("text").with_row_index("position")
    positions = numbered.unique("text", keep="first", maintain_order=True)["position"]
    return positions.to_numpy().astype(np.int64)


@dataclass(frozen=True, slots=True)
class Index:
    """Which texts have a feature, by the low bits of its number; features too frequent to be looked up left out."""

    counts: NDArray[np.uint32]
    starts: NDArray[np.int64]
    postings: NDArray[np.uint32]

    @classmethod
    def of(cls, features: Features, budget: int) -> Index:
        """Of some texts."""
        run = loops("kernels_lookup")
        slots = 1 << min(max(int(features.ids.size).bit_length() - 1, 12), 24)
        counts = np.zeros(slots, dtype=np.uint32)
        loops("kernels_features").count_features(features.ids, counts)
        starts = np.zeros(slots + 1, dtype=np.int64)
        np.cumsum(np.where(counts <= budget, counts, 0), out=starts[1:])
        postings = np.empty(int(starts[-1]), dtype=np.uint32)
        parts = 8
        cuts = np.searchsorted(starts, np.linspace(0, starts[-1], parts + 1)).tolist()
        cuts[0], cuts[-1] = 0, slots
        with ThreadPoolExecutor(threads()) as pool:
            task = (features.ids, features.places, starts)
            list(pool.map(lambda ends: run.invert(*task, *ends, postings), pairwise(cuts)))
        return cls(counts, starts, postings)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Texts that are asked about: their features and their sides, and which text of the index each is equal to."""

    features: Features
    sides: NDArray[np.float32]
    itself: NDArray[np.int64]
    most: int

    @classmethod
    def of(cls, texts: pl.Series, itself: NDArray[np.int64], most: int, weights: Weights) -> _Asked:
        features = Features.of(texts)
        return cls(features, weights.sides(features), itself, most)

    def __len__(self) -> int:
        return self.itself.size


def _search(
    asked: Sequence[_Asked], right: pl.Series, weights: Weights, *, least: float, earlier: bool = False
) -> list[Retrieved]:
    """Search distinct texts, one index after the other."""
    run = loops("kernels_reworded")
    budget = min(max(WORK // max(sum(map(len, asked)), 1), FEWEST), MOST)
    best = [_Best.none(len(one), one.most) for one in asked]
    for first, texts in blocks(right, BLOCK):
        # Within one column what is asked about and what is searched are mostly the same texts.
        features = asked[0].features if earlier and texts.len() == len(asked[0]) else Features.of(texts)
        index, sides = Index.of(features, budget), weights.sides(features)
        for number, one in enumerate(asked):
            mine = _Best.none(len(one), one.most)
            inside = (one.itself >= first) & (earlier | (one.itself < first + texts.len()))
            task = (
                *(one.features.ids, one.features.places, one.sides),
                np.where(inside, one.itself - first, -1).astype(np.int32),
                *(weights.often, weights.table, features.ids, features.places, index.counts, sides),
                *(index.postings, index.starts, budget, earlier, least),
                *(mine.others, mine.scores, mine.numbers, mine.cut),
            )
            share(partial(_look, run, task), len(one))
            best[number] = best[number].joined(mine, first)
    return [one.retrieved(budget) for one in best]


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
            np.full((count, most), -np.inf, dtype=np.float32),
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

    def retrieved(self, budget: int) -> Retrieved:
        """As pairs."""
        rows, ranks = np.nonzero(self.others >= 0)
        numbers = self.numbers[rows, ranks].astype(np.int64)
        cut = int(self.cut.sum())
        limits = (
            f"{cut:,} of {self.cut.size:,} texts share frequent words with more than {budget:,} others and were "
            "compared by their rarest words and numbers"
        )
        return Retrieved(
            rows.astype(np.int64),
            self.others[rows, ranks].astype(np.int64),
            self.scores[rows, ranks].astype(np.float64),
            numbers[:, 0],
            numbers[:, 1],
            [limits] if cut else [],
        )


def _look(run: Any, task: Sequence[Any], first: int, last: int) -> None:
    run.nearest(first, last, *task)


def blocks(texts: pl.Series, size: int) -> Iterator[tuple[int, pl.Series]]:
    """Stretches of texts of about `size` bytes, each with the number of its first text."""
    ends = np.cumsum(texts.str.len_bytes().to_numpy(), dtype=np.int64)
    first = 0
    while first < texts.len():
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + size, side="right")), first + 1)
        yield first, texts[first:last]
        first = last
