"""Nearest neighbours against the obvious way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep.similarity import semantic


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 5), st.sampled_from([0.2, 0.6, 0.95]), st.integers(1, 7))
def test_blocks_give_what_comparing_all_gives(
    count: int, others: int, most: int, threshold: float, block: int
) -> None:
    dice = np.random.default_rng(count * 41 + others)
    left, right = (dice.normal(size=(n, 4)).astype(np.float32) for n in (count, others))
    left /= np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
    right /= np.maximum(np.linalg.norm(right, axis=1, keepdims=True), 1e-9)

    def expected(a: int, row: np.ndarray, columns: int, table: np.ndarray) -> list[tuple[int, int]]:
        close = sorted((-float(row @ table[b]), b) for b in range(columns) if row @ table[b] >= threshold)
        return [(a, b) for _, b in close[:most]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(semantic, "BLOCK", block)
        across = semantic.nearest(left, right, threshold=threshold, most=most)
        within = semantic.nearest_earlier(left, threshold=threshold, most=most)
    assert [pair[:2] for pair in across] == [p for a in range(count) for p in expected(a, left[a], others, right)]
    assert [pair[:2] for pair in within] == [p for a in range(count) for p in expected(a, left[a], a, left)]
