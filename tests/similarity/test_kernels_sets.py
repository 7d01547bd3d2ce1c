"""Sorting of hashes, and the similarity of sets of them, against the plain way."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity.kernels_sets import jaccards, sort_hashes, take_least
from dataprep.similarity.shingles import jaccard

HASHES = st.lists(st.integers(1, 40).map(lambda value: value * 0x9E3779B97F4A7C15 % (1 << 64)), unique=True)


@pytest.mark.parametrize("below", [2, 1 << 20, 1 << 63])
@pytest.mark.parametrize("count", [0, 1, 23, 24, 401, 5_000])
def test_hashes_are_sorted_even_where_they_share_their_high_bits(count: int, below: int) -> None:
    values = np.random.default_rng(count).integers(0, below, count + 3).astype(np.uint64)
    rest = values[count:].copy()
    expected = np.sort(values[:count])
    sort_hashes(values, np.int64(count), np.empty(count, dtype=np.uint64))
    assert values[:count].tolist() == expected.tolist()
    assert values[count:].tolist() == rest.tolist()


@given(HASHES.filter(bool), st.data())
def test_the_least_are_taken(values: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(values)))
    hashes = np.array(values, dtype=np.uint64)
    take_least(hashes, np.int64(count))
    assert sorted(hashes[:count].tolist()) == sorted(values)[:count]


@given(
    st.lists(HASHES, min_size=2, max_size=6), st.lists(HASHES, max_size=2), st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0])
)
def test_similarities_are_exact_or_known_to_be_below_the_threshold(
    sets: list[list[int]], around: list[list[int]], threshold: float
) -> None:
    head, tail = (*around, [], [])[:2]
    sets += [list(dict.fromkeys([*head, *middle, *tail])) for middle in sets]
    places = np.array([0, *np.cumsum([len(values) for values in sets])], dtype=np.int64)
    hashes = np.array([value for values in sets for value in values], dtype=np.uint64)
    pairs = np.array([(a, b) for a in range(len(sets)) for b in range(len(sets))], dtype=np.int64)
    scores = np.empty(len(pairs))
    jaccards(pairs, 0, len(pairs), places[:-1].copy(), np.diff(places), hashes, threshold, scores)
    plain = [np.sort(hashes[first:last]) for first, last in pairwise(places.tolist())]
    expected = [jaccard(plain[a], plain[b]) for a, b in pairs.tolist()]
    assert scores.tolist() == [score if score >= threshold else -1.0 for score in expected]
