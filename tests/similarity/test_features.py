"""Texts as sets of features."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import compiled
from dataprep.similarity.features import Features, Weights
from tests.similarity import plain_reworded

TOKEN = st.sampled_from(
    "a bb purchase purchased 3 three 12 13 $13 13% 1 4 007 2nd half ½ twice 语 言 ไ ไท x1 + € €5 #c c# ñandú".split()
)
TEXT = st.lists(TOKEN, max_size=12).map(" ".join) | st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(" 语5"), max_size=30
)


def sets(*texts: str) -> list[set[int]]:
    made = Features.of(pl.Series(texts, dtype=pl.String))
    return [set(part.tolist()) for part in np.split(made.ids, made.places[1:-1])]


@given(st.lists(TEXT, min_size=2, max_size=6))
def test_texts_share_what_the_definition_says(texts: list[str]) -> None:
    made, plain = sets(*texts), [plain_reworded.features(text) for text in texts]
    assert [len(one) for one in made] == [len(one) for one in plain]
    assert [len(a & b) for a in made for b in made] == [len(a & b) for a in plain for b in plain]
    kinds = [sorted(value >> 30 for value in one) for one in made]
    assert kinds == [sorted(kind for kind, _ in one) for one in plain]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("three dozen", "3 12"),
        ("$16 and 50%", "16 and 50"),
        ("twice half", "double halves"),
        ("purchases buying", "purchased buying"),
    ],
)
def test_other_ways_to_write_the_same(left: str, right: str) -> None:
    a, b = sets(left, right)
    assert a == b


@pytest.mark.parametrize(
    ("left", "right"), [("3 13", "13 3"), ("5", "5 5"), ("语言", "言语"), ("1", "11"), ("c", "c#")]
)
def test_what_is_not_the_same(left: str, right: str) -> None:
    a, b = sets(left, right)
    assert a != b


def test_stretches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pl.Series([f"row {number} of {number % 7} 语言 {'x' * (number % 90)}" for number in range(300)])
    whole = Features.of(texts)
    monkeypatch.setattr(compiled, "STRETCH", 7)
    parts = Features.of(texts)
    assert np.array_equal(whole.ids, parts.ids)
    assert np.array_equal(whole.places, parts.places)


def test_one_text_of_very_many_words() -> None:
    words = [f"w{number % 5_000} {number}" for number in range(60_000)]
    made = Features.of(pl.Series(["short", " ".join(words), "short"]))
    parts = np.split(made.ids, made.places[1:-1])
    assert parts[1].size == 60_000 * 3 - 1
    assert parts[0].tolist() == parts[2].tolist()


def test_what_every_text_has_weighs_nothing() -> None:
    texts = pl.Series([f"the same words {number + 100}" for number in range(50)])
    made = Features.of(texts)
    weights = Weights.learnt_from([texts])
    counts = weights.often[made.ids & np.uint32(weights.often.size - 1)]
    gains = weights.table[0, made.ids >> 30, counts]
    assert (gains == 0).reshape(50, 4)[:, :3].all()
    assert (gains.reshape(50, 4)[:, 3] > 4).all()
