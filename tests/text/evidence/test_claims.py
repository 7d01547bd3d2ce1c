"""What an answer claims, as a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.claims import claim_of
from dataprep.text.evidence.conflict import conflict


@pytest.mark.parametrize(
    ("left", "right", "prompt"),
    [
        ("2 weeks", "14 days", ""),
        ("12 months", "a year", ""),
        ("3 months", "90 days", ""),
        ("18 months", "1.5 years", ""),
        ("52 weeks", "1 year", ""),
        ("1,000.0", "1000", ""),
        ("twenty", "20", ""),
        ("$5", "5 dollars", ""),
        ("$5", "USD 5", ""),
        ("12 am", "midnight", ""),
        ("100 %", "100%", ""),
        ("5 to 7 days", "five to seven days", ""),
        ("Yes.", "yes, of course", ""),
        ("We ship there.", "Yes.", "Do you ship there?"),
        ("B", "(B)", ""),
        ("Dolphin", "The answer is B", "Which?\nA) Shark\nB) Dolphin"),
        ("card_arrival", "Card arrival.", ""),
        ("#### 18", "The answer is $18.", ""),
        ("9 * 2 = 18", "#### 18", ""),
        ("The answer is 2 hours", "120 minutes", ""),
        ("You have 14 days to return it.", "Within two weeks.", "How long do I have?"),
        ("World War II ended in 1945.", "In 1945", "When did it end?"),
    ],
)
def test_claims_that_say_the_same_are_equal(left: str, right: str, prompt: str) -> None:
    a, b = claim_of(left, prompt), claim_of(right, prompt)
    assert a is not None
    assert a == b
    assert hash(a) == hash(b)
    assert conflict(left, right, prompt) is None


@pytest.mark.parametrize(
    ("left", "right", "prompt"),
    [
        ("14 days", "30 days", ""),
        ("Yes.", "No.", ""),
        ("B", "C", ""),
        ("#### 18", "#### 19", ""),
        ("It takes 3 days.", "It takes 5 days.", "How long does it take?"),
        ("card_arrival", "lost_card", ""),
    ],
)
def test_claims_that_differ(left: str, right: str, prompt: str) -> None:
    assert claim_of(left, prompt) != claim_of(right, prompt)
    assert conflict(left, right, prompt) is not None


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        ("", ""),
        ("Plants use light to make sugar from water and air.", "Explain photosynthesis."),
        ("It takes 3 days.", "Write a story."),
        ("Boil 3 eggs for 5 minutes, wait 2 hours and serve 4 people.", "How do I cook them?"),
    ],
)
def test_answers_without_a_single_point_claim_nothing(answer: str, prompt: str) -> None:
    assert claim_of(answer, prompt) is None


def test_prices_in_two_currencies_are_two_claims_but_no_evidence() -> None:
    assert claim_of("$5") != claim_of("€5")
    assert conflict("$5", "€5") is None


def test_a_claim_is_shown_as_it_was_written() -> None:
    assert str(claim_of("You have 14 days to return it.", "How long do I have?")) == "14 days"
    assert str(claim_of("The answer is B) Paris", "")) == "B"


@given(st.text(max_size=60), st.sampled_from(["", "How long?", "Is it so?", "A) x\nB) y"]))
def test_any_answer_can_be_asked_for_its_claim(answer: str, prompt: str) -> None:
    assert claim_of(answer, prompt) == claim_of(answer, prompt)
