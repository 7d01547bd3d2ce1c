"""Which rows reword an evaluation item, and what they are called."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dataprep.similarity import Reworded, Texts, reworders
from tests.helpers import texts_of


def fillers(count: int) -> list[tuple[str, str]]:
    dice = random.Random(7)  # noqa: S311 - test data
    words = [f"word{number}" for number in range(300)] + ["write", "a", "function", "to"] * 10
    return [(" ".join(["Write a function to", *dice.choices(words, k=8)]), str(number)) for number in range(count)]


def by_row(left: Texts, right: Texts, **more: object) -> dict[int, Reworded]:
    return {one.left: one for one in reworders(left, right, **more).found}  # type: ignore[arg-type]


EGGS = "Janet's ducks lay 16 eggs per day. She eats 3 for breakfast, bakes with 4 and sells the rest for $2 each."
EGGS_REWORDED = (
    "Of the 16 eggs her ducks lay in a day, Janet has 3 at breakfast, 4 in muffins, and gets $2 for the others."
)


def test_rewordings_variants_and_copies() -> None:
    rows = [
        (EGGS_REWORDED, "18"),
        (EGGS.replace("16", "25"), "36"),
        ("Write a function to convert degrees to radians.", "a"),
        (EGGS_REWORDED, "eighteen"),
        (EGGS, "18"),
    ]
    items = [(EGGS, "18"), ("Write a function to convert radians to degrees.", "b")]
    found = by_row(texts_of(*rows, *fillers(300)), texts_of(*items))
    assert {row: (one.right, one.is_proved, one.is_variant) for row, one in found.items() if row < 5} == {
        0: (0, True, False),
        1: (0, False, True),
        2: (1, False, True),
        3: (0, True, False),
    }
    change = found[2].change
    assert change is not None
    assert change.kind == "order"
    assert len(found) <= 6


def test_numbers_prove_nothing_about_two_matters() -> None:
    item = "A farm near Oslo has 240 hens laying 180 eggs each year at 30 kroner. What is the income?"
    rows = [
        ("At a shop near Rome 240 chairs go to 180 schools in 30 months. How many chairs does a school get?", "1"),
        ("With 240 hens that give 180 eggs each in a year, worth 30 kroner, what does a farm in Oslo earn?", "2"),
    ]
    found = by_row(texts_of(*rows, *fillers(300)), texts_of((item, "1296000"), *fillers(20)))
    assert found[1].is_proved
    assert 0 not in found or not found[0].is_proved


def test_known_rows_are_left_out_and_change_no_threshold() -> None:
    left, right = texts_of((EGGS_REWORDED, "18"), *fillers(300)), texts_of((EGGS, "18"), *fillers(20))
    every, some = reworders(left, right), reworders(left, right, known=[0])
    assert [one.left for one in some.found] == [one.left for one in every.found if one.left != 0]
    assert some.calibrations == every.calibrations


def test_meanings_share_the_rate() -> None:
    def embedder(texts: Sequence[str]) -> NDArray[np.float32]:
        dice = np.random.default_rng(len(texts))
        vectors = dice.normal(size=(len(texts), 16)).astype(np.float32)
        vectors[0] = 1.0
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    left = texts_of(("Pay my money back, now!", "No."), *fillers(300))
    right = texts_of(("I want a refund of 5 euros.", "No."), *fillers(4))
    found = reworders(left, right, embedder=embedder)
    assert [(by, one.rate) for by, one in found.calibrations] == [("words and numbers", 0.005), ("meaning", 0.005)]
    (one,) = [one for one in found.found if one.left == 0]
    assert (one.right, one.by, one.is_variant) == (0, "meaning", True)


def test_no_rows_or_items() -> None:
    nothing = texts_of()
    for left, right in ((nothing, nothing), (texts_of(("a 1", "b")), nothing), (nothing, texts_of(("a 1", "b")))):
        assert reworders(left, right).found == []


def test_all_rows_with_the_text_are_listed() -> None:
    left = texts_of(*[(EGGS_REWORDED, str(number)) for number in range(3)], *fillers(200))
    assert {0, 1, 2} <= by_row(left, texts_of((EGGS, "18"))).keys()
    assert isinstance(left.prompt, pl.Series)


def test_counting_proves_nothing() -> None:
    reworded = "A teacher writes {} on the board and asks the class to add them all up. What is the sum?"
    asked = "On the board stand {}, which a teacher lets the class add up. What is their sum?"
    lists = ["2, 3, 4 and 5", "17, 45 and 230"]
    rows, items = ([(text.format(one), "") for one in lists] for text in (reworded, asked))
    found = by_row(texts_of(*rows, *fillers(300)), texts_of(*items))
    assert [(found[row].right, found[row].is_proved) for row in (0, 1)] == [(0, False), (1, True)]


def test_a_plain_text_is_compared_by_all_it_says() -> None:
    found = by_row(texts_of(("", EGGS_REWORDED), *fillers(300)), texts_of((EGGS, "18")))
    assert (found[0].right, found[0].is_proved) == (0, True)
