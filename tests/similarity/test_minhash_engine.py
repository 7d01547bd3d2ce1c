"""The compiled engine: datasketch's bits, numpy's shingles, and work that stays bounded."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import polars as pl
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import SimilarityParams, compiled, cross_pairs, minhash_engine, self_pairs
from dataprep.similarity.column import Column
from dataprep.similarity.minhash_engine import permutations, search, text_signatures
from dataprep.similarity.plan import Plan
from dataprep.similarity.shingles import shingle_sets
from tests.similarity.test_pairs import corpus

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n\u3000\u00a0语ไa"), max_size=40)


def column(texts: list[str]) -> Column:
    return Column.of(pl.Series(texts, dtype=pl.String))


@given(st.lists(TEXT, max_size=8), st.integers(1, 9), st.booleans())
def test_shingles_are_those_of_the_definition(texts: list[str], size: int, words: bool) -> None:
    plan = Plan("minhash", size, words, 0.5, 1, 1)
    places, sizes, hashes = minhash_engine.shingle_sets(column(texts), np.arange(len(texts)), plan)
    made = [sorted(hashes[start : start + count].tolist()) for start, count in zip(places, sizes, strict=False)]
    assert made == [hashes.tolist() for hashes in shingle_sets(texts, size, words=words)]


def test_words_are_told_apart_wherever_the_spaces_are() -> None:
    texts = ["".join(letters) for length in range(1, 13) for letters in product("a ", repeat=length)]
    plan = Plan("minhash", 1, True, 0.5, 1, 1)
    places, sizes, hashes = minhash_engine.shingle_sets(column(texts), np.arange(len(texts)), plan)
    made = [hashes[start : start + count].tolist() for start, count in zip(places, sizes, strict=False)]
    assert [sorted(one) for one in made] == [one.tolist() for one in shingle_sets(texts, 1, words=True)]


@pytest.mark.parametrize(
    "text", ["a" * 9_000, "ab" * 4_000 + "c" * 4_000, "".join(map(chr, range(0x4E00, 0x9F00))), "x" * 23, "y" * 24]
)
def test_shingles_of_long_and_monotonous_texts_are_sets(text: str) -> None:
    plan = Plan("minhash", 5, False, 0.5, 1, 1)
    _, sizes, hashes = minhash_engine.shingle_sets(column([text]), np.arange(1), plan)
    assert sorted(hashes[: sizes[0]].tolist()) == shingle_sets([text], 5)[0].tolist()


@given(st.lists(TEXT, max_size=8))
def test_a_column_holds_its_texts(texts: list[str]) -> None:
    assert column(texts).texts() == texts


def unicode_texts(count: int, longest: int = 40) -> list[str]:
    """Texts of letters from all planes, among them combining marks and emoji."""
    dice = random.Random(11)  # noqa: S311 - test data
    blocks = [(0x20, 0x7E), (0xC0, 0x17F), (0x300, 0x36F), (0x600, 0x6FF), (0xE00, 0xE5B), (0x4E00, 0x9FFF)]
    blocks += [(0x1F300, 0x1F64F), (0x20000, 0x2A6DF)]
    sizes = (dice.randint(1, longest) for _ in range(count))
    return ["".join(chr(dice.randint(*dice.choice(blocks))) for _ in range(size)) for size in sizes]


@pytest.mark.parametrize(
    ("count", "longest", "length", "seed"), [(10_000, 40, 16, 1), (200, 40, 128, 7), (120, 600, 40, 3)]
)
def test_signatures_are_datasketchs_bit_for_bit(count: int, longest: int, length: int, seed: int) -> None:
    texts = unicode_texts(count, longest)
    made = text_signatures(column(texts), size=5, length=length, seed=seed)
    blank = MinHash(num_perm=length, seed=seed, hashfunc=int)
    for row, hashes in zip(made, shingle_sets(texts, 5), strict=True):
        reference = blank.copy()
        reference.update_batch((hashes & np.uint64(0xFFFFFFFF)).tolist())
        assert np.array_equal(row, reference.hashvalues)


def test_permutations_are_datasketchs() -> None:
    for seed in (1, 2, 99):
        assert np.array_equal(permutations(64, seed), MinHash(num_perm=64, seed=seed).permutations)


def test_a_datasketch_index_takes_our_signatures() -> None:
    texts = ["where is my order please", "where is my order pleas", "something else entirely"]
    made = text_signatures(column(texts), size=5, length=128, seed=1)
    index = MinHashLSH(threshold=0.7, num_perm=128)
    sketches = [MinHash(hashvalues=row, seed=1, scheme="affine32") for row in made]
    index.insert("first", sketches[0])
    assert index.query(sketches[1]) == ["first"]
    assert index.query(sketches[2]) == []


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9])
def test_both_engines_find_the_same(threshold: float) -> None:
    texts = [*corpus(4, 400), *unicode_texts(100), *(text + "!" for text in unicode_texts(100))]
    ours, theirs = (self_pairs(texts, SimilarityParams(threshold, engine=name)) for name in ("minhash", "datasketch"))
    assert list(ours) == list(theirs)
    left, right = texts[::2], texts[1::2]
    ours, theirs = (
        cross_pairs(left, right, SimilarityParams(threshold, engine=name)) for name in ("minhash", "datasketch")
    )
    assert list(ours) == list(theirs)


def test_threads_and_stretches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = corpus(6, 600)
    whole = list(self_pairs(texts, SimilarityParams()))
    monkeypatch.setattr(compiled, "STRETCH", 7)
    monkeypatch.setattr(minhash_engine, "SETS", 500)
    monkeypatch.setattr(minhash_engine, "threads", lambda: 3)
    monkeypatch.setattr(compiled, "threads", lambda: 3)
    assert list(self_pairs(texts, SimilarityParams())) == whole


def test_one_enormous_text_is_compared_like_any_other() -> None:
    dice = random.Random(3)  # noqa: S311
    body = " ".join(str(dice.randrange(10**6)) for _ in range(100_000))
    pairs = self_pairs([body, "short", body + " and one word more"], SimilarityParams())
    assert [(a, b) for a, b, _ in pairs] == [(0, 2)]


def test_pairs_of_one_side_are_never_verified() -> None:
    texts = [f"where is my order number {number} please" for number in range(50)]
    found = search(column(texts), np.ones(50, dtype=np.int8), Plan("minhash", 5, False, 0.5, 20, 2, 1))
    assert found.pairs.shape == (0, 2)
