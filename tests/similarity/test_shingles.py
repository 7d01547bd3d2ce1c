"""Shingle sets, against sets of strings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity.shingles import jaccard, shingle_sets
from tests.helpers import likeness, ngrams

TEXT = st.text("ab c\u00e9\u4e2d\U0001f600", max_size=30)


@given(TEXT, st.integers(1, 8))
def test_as_many_shingles_as_distinct_ngrams(text: str, size: int) -> None:
    (hashes,) = shingle_sets([text], size)
    assert hashes.size == len(ngrams(text, size))
    assert np.array_equal(hashes, np.unique(hashes))


@given(TEXT, TEXT, st.integers(1, 8))
def test_jaccard_is_that_of_the_sets(left: str, right: str, size: int) -> None:
    a, b = shingle_sets([left, right], size)
    assert jaccard(a, b) == pytest.approx(likeness(left, right, size))
    assert jaccard(a, b) == jaccard(b, a)


@given(TEXT.filter(bool))
def test_a_text_is_wholly_like_itself(text: str) -> None:
    a, b = shingle_sets([text, text], 5)
    assert jaccard(a, b) == 1.0


def test_the_empty_text_is_like_nothing() -> None:
    empty, other = shingle_sets(["", "abcdef"], 5)
    assert empty.size == 0
    assert jaccard(empty, other) == jaccard(empty, empty) == 0.0


def test_a_short_text_is_one_shingle_of_its_own() -> None:
    sets = shingle_sets(["a", "aa", "ab", "ba", "abc"], 5)
    assert all(hashes.size == 1 for hashes in sets)
    assert len({int(hashes[0]) for hashes in sets}) == 5


def test_hashes_do_not_change_between_runs_and_neighbours() -> None:
    alone = shingle_sets(["hello world"], 5)[0]
    beside = shingle_sets(["other", "hello world"], 5)[1]
    assert np.array_equal(alone, beside)
    assert alone[0] == np.uint64(818359343174417844)


def test_half_a_surrogate_pair_is_no_obstacle() -> None:
    assert shingle_sets(["abc\ud800def"], 5)[0].size == 3


def test_many_shingles_do_not_collide() -> None:
    texts = [f"{number:07d}" for number in range(20_000)]
    assert len({int(hashes[0]) for hashes in shingle_sets(texts, 7)}) == len(texts)
