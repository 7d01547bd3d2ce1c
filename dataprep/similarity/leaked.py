"""Evaluation items that training rows reword, with a false-positive rate that is measured on the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dataprep.similarity import semantic
from dataprep.similarity.calibrate import NEIGHBOURS, RATE, Calibration, best_of_strangers, fit, sample
from dataprep.similarity.column import Column
from dataprep.similarity.minhash_engine import verify
from dataprep.similarity.plan import Plan
from dataprep.similarity.reworded import Retrieved, cross, first_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST: Final = 16
"""Rewordings of an evaluation item that are listed."""

DEFAULT: Final = 4.5
"""Score that counts where there are too few rows to measure: hardly any unrelated texts reached it in any data."""

LEAST: Final = 1.0
"""Score that a rewording has at least, however unlike each other unrelated rows are."""

DEFAULT_COSINE: Final = 0.95
"""The same for cosine similarities."""

LEAST_COSINE: Final = 0.5
"""The same for cosine similarities."""

RELATED: Final = Plan("exact", 5, False, 0.7)
"""What makes two training rows relatives, whose likeness says nothing about strangers: the near-duplicate rule."""


@dataclass(frozen=True, slots=True)
class Leaks:
    """Rewordings of evaluation items among training rows.

    Attributes:
        pairs: evaluation items (left) and training rows (right) at or above the threshold.
        calibration: the threshold, and what it was taken from.
        limits: what was not compared or is not listed, in words.
    """

    pairs: Retrieved
    calibration: Calibration
    limits: list[str]


def reworded(evals: pl.Series, train: pl.Series, *, rate: float = RATE, most: int = MOST, seed: int = 1) -> Leaks:
    """Rewordings found by words and numbers.

    Args:
        evals: normalised texts of the evaluation items.
        train: normalised texts of the training rows.
        rate: share of clean evaluation items that may be listed.
        most: training rows that are listed for an item.
        seed: of the sample of training rows that the threshold is taken from.
    """
    probes = _probes(train, seed)
    asked = pl.concat([evals, train.gather(probes)])
    found = cross(asked, train, most=max(most, NEIGHBOURS), least=-np.inf, learnt_from=[train, evals])
    of_probe = found.where(found.left >= evals.len())
    numbers = of_probe.left - evals.len()
    scores = _strangers(train, probes, numbers, of_probe.right, of_probe.score)
    calibration = fit(scores, rate=rate, default=DEFAULT, least=LEAST)
    listed = (found.left < evals.len()) & (found.score >= calibration.threshold) & (_ranks(found.left) < most)
    return _leaks(found.where(listed), calibration, most)


def same_meaning(
    evals: NDArray[np.float32],
    train: NDArray[np.float32],
    train_texts: pl.Series,
    *,
    rate: float = RATE,
    most: int = MOST,
    seed: int = 1,
) -> Leaks:
    """Rewordings found by an embedding model; scores are cosine similarities, numbers are not compared.

    Args:
        evals: unit vectors of the evaluation items, shape (items, values).
        train: unit vectors of the training rows, shape (rows, values).
        train_texts: their normalised texts.
        rate: share of clean evaluation items that may be listed.
        most: training rows that are listed for an item.
        seed: of the sample of training rows that the threshold is taken from.
    """
    probes = _probes(train_texts, seed)
    close = np.array(semantic.nearest(train[probes], train, threshold=-1.0, most=NEIGHBOURS + 1)).reshape(-1, 3)
    numbers, others, cosines = close[:, 0].astype(np.int64), close[:, 1].astype(np.int64), close[:, 2]
    scores = _strangers(train_texts, probes, numbers, others, cosines)
    calibration = fit(scores, rate=rate, default=DEFAULT_COSINE, least=LEAST_COSINE, is_cosine=True)
    found = np.array(semantic.nearest(evals, train, threshold=calibration.threshold, most=most)).reshape(-1, 3)
    none = np.zeros(len(found), dtype=np.int64)
    pairs = Retrieved(found[:, 0].astype(np.int64), found[:, 1].astype(np.int64), found[:, 2], none, none)
    return _leaks(pairs, calibration, most)


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


def _ranks(sorted_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank of each pair among those of its text."""
    return np.arange(sorted_rows.size) - np.searchsorted(sorted_rows, sorted_rows)


def _leaks(pairs: Retrieved, calibration: Calibration, most: int) -> Leaks:
    full = int((np.unique(pairs.left, return_counts=True)[1] >= most).sum())
    more = [f"{full:,} evaluation items may have more rewordings than the {most} that are listed for each"]
    return Leaks(pairs, calibration, [*pairs.limits, *(more if full else [])])
