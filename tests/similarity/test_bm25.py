"""Nearest texts by rare words, against the formula written out."""

from __future__ import annotations

import math
from collections import Counter

import polars as pl
import pytest

from dataprep.similarity import bm25
from dataprep.similarity.bm25 import B, K, nearest

TEXTS = ["the cat sat on the mat", "a dog sat", "the dog of the cat ran", "", "the the the"]


def by_definition(query: str, text: str) -> float:
    sizes = [len(one.split(" ")) for one in TEXTS]
    mean, counts = sum(sizes) / len(sizes), Counter(text.split(" "))
    total = 0.0
    for word in set(query.split(" ")):
        having = sum(word in one.split(" ") for one in TEXTS)
        idf = math.log((len(TEXTS) - having + 0.5) / (having + 0.5) + 1) if having else 0.0
        size = len(text.split(" "))
        total += idf * counts[word] * (K + 1) / (counts[word] + K * (1 - B + B * size / mean))
    return total


@pytest.mark.parametrize("block", [1, 200_000])
def test_is_the_formula(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "BLOCK", block)
    queries = ["dog cat", "mat", "horse"]
    found = nearest(queries, pl.Series(TEXTS), most=3)
    assert [query for query, _, _ in found] == [0, 0, 0, 1]
    for query in (0, 1):
        own = by_definition(queries[query], queries[query])
        expected = {place: min(by_definition(queries[query], text) / own, 1) for place, text in enumerate(TEXTS)}
        ranked = sorted((place for place in expected if expected[place] > 0), key=lambda place: -expected[place])
        mine = [(place, score) for number, place, score in found if number == query]
        assert [place for place, _ in mine] == ranked[:3]
        assert [score for _, score in mine] == pytest.approx([expected[place] for place in ranked[:3]])


def test_the_own_text_is_nearest() -> None:
    found = nearest([TEXTS[0]], pl.Series(TEXTS), most=1)
    assert [place for _, place, _ in found] == [0]
