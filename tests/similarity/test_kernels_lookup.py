"""The best of many values, found without sorting them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity.kernels_lookup import least_of_best

VALUE = st.floats(-60, 60, width=32)


@given(st.lists(VALUE, min_size=1, max_size=400), st.integers(1, 200))
def test_the_best_wanted_are_never_left_out(values: list[float], wanted: int) -> None:
    some = np.array(values)
    low = float(some.min())
    least = least_of_best(some, some.size, wanted, low)
    assert (some >= least).sum() >= min(wanted, some.size)
    if some.size <= wanted:
        assert least == low


@given(VALUE, st.integers(1, 400), st.integers(1, 200))
def test_equal_values_are_all_among_the_best(value: float, count: int, wanted: int) -> None:
    some = np.full(count, value)
    assert least_of_best(some, count, wanted, min(value, 0.0)) <= value


def test_few_more_than_wanted_are_taken() -> None:
    some = np.linspace(0, 50, 10_000)
    assert 28 <= (some >= least_of_best(some, some.size, 28, 0.0)).sum() <= 28 + 10_000 // 255 + 1
