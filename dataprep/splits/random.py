"""Random by group: each group, in seeded random order, to the split that lacks the most rows."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.splits.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence


def assign(sizes: Sequence[int], ratios: tuple[float, float, float], seed: int) -> list[SplitName]:
    """Assign groups so that every split ends within one group's size of its share.

    Groups larger than one row come first, the largest before the smaller, so that single rows can level out what
    they leave; within a size the order is random. A split whose share is 0 stays empty.

    Args:
        sizes: rows of each group.
        ratios: shares of train, validation and test, adding up to 1.
        seed: of the random order.
    """
    order = list(range(len(sizes)))
    Random(seed).shuffle(order)  # noqa: S311 - a reproducible shuffle, not a secret
    order.sort(key=lambda group: -sizes[group])
    missing = [ratio * sum(sizes) for ratio in ratios]
    result: list[SplitName] = ["train"] * len(sizes)
    for group in order:
        # Groups too large for a small split go where they distort the shares least: to the largest lack.
        target = max(range(3), key=lambda split: (ratios[split] > 0, missing[split]))
        result[group] = SPLIT_NAMES[target]
        missing[target] -= sizes[group]
    return result


STRATEGY = Strategy("random", assign)
