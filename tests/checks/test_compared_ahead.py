"""Answers compared ahead by other processes: what is found is what is found without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep import processes
from dataprep.checks.compared_ahead import FEW, compared_ahead
from dataprep.checks.disputes import Asked, Said, positions
from dataprep.text.evidence.conflict import conflict

if TYPE_CHECKING:
    import pytest

PROMPT = "How long do refunds take?"
ANSWERS = [
    ["They take 14 days.", "They take 30 days."],
    ["They take 14 days.", "A refund takes 14 days."],
    ["They take 14 days.", "A refund takes 14 days.", "They take 30 days."],
    ["Soon.", "It depends on the bank.", "Please wait."],
    [f"They take {days} days." for days in range(10, 11 + FEW)],
]


def asked(answers: list[str], sides: list[int] | None = None) -> Asked:
    return Asked([Said(PROMPT, answer, [row]) for row, answer in enumerate(answers)], sides)


def test_what_is_left_is_judged_as_all_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [asked(answers) for answers in ANSWERS] + [asked(ANSWERS[0], [1, 1]), asked(ANSWERS[2], [0, 1, 0])]
    monkeypatch.setattr(processes, "ENOUGH", 1)
    disputed, compare = compared_ahead(questions, conflict)
    assert disputed == [questions[0], questions[2], questions[4], questions[6]]
    for question in questions:
        alone = positions(question, conflict)
        assert positions(question, compare) == alone
        assert bool(alone) == (question in disputed)


def test_few_are_left_as_they_are() -> None:
    questions = [asked(answers) for answers in ANSWERS]
    assert compared_ahead(questions, conflict) == (questions, conflict)
