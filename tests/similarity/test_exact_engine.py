"""The exact join against comparing everything with everything."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import SimilarityParams, exact_engine, self_pairs
from dataprep.similarity.column import Column
from dataprep.similarity.plan import Plan, Unit
from dataprep.similarity.shingles import jaccard, shingle_sets
from tests.similarity.test_pairs import corpus


def everything(texts: list[str], size: int, threshold: float, *, words: bool) -> dict[tuple[int, int], float]:
    sets = shingle_sets(texts, size, words=words)
    scores = {(a, b): jaccard(sets[a], sets[b]) for a, b in combinations(range(len(texts)), 2)}
    return {pair: score for pair, score in scores.items() if score >= threshold}


def joined(texts: list[str], size: int, threshold: float, *, words: bool) -> dict[tuple[int, int], float]:
    plan = Plan("exact", size, words, threshold, room=400)  # nothing is left out of a list that long
    found = exact_engine.search(Column.of(pl.Series(texts)), np.zeros(len(texts), dtype=np.int8), plan)
    assert found.crowded == 0
    return {(a, b): score for (a, b), score in zip(found.pairs.tolist(), found.scores.tolist(), strict=True)}


@pytest.mark.parametrize("threshold", [0.35, 0.5, 0.8, 0.9, 1.0])
@pytest.mark.parametrize(("unit", "size"), [("char", 3), ("char", 5), ("word", 1), ("word", 3), ("word", 5)])
def test_it_finds_every_pair(unit: Unit, size: int, threshold: float) -> None:
    texts = sorted(set(corpus(12, 400)) - {""})
    words = unit == "word"
    assert joined(texts, size, threshold, words=words) == everything(texts, size, threshold, words=words)


@given(
    st.lists(st.text("ab c", min_size=1, max_size=14), min_size=2, max_size=16, unique=True),
    st.integers(1, 4),
    st.sampled_from([0.35, 0.5, 2 / 3, 0.75, 0.8, 0.9]),
    st.booleans(),
)
def test_it_finds_every_pair_of_anything(texts: list[str], size: int, threshold: float, words: bool) -> None:
    assert joined(texts, size, threshold, words=words) == everything(texts, size, threshold, words=words)


@pytest.mark.parametrize("words", [False, True])
def test_texts_for_which_there_is_no_room_are_joined_as_well(monkeypatch: pytest.MonkeyPatch, words: bool) -> None:
    texts = sorted(set(corpus(7, 150)) - {""})
    whole = joined(texts, 2, 0.5, words=words)
    for room in (0, 500):
        monkeypatch.setattr(exact_engine, "MOST_KEPT", room)
        assert joined(texts, 2, 0.5, words=words) == whole


def test_the_order_of_the_texts_does_not_matter() -> None:
    texts = sorted(set(corpus(5, 150)))
    shuffled = random.Random(1).sample(texts, len(texts))  # noqa: S311 - test data
    params = SimilarityParams(engine="exact")

    def named(given: list[str]) -> set[frozenset[str]]:
        return {frozenset((given[a], given[b])) for a, b, _ in self_pairs(given, params)}

    assert named(texts) == named(shuffled)


def test_threads_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = corpus(6, 600)
    params = SimilarityParams(engine="exact", unit="word", shingle=2)
    whole = list(self_pairs(texts, params))
    monkeypatch.setattr("dataprep.similarity.compiled.STRETCH", 7)
    monkeypatch.setattr(exact_engine, "threads", lambda: 3)
    assert list(self_pairs(texts, params)) == whole
