"""Statements against their negation, their opposite, or what they leave no room for."""

from __future__ import annotations

import pytest

from dataprep.text.evidence.conflict import conflict

FOUND = [
    ("Does it come with a charger?", "A charger is included in the box.", "The charger is sold separately.", "error"),
    ("What format should I upload?", "Only PDF files.", "Only PNG files.", "note"),
    ("How can I pay?", "We only accept cash.", "We only accept bank transfers.", "note"),
    ("How long is delivery?", "7 days.", "Standard takes 5 days, express takes 2 days.", "error"),
    ("How long do I boil it?", "8 minutes.", "10 minutes for a hard yolk, 6 minutes for a soft one.", "note"),
    ("What is the largest file size?", "The maximum is 25 MB.", "You can upload up to 50 MB.", "error"),
    ("Is Python statically typed?", "Python is dynamically typed.", "Python is a statically typed language.", "error"),
    ("What is the default timeout?", "30 seconds", "The default is 60s.", "error"),
    ("Do I have to register?", "Registration is required.", "You don't have to register.", "error"),
    ("Give the price as JSON.", '{"item": "hat", "price": 35}', '```json\n{"price": 53, "item": "hat"}\n```', "error"),
    ("Extract it as JSON.", '{"a": {"newsletter": true}}', '{"a": {"newsletter": false}}', "error"),
    ("Triage this as JSON.", '{"category": "billing"}', '{"category": "technical"}', "note"),
    ("Combien de temps ?", "six minutes", "douze minutes", "error"),
    ("退货期限是多久？", "十四天", "三十天", "error"),
    ("保修多久？", "保修期为两年。", "保修期为三年。", "error"),
    ("税率是多少？", "税率为百分之七。", "税率为8%。", "error"),
]
NONE = [
    ("What do you have?", "Support is included on the free plan.", "Support is included on the paid plan."),
    ("Who may enter?", "Only adults may enter.", "Only adults over 18 may enter."),
    ("Is the earth round?", "Yes.", "No doubt about it."),
    ("Is the earth round?", "Yes.", "There's no question: it is."),
    ("Is 21 prime?", "No, 21 = 3 × 7.", "21 isn't a prime number."),
    ("Solve x^2 = 9.", "x = 3 or x = -3", "x = ±3"),
    ("Is parking free?", "Parking is free for guests.", "Guests park at no charge."),
    ("How do they differ?", "TCP is reliable; UDP is not.", "UDP knows no connection, while TCP promises delivery."),
    ("How long is the timeout?", "It is 30 seconds.", "It is 30000 ms."),
    ("Extract it as JSON.", '{"total": 840, "name": "Ann Lee"}', '{"name": "Ann", "total": 840.0, "more": 1}'),
    ("Which is the largest economy?", "USA", "The United States"),
    ("Who investigates it?", "FBI", "Federal Bureau of Investigation"),
    ("Which language runs in browsers?", "JavaScript", "JS"),
    ("Was kostet es?", "Es kostet 8,50 €.", "8 Euro und 50 Cent"),
    ("How long is it?", "1 hour and 30 minutes", "90 minutes"),
    ("When does it close?", "We are open until 6 pm.", "The shop closes at 6 pm."),
    ("When is it open?", "It is closed on Mondays.", "It is open every day except Monday."),
    ("When do I take it?", "Take it before you eat.", "Do not take it after you have eaten."),
    ("Don't you ship to Malta?", "Yes, we ship to Malta.", "No problem, we do ship to Malta."),
    (
        "Is there no discount for groups?",
        "No, there is no discount for groups.",
        "Yes, there is no discount for groups.",
    ),
    ("保修多久？", "保修期为两年。", "保修期为24个月。"),
    ("什么时候到？", "第一天到。", "五月七日到。"),
]


@pytest.mark.parametrize(("prompt", "left", "right", "severity"), FOUND)
def test_found_from_either_side(prompt: str, left: str, right: str, severity: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other, prompt)
        assert found is not None
        assert found.severity == severity


@pytest.mark.parametrize(("prompt", "left", "right"), NONE)
def test_both_can_be_right(prompt: str, left: str, right: str) -> None:
    assert conflict(left, right, prompt) is None
    assert conflict(right, left, prompt) is None
