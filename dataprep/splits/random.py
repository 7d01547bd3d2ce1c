"""Random by group: each group, in seeded random order, to the split that lacks the most rows."""

from __future__ import annotations

from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.splits.strategy import Assignment, Strategy, Task, largest_lack


def assign(task: Task) -> Assignment:
    """Assign groups so that every split ends within one group's size of its share.

    Groups too large for a small split go where they distort the shares least. A split whose share is 0 stays empty.
    """
    missing = [ratio * task.rows.height for ratio in task.ratios]
    result: list[SplitName] = ["train"] * len(task.groups)
    for group in task.shuffled():
        target = largest_lack(missing, task.ratios)
        result[group] = SPLIT_NAMES[target]
        missing[target] -= len(task.groups[group])
    return Assignment(result)


STRATEGY = Strategy("random", assign)
