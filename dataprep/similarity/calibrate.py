"""From the scores that unrelated texts reach to the score that proves more: a threshold with a stated error rate.

The rate is that of evaluation items: the share of clean ones, which no training row rewords, that reach the threshold
with their best of all training rows all the same. It is estimated in two ways, and the lower threshold holds, since
relatives among the texts can only raise scores.

Training rows take the place of clean items: a random sample of them, each with its best among all the others,
verified near-duplicates left out. The best of many scores of strangers has an extreme-value distribution (E. Gumbel,
"Statistics of extremes", 1958; S. Karlin and S. Altschul, 1990, for the same with sequences), of which two parameters
are estimated from the middle of what was found. Its tail is not used: where training rows reword each other, the tail
is them.

Where most training rows have relatives, or are more alike than evaluation items are, that says too much. So the items
are asked as well, by the ranks below their best: what leaks are the first few of an item, and how far apart scores of
strangers lie further down says how far above them the best of strangers would (A. Rényi, "On the theory of order
statistics", 1953). The items being few and no strangers in part, this is taken at a fifth of the rate.
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
"""Texts from whose scores something can be estimated."""

NEIGHBOURS: Final = 32
"""Nearest others of a sampled row among which one is looked for that is no near-duplicate of it."""

BODIES: Final = ((0.6, 0.9), (0.25, 0.75))
"""Quantiles of the scores of training rows from which their distribution is estimated, twice."""

RANKS: Final = (4, 12)
"""Ranks of an item's scores of which it is thought that they are those of strangers."""

CAUTION: Final = 5
"""How many times stricter the rate is for what is estimated from the items themselves."""


FENCE: Final = 5
"""Interquartile ranges above the upper quartile from which an item is far out (J. Tukey, 1977, took 3)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold and its error rate.

    Attributes:
        threshold: score from which on a text counts as a rewording.
        rate: expected share of clean evaluation items that reach it, at most.
        sample: texts whose scores it was estimated from; 0 where there were too few and the threshold is a default.
        by_items: whether those are the evaluation items, else training rows.
    """

    threshold: float
    rate: float
    sample: int
    by_items: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether the rate was estimated from the data."""
        return self.sample > 0

    def in_words(self) -> str:
        """Threshold and rate, for people."""
        if not self.is_measured:
            return (
                f"score >= {self.threshold:.2f}, a default on the safe side, unless numbers prove it: with fewer than "
                f"{ENOUGH} rows the false-positive rate cannot be measured"
            )
        source = (
            f"the ranks below the best of {self.sample:,} evaluation items"
            if self.by_items
            else f"{self.sample:,} rows against all others"
        )
        return (
            f"score >= {self.threshold:.2f}: at most {self.rate * 100:g}% of the texts that nothing rewords are "
            f"expected to reach it, estimated from {source}"
        )


def fit(
    scores: NDArray[np.float64],
    ranked: NDArray[np.float64],
    *,
    rate: float = RATE,
    default: float,
    least: float,
) -> Calibration:
    """The threshold that the best scores of unrelated texts exceed at a rate.

    Args:
        scores: best score of each sampled row with the others, minus infinity where nothing was found.
        ranked: scores of each evaluation item with its nearest rows, the best first; shape (items, ranks), minus
            infinity where nothing was found.
        rate: share that may exceed the threshold, in (0, 1).
        default: threshold where there are too few scores.
        least: lowest threshold that makes sense.
    """
    if scores.size < ENOUGH:
        return Calibration(default, rate, 0)
    threshold, by_items = of_strangers(scores, rate), False
    if len(ranked) >= ENOUGH and ranked.shape[1] >= RANKS[1]:
        other = of_ranks(ranked, rate / CAUTION)
        threshold, by_items = min(threshold, other), other < threshold
    return Calibration(max(threshold, least), rate, len(ranked) if by_items else int(scores.size), by_items)


def of_strangers(scores: NDArray[np.float64], rate: float) -> float:
    """The threshold for scores that are the best of strangers, but for some; the lower one of two estimates."""
    scores = _filled(scores)
    estimates = []
    for low, high in BODIES:
        first, second = np.quantile(scores, [low, high]).tolist()
        scale = (second - first) / (_reduced(high) - _reduced(low))
        estimates.append(first + scale * (_reduced(1 - rate) - _reduced(low)))
    return float(min(estimates))


def of_ranks(ranked: NDArray[np.float64], rate: float) -> float:
    """The threshold from the ranks below the best.

    Of many scores with an exponential tail, that of rank i lies above the next by an exponentially distributed amount
    whose mean is the scale of the tail divided by i. The best lies above rank k by the highest of k - 1 such amounts.
    """
    first, last = RANKS
    ranked = _usual(_filled(ranked))
    spread = sum(1 / rank for rank in range(first, last))
    scale = max(float((ranked[:, first - 1] - ranked[:, last - 1]).mean()) / spread, 1e-9)
    floor = ranked[:, first - 1]

    def exceeding(threshold: float) -> float:
        amounts = np.maximum(threshold - floor, 0.0) / scale
        return float((1 - (-np.expm1(-amounts)) ** (first - 1)).mean())

    low, high = float(floor.min()), float(floor.max()) + 50 * scale
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if exceeding(middle) > rate else (low, middle)
    return high


def _usual(ranked: NDArray[np.float64]) -> NDArray[np.float64]:
    """The items without those far out at the first of those ranks: there they have relatives still.

    One question of a pattern that many rows have would make all other items' best scores look like chance.
    """
    floor = ranked[:, RANKS[0] - 1]
    low, high = np.quantile(floor, [0.25, 0.75])
    usual = floor <= high + FENCE * (high - low)
    return ranked[usual] if usual.sum() >= ENOUGH else ranked


def _filled(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores with the lowest one where nothing was found."""
    known = scores[np.isfinite(scores)]
    filled: NDArray[np.float64] = np.maximum(scores, known.min() if known.size else 0.0)
    return filled


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
