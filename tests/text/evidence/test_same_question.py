"""Whether differently worded prompts ask the same thing."""

from __future__ import annotations

import pytest

from dataprep.similarity import meaningful_difference
from dataprep.text.evidence.same_question import Exchange, Weights, ask_the_same


def same(left: tuple[str, str], right: tuple[str, str]) -> bool:
    def differ(one: str, other: str) -> object:
        return meaningful_difference(one, other, words_matter=True)

    a, b = Exchange(*left), Exchange(*right)
    weights = Weights([a, b])
    found = ask_the_same(a, b, weights, differ)
    assert found == ask_the_same(b, a, weights, differ)
    return found


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            ("Can I return an opened product?", "Yes, you can return it."),
            ("Are opened items eligible for a return?", "No return."),
        ),
        (
            ("When does the student discount expire?", "It lasts 12 months."),
            ("How long is the student discount valid?", "3 months"),
        ),
    ],
)
def test_rewordings(left: tuple[str, str], right: tuple[str, str]) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            ("Do you ship to Canada?", "Yes, we ship there."),
            ("Is shipping to Mexico possible?", "No, we ship nothing there."),
        ),
        (
            ("How long does plan 1 last?", "The plan lasts a month."),
            ("What is the length of plan 2?", "The plan lasts a year."),
        ),
        (("How long does shipping take?", "Three days."), ("How long does a repair take?", "Ten days.")),
        (("What may I eat?", "You may eat soup."), ("What may I not eat?", "You may not eat meat.")),
        (("Write a poem about rain.", "Rain falls."), ("Please write some poem on rain", "No rain.")),
        (
            ("Is the sentiment positive or negative? The food was bad.", "negative"),
            ("Classify the sentiment: the food was fine", "positive"),
        ),
    ],
)
def test_other_questions(left: tuple[str, str], right: tuple[str, str]) -> None:
    assert not same(left, right)


def test_the_opposite_is_not_asked_in_other_words() -> None:
    assert not same(
        ("Is breakfast included in the rate of the room?", "Yes, breakfast is included."),
        ("Is breakfast excluded from the rate of the room?", "No, breakfast is included."),
    )
