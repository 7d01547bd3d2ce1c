"""What a split strategy is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataprep import splits
from dataprep.discovery import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataprep.contract import SplitName


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to hand whole groups to the splits.

    Attributes:
        name: what `--strategy` takes.
        assign: from group sizes, the three ratios and a seed to a split per group.
    """

    name: str
    assign: Callable[[Sequence[int], tuple[float, float, float], int], list[SplitName]]


def all_strategies() -> dict[str, Strategy]:
    """Every strategy by name."""
    return discover(splits, "STRATEGY", lambda strategy: strategy.name)
