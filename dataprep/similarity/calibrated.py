"""Rewordings at a threshold that the texts themselves give: across two columns, or in one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from dataprep.similarity import semantic
from dataprep.similarity.calibrate import NEIGHBOURS, RANKS, RATE, Calibration, best_of_strangers, fit, sample
from dataprep.similarity.column import Column
from dataprep.similarity.features import KIND_BITS, NUMBERS, Features, Weights
from dataprep.similarity.minhash_engine import verify
from dataprep.similarity.plan import Plan
from dataprep.similarity.reworded import Retrieved, cross_each, first_positions, within

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

MOST: Final = 16
"""Rewordings of an evaluation item that are listed."""

FEW: Final = 3
"""Earlier texts that are listed for a text of one column."""

DEFAULT: Final = 4.5
"""Score that counts where there are too few rows to measure: hardly any unrelated texts reached it in any data."""

LEAST: Final = 1.0
"""Score that a rewording has at least, however unlike each other unrelated rows are.

Where there are too few rows to measure it is enough, if numbers prove the rewording.
"""

DEFAULT_COSINE: Final = 0.95
"""The same for cosine similarities."""

LEAST_COSINE: Final = 0.5
"""The same for cosine similarities."""

RELATED: Final = Plan("exact", 5, False, 0.7)
"""What makes two training rows relatives, whose likeness says nothing about strangers: the near-duplicate rule."""


@dataclass(frozen=True, slots=True)
class Rewordings:
    """Rewordings, and how surely they are some.

    Attributes:
        pairs: pairs at or above the threshold.
        calibration: the threshold, and what it was taken from.
        limits: what was not compared or is not listed, in words.
    """

    pairs: Retrieved
    calibration: Calibration
    limits: list[str]


def leaks(evals: pl.Series, train: pl.Series, *, rate: float = RATE, most: int = MOST, seed: int = 1) -> Rewordings:
    """Training rows (right) that reword evaluation items (left), by words and numbers; of equal rows the first.

    Args:
        evals: normalised texts of the evaluation items.
        train: normalised texts of the training rows.
        rate: share of clean evaluation items that may be listed.
        most: training rows that are listed for an item.
        seed: of the sample of training rows that the threshold is taken from.
    """
    probes = _probes(train, seed)
    weights = Weights.learnt_from([train, evals])
    asked = [(evals, max(most, RANKS[1])), (train.gather(probes), NEIGHBOURS)]
    found, near = cross_each(asked, train, weights, least=-np.inf)
    scores = _strangers(train, probes, near.left, near.right, near.score)
    ranked = _ranked(found.left, found.score, evals.len())
    calibration = fit(scores, ranked, rate=rate, default=DEFAULT, least=LEAST)
    proved = found.is_proved & (found.score >= LEAST) & (not calibration.is_measured)
    return _listed(found.where((found.score >= calibration.threshold) | proved), calibration, most)


def leaks_by_meaning(
    evals: NDArray[np.float32],
    train: NDArray[np.float32],
    texts: tuple[pl.Series, pl.Series],
    *,
    rate: float = RATE,
    most: int = MOST,
    seed: int = 1,
) -> Rewordings:
    """The same by an embedding model; scores are cosine similarities, and equal texts are left out.

    Args:
        evals: unit vectors of the evaluation items, shape (items, values).
        train: unit vectors of the training rows, shape (rows, values).
        texts: the normalised texts of both.
        rate: share of clean evaluation items that may be listed.
        most: training rows that are listed for an item.
        seed: of the sample of training rows that the threshold is taken from.
    """
    first = first_positions(texts[1])
    probes = _probes(texts[1], seed)
    near = _nearest(train[probes], train[first], NEIGHBOURS + 1, first)
    found = _nearest(evals, train[first], max(most, RANKS[1]) + 1, first)
    mine, theirs = texts[0].gather(found.left), texts[1].gather(found.right)
    found = found.where(((mine != theirs) & (mine != "") & (theirs != "")).to_numpy())
    scores = _strangers(texts[1], probes, near.left, near.right, _stretched(near.score))
    ranked = _ranked(found.left, _stretched(found.score), len(evals))
    least, default = (float(_stretched(cosine)) for cosine in (LEAST_COSINE, DEFAULT_COSINE))
    calibration = fit(scores, ranked, rate=rate, default=default, least=least)
    calibration = replace(calibration, threshold=math.tanh(calibration.threshold))
    listed = found.where(found.score >= calibration.threshold)
    return _listed(_with_numbers(listed, *texts), calibration, most)


def rewordings(texts: pl.Series, *, rate: float = RATE, most: int = FEW, seed: int = 1) -> Rewordings:
    """Distinct texts (left) that reword an earlier one (right), by the positions of first occurrences.

    Args:
        texts: normalised texts.
        rate: share of the texts that may be listed although they reword no earlier one.
        most: earlier texts that are listed for a text.
        seed: of the sample of texts that the threshold is taken from.
    """
    probes = _probes(texts, seed)
    found = within(texts, most=most, least=-np.inf)
    near = found.where(np.isin(found.left, probes))
    scores = _strangers(texts, probes, np.searchsorted(probes, near.left), near.right, near.score)
    calibration = fit(scores, np.empty((0, RANKS[1])), rate=rate, default=DEFAULT, least=LEAST)
    return Rewordings(found.where(found.score >= calibration.threshold), calibration, found.limits)


def _nearest(
    left: NDArray[np.float32], right: NDArray[np.float32], most: int, positions: NDArray[np.int64]
) -> Retrieved:
    """The nearest of each vector by cosine similarity, by the positions that the right ones have."""
    found = np.array(semantic.nearest(left, right, threshold=-1.0, most=most)).reshape(-1, 3)
    none = np.zeros(len(found), dtype=np.int64)
    return Retrieved(found[:, 0].astype(np.int64), positions[found[:, 1].astype(np.int64)], found[:, 2], none, none)


def _with_numbers(pairs: Retrieved, left: pl.Series, right: pl.Series) -> Retrieved:
    """Pairs of which only the texts are known, with the numbers in these."""
    mine, theirs = (
        [_numbers(part) for part in np.split(found.ids, found.places[1:-1])]
        for found in (Features.of(left.gather(pairs.left)), Features.of(right.gather(pairs.right)))
    )
    shared = [len(a & b) for a, b in zip(mine, theirs, strict=True)]
    most = [max(len(a), len(b)) for a, b in zip(mine, theirs, strict=True)]
    return replace(
        pairs,
        shared_numbers=np.array(shared, dtype=np.int64)[: len(pairs)],
        numbers=np.array(most, dtype=np.int64)[: len(pairs)],
    )


def _numbers(features: NDArray[np.uint32]) -> set[int]:
    """Those of the features of a text that are numbers."""
    return {value for value in features.tolist() if value >> KIND_BITS in NUMBERS}


def _stretched(cosines: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Their inverse hyperbolic tangents, which have no upper bound (R. Fisher, 1915, for correlations)."""
    stretched: NDArray[np.float64] = np.arctanh(np.clip(cosines, -1 + 1e-9, 1 - 1e-9))
    return stretched


def _probes(train: pl.Series, seed: int) -> NDArray[np.int64]:
    """Positions of a sample of distinct, filled training rows."""
    distinct = first_positions(train)
    filled = distinct[(train.gather(distinct) != "").to_numpy()]
    probes: NDArray[np.int64] = filled[sample(filled.size, seed=seed)]
    return probes


def _strangers(
    train: pl.Series,
    probes: NDArray[np.int64],
    numbers: NDArray[np.int64],
    others: NDArray[np.int64],
    scores: NDArray[np.float64],
) -> NDArray[np.float64]:
    """For each sampled row its best score with a row that is neither itself nor a verified near-duplicate."""
    pairs = np.ascontiguousarray(np.stack([probes[numbers], others], axis=1))
    same = pairs[:, 0] == pairs[:, 1]
    rows, local = np.unique(pairs, return_inverse=True)
    jaccard = verify(Column.of(train.gather(rows)), np.ascontiguousarray(local.reshape(-1, 2)), RELATED)
    return best_of_strangers(numbers[~same], scores[~same], (jaccard >= RELATED.threshold)[~same], probes.size)


def _ranked(sorted_rows: NDArray[np.int64], scores: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Scores by text and rank; minus infinity where there is none."""
    out = np.full((count, RANKS[1]), -np.inf)
    ranks = _ranks(sorted_rows)
    taken = ranks < RANKS[1]
    out[sorted_rows[taken], ranks[taken]] = scores[taken]
    return out


def _ranks(sorted_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank of each pair among those of its text."""
    return np.arange(sorted_rows.size) - np.searchsorted(sorted_rows, sorted_rows)


def _listed(found: Retrieved, calibration: Calibration, most: int) -> Rewordings:
    """The `most` best of each item."""
    pairs = found.where(_ranks(found.left) < most)
    full = int((np.unique(pairs.left, return_counts=True)[1] >= most).sum())
    more = [f"{full:,} evaluation items may have more rewordings than the {most} that are listed for each"]
    return Rewordings(pairs, calibration, [*pairs.limits, *(more if full else [])])
