"""Evidence of conflict between two answers, and what is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataprep.text.conflict import conflict
from dataprep.text.quantities import quantities

CONFLICT = [
    ("It takes 14 days.", "It takes 30 days.", "quantity"),
    ("It takes 5 to 7 days.", "It takes two weeks.", "quantity"),
    ("It costs $15.", "It costs 20 dollars.", "quantity"),
    ("So 2 + 2 = 4.\n#### 4", "So 2 + 2 = 5.\n#### 5", "quantity"),
    ("Yes, we do.", "No, we don't.", "yes-no"),
    ("Yes, we ship there.", "We do not ship there.", "yes-no"),
    ("Gift cards are not refundable.", "Gift cards can be refunded.", "negation"),
    ("Two-factor login is optional.", "Two-factor login is mandatory.", "opposite"),
]
NONE = [
    ("A 2-year warranty.", "You get 24 months of warranty."),
    ("Orders above $50 ship for free.", "Spend more than 50 dollars and shipping is free."),
    ("Up to six people can use one family plan.", "A family plan covers up to 6 members."),
    ("1. Log in.\n2. Click on orders.", "1. Log in.\n2. Go to orders.\n3. Click on it."),
    ("You can order without any issues.", "You can easily order there."),
    ("There is no fee.", "It is free of charge."),
    ("Red, green and blue.", "Blue, red and green."),
    ("", ""),
]


@pytest.mark.parametrize(("left", "right", "kind"), CONFLICT)
def test_evidence(left: str, right: str, kind: str) -> None:
    for one, two in ((left, right), (right, left)):
        found = conflict(one, two)
        assert found is not None
        assert found.kind == kind


@pytest.mark.parametrize(("left", "right"), NONE)
def test_no_evidence(left: str, right: str) -> None:
    assert conflict(left, right) is None
    assert conflict(right, left) is None


def test_hand_written_pairs(shared: Path) -> None:
    path = shared / "contradiction_planted" / "pairs.jsonl"
    pairs = [json.loads(line) for line in path.read_text().splitlines()]
    flagged = dict.fromkeys(("contradiction", "consistent"), 0)
    for pair in pairs:
        if pair["kind"] == "same_prompt":
            flagged[pair["label"]] += conflict(pair["answer_a"], pair["answer_b"]) is not None
    assert flagged["consistent"] == 0
    assert flagged["contradiction"] >= 13


def test_units_are_reduced_to_one_measure() -> None:
    assert [(item.dimension, item.value) for item in quantities("2 weeks and 20%, twenty-five euros, 9 am")] == [
        ("time", 14.0),
        ("percent", 20.0),
        ("money euro", 25.0),
        ("clock", 9.0),
    ]
