"""Signatures equal to datasketch's own, and bands that keep the promised recall."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from dataprep.errors import ConfigError
from dataprep.similarity.datasketch_engine import buckets, signatures
from dataprep.similarity.plan import PERMUTATION_BUDGET, choose_bands, expected_recall
from dataprep.similarity.shingles import shingle_sets

TEXTS = ["where is my order", "where is my parcel", "a", "ünïcödé \U0001f600 text", "where is my order"]


@pytest.mark.parametrize(("permutations", "seed"), [(16, 1), (128, 1), (128, 7)])
def test_signatures_are_datasketchs_own(permutations: int, seed: int) -> None:
    sets = shingle_sets(TEXTS, 5)
    made = signatures(sets, permutations, seed)
    assert made.shape == (len(TEXTS), permutations)
    for row, hashes in zip(made, sets, strict=True):
        reference = MinHash(num_perm=permutations, seed=seed, hashfunc=lambda token: int(token) & 0xFFFFFFFF)
        for token in hashes.tolist():
            reference.update(token)
        assert np.array_equal(row, reference.hashvalues)


def test_equal_sets_have_equal_signatures_and_the_seed_matters() -> None:
    sets = shingle_sets(TEXTS, 5)
    made = signatures(sets, 64, 1)
    assert np.array_equal(made[0], made[4])
    assert not np.array_equal(made[0], made[1])
    assert not np.array_equal(made, signatures(sets, 64, 2))


def test_agreement_estimates_jaccard() -> None:
    left = np.arange(0, 1_000, dtype=np.uint64) * np.uint64(2_654_435_761)
    right = np.arange(250, 1_250, dtype=np.uint64) * np.uint64(2_654_435_761)
    a, b = signatures([left, right], 1_024, 1)
    assert float((a == b).mean()) == pytest.approx(750 / 1_250, abs=0.05)


@pytest.mark.parametrize("recall", [0.5, 0.9, 0.95, 0.99, 0.995])
@pytest.mark.parametrize("threshold", [0.31, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0])
def test_chosen_bands_reach_the_recall_within_the_budget(threshold: float, recall: float) -> None:
    bands, rows = choose_bands(threshold, recall)
    assert bands >= 1
    assert rows >= 1
    assert bands * rows <= PERMUTATION_BUDGET
    assert expected_recall(threshold, bands, rows) >= recall


@pytest.mark.parametrize(("threshold", "recall"), [(0.01, 0.995), (0.001, 0.5), (0.02, 0.9999)])
def test_what_the_budget_cannot_reach_is_refused_with_a_remedy(threshold: float, recall: float) -> None:
    with pytest.raises(ConfigError) as caught:
        choose_bands(threshold, recall)
    assert caught.value.remedy


@given(st.floats(0.3, 1.0), st.integers(1, 40), st.integers(1, 12))
def test_recall_grows_with_likeness_and_bands_and_falls_with_rows(threshold: float, bands: int, rows: int) -> None:
    here = expected_recall(threshold, bands, rows)
    assert 0 <= here <= 1
    assert expected_recall(threshold * 0.9, bands, rows) <= here
    assert expected_recall(threshold, bands + 1, rows) >= here
    assert expected_recall(threshold, bands, rows + 1) <= here


def test_recall_of_one_band_of_one_row_is_the_likeness() -> None:
    assert expected_recall(0.37, 1, 1) == pytest.approx(0.37)
    assert expected_recall(0.8, 32, 8) == pytest.approx(0.997, abs=0.001)


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), min_size=1, max_size=12),
    st.sampled_from([(1, 6), (2, 3), (3, 2), (6, 1)]),
)
def test_a_bucket_holds_exactly_those_that_agree_on_a_band(table: list[list[int]], shape: tuple[int, int]) -> None:
    bands, rows = shape
    found = sorted(group.tolist() for group in buckets(np.array(table, dtype=np.uint32), bands, rows))
    expected = []
    for band in range(bands):
        members: dict[tuple[int, ...], list[int]] = {}
        for position, values in enumerate(table):
            members.setdefault(tuple(values[band * rows : (band + 1) * rows]), []).append(position)
        expected += [group for group in members.values() if len(group) > 1]
    assert found == sorted(expected)
