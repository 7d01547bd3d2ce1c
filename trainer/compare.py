"""Losses of a model on held-out rows, and whether two models really differ on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Evaluation:
    """Loss of a model on some rows.

    Attributes:
        losses: summed negative log-likelihood of each row's supervised tokens, in nats.
        counts: supervised tokens of each row.
    """

    losses: list[float]
    counts: list[int]

    @property
    def tokens(self) -> int:
        """Supervised tokens in all."""
        return sum(self.counts)

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood per supervised token, in nats."""
        return sum(self.losses) / self.tokens


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
