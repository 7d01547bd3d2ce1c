"""Texts inside texts, against the plain way and in cases that people know."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dataprep.similarity import compiled, contain, items
from dataprep.similarity.contain import Contained, contained, word_places
from tests.similarity.plain_contain import Plain

WORDS = [f"w{number}" for number in range(60)] + ["语", "言", "the"]
PIECE = st.lists(st.sampled_from(WORDS), min_size=2, max_size=14)


def series(texts: list[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Rows and items that are made of the same few pieces."""
    pieces = draw(st.lists(PIECE, min_size=3, max_size=6))
    some = st.lists(st.sampled_from([" ".join(piece) for piece in pieces]), min_size=1, max_size=4).map(" ".join)
    return draw(st.lists(some, min_size=1, max_size=6)), draw(st.lists(some, min_size=1, max_size=5))


@given(corpora())
def test_what_is_found_is_what_the_definition_says(corpus: tuple[list[str], list[str]]) -> None:
    rows, texts = corpus
    plain = Plain(rows, texts)
    expected = {}
    for row, words in enumerate(plain.rows):
        for item in range(len(texts)):
            bounds = [plain.found(item, words, 0.5 + slack) for slack in (-1e-5, 1e-5)]
            assume((bounds[0] is None) == (bounds[1] is None))  # 32-bit weights may round to either side
            if bounds[1] is not None:
                expected[row, item] = bounds[1]
    found = contained(series(rows), series(texts))
    made = dict(zip(zip(found.row.tolist(), found.item.tolist(), strict=True), found.coverage.tolist(), strict=True))
    assert made.keys() == expected.keys()
    for pair, share in made.items():
        # A text that is repeated may stand at another place than the one that is tried, and then counts by its weight.
        assert share == pytest.approx(expected[pair][0], abs=1e-4)


def between(text: str, words: NDArray[np.int64]) -> str:
    places = word_places(text)
    return text[places[words[0]][0] : places[words[1] - 1][1]]


def filler(dice: random.Random, count: int) -> str:
    return " ".join(f"filler{dice.randrange(3_000)}" for _ in range(count))


QUESTION = "a robe takes 2 bolts of blue fiber and half that much white fiber how many bolts in total does it take"


def only(found: Contained) -> tuple[int, int, float, bool]:
    assert len(found) == 1
    return int(found.row[0]), int(found.item[0]), float(found.coverage[0]), bool(found.item_inside[0])


def test_an_item_in_a_long_row_with_its_place() -> None:
    dice = random.Random(1)  # noqa: S311 - test data
    rows = [filler(dice, 500) for _ in range(50)]
    rows[7] = f"{filler(dice, 250)} {QUESTION} {filler(dice, 250)}"
    found = contained(series(rows), series(["nothing of the kind stands in any of these rows at all", QUESTION]))
    assert only(found) == (7, 1, 1.0, True)
    assert between(rows[7], found.row_words[0]) == QUESTION
    assert between(QUESTION, found.item_words[0]) == QUESTION


def test_a_row_in_a_long_item() -> None:
    dice = random.Random(2)  # noqa: S311
    rows = [filler(dice, 30) for _ in range(50)] + [QUESTION]
    item = f"{filler(dice, 80)} {QUESTION} {filler(dice, 80)}"
    found = contained(series(rows), series([item]))
    assert only(found) == (50, 0, 1.0, False)
    assert between(item, found.item_words[0]) == QUESTION


def test_what_a_text_repeats_counts_a_few_times() -> None:
    dice = random.Random(9)  # noqa: S311
    zeros, own = "0 " * 300, filler(dice, 20)
    rows = [filler(dice, 30) for _ in range(50)] + [zeros + own, f"{filler(dice, 40)} 0 0 0 0 0 0 0 0 0"]
    # Neither the zeros of the item make row 51 hold it, nor those of row 50 keep that from being held.
    found = contained(series(rows), series([f"{filler(dice, 60)} {zeros}{own} {filler(dice, 60)}", own + " 0" * 300]))
    assert [(a, b) for a, b in zip(found.row.tolist(), found.item.tolist(), strict=True)] == [(50, 0), (50, 1)]
    assert found.item_inside.tolist() == [False, True]


def test_half_of_an_item_is_enough_and_an_n_gram_is_not() -> None:
    dice = random.Random(3)  # noqa: S311
    words = QUESTION.split()
    rows = [filler(dice, 100) for _ in range(50)]
    rows[3] = f"{filler(dice, 20)} {' '.join(words[:15])} {filler(dice, 20)}"
    rows[4] = f"{filler(dice, 20)} {' '.join(words[3:11])} {filler(dice, 20)}"
    row, _, coverage, inside = only(contained(series(rows), series([QUESTION])))
    assert (row, inside) == (3, True)
    assert 0.6 < coverage <= 15 / 21  # what row 4 has as well weighs less


def test_short_items_count_when_they_are_whole_and_specific() -> None:
    dice = random.Random(4)  # noqa: S311
    said = ["thank you very much", "what is the capital of burundi", "name the four largest moons of jupiter"]
    rows = [f"{filler(dice, 5)} thank you very much {filler(dice, 5)} what is the" for _ in range(300)]
    rows[5] += " what is the capital of burundi"
    rows[6] += " name the four largest moons of saturn"
    rows[7] += " thank you"
    found = contained(series(rows), series([*said, "thank you"]))
    assert only(found) == (5, 1, 1.0, True)
    assert found.limits == ["2 short texts are not specific enough to be looked for inside others"]


def test_what_many_items_or_rows_have_in_common_proves_nothing() -> None:
    dice = random.Random(5)  # noqa: S311
    frame = "read the following passage and answer the question below in one short sentence without any explanation"
    evals = [f"{frame} {filler(dice, 8)}" for _ in range(30)]
    rows = [f"{filler(dice, 40)} {frame} {filler(dice, 12)}" for _ in range(200)]
    rows[9] = f"{filler(dice, 40)} {evals[4]} {filler(dice, 12)}"
    assert only(contained(series(rows), series(evals)))[:2] == (9, 4)
    # An item of its own that is boilerplate of the rows is none either.
    assert len(contained(series(rows), series([frame]))) == 0


def test_items_that_are_equal_do_not_weaken_each_other() -> None:
    dice = random.Random(6)  # noqa: S311
    rows = [filler(dice, 60) for _ in range(40)]
    rows[1] += f" {QUESTION}"
    found = contained(series(rows), series([QUESTION] * 3))
    assert found.item.tolist() == [0, 1, 2]
    assert found.coverage.tolist() == [1.0] * 3


def test_characters_are_words_where_there_are_no_spaces() -> None:
    dice = random.Random(7)  # noqa: S311
    item = "小明有十六个苹果他每天吃三个请问五天以后还剩多少个苹果"
    rows = ["".join(chr(0x4E00 + dice.randrange(2_000)) for _ in range(80)) for _ in range(40)]
    rows[2] = rows[2][:40] + item + rows[2][40:]
    found = contained(series(rows), series([item]))
    assert only(found)[:2] == (2, 0)
    assert between(rows[2], found.row_words[0]) == item


def test_stretches_tables_and_room_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(8)  # noqa: S311
    evals = [filler(dice, dice.randrange(4, 30)) for _ in range(60)]
    rows = [f"{filler(dice, 10)} {' '.join(dice.sample(evals, 3))} {filler(dice, 10)}" for _ in range(90)]
    whole = contained(series(rows), series(evals))
    assert len(whole) > 100
    monkeypatch.setattr(compiled, "STRETCH", 7)
    monkeypatch.setattr(compiled, "threads", lambda: 3)
    monkeypatch.setattr(items, "ROOM", 2)
    parts = contained(series(rows), series(evals))
    for name in ("row", "item", "coverage", "item_inside", "row_words", "item_words"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name))
    monkeypatch.setattr(contain, "BLOCK", 900)
    # Items of other tables are not counted, so that weights differ a little where items share n-grams.
    assert np.array_equal(contained(series(rows), series(evals)).row, whole.row)


@pytest.mark.parametrize(("rows", "texts"), [([], []), ([""], [""]), (["a b c d e"], []), ([], ["a b c d e f g h i"])])
def test_nothing_in_nothing(rows: list[str], texts: list[str]) -> None:
    assert len(contained(series(rows), series(texts))) == 0
