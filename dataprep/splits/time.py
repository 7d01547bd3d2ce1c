"""By time: train on the past, validate on what came next, test on the latest."""

from __future__ import annotations

from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.errors import SplitError
from dataprep.fields import as_date, times_of
from dataprep.splits.strategy import Assignment, Strategy, Task
from dataprep.text.wording import counted


def assign(task: Task) -> Assignment:
    """Assign groups in the order of their latest row, so that nothing in train is newer than its group's place.

    Groups without a time go to train, as if they were old; where they are more than train should have, validation and
    test share all others.

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
    order = sorted(dated, key=lambda group: (latest[group], group))
    shares = _shares(task, sum(len(task.groups[group]) for group in dated))
    split, given = 0, 0
    until = shares[0]
    starts: dict[SplitName, float] = {}
    for group in order:
        size = len(task.groups[group])
        # The next split begins where half of the group or more would lie beyond the border.
        while split < len(SPLIT_NAMES) - 1 and given + size / 2 >= until:
            split += 1
            until += shares[split]
        result[group] = SPLIT_NAMES[split]
        given += size
        when = latest[group]
        if when is not None:
            starts.setdefault(SPLIT_NAMES[split], when)
    undated = task.rows.height - given
    notes = [f"{name} begins on {as_date(when)}" for name, when in starts.items() if name != "train"]
    return Assignment(
        result, notes + ([f"train holds {counted(undated, 'row')} without {task.column}"] if undated else [])
    )


def _shares(task: Task, dated: int) -> tuple[float, float, float]:
    """Rows with a time that each split gets: train what it lacks beside the others, validation and test the rest."""
    train, *small = task.ratios
    undated = task.rows.height - dated
    first = max(0.0, train * task.rows.height - undated) if sum(small) else float(dated)
    rest = (dated - first) / (sum(small) or 1.0)
    return first, rest * small[0], rest * small[1]


STRATEGY = Strategy("time", assign, "time_by")
