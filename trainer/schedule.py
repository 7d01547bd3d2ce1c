"""The learning rate of every optimizer step, as a share of its peak."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Schedule = Literal["cosine", "linear", "constant"]


def schedule_of(kind: Schedule, warmup: float, steps: int) -> Callable[[int], float]:
    """A run's schedule: it rises in even parts, then falls as `kind` says; every step learns.

    transformers' own schedules give the first step of a warmup no learning rate, so a run of one step learns nothing.

    Args:
        kind: of the steps after the warmup.
        warmup: share of the steps; at least one is left at the peak.
        steps: of the whole run.

    Returns:
        Steps done -> share of the peak for the next.
    """
    rising = min(math.ceil(warmup * steps), steps - 1)

    def share(done: int) -> float:
        if done < rising:
            return (done + 1) / (rising + 1)
        progress = min((done - rising) / max(steps - rising, 1), 1.0)
        falling = {"cosine": (1 + math.cos(math.pi * progress)) / 2, "linear": 1 - progress, "constant": 1.0}
        return falling[kind]

    return share
