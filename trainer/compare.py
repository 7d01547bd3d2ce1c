"""Losses of a model on held-out rows, and whether two models really differ on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Evaluation:
    """Loss of a model on some rows.

    Attributes:
        losses: loss of each row: the summed negative log-likelihood of its supervised tokens, in nats, or the
            loss of a preference pair.
        counts: items of each row: its supervised tokens, or 1 for a pair.
        also: what else was measured, a value for each row.
    """

    losses: list[float]
    counts: list[int]
    also: dict[str, list[float]] = field(default_factory=dict)

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


def compare(before: Evaluation, after: Evaluation) -> Comparison:
    """Paired bootstrap over rows (Efron 1979): rows are drawn, both models judged on the same draw.

    Raises:
        ValueError: the evaluations are not of the same rows.
    """
    if before.counts != after.counts:
        raise ValueError("the evaluations are of different rows")
    change = np.subtract(after.losses, before.losses)
    counts = np.asarray(before.counts, dtype=float)
    draws = np.random.default_rng(0).integers(0, len(counts), size=(RESAMPLES, len(counts)))
    resampled = change[draws].sum(axis=1) / counts[draws].sum(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Comparison(float(change.sum() / counts.sum()), float(low), float(high))
