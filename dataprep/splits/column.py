"""By a column that says where each row belongs; related rows follow the majority of their group."""

from __future__ import annotations

from collections import Counter
from typing import Final

from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.errors import ConfigError
from dataprep.fields import values_of
from dataprep.splits.strategy import Assignment, Strategy, Task
from dataprep.text.wording import counted

NAMES: Final[dict[str, SplitName]] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "development": "validation",
    "eval": "validation",
    "test": "test",
    "testing": "test",
    "heldout": "test",
}


def assign(task: Task) -> Assignment:
    """Assign each group to the split that most of its rows name; of two, to the one farther from train.

    Raises:
        ConfigError: a row names no split that is known.
    """
    named = [
        _named(value, task, place)
        for place, value in enumerate(values_of(task.rows, task.column, "cannot split by the names in"))
    ]
    result: list[SplitName] = []
    moved: Counter[tuple[SplitName, SplitName]] = Counter()
    for group in task.groups:
        counts = Counter(named[row] for row in group)
        target = max(counts, key=lambda split: (counts[split], SPLIT_NAMES.index(split)))
        result.append(target)
        moved.update((named[row], target) for row in group if named[row] != target)
    notes = [
        f"{counted(count, 'row')} moved from {origin} to {target}, to be with related rows"
        for (origin, target), count in sorted(moved.items())
    ]
    return Assignment(result, notes)


def _named(value: object, task: Task, place: int) -> SplitName:
    name = NAMES.get("".join(letter for letter in str(value).casefold() if letter.isalnum()))
    if name is None:
        where = f"{task.rows['source'][place]}: line {task.rows['line'][place]}"
        raise ConfigError(
            f"{where}: {task.column} is {str(value)[:40]!r}, which is no split",
            "Write train, validation or test in every row",
        )
    return name


STRATEGY = Strategy("column", assign, "split_by")
