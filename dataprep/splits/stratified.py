"""Stratified by group: every split gets its share of each stratum, as far as whole groups allow.

Greedy, the largest groups first, after K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the stratification of multi-label
data", 2011: a group goes to the split that lacks the most of what it holds.
"""

from __future__ import annotations

from collections import Counter

from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.splits.strata import strata_of
from dataprep.splits.strategy import Assignment, Strategy, Task, largest_lack


def assign(task: Task) -> Assignment:
    """Assign groups so that splits end within one group's size of their shares, and close to them in each stratum."""
    strata = strata_of(task.rows, task.column)
    totals = Counter(strata)
    missing = [ratio * task.rows.height for ratio in task.ratios]
    lacking = [{stratum: ratio * count for stratum, count in totals.items()} for ratio in task.ratios]
    result: list[SplitName] = ["train"] * len(task.groups)
    # Groups of rare strata have the least choice, so among equally large ones they come first.
    order = sorted(
        task.shuffled(),
        key=lambda group: (-len(task.groups[group]), min(totals[strata[row]] for row in task.groups[group])),
    )
    for group in order:
        held = Counter(strata[row] for row in task.groups[group])
        size = len(task.groups[group])
        fitting = [split for split in range(len(SPLIT_NAMES)) if task.ratios[split] > 0 and missing[split] >= size]
        target = largest_lack(missing, task.ratios)
        if fitting:
            # Relative to what the split is to have of a stratum, so that a small split is not always last.
            target = max(
                fitting,
                key=lambda split: (
                    sum(count * lacking[split][one] / totals[one] for one, count in held.items()) / task.ratios[split],
                    missing[split],
                ),
            )
        result[group] = SPLIT_NAMES[target]
        missing[target] -= size
        for stratum, count in held.items():
            lacking[target][stratum] -= count
    return Assignment(result, _thin(task, strata, totals, result))


def _thin(task: Task, strata: list[str], totals: Counter[str], result: list[SplitName]) -> list[str]:
    """Which strata a split has no row of, though it has a share."""
    there: dict[str, set[SplitName]] = {stratum: set() for stratum in totals}
    for group, split in zip(task.groups, result, strict=True):
        for row in group:
            there[strata[row]].add(split)
    wanted = {split for split, ratio in zip(SPLIT_NAMES, task.ratios, strict=True) if ratio > 0}
    absent = sorted(stratum for stratum, found in there.items() if wanted - found)
    if not absent:
        return []
    more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
    names = ", ".join(repr(name) for name in absent[:3]) + more
    return [
        f"{len(absent)} of {len(totals)} values of {task.column} are too few or too alike for every split: {names}"
    ]


STRATEGY = Strategy("stratified", assign, "stratify_by")
