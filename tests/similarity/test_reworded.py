"""The search for rewordings against comparing all texts, the plain way."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import compiled, reworded
from dataprep.similarity.reworded import Retrieved, cross, within
from tests.similarity.plain_reworded import Plain

WORDS = "janet ducks eggs lay 16 3 three market sells dollars $2 语 言 the a of each day 400 bolts fibre robe".split()
TEXT = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)


def series(texts: list[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


def best(plain: Plain, text: str, others: list[str], most: int, least: float) -> list[float]:
    scores = [plain.score(text, other) for other in dict.fromkeys(others) if other != text]
    return sorted((score for score in scores if score is not None and score >= least), reverse=True)[:most]


def by_left(found: Retrieved, count: int) -> list[list[tuple[int, float]]]:
    result: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for left, right, score in zip(found.left.tolist(), found.right.tolist(), found.score.tolist(), strict=True):
        result[left].append((right, score))
    return result


@given(
    st.lists(TEXT, max_size=12), st.lists(TEXT, max_size=12), st.integers(1, 4), st.sampled_from([0.0, -np.inf, 1.0])
)
def test_the_best_are_those_of_comparing_all(left: list[str], right: list[str], most: int, least: float) -> None:
    plain = Plain(right + left)
    # Scores are kept in 32 bits: one that is nearly `least` could fall on either side.
    found = by_left(cross(series(left), series(right), most=most, least=least), len(left))
    for text, pairs in zip(left, found, strict=True):
        wanted = best(plain, text, right, most, least - 1e-4)
        assert len(pairs) in (len(wanted), len(best(plain, text, right, most, least + 1e-4)))
        assert [score for _, score in pairs] == pytest.approx(wanted[: len(pairs)], abs=1e-4)
        for other, score in pairs:
            assert plain.score(text, right[other]) == pytest.approx(score, abs=1e-4)
            assert right.index(right[other]) == other


@given(st.lists(TEXT, max_size=20), st.integers(1, 3))
def test_within_one_column_the_earlier_ones_count(texts: list[str], most: int) -> None:
    distinct = list(dict.fromkeys(texts))
    plain = Plain(distinct)
    found = by_left(within(series(texts), most=most), len(texts))
    for position, pairs in enumerate(found):
        if texts.index(texts[position]) != position:
            assert pairs == []
            continue
        earlier = distinct[: distinct.index(texts[position])]
        wanted = best(plain, texts[position], earlier, most, 0.0)
        assert [score for _, score in pairs] == pytest.approx(wanted, abs=1e-4)
        assert all(other < position for other, _ in pairs)


def questions(count: int) -> list[str]:
    dice = random.Random(4)  # noqa: S311 - test data
    words = [f"word{number}" for number in range(400)] + ["the", "of", "and"] * 60
    return [" ".join(dice.choices(words, k=12)) + f" {dice.randrange(90)} {dice.randrange(90)}" for _ in range(count)]


def same(left: Retrieved, right: Retrieved) -> bool:
    names = ("left", "right", "score", "shared_numbers", "numbers")
    return all(np.array_equal(getattr(left, name), getattr(right, name)) for name in names)


def test_stretches_threads_and_indexes_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = series(questions(700))
    left, right = texts[:200], texts[150:]
    whole, inside = cross(left, right, most=3), within(texts, most=2)
    assert whole.limits == inside.limits == []
    monkeypatch.setattr(compiled, "STRETCH", 11)
    monkeypatch.setattr(compiled, "threads", lambda: 3)
    assert same(cross(left, right, most=3), whole)
    monkeypatch.setattr(reworded, "BLOCK", 5_000)
    assert same(cross(left, right, most=3), whole)
    assert same(within(texts, most=2), inside)


def test_bounded_work_is_said_and_still_finds_what_shares_rare_words(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = questions(600)
    dice = random.Random(5)  # noqa: S311
    reworded_texts = []
    for text in texts[:100]:
        words = text.split()
        for place in dice.sample(range(10), 4):
            words[place] = f"other{dice.randrange(10**6)}"
        reworded_texts.append(" ".join(words))
    monkeypatch.setattr(reworded, "FEWEST", 12)
    monkeypatch.setattr(reworded, "MOST", 12)
    found = cross(series(reworded_texts), series(texts))
    assert found.left.tolist() == found.right.tolist() == list(range(100))
    assert "were compared by their rarest words and numbers" in found.limits[0]
    plain = Plain(texts + reworded_texts)
    for left, right, score in zip(found.left, found.right, found.score, strict=True):
        assert plain.score(reworded_texts[left], texts[right]) == pytest.approx(score, abs=1e-4)


def test_numbers_prove_or_make_a_variant() -> None:
    texts = ["janet sells 16 eggs 3 times for $2", "how long is a refund", "a hat costs 25 dollars and a coat 75"]
    right = [
        "for $2 each janet s three neighbours get 16 eggs",
        "when do i get a refund",
        "a hat costs 30 dollars and a coat 75",
        *(f"filler number text {number}" for number in range(20)),
    ]
    found = cross(series(texts), series(right), least=-np.inf)
    assert found.right.tolist() == [0, 1, 2]
    assert found.shared_numbers.tolist() == [3, 0, 1]
    assert found.numbers.tolist() == [3, 0, 2]
    assert found.is_proved.tolist() == [True, False, False]
    assert found.is_variant.tolist() == [False, False, True]
    assert found.where(found.is_proved).left.tolist() == [0]


def test_words_in_another_order_prove_nothing() -> None:
    fill = [f"write a function to do task {word}" for word in "sorting merging parsing hashing adding".split()] * 4
    found = cross(
        series(["write a function to convert radians to degrees"]),
        series([*fill, "write a function to convert degrees to radians"]),
    )
    assert found.right.tolist() == [20]
    assert not found.is_proved.any()


def test_nothing_in_nothing() -> None:
    nothing = series([])
    for found in (
        cross(nothing, nothing),
        cross(series(["a 1"]), nothing),
        cross(nothing, series(["", "a"])),
        within(nothing),
    ):
        assert len(found) == 0


def test_long_texts_of_rising_length() -> None:
    """Buffers grow with the texts; what a longer one after a long one needs is there."""
    dice = random.Random(4)  # noqa: S311
    texts = [" ".join(f"{dice.randrange(4000):x}word" for _ in range(count)) for count in (300, 900, 320, 2000, 350)]
    others = [" ".join(text.split()[::-1]) for text in texts]
    found = cross(series(others), series(texts))
    assert found.left.tolist() == found.right.tolist() == [0, 1, 2, 3, 4]
    again = cross(series(others[::-1]), series(texts))
    assert sorted(again.score.tolist()) == sorted(found.score.tolist())
