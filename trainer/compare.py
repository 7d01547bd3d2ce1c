"""Losses of a model on held-out rows, and whether two models really differ on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

RESAMPLES: Final = 2000
BLOCK: Final = 2**22
"""Row numbers drawn at a time: 32 MB."""
LEAST: Final = 6
"""Fewer rows tell no change from chance at 95%: five all go one way in 6% of the cases even if a coin decides."""
LEAST_APART: Final = 4
"""The same of either side where their rows are not the same: three and three lie wholly apart in 10% by chance."""


@dataclass(frozen=True)
class Evaluation:
    """Loss of a model on some rows.

    Attributes:
        losses: loss of each row, or of each piece of a row that was split by turn: the summed negative
            log-likelihood of its supervised tokens, in nats, or the loss of a preference pair.
        counts: items of each row: its supervised tokens, or 1 for a pair.
        also: what else was measured, a value for each row.
        detail: what is known of each answer beyond its loss (`trainer.details`), a value for each row.
    """

    losses: list[float]
    counts: list[int]
    also: dict[str, list[float]] = field(default_factory=dict)
    detail: dict[str, list[float]] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """Supervised tokens, or pairs, in all."""
        return sum(self.counts)

    @property
    def loss(self) -> float:
        """Mean loss per item."""
        return sum(self.losses) / self.items

    def by_row(self, row_ids: Sequence[str]) -> Evaluation:
        """The losses of whole rows: pieces of one conversation are no independent rows.

        Args:
            row_ids: of each piece, the same for all pieces of a row.
        """
        losses, counts = dict.fromkeys(row_ids, 0.0), dict.fromkeys(row_ids, 0)
        for row_id, loss, count in zip(row_ids, self.losses, self.counts, strict=True):
            losses[row_id] += loss
            counts[row_id] += count
        return Evaluation(list(losses.values()), list(counts.values()))


@dataclass(frozen=True)
class Comparison:
    """The change of the mean loss per token between two evaluations, with its interval."""

    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["better", "worse", "not distinguishable"]:
        """Whether chance in the choice of held-out rows can explain the change."""
        if self.high < 0:
            return "better"
        return "worse" if self.low > 0 else "not distinguishable"


def compare(before: Evaluation, after: Evaluation, *, sure: float = 0.95) -> Comparison:
    """The change from one model to another on the same rows, with Student's interval over rows.

    The mean per token is a ratio of two sums, so its spread is that of what each row adds to it beyond its share,
    as the jackknife has it. A bootstrap cannot reach further than the rows it draws from, and is too sure of few.

    Args:
        before: of one model.
        after: of another, on the same rows.
        sure: how often the interval should hold what is true.

    Raises:
        ValueError: the evaluations are not of the same rows.
    """
    if before.counts != after.counts:
        raise ValueError("the evaluations are of different rows")
    change = np.subtract(after.losses, before.losses)
    mean, error, degrees = _mean(change, before.counts)
    reach = _student(sure, degrees) * error
    enough = _enough(int(np.count_nonzero(change)), sure)
    return Comparison(mean, *_told(mean, mean - reach, mean + reach, enough=enough))


def bootstrap(
    rows: int, statistic: Callable[[NDArray[np.int64]], NDArray[np.float64]], *, sure: float = 0.95
) -> tuple[float, float]:
    """The percentile interval (Efron 1979) of a change that is worked out from rows drawn with replacement.

    Its tails are those of Student's t, as in Hesterberg 2015 (arXiv:1411.5279): drawn as they are, few rows make it
    too narrow.

    Args:
        rows: how many there are.
        statistic: (draws, rows) row numbers -> (draws,) values.
        sure: how often the interval should hold what is true.
    """
    random = np.random.default_rng(0)
    size = max(1, BLOCK // rows)
    parts = [
        statistic(random.integers(0, rows, size=(min(size, RESAMPLES - start), rows)))
        for start in range(0, RESAMPLES, size)
    ]
    tail = NormalDist().cdf(-_student(sure, rows - 1) * math.sqrt(rows / max(rows - 1, 1)))
    low, high = np.quantile(np.concatenate(parts), [tail, 1 - tail])
    every = np.arange(rows)
    changed = int(np.count_nonzero(statistic(every[:, None])))  # each row by itself
    return _told(float(statistic(every[None])[0]), float(low), float(high), enough=_enough(changed, sure))


def compare_apart(left: Evaluation, right: Evaluation) -> Comparison:
    """The same of evaluations of different rows, left - right (Welch 1947)."""
    sides = [_mean(np.asarray(side.losses), side.counts) for side in (left, right)]
    (mean, error, _), (other, other_error, _) = sides
    squared = error**2 + other_error**2
    shares = sum(one**4 / degrees for _, one, degrees in sides)
    reach = _student(0.95, squared**2 / shares if shares else math.inf) * math.sqrt(squared)
    change, enough = mean - other, min(len(left.counts), len(right.counts)) >= LEAST_APART
    return Comparison(change, *_told(change, change - reach, change + reach, enough=enough))


def _mean(values: NDArray[np.float64], counts: Sequence[int]) -> tuple[float, float, float]:
    """Mean per token, its standard error, and degrees of freedom; long rows decide more, so they count as fewer."""
    tokens = np.asarray(counts, dtype=float)
    total = float(tokens.sum())
    mean = float(values.sum()) / total
    if len(tokens) < 2:
        return mean, 0.0, 1.0
    beyond = (values - mean * tokens) / (1 - tokens / total)
    effective = total**2 / float((tokens**2).sum())  # Kish 1965
    return mean, float(np.sqrt((beyond**2).sum())) / total, max(effective - 1, 1.0)


def _enough(changed: int, sure: float) -> bool:
    """Whether so many rows can tell: all going one way must be rarer than the interval may be wrong."""
    return 2.0 ** (1 - changed) <= 1 - sure


def _told(change: float, low: float, high: float, *, enough: bool) -> tuple[float, float]:
    """The interval; of too few rows one that reaches to no change."""
    return (low, high) if enough else (min(low, change - abs(change)), max(high, change + abs(change)))


@cache
def _student(sure: float, degrees: float) -> float:
    """How many standard errors Student's t puts on each side of the mean.

    t is sqrt(degrees) * tan(angle), where the angle has the density cos(angle) ** (degrees - 1).
    """
    bounded = min(max(degrees, 1.0), 10_000.0)  # from there on it is the normal distribution
    angles = np.linspace(0, math.pi / 2, 4_001)
    density = np.cos(angles) ** (bounded - 1)
    share = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return math.sqrt(bounded) * math.tan(float(np.interp(sure, share / share[-1], angles)))
