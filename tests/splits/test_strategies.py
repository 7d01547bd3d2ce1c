"""How groups are handed to the splits: shares, strata, times, names and folds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.config import SplitConfig
from dataprep.contract import SPLIT_NAMES
from dataprep.errors import ConfigError, SplitError
from dataprep.splits import column, random, stratified, time
from dataprep.splits.folds import fold_assignments
from dataprep.splits.groups import grouped, key_links
from dataprep.splits.strategy import Task, all_strategies, strategy_for
from tests.helpers import frame_of, turns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

RATIOS = (0.8, 0.1, 0.1)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=60)


def rows_with(fields: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """A row for each set of own fields."""
    import polars as pl

    frame = frame_of(turns_of(f"q{number}", "a" * (number + 1)) for number in range(len(fields)))
    return frame.with_columns(pl.Series("meta", [msgspec.json.encode(own).decode() for own in fields]))


def task_of(
    sizes: Sequence[int],
    fields: Sequence[dict[str, Any]] | None = None,
    *,
    ratios: tuple[float, float, float] = RATIOS,
    seed: int = 0,
    column: str = "",
) -> Task:
    """Groups of these sizes, of rows in order."""
    groups, start = [], 0
    for size in sizes:
        groups.append(list(range(start, start + size)))
        start += size
    given_fields = fields if fields is not None else [{"kind": position % 3} for position in range(start)]
    return Task(rows_with(given_fields), groups, ratios, seed, column)


def counts(task: Task, splits: Sequence[str]) -> Counter[str]:
    """Rows of each split."""
    found: Counter[str] = Counter()
    for group, split in zip(task.groups, splits, strict=True):
        found[split] += len(group)
    return found


@given(SIZES, st.integers(0, 3), st.sampled_from([RATIOS, (0.5, 0.5, 0.0), (0.6, 0.0, 0.4), (1.0, 0.0, 0.0)]))
def test_shares_are_kept_within_one_group(sizes: list[int], seed: int, ratios: tuple[float, float, float]) -> None:
    for strategy, name in ((random, ""), (stratified, "kind")):
        task = task_of(sizes, ratios=ratios, seed=seed, column=name)
        found = counts(task, strategy.assign(task).splits)
        for split, ratio in zip(SPLIT_NAMES, ratios, strict=True):
            assert abs(found[split] - ratio * sum(sizes)) <= max(sizes)
            assert ratio or not found[split]


def test_every_stratum_is_shared_out() -> None:
    fields = [{"kind": "rare" if position % 10 == 0 else "usual"} for position in range(400)]
    task = task_of([1] * 400, fields, column="kind")
    found = Counter(
        (fields[row]["kind"], split)
        for group, split in zip(task.groups, stratified.assign(task).splits, strict=True)
        for row in group
    )
    assert found == {
        ("rare", "train"): 32,
        ("rare", "validation"): 4,
        ("rare", "test"): 4,
        ("usual", "train"): 288,
        ("usual", "validation"): 36,
        ("usual", "test"): 36,
    }


def test_strata_that_cannot_be_shared_out_are_named() -> None:
    fields = [{"kind": "only"}] + [{"kind": "usual"}] * 40
    (note,) = stratified.assign(task_of([1] * 41, fields, column="kind")).notes
    assert "'only'" in note


def test_length_and_source_are_strata_of_every_row() -> None:
    task = task_of([1] * 40, [{}] * 40, column="length")
    splits = stratified.assign(task).splits
    # Answers get longer from row to row: each quarter gives one row to validation and one to test.
    assert [splits[start : start + 10].count("test") for start in range(0, 40, 10)] == [1, 1, 1, 1]
    assert counts(task, stratified.assign(task_of([1] * 40, [{}] * 40, column="source")).splits)["train"] == 32


def test_languages_are_strata() -> None:
    words = "the refund will arrive within a few days", "die Rückzahlung kommt innerhalb weniger Tage an"
    task = task_of([1] * 40, [{}] * 40, column="language")
    rows = frame_of(turns_of(words[number % 2], "a") for number in range(40))
    splits = stratified.assign(replace(task, rows=rows)).splits
    assert [splits[start::2].count("test") for start in (0, 1)] == [2, 2]


def test_time_trains_on_the_past() -> None:
    fields = [{"day": f"2026-{month:02}-01"} for month in (5, 1, 9, 2, 12, 3, 7, 4, 6, 8)]
    task = task_of([1] * 10, fields, column="day")
    made = time.assign(task)
    by_day = {own["day"]: split for own, split in zip(fields, made.splits, strict=True)}
    assert [by_day[day] for day in sorted(by_day)] == ["train"] * 8 + ["validation", "test"]
    assert made.notes == ["validation begins on 2026-09-01", "test begins on 2026-12-01"]


def test_a_group_goes_where_its_latest_row_belongs_and_undated_rows_are_old() -> None:
    fields: list[dict[str, Any]] = [{"t": 1}, {"t": 2_000_000_000}, *({"t": 10 + number} for number in range(7)), {}]
    task = task_of([2, *[1] * 8], fields, column="t")
    made = time.assign(task)
    assert made.splits[0] == "test"
    assert made.splits[-1] == "train"
    assert "train holds 1 row without t" in made.notes


def test_undated_rows_are_in_train_however_many_they_are() -> None:
    fields: list[dict[str, Any]] = [{}] * 9 + [{"t": 20}, {"t": 10}] + [{}] * 9
    made = time.assign(task_of([1] * 20, fields, column="t"))
    assert [split for split, own in zip(made.splits, fields, strict=True) if own] == ["test", "validation"]
    assert Counter(made.splits)["train"] == 18
    assert "train holds 18 rows without t" in made.notes


def test_undated_rows_of_a_dated_group_go_with_it() -> None:
    fields: list[dict[str, Any]] = [*({"t": number} for number in range(8)), {"t": 9}, {}]
    made = time.assign(task_of([*[1] * 8, 2], fields, column="t"))
    assert made.splits[-1] != "train"
    assert not any("are in train" in note for note in made.notes)


@pytest.mark.parametrize(
    "value",
    [
        *("2026-11-25", "2026-11-25T00:00:00Z", "2026-11-25T01:00:00+01:00", "1795564800", "1795564800000000"),
        *(1795564800, 1795564800000, 1795564800000000, 1795564800000000000),
    ],
)
def test_times_are_read_in_their_usual_shapes(value: object) -> None:
    from dataprep.fields import as_date, times_of

    (seconds,) = times_of(rows_with([{"t": value}]), "t")
    assert seconds == 1795564800
    assert as_date(seconds) == "2026-11-25"


@pytest.mark.parametrize(
    ("values", "dates"),
    [
        ([20230215, "20240301", 2024, 202405], ["2023-02-15", "2024-03-01", "2024-01-01", "2024-05-01"]),
        (["2024", "2020-01-15", 1795564800], ["2024-01-01", "2020-01-15", "2026-11-25"]),
        ([5, 2024, 20230215], ["1970-01-01", "1970-01-01", "1970-08-23"]),
        ([20231315, None], ["1970-08-23", None]),
        ([19691231, 19700101, 19700102, 197001], ["1969-12-31", "1970-01-01", "1970-01-02", "1970-01-01"]),
        (["20261125", 0], ["2026-11-25", "1970-01-01"]),
    ],
)
def test_years_months_and_days_in_digits_are_dates_where_all_small_numbers_are(
    values: list[object], dates: list[str | None]
) -> None:
    from dataprep.fields import as_date, times_of

    times = times_of(rows_with([{"t": value} for value in values]), "t")
    assert [None if seconds is None else as_date(seconds) for seconds in times] == dates


@pytest.mark.parametrize("value", [10**20, -9e10, 10**400, str(10**30)])
def test_numbers_beyond_all_dates_are_named(value: object) -> None:
    from dataprep.fields import times_of

    with pytest.raises(ConfigError, match=r"data.jsonl: line 1: t is .*, which is no time"):
        times_of(rows_with([{"t": value}]), "t")


def test_what_is_no_time_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"data.jsonl: line 2: t is 'soon'"):
        time.assign(task_of([1, 1], [{"t": "2026-01-01"}, {"t": "soon"}], column="t"))


def test_a_number_and_its_digits_are_one_key() -> None:
    rows = rows_with([{"user_id": own} for own in (81, "81", 81.0, 8.5, "x", "8.5")])
    assert grouped(6, key_links(rows, ["user_id"])) == [[0, 1, 2], [3, 5], [4]]


def test_a_column_of_names_is_followed_and_groups_stay_whole() -> None:
    fields = [{"s": name} for name in ("Train", "dev", "TEST", "train", "test", "held-out")]
    made = column.assign(task_of([1, 1, 1, 2, 1], fields, column="s"))
    assert made.splits == ["train", "validation", "test", "test", "test"]
    assert made.notes == ["1 row moved from train to test, to be with related rows"]


def test_an_unknown_name_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError, match="line 2: s is 'maybe'"):
        column.assign(task_of([1, 1], [{"s": "train"}, {"s": "maybe"}], column="s"))


@given(st.lists(st.integers(1, 4), min_size=8, max_size=40), st.integers(2, 5))
def test_folds_validate_every_row_once_and_share_one_test_set(sizes: list[int], count: int) -> None:
    task = task_of(sizes)
    made = fold_assignments(task, all_strategies()["random"], count)
    assert len(made) == count
    for group in range(len(sizes)):
        seen = Counter(assignment.splits[group] for assignment in made)
        assert seen in ({"test": count}, {"validation": 1, "train": count - 1})
    parts = [counts(task, assignment.splits)["validation"] for assignment in made]
    assert max(parts) - min(parts) <= max(sizes) + 1


def test_stratified_folds_hold_the_same_of_each_stratum() -> None:
    fields = [{"kind": "rare" if position % 5 == 0 else "usual"} for position in range(100)]
    task = task_of([1] * 100, fields, column="kind", ratios=(1.0, 0.0, 0.0))
    for made in fold_assignments(task, all_strategies()["stratified"], 4):
        held = Counter(own["kind"] for own, split in zip(fields, made.splits, strict=True) if split == "validation")
        assert held == {"rare": 5, "usual": 20}


def test_too_few_groups_for_the_folds_are_refused() -> None:
    with pytest.raises(SplitError, match="too few for 5 folds"):
        fold_assignments(task_of([3, 3]), all_strategies()["random"], 5)


def test_settings_choose_one_strategy() -> None:
    assert strategy_for(SplitConfig())[0].name == "random"
    strategy, name = strategy_for(SplitConfig(time_by="day"))
    assert (strategy.name, name) == ("time", "day")
    with pytest.raises(ConfigError, match=r"--stratify-by and --time-by are two ways"):
        strategy_for(SplitConfig(time_by="day", stratify_by="kind"))


def test_dots_lead_to_fields_of_fields() -> None:
    rows = rows_with([{"meta": {"user": own}} for own in ("a", "b", "a", None)] + [{"meta.user": "b"}, {"meta": 5}])
    assert grouped(6, key_links(rows, ["meta.user"])) == [[0, 2], [1, 4], [3], [5]]


def test_shares_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="three shares that add up to 1"):
        SplitConfig(ratios=(float("nan"), 0.1, 0.1))
