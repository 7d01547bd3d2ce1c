"""Verified pairs against brute force, and signatures against datasketch itself."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.errors import ConfigError
from dataprep.similarity import SimilarityParams, components, cross_pairs, self_pairs
from dataprep.similarity.minhash import choose_bands, expected_recall, signatures
from dataprep.similarity.shingles import jaccard, shingle_sets


def naive(text: str) -> set[str]:
    return {text[i : i + 5] for i in range(max(1, len(text) - 4))} if text else set()


def naive_jaccard(a: str, b: str) -> float:
    left, right = naive(a), naive(b)
    return len(left & right) / len(left | right) if left and right else 0.0


def corpus(count: int) -> list[str]:
    rng = random.Random(7)  # noqa: S311 - a repeatable corpus, not a secret
    words = ["".join(rng.choices("abcdefghij", k=rng.randint(2, 8))) for _ in range(200)]
    texts = [" ".join(rng.choices(words, k=rng.randint(3, 25))) for _ in range(count)]
    for _ in range(count):
        picked = rng.choice(texts).split()
        picked[rng.randrange(len(picked))] = rng.choice(words)
        texts.append(" ".join(picked))
    return texts


@given(left=st.text(max_size=40), right=st.text(max_size=40))
def test_jaccard_is_that_of_the_shingles(left: str, right: str) -> None:
    a, b = shingle_sets([left, right], 5)
    assert jaccard(a, b) == pytest.approx(naive_jaccard(left, right))


def test_self_pairs_against_brute_force() -> None:
    texts = corpus(150)
    found = {(a, b): score for a, b, score in self_pairs(texts, SimilarityParams())}
    wanted = {}
    seen: dict[str, int] = {}
    for b, text in enumerate(texts):
        if text in seen:
            continue
        seen[text] = b
        for a in range(b):
            if seen[texts[a]] == a and naive_jaccard(texts[a], text) >= 0.7:
                wanted[a, b] = naive_jaccard(texts[a], text)
    distinct = {pair: score for pair, score in found.items() if texts[pair[0]] != texts[pair[1]]}
    assert set(distinct) <= set(wanted)
    assert len(distinct) >= 0.99 * len(wanted)
    assert all(score == pytest.approx(wanted[pair]) for pair, score in distinct.items())


def test_cross_pairs_against_brute_force() -> None:
    texts = corpus(100)
    left, right = texts[:80], texts[80:]
    found = {(a, b) for a, b, _ in cross_pairs(left, right, SimilarityParams())}
    wanted = {
        (a, b) for a, one in enumerate(left) for b, other in enumerate(right) if naive_jaccard(one, other) >= 0.7
    }
    assert found <= wanted
    assert len(found) >= 0.99 * len(wanted)
    assert wanted


def test_copies_and_empty_texts_stay_linear() -> None:
    assert len(self_pairs(["the same old text"] * 5_000 + [""] * 5_000, SimilarityParams())) == 4_999
    assert len(cross_pairs(["same text"] * 1_000, ["same text"] * 1_000 + [""], SimilarityParams())) <= 4_000


def test_signatures_are_datasketchs() -> None:
    from datasketch import MinHash

    sets = shingle_sets(["a text of some length", "日本語のテキストです", "x"], 5)
    for row, hashes in zip(signatures(sets, 64, 3), sets, strict=True):
        sketch = MinHash(num_perm=64, seed=3, hashfunc=int)
        for value in hashes.tolist():
            sketch.update(value & 0xFFFFFFFF)
        assert np.array_equal(row, sketch.hashvalues)


@given(threshold=st.floats(0.5, 0.95), recall=st.floats(0.9, 0.999))
def test_bands_reach_the_recall(threshold: float, recall: float) -> None:
    try:
        bands, rows = choose_bands(threshold, recall)
    except ConfigError:
        return
    assert expected_recall(threshold, bands, rows) >= recall - 1e-9


@given(links=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_components(links: list[tuple[int, int]]) -> None:
    root = list(range(10))
    for _ in range(10):
        for a, b in links:
            root[a] = root[b] = min(root[a], root[b])
    assert components(10, links) == root
