"""Which side an answer takes on a yes-no question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.polarity import polarity
from dataprep.text.evidence.yes_no import yes_no_question

SHIP = "Do you ship to Canada?"
TAKES = [
    (SHIP, "Yes.", 1),
    (SHIP, "No, sorry.", -1),
    (SHIP, "Certainly!", 1),
    (SHIP, "We ship to Canada.", 1),
    (SHIP, "We don't ship to Canada.", -1),
    (SHIP, "Unfortunately, shipping to Canada is not possible.", -1),
    (SHIP, "We are unable to ship to Canada.", -1),
    (SHIP, "While we used to ship to Canada, we no longer ship there.", -1),
    (SHIP, "It is not true that we ship to Canada.", -1),
    (SHIP, "It is not impossible to ship to Canada.", 1),
    (SHIP, "There is no doubt that we ship to Canada.", 1),
    (SHIP, "Many do not know that we ship to Canada.", 1),
    (SHIP, "If you do not have an address, we ship to a shop in Canada.", 1),
    ("Is it impossible to swim there?", "It is impossible to swim there.", 1),
    ("Is it impossible to swim there?", "It is possible to swim there.", -1),
    ("Is the drug harmful?", "The drug is harmless.", -1),
    ("Are queen bees unnecessary?", "Queen bees are necessary.", -1),
    ("Are queen bees unnecessary?", "Queen bees are unnecessary.", 1),
    ("Is sunscreen helpful?", "Sunscreen is unhelpful.", -1),
    ("Is gold heavier than iron?", "Gold is heavier than iron.", 1),
    ("Is gold heavier than iron?", "Iron is heavier than gold.", -1),
    ("Were there under 100 people?", "There were over 100 people.", -1),
    ("Do I have to print my ticket?", "Printing is optional.", -1),
    ("Is there a fee for cancelling?", "Cancelling is free of charge.", -1),
    ("Is there a fee for cancelling?", "There is no fee.", -1),
    ("Does the phone support wireless charging?", "The phone lacks wireless charging.", -1),
    ("Is shrimp free of plastic?", "Shrimp is free of plastic.", 1),
]


@pytest.mark.parametrize(("question", "answer", "side"), TAKES)
def test_the_side_of_an_answer(question: str, answer: str, side: int) -> None:
    found = polarity(answer, question)
    assert found is not None
    assert found.side == side


def test_an_answer_about_something_else_takes_no_side() -> None:
    found = polarity("Our office is in Berlin.", SHIP)
    assert found is not None
    assert found.side == 0


def test_the_part_that_decides_is_shown() -> None:
    answer = "Thanks for asking. We do not ship to Canada. Try again."
    found = polarity(answer, SHIP)
    assert found is not None
    assert answer[slice(*found.span)] == "We do not ship to Canada"
    assert found.denied


@pytest.mark.parametrize(
    "prompt",
    [
        "Is the store open?",
        "In 1965, were there troops?",
        "When it rains, is the pool open?",
        "is the store open",
        "NATO doesn't recognise it?",
        "I bought a phone. It broke. Can I return it?",
    ],
)
def test_yes_no_questions(prompt: str) -> None:
    assert yes_no_question(prompt) is not None


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "What is it?",
        "Can you tell me how it works?",
        "Could you please help me?",
        "Is it tea or coffee?",
        "Read the text. Do your best.",
        "wher can I change it?",
        "Describe it.",
    ],
)
def test_other_prompts_ask_no_yes_or_no(prompt: str) -> None:
    assert yes_no_question(prompt) is None


WORDS = st.lists(
    st.sampled_from(
        "we do not ship no never to canada yes , . but while although unable impossible only if because may seem "
        "than more less without rather than too free of lack".split()
    ),
    max_size=14,
).map(" ".join)


@given(WORDS)
def test_a_score_is_between_no_and_yes(answer: str) -> None:
    found = polarity(answer, SHIP)
    assert found is not None
    assert -1 <= found.score <= 1
    start, end = found.span
    assert 0 <= start <= end <= len(answer)
