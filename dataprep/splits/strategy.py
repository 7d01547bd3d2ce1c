"""What a split strategy is: it hands whole groups of rows to train, validation and test."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from dataprep import splits
from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.discovery import discover
from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from dataprep.config import SplitConfig


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be split.

    Attributes:
        rows: the row frame.
        groups: positions of the rows that must stay together; every row is in one group.
        ratios: shares of train, validation and test, adding up to 1.
        seed: of whatever is random.
        column: the field that the strategy was told to go by; "" where it needs none.
    """

    rows: pl.DataFrame
    groups: Sequence[Sequence[int]]
    ratios: tuple[float, float, float]
    seed: int
    column: str = ""

    def shuffled(self) -> list[int]:
        """The groups, the largest first so that single rows can level out what they leave; else in random order."""
        order = list(range(len(self.groups)))
        Random(self.seed).shuffle(order)  # noqa: S311 - a reproducible shuffle, not a secret
        return sorted(order, key=lambda group: -len(self.groups[group]))


@dataclass(frozen=True, slots=True)
class Assignment:
    """A split for each group, and what the user should know about it."""

    splits: list[SplitName]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to hand whole groups to the splits.

    Attributes:
        name: what the manifest calls it.
        assign: the splits of the groups of a task.
        setting: the setting that asks for this strategy and names its column; "" for the one that is used without.
    """

    name: str
    assign: Callable[[Task], Assignment]
    setting: str = ""


def all_strategies() -> dict[str, Strategy]:
    """Every strategy by name."""
    return discover(splits, "STRATEGY", lambda strategy: strategy.name)


def strategy_for(config: SplitConfig) -> tuple[Strategy, str]:
    """The strategy that the settings ask for, and its column.

    Raises:
        ConfigError: they ask for several.
    """
    asked = [
        (strategy, str(getattr(config, strategy.setting)))
        for strategy in all_strategies().values()
        if strategy.setting and getattr(config, strategy.setting) is not None
    ]
    if len(asked) > 1:
        flags = " and ".join(f"--{strategy.setting.replace('_', '-')}" for strategy, _ in asked)
        raise ConfigError(f"{flags} are two ways to split", "Choose one of them")
    if asked:
        return asked[0]
    return next((strategy, "") for strategy in all_strategies().values() if not strategy.setting)


def largest_lack(missing: Sequence[float], ratios: Sequence[float]) -> int:
    """The split that lacks the most rows, among those that have a share."""
    return max(range(len(SPLIT_NAMES)), key=lambda split: (ratios[split] > 0, missing[split]))
