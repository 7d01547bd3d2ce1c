"""Answers to one question: which exclude each other, and what each side claims."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dataprep.checks.disputes import Asked, Said, positions
from dataprep.text.evidence.conflict import Conflict, conflict

ANSWERS = ("14 days", "Two weeks.", "It takes 30 days.", "a month or so", "Nobody knows.", "30 days", "90 days")


def asked(*answers: str, prompt: str = "How long does a refund take?", sides: Sequence[int] | None = None) -> Asked:
    return Asked([Said(prompt, answer, [number]) for number, answer in enumerate(answers)], sides)


def claims(question: Asked) -> dict[str, list[int]]:
    return {position.claim: list(position.answers) for position in positions(question, conflict)}


def test_answers_are_gathered_by_what_they_claim() -> None:
    assert claims(asked("14 days", "Two weeks.", "It takes 30 days.", "Nobody knows.")) == {
        "14 days": [0, 1],
        "30 days": [2],
    }


def test_an_open_task_has_no_wrong_answer() -> None:
    assert not claims(asked("5 lines of rain", "7 lines of snow", prompt="Write a poem about the weather."))


def test_only_answers_to_different_wordings_are_compared() -> None:
    assert not claims(asked("14 days", "30 days", sides=[1, 1]))
    assert set(claims(asked("14 days", "30 days", sides=[1, 2]))) == {"14 days", "30 days"}


def test_equal_words_for_different_claims_stay_apart() -> None:
    """Of what no claim can be read, the words of the evidence stand for it."""

    def evidence(left: str, right: str, prompt: str) -> Conflict | None:
        return Conflict("negation", "so", "so") if left != right else None

    found = positions(asked("We might.", "We may not.", prompt=""), evidence)
    assert [position.claim for position in found] == ["so", "so (2)"]


@given(st.lists(st.sampled_from(ANSWERS), min_size=2, max_size=30))
def test_every_conflict_stands_between_two_positions(answers: list[str]) -> None:
    question = asked(*answers)
    found = positions(question, conflict)
    seen = [number for position in found for number in position.answers]
    assert len(seen) == len(set(seen))
    for position in found:
        for excluded in position.answers.values():
            assert excluded
            assert not excluded.keys() & set(position.answers)
    assert len({position.claim for position in found}) == len(found)
