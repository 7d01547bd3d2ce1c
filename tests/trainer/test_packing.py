"""Best-fit decreasing: every row once, no bin too full, and hardly any room left."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from trainer.packing import pack


@given(lengths=st.lists(st.integers(1, 60), max_size=80), capacity=st.integers(20, 50), seed=st.integers(0, 3))
def test_every_row_once_and_no_bin_too_full(lengths: list[int], capacity: int, seed: int) -> None:
    bins = pack(lengths, capacity, seed)
    assert sorted(row for line in bins for row in line) == list(range(len(lengths)))
    for line in bins:
        assert sum(lengths[row] for row in line) <= capacity or len(line) == 1
    # No two bins that are half empty: best fit would have joined them.
    half = [line for line in bins if sum(lengths[row] for row in line) <= capacity / 2]
    assert len(half) <= 1


def test_chat_rows_leave_hardly_any_room() -> None:
    chance = random.Random(0)  # noqa: S311 - not a secret
    lengths = [min(1024, max(20, int(chance.lognormvariate(5.2, 0.7)))) for _ in range(5000)]
    bins = pack(lengths, 1024, 0)
    assert sum(lengths) / (1024 * len(bins)) > 0.99


def test_seeded() -> None:
    lengths = [7, 7, 7, 5, 5, 5, 3, 3, 3] * 5
    assert pack(lengths, 12, 1) == pack(lengths, 12, 1) != pack(lengths, 12, 2)
