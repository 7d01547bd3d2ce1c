"""Rows that validation and test are to have at least."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.config import SplitConfig
from dataprep.errors import SplitError
from dataprep.splits.shares import assignments
from tests.splits.test_strategies import counts, task_of


@given(st.lists(st.integers(1, 4), min_size=40, max_size=60), st.integers(0, 12), st.integers(0, 3))
def test_the_small_splits_have_as_many_rows_as_asked_for(sizes: list[int], wanted: int, seed: int) -> None:
    task = task_of(sizes)
    (found,) = assignments(task.rows, task.groups, SplitConfig(min_eval=wanted, seed=seed))
    made = counts(task, found.splits)
    assert min(made["validation"], made["test"]) >= wanted
    assert made["train"] >= sum(sizes) / 2
    assert not found.notes


def test_groups_that_are_too_large_leave_fewer_and_that_is_said() -> None:
    task = task_of([40, 30, 3, 3])
    (found,) = assignments(task.rows, task.groups, SplitConfig(min_eval=19))
    assert any("fewer rows than the 19 of --min-eval" in note for note in found.notes)


def test_a_split_without_a_share_is_asked_for_nothing() -> None:
    task = task_of([1] * 60)
    (found,) = assignments(task.rows, task.groups, SplitConfig(min_eval=20, ratios=(0.9, 0.0, 0.1)))
    assert Counter(found.splits) == {"train": 40, "test": 20}


def test_too_few_rows_to_train_on_is_an_error() -> None:
    task = task_of([1] * 60)
    with pytest.raises(SplitError, match="60 rows are too few for 20 in each of validation and test"):
        assignments(task.rows, task.groups, SplitConfig(min_eval=20))
