"""From the scores that unrelated texts reach to the score that proves more: a threshold with a stated error rate.

The rate is that of evaluation items: the share of clean ones, which no training row rewords, that reach the threshold
with their best of all training rows all the same. Training rows take the place of such items: a random sample of them,
each with its best among all the others, verified near-duplicates left out. The best of many scores of strangers has an
extreme-value distribution (E. Gumbel, "Statistics of extremes", 1958; S. Karlin and S. Altschul, 1990, for the same
with sequences), of which two parameters are estimated from the middle of what was found. Its tail is not used: where
training rows reword each other, the tail is them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE: Final = 0.01
"""Share of clean evaluation items that may reach the threshold."""

SAMPLE: Final = 2_000
"""Rows that are compared with all others."""

ENOUGH: Final = 100
"""Rows from whose scores a distribution can be estimated."""

NEIGHBOURS: Final = 8
"""Nearest others of a sampled row that are looked at for one that is no near-duplicate of it."""

BODIES: Final = ((0.6, 0.9), (0.25, 0.75))
"""Quantiles of the scores from which the distribution is estimated; of both estimates the lower one holds, since
relatives among the rows can only raise scores."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold, and what is known of the scores of unrelated texts.

    Attributes:
        threshold: score from which on a text counts as a rewording.
        rate: expected share of clean evaluation items that reach it.
        sample: rows whose scores it was estimated from; 0 where there were too few and the threshold is a default.
        location: of the extreme-value distribution.
        scale: of the extreme-value distribution.
        is_cosine: whether scores are cosine similarities; the distribution is that of their inverse hyperbolic
            tangents.
    """

    threshold: float
    rate: float
    sample: int
    location: float = math.nan
    scale: float = math.nan
    is_cosine: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether the rate was estimated from the data."""
        return self.sample > 0

    def rate_of(self, score: float) -> float:
        """Expected share of clean evaluation items whose best score is at least this; not a number where unknown."""
        if not self.is_measured:
            return math.nan
        value = float(_stretched(score)) if self.is_cosine else score
        return -math.expm1(-math.exp(min((self.location - value) / self.scale, 700.0)))

    def in_words(self) -> str:
        """Threshold and rate, for people."""
        if not self.is_measured:
            return (
                f"score >= {self.threshold:.2f}, a default on the safe side: with fewer than {ENOUGH} training rows "
                "the false-positive rate cannot be measured"
            )
        return (
            f"score >= {self.threshold:.2f}: {self.rate:.2%} of clean evaluation items are expected to reach it, "
            f"estimated from {self.sample:,} training rows against all others"
        )


def fit(
    scores: NDArray[np.float64], *, rate: float = RATE, default: float, least: float, is_cosine: bool = False
) -> Calibration:
    """The threshold that the best scores of unrelated texts exceed at a rate.

    Cosine similarities, which have an upper bound, are stretched by the inverse hyperbolic tangent first (R. Fisher,
    1915, for correlations).

    Args:
        scores: best score of each sampled row with the others, minus infinity where nothing was found.
        rate: share that may exceed the threshold, in (0, 1).
        default: threshold where there are too few scores.
        least: lowest threshold that makes sense.
        is_cosine: whether scores are cosine similarities.
    """
    if scores.size < ENOUGH:
        return Calibration(default, rate, 0, is_cosine=is_cosine)
    known = scores[np.isfinite(scores)]
    scores = np.maximum(scores, known.min() if known.size else least)
    values = _stretched(scores) if is_cosine else scores
    estimates = []
    for low, high in BODIES:
        first, second = np.quantile(values, [low, high]).tolist()
        scale = max((second - first) / (_reduced(high) - _reduced(low)), 1e-6)
        estimates.append((first + scale * (_reduced(1 - rate) - _reduced(low)), first - scale * _reduced(low), scale))
    threshold, location, scale = min(estimates)
    threshold = max(math.tanh(threshold) if is_cosine else threshold, least)
    return Calibration(threshold, rate, int(scores.size), location, scale, is_cosine)


def _stretched(cosines: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Their inverse hyperbolic tangents."""
    stretched: NDArray[np.float64] = np.arctanh(np.clip(cosines, -1 + 1e-9, 1 - 1e-9))
    return stretched


def _reduced(share: float) -> float:
    """The quantile of the standard Gumbel distribution."""
    return -math.log(-math.log(share))


def sample(count: int, *, seed: int = 1, size: int = SAMPLE) -> NDArray[np.int64]:
    """Sorted positions of a random sample."""
    dice = np.random.default_rng(seed)
    return np.sort(dice.choice(count, min(size, count), replace=False)).astype(np.int64)


def best_of_strangers(
    rows: NDArray[np.int64], scores: NDArray[np.float64], related: NDArray[np.bool_], count: int
) -> NDArray[np.float64]:
    """For each sampled row its best score with a text that is no relative of it.

    A row of whose neighbours all are relatives is left out; one for which nothing was found scores minus infinity.

    Args:
        rows: number of the sampled row of each pair.
        scores: of the pairs.
        related: whether the texts of a pair are verified near-duplicates.
        count: sampled rows.
    """
    best = np.full(count, -np.inf)
    np.maximum.at(best, rows[~related], scores[~related])
    only_relatives = np.bincount(rows[related], minlength=count) >= NEIGHBOURS
    only_relatives[rows[~related]] = False
    kept: NDArray[np.float64] = best[~only_relatives]
    return kept
