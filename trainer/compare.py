"""Losses of a model on held-out rows, and whether two models really differ on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RESAMPLES: Final = 2000
BLOCK: Final = 2**22
"""Row numbers drawn at a time: 32 MB."""


@dataclass(frozen=True)
class Evaluation:
    """Loss of a model on some rows.

    Attributes:
        losses: loss of each row: the summed negative log-likelihood of its supervised tokens, in nats, or the
            loss of a preference pair.
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


@dataclass(frozen=True)
class Comparison:
    """The change of the mean loss per token between two evaluations of the same rows, with its 95% interval."""

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
    """Paired bootstrap over rows (Efron 1979): rows are drawn, both models judged on the same draw.

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
    counts = np.asarray(before.counts, dtype=float)
    low, high = bootstrap(len(counts), lambda draw: change[draw].sum(axis=1) / counts[draw].sum(axis=1), sure=sure)
    return Comparison(float(change.sum() / counts.sum()), low, high)


def bootstrap(
    rows: int, statistic: Callable[[NDArray[np.int64]], NDArray[np.float64]], *, sure: float = 0.95
) -> tuple[float, float]:
    """The percentile interval of a statistic of rows that are drawn with replacement.

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
    low, high = np.quantile(np.concatenate(parts), [(1 - sure) / 2, (1 + sure) / 2])
    return float(low), float(high)


def compare_apart(left: Evaluation, right: Evaluation) -> Comparison:
    """The same of evaluations of different rows, left - right: each side is drawn from by itself."""
    random = np.random.default_rng(0)
    sides = []
    for side in (left, right):
        losses, counts = np.asarray(side.losses), np.asarray(side.counts, dtype=float)
        size = max(1, BLOCK // len(counts))
        means = []
        for start in range(0, RESAMPLES, size):
            draw = random.integers(0, len(counts), size=(min(size, RESAMPLES - start), len(counts)))
            means.append(losses[draw].sum(axis=1) / counts[draw].sum(axis=1))
        sides.append(np.concatenate(means))
    low, high = np.quantile(sides[0] - sides[1], [0.025, 0.975])
    return Comparison(left.loss - right.loss, float(low), float(high))
