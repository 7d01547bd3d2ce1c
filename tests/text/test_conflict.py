"""Evidence that two answers to one question exclude each other; a difference alone is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataprep.text.conflict import conflict

if TYPE_CHECKING:
    from pathlib import Path

CONFLICTS = [
    ("yes-no", "Yes.", "No."),
    ("yes-no", "Yes, you can return it.", "No, you cannot."),
    ("yes-no", "True", "False"),
    ("yes-no", "Yes, we ship there.", "We do not ship there."),
    ("quantity", "14 days", "30 days"),
    ("quantity", "You have 14 days to return an item.", "You can return an item within 30 days."),
    ("quantity", "Refunds take 5 to 7 days.", "Refunds take 30 days."),
    ("quantity", "Shipping costs $5.", "Shipping costs $10."),
    ("quantity", "You get 10% off.", "You get 20% off."),
    ("quantity", "We open at 9 am.", "We open at 11 am."),
    ("final-answer", "3 + 4 = 7\n#### 7", "3 + 5 = 8\n#### 8"),
    ("quantity", "100", "1000"),
    ("quantity", "It takes 5 to 7 days.", "It takes two weeks."),
    ("quantity", "It costs $15.", "It costs 20 dollars."),
    ("negation", "Gift cards are not refundable.", "Gift cards can be refunded."),
    ("negation", "We ship to Canada.", "We do not ship to Canada."),
    ("negation", "Refunds are available.", "Refunds are not available."),
    ("opposite", "Registration is optional.", "Registration is mandatory."),
    ("opposite", "Shipping is free.", "Shipping is paid."),
    ("opposite", "The store is open on Sunday.", "The store is closed on Sunday."),
    ("opposite", "Prices rise in May.", "Prices fall in May."),
    ("opposite", "It is safe to drink.", "It is unsafe to drink."),
]
NONE = [
    ("", ""),
    ("Yes", ""),
    ("Yes.", "Yes, of course you can."),
    ("Paris", "London"),
    ("A 2-year warranty.", "You get 24 months of warranty."),
    ("Orders above $50 ship for free.", "Spend more than 50 dollars and shipping is free."),
    ("Up to six people can use one family plan.", "A family plan covers up to 6 members."),
    ("1. Log in.\n2. Click on orders.", "1. Log in.\n2. Go to orders.\n3. Click on it."),
    ("You can order without any issues.", "You can easily order there."),
    ("There is no fee.", "It is free of charge."),
    ("Red, green and blue.", "Blue, red and green."),
    ("Paris is the capital.", "The capital is Paris."),
    ("The warranty is 2 years.", "The warranty lasts 24 months."),
    ("two weeks", "14 days"),
    ("Shipping costs $5.", "Shipping costs 5 dollars."),
    ("Refunds take 5 to 7 days.", "Refunds take 5-7 business days."),
    ("1. Open the settings.\n2. Press reset.", "1. Open the settings.\n3. Press reset."),
    ("Don't worry, your order is on its way.", "Your order is on its way."),
    ("No problem, we will refund it.", "We will refund it."),
    ("3 + 4 = 7\n#### 7", "4 + 3 gives 7. The answer is 7"),
    ("Press reset. Then wait.", "Then wait, and press reset, as the manual says on its first page."),
    ("It costs 5 euros.", "It costs 5 euros and arrives within 3 days."),
]


@pytest.mark.parametrize(("kind", "left", "right"), CONFLICTS)
def test_evidence_is_found_from_either_side(kind: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other)
        assert found is not None
        assert found.kind == kind
        assert found.left != found.right


@pytest.mark.parametrize(("left", "right"), NONE)
def test_wording_order_and_length_are_no_evidence(left: str, right: str) -> None:
    assert conflict(left, right) is None
    assert conflict(right, left) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Refunds take 5 to 7 days.", "Refunds take about 6 days."),
        ("It costs 1.5 million dollars.", "It costs 1,500,000 dollars."),
        ("Deliveries take 3 days.", "Returns are accepted for 30 days."),
    ],
)
def test_quantities_that_agree_or_measure_other_things_are_no_evidence(left: str, right: str) -> None:
    assert conflict(left, right) is None
    assert conflict(right, left) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("40 + 2\n#### 42", "40 + 3\n#### 43"),
        ("The answer is 100", "The answer is 101"),
        ("Shipping costs $100.", "Shipping costs $102."),
        ("We open at 10:30.", "We open at 10:45."),
        ("We close at 10 am.", "We close at 10 pm."),
        ("It costs 5€.", "It costs 10€."),
    ],
)
def test_values_that_are_close_but_not_the_same_are_evidence(left: str, right: str) -> None:
    assert conflict(left, right) is not None
    assert conflict(right, left) is not None


def test_the_words_of_a_conflict_are_those_of_the_answers() -> None:
    found = conflict("Refunds take 5 to 7 days.", "Refunds take 30 days.")
    assert found is not None
    assert found.describe() == "same question, 5 to 7 days vs 30 days"


ANSWERS = st.lists(
    st.sampled_from(
        "yes no not never we you can cannot refund refunds return returned returns order orders ship 3 14 30 days "
        "weeks $5 $10 10% free paid open closed always . , ! safe unsafe the a is are".split()
    ),
    max_size=12,
).map(" ".join)


@given(ANSWERS, ANSWERS)
@example("returned", "returned never returns")
@example("days returns return", "never returns")
def test_a_conflict_has_no_direction(left: str, right: str) -> None:
    assert (conflict(left, right) is None) == (conflict(right, left) is None)


@given(ANSWERS)
def test_nothing_conflicts_with_itself(text: str) -> None:
    assert conflict(text, text) is None
    assert conflict(text, text.upper()) is None


def test_no_consistent_pair_of_the_planted_ones_is_flagged(shared: Path) -> None:
    path = shared / "contradiction_planted" / "pairs.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    same = [pair for pair in pairs if pair["kind"] == "same_prompt"]
    consistent = [pair for pair in same if pair["label"] == "consistent"]
    assert len(consistent) == 16
    assert [pair for pair in consistent if conflict(pair["answer_a"], pair["answer_b"])] == []
    opposed = [pair for pair in same if pair["label"] == "contradiction"]
    found = [pair for pair in opposed if conflict(pair["answer_a"], pair["answer_b"])]
    assert len(found) >= 0.8 * len(opposed)
