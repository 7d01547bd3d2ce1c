"""Texts as bytes: whatever way polars holds them."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import column as column_module
from dataprep.similarity import first_occurrence
from dataprep.similarity.column import Column

if TYPE_CHECKING:
    import pytest

TEXTS = st.lists(st.text(max_size=30) | st.sampled_from(["", "twelve bytes", "thirteen byte", "ü" * 7]), max_size=12)


@given(TEXTS, TEXTS, st.integers(0, 5))
def test_chunks_and_slices_are_read_as_they_are(first: list[str], second: list[str], cut: int) -> None:
    whole = pl.concat([pl.Series(first, dtype=pl.String), pl.Series(second, dtype=pl.String)], rechunk=False)
    texts = whole.slice(cut)
    assert Column.of(texts).texts() == [*first, *second][cut:]


@given(TEXTS, st.data())
def test_some_of_them_are_taken_without_their_neighbours(texts: list[str], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, max(0, len(texts) - 1)), max_size=5 if texts else 0))
    taken = Column.of(pl.Series(texts, dtype=pl.String)).take(np.array(rows, dtype=np.int64))
    assert taken.texts() == [texts[row] for row in rows]
    assert taken.sizes.tolist() == [len(texts[row].encode()) for row in rows]


@given(TEXTS)
def test_the_first_of_equal_texts_is_found(texts: list[str]) -> None:
    assert first_occurrence(texts).tolist() == [texts.index(text) for text in texts]


def test_texts_with_one_hash_are_told_apart() -> None:
    texts = ["some text", "another text", "some text", "third", "another text"]
    column = Column.of(pl.Series(texts))
    assert column.first_equal(np.zeros(5, dtype=np.uint64)).tolist() == [0, 1, 0, 3, 1]


def test_the_memory_outlives_the_series() -> None:
    texts = [f"{number} is longer than twelve bytes, or not"[: number % 40] for number in range(5_000)]
    column = Column.of(pl.concat([pl.Series(texts[:2_000]), pl.Series(texts[2_000:])], rechunk=False))
    gc.collect()
    others = [pl.Series(["something else, of the same size"] * 5_000).str.to_uppercase() for _ in range(20)]
    assert column.take(np.arange(5_000)).texts() == texts
    assert len(others) == 20


def test_another_layout_is_read_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_module, "chunks", lambda _texts: None)
    texts = ["", "a", "ü" * 20, "", "some longer text than twelve bytes"]
    assert Column.of(pl.Series(texts)).texts() == texts
