"""Verified pairs: which texts have a Jaccard similarity of at least the threshold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dataprep.similarity import datasketch_engine, exact_engine, minhash_engine
from dataprep.similarity.arrays import sorted_distinct
from dataprep.similarity.column import Column
from dataprep.similarity.plan import Plan, SimilarityParams, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.minhash_engine import Found

ENGINES: Final = {
    "minhash": minhash_engine.search,
    "exact": exact_engine.search,
    "datasketch": datasketch_engine.search,
}

RIGHT_COPIES: Final = 4
"""Equal texts on the right side of a cross comparison that are linked to each partner."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Verified pairs of positions.

    Attributes:
        left: positions in the first column of texts.
        right: positions in the second column; in the same column, right > left.
        score: exact Jaccard similarity of the shingle sets.
        expected_recall: probability that a pair exactly at the threshold was looked at.
        method: the engine and its parameters, for people.
        limits: what was not compared, in words; empty when nothing was left out.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    score: NDArray[np.float64]
    expected_recall: float
    method: str
    limits: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return int(self.left.size)

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        return zip(self.left.tolist(), self.right.tolist(), self.score.tolist(), strict=True)


def self_pairs(texts: Sequence[str] | pl.Series, params: SimilarityParams) -> Pairs:
    """Pairs within one column of texts.

    Equal texts are linked to their first occurrence only, so that a thousand copies give 999 pairs and not
    half a million; the texts of all other pairs are distinct, each standing for its first occurrence.
    """
    series = _series(texts)
    column = Column.of(series)
    first_of, filled = column.first_equal(_hashes(series)), column.sizes > 0
    positions = np.arange(len(column))
    distinct = np.flatnonzero((first_of == positions) & filled)
    copies = np.flatnonzero((first_of != positions) & filled)
    chosen = column if distinct.size == len(column) else column.take(distinct)
    found, how = _search(chosen, np.zeros(distinct.size, dtype=np.int8), params)
    left = np.concatenate([first_of[copies], distinct[found.pairs[:, 0]]])
    right = np.concatenate([copies, distinct[found.pairs[:, 1]]])
    score = np.concatenate([np.ones(copies.size), found.scores])
    return _sorted(left, right, score, how, found)


def cross_pairs(left: Sequence[str] | pl.Series, right: Sequence[str] | pl.Series, params: SimilarityParams) -> Pairs:
    """Pairs with one text in each column.

    Every copy on the left is linked; of equal texts on the right only the first few, so that a prompt that stands
    a thousand times on both sides does not give a million pairs.
    """
    left, right = _series(left), _series(right)
    # Those of the right come first: a text is compared with a bounded number of others, the first of them always,
    # and every text on the left is to be found, however many others are like its partner.
    both = pl.concat([right, left])
    column = Column.of(both)
    form_of, filled = column.first_equal(_hashes(both)), column.sizes > 0
    distinct = sorted_distinct(form_of[filled])
    number_of = np.zeros(len(column), dtype=np.int64)
    number_of[distinct] = np.arange(distinct.size)
    # 1 = only left, 2 = only right, 3 = both: the bits say which columns a distinct text occurs in.
    sides = np.zeros(distinct.size, dtype=np.int8)
    in_right, in_left = (
        sorted_distinct(number_of[form_of[part][filled[part]]])
        for part in (slice(0, right.len()), slice(right.len(), len(column)))
    )
    sides[in_left] += 1
    sides[in_right] += 2
    found, how = _search(column.take(distinct), sides, params)
    same = np.flatnonzero(sides == 3)
    # Either text of a pair may be the one on the left.
    a = np.concatenate([found.pairs[:, 0], found.pairs[:, 1], same])
    b = np.concatenate([found.pairs[:, 1], found.pairs[:, 0], same])
    scores = np.concatenate([found.scores, found.scores, np.ones(same.size)])
    fits = ((sides[a] & 1) > 0) & ((sides[b] & 2) > 0)
    a, b, scores = a[fits], b[fits], scores[fits]
    left_rows, left_starts = _rows_of(number_of[form_of[right.len() :]], filled[right.len() :], distinct.size)
    right_rows, right_starts = _rows_of(number_of[form_of[: right.len()]], filled[: right.len()], distinct.size)
    ours, theirs, score = [], [], []
    for i, j, value in zip(a.tolist(), b.tolist(), scores.tolist(), strict=True):
        mine = left_rows[left_starts[i] : left_starts[i + 1]]
        other = right_rows[right_starts[j] : right_starts[j + 1]][:RIGHT_COPIES]
        ours.append(np.repeat(mine, other.size))
        theirs.append(np.tile(other, mine.size))
        score.append(np.full(mine.size * other.size, value))
    nothing = np.empty(0, dtype=np.int64)
    return _sorted(
        np.concatenate([nothing, *ours]),
        np.concatenate([nothing, *theirs]),
        np.concatenate([np.empty(0), *score]),
        how,
        found,
    )


def first_occurrence(texts: Sequence[str] | pl.Series) -> NDArray[np.int64]:
    """The position at which each text stands for the first time."""
    series = _series(texts)
    return Column.of(series).first_equal(_hashes(series))


def _hashes(texts: pl.Series) -> NDArray[np.uint64]:
    return np.ascontiguousarray(texts.hash(seed=1).to_numpy())


def _rows_of(
    numbers: NDArray[np.int64], filled: NDArray[np.bool_], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows in which each distinct text stands: those of text i are rows[starts[i]:starts[i + 1]]."""
    rows = np.flatnonzero(filled)
    rows = rows[np.argsort(numbers[rows], kind="stable")]
    return rows, np.searchsorted(numbers[rows], np.arange(count + 1))


def _series(texts: Sequence[str] | pl.Series) -> pl.Series:
    return texts if isinstance(texts, pl.Series) else pl.Series(texts, dtype=pl.String)


def _search(column: Column, sides: NDArray[np.int8], params: SimilarityParams) -> tuple[Found, Plan]:
    """Verified pairs of distinct texts that can lie on different sides (all can where sides are 0)."""
    how = plan(params, len(column), int(column.sizes.sum()))
    if len(column) < 2:
        return minhash_engine.Found(np.empty((0, 2), dtype=np.int64), np.empty(0), 0), how
    return ENGINES[how.engine](column, sides, how), how


def _sorted(
    left: NDArray[np.int64], right: NDArray[np.int64], score: NDArray[np.float64], how: Plan, found: Found
) -> Pairs:
    order = np.argsort(left * (1 + right.max(initial=0)) + right)  # no pair stands twice
    limits = []
    if found.crowded:
        limits.append(
            f"{found.crowded:,} texts may be like more than {how.room} others; each of them was compared with the "
            f"first and the likeliest of those, and {how.room} of its pairs are listed"
        )
    recall = how.recall_at(how.threshold)
    return Pairs(left[order], right[order], score[order], recall, how.in_words(), limits)
