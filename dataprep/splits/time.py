"""By time: train on the past, validate on what came next, test on the latest."""

from __future__ import annotations

from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.errors import SplitError
from dataprep.fields import as_date, times_of
from dataprep.splits.strategy import Assignment, Strategy, Task


def assign(task: Task) -> Assignment:
    """Assign groups in the order of their latest row, so that nothing in train is newer than its group's place.

    Rows without a time go to train, as if they were old.

    Raises:
        SplitError: no group has a time.
    """
    times = times_of(task.rows, task.column)
    latest = [
        max((times[row] or 0.0 for row in group if times[row] is not None), default=None) for group in task.groups
    ]
    dated = [group for group, when in enumerate(latest) if when is not None]
    if not dated:
        raise SplitError(f"no row has a time in {task.column!r}", "Name another field with --time-by")
    result: list[SplitName] = ["train"] * len(task.groups)
    order = sorted(range(len(task.groups)), key=lambda group: (latest[group] is not None, latest[group] or 0.0, group))
    split, given = 0, 0
    until = task.ratios[0] * task.rows.height
    starts: dict[SplitName, float] = {}
    for group in order:
        size = len(task.groups[group])
        # The next split begins where half of the group or more would lie beyond the border.
        while split < len(SPLIT_NAMES) - 1 and given + size / 2 >= until:
            split += 1
            until += task.ratios[split] * task.rows.height
        result[group] = SPLIT_NAMES[split]
        given += size
        when = latest[group]
        if when is not None:
            starts.setdefault(SPLIT_NAMES[split], when)
    undated = sum(when is None for when in times)
    notes = [f"{name} begins on {as_date(when)}" for name, when in starts.items() if name != "train"]
    return Assignment(result, notes + ([f"{undated:,} rows without {task.column} are in train"] if undated else []))


STRATEGY = Strategy("time", assign, "time_by")
