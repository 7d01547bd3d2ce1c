"""A split for every group of rows, with shares that give validation and test the rows they are to have at least."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.errors import SplitError
from dataprep.splits.folds import fold_assignments
from dataprep.splits.strategy import Assignment, Task, strategy_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from dataprep.config import SplitConfig

LEAST_TRAIN: Final = 0.5
"""Share of the rows that is left to train on, whatever validation and test are to have."""

ROUNDS: Final = 5
"""How often the shares are raised by the rows that whole groups left a split short of."""


def assignments(rows: pl.DataFrame, groups: Sequence[Sequence[int]], config: SplitConfig) -> list[Assignment]:
    """A split for every group; one assignment for each fold.

    Raises:
        SplitError: there are too few rows or groups for what the settings ask for.
        ConfigError: they ask for several ways to split.
    """
    strategy, column = strategy_for(config)
    wanted = config.min_eval
    shares = _shares(config, rows.height, wanted)
    if shares[0] < LEAST_TRAIN and shares != config.ratios:
        raise SplitError(
            f"{rows.height:,} rows are too few for {wanted:,} in each of validation and test",
            "Lower --min-eval, or leave one of them out with --ratios",
        )
    task = Task(rows, groups, shares, config.seed, column)
    if config.folds:
        return fold_assignments(task, strategy, config.folds)
    found = strategy.assign(task)
    for _ in range(ROUNDS):
        lack = config.min_eval - _fewest(task, found)
        if lack <= 0:
            return [found]
        wanted += lack
        shares = _shares(config, rows.height, wanted)
        if shares[0] < LEAST_TRAIN:
            break
        found = strategy.assign(replace(task, ratios=shares))
    if _fewest(task, found) < config.min_eval:
        words = f"validation or test has fewer rows than the {config.min_eval:,} of --min-eval: groups stay whole"
        found = replace(found, notes=[*found.notes, words])
    return [found]


def _fewest(task: Task, found: Assignment) -> int:
    """Rows of the smaller one of validation and test, of those that have a share."""
    sizes = Counter[SplitName]()
    for group, split in zip(task.groups, found.splits, strict=True):
        sizes[split] += len(group)
    shares = list(zip(SPLIT_NAMES, task.ratios, strict=True))[1:]
    return min((sizes[split] for split, ratio in shares if ratio), default=task.rows.height)


def _shares(config: SplitConfig, rows: int, wanted: int) -> tuple[float, float, float]:
    """The shares that were asked for, the smaller ones raised to so many rows."""
    small = [max(ratio, wanted / rows) if ratio else 0.0 for ratio in config.ratios[1:]]
    return (1 - sum(small), small[0], small[1]) if (*small,) != config.ratios[1:] else config.ratios
