"""K-fold cross-validation: a test set that is the same for all folds, and the rest cut into equal parts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from dataprep.contract import SplitName
from dataprep.errors import SplitError
from dataprep.splits.strata import strata_of
from dataprep.splits.strategy import Assignment, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.splits.strategy import Strategy


def fold_assignments(task: Task, strategy: Strategy, count: int) -> list[Assignment]:
    """One assignment for each fold: in fold i, part i is the validation set and the other parts are the train set.

    The test set is what the strategy makes of the test share; without one every row is in a fold.

    Args:
        task: what is to be split.
        strategy: that sets the test set apart; stratified folds are stratified as well.
        count: of folds.

    Raises:
        SplitError: there are fewer groups than folds.
    """
    test_share = task.ratios[2]
    first = strategy.assign(replace(task, ratios=(1 - test_share, 0.0, test_share)))
    rest = [group for group, split in enumerate(first.splits) if split != "test"]
    if len(rest) < count:
        raise SplitError(f"{len(rest)} groups of related rows are too few for {count} folds", "Use fewer --folds")
    strata = strata_of(task.rows, task.column) if strategy.setting == "stratify_by" else [""] * task.rows.height
    part_of = _parts(task, rest, strata, count)
    return [
        Assignment(
            [_side(part_of.get(group), part) for group in range(len(task.groups))], first.notes if not part else []
        )
        for part in range(count)
    ]


def _side(own: int | None, part: int) -> SplitName:
    return "test" if own is None else "validation" if own == part else "train"


def _parts(task: Task, groups: Sequence[int], strata: Sequence[str], count: int) -> dict[int, int]:
    """The part of each group: the one that holds the fewest rows of its strata, then the fewest rows."""
    held: list[Counter[str]] = [Counter() for _ in range(count)]
    sizes = [0] * count
    chosen = set(groups)
    most = sum(len(task.groups[group]) for group in groups) / count
    part_of: dict[int, int] = {}
    for group in (one for one in task.shuffled() if one in chosen):
        own = Counter(strata[row] for row in task.groups[group])
        size = len(task.groups[group])
        fitting = [part for part in range(count) if sizes[part] + size <= most + 1] or list(range(count))
        part = min(fitting, key=lambda one: (sum(held[one][name] * times for name, times in own.items()), sizes[one]))
        if len(fitting) == count and sizes[part] + size > most + 1:
            part = min(range(count), key=lambda one: sizes[one])
        part_of[group] = part
        sizes[part] += size
        held[part].update(own)
    return part_of
