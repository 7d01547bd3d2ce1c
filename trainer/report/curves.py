"""Loss curves as inline SVG: no script, no library, readable at any width.

The drawing is stretched to the room there is, so it holds lines only; the figures at its edges are text beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH: Final = 1000
HEIGHT: Final = 300
SMOOTHED: Final = 1 / 20
"""Share of the steps that the line through the training loss averages over."""
MOST_POINTS: Final = 600
PARTS: Final = 4
"""Equal parts of the vertical axis."""


@dataclass(frozen=True)
class Chart:
    """What the template draws.

    Attributes:
        train: path of the loss of each step.
        smooth: path of a line through it.
        validation: path through the evaluations.
        dots: places of the evaluations.
        best: horizontal place of the weights that were kept.
        ticks: labels of the vertical axis, from the top.
        steps: labels of the horizontal axis.
        summary: the same in words, for those who cannot see it.
    """

    train: str
    smooth: str
    validation: str
    dots: list[tuple[float, float]]
    best: float
    ticks: list[str]
    steps: list[str]
    summary: str


def chart(train: Sequence[tuple[int, float]], validation: Sequence[tuple[int, float]], best_step: int) -> Chart | None:
    """Training and validation loss over the steps; None where there is nothing to draw.

    Args:
        train: (step, loss) of each optimizer step.
        validation: (step, loss) of each evaluation, that of step 0 being the model before training.
        best_step: whose weights were kept.
    """
    train = [(step, loss) for step, loss in train if math.isfinite(loss)]
    validation = [(step, loss) for step, loss in validation if math.isfinite(loss)]
    if not validation:
        return None
    smooth = _smoothed(train)
    last = max(step for step, _ in (*train, *validation)) or 1
    values = sorted(loss for _, loss in (*smooth, *validation))
    low, high = _range(values[0], values[-1])

    def place(point: tuple[int, float]) -> tuple[float, float]:
        step, loss = point
        y = HEIGHT * (high - loss) / (high - low)
        return round(WIDTH * step / last, 1), round(min(max(y, 0), HEIGHT), 1)

    return Chart(
        train=_path([place(point) for point in _thinned(train)]),
        smooth=_path([place(point) for point in _thinned(smooth)]),
        validation=_path([place(point) for point in validation]),
        dots=[place(point) for point in validation],
        best=round(WIDTH * best_step / last, 1),
        ticks=[f"{high - (high - low) * part / PARTS:.2f}" for part in range(PARTS + 1)],
        steps=[str(round(last * part / PARTS)) for part in range(PARTS + 1)],
        summary=f"Validation loss {validation[0][1]:.3f} before training, "
        + ", ".join(f"{loss:.3f} at step {step}" for step, loss in validation[1:][:12]),
    )


def _smoothed(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Exponential moving average, freed of its start at nothing (as in Adam)."""
    found, mean, past = [], 0.0, 1 - 1 / max(1.0, len(points) * SMOOTHED)
    for number, (step, loss) in enumerate(points, 1):
        mean = past * mean + (1 - past) * loss
        found.append((step, mean / (1 - past**number)))
    return found


def _thinned(points: Sequence[tuple[int, float]]) -> Sequence[tuple[int, float]]:
    every = max(1, math.ceil(len(points) / MOST_POINTS))
    return points[::every]


def _range(low: float, high: float) -> tuple[float, float]:
    """Round ends of the axis, with some room."""
    span = max(high - low, 1e-3)
    step = 10 ** math.floor(math.log10(span / PARTS))
    step = next(step * factor for factor in (1, 2, 2.5, 5, 10, 20) if step * factor * PARTS >= span * 1.05)
    bottom = math.floor(low / step) * step
    while bottom + step * PARTS < high:
        step *= 1.25
    return bottom, bottom + step * PARTS


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in points) if points else ""
