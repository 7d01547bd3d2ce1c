"""What a prompt asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.prompt import read_prompt
from dataprep.text.evidence.task_kind import is_label, open_ended, options, rewording


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a poem about the sea",
        "Please write me an email to my boss.",
        "Can you help me write a resignation letter?",
        "Brainstorm names for a cat",
        "Suggest a name for a bakery.",
        "Give me three tips for sleeping better",
        "List some European capitals",
        "Name a fruit.",
        "Give an example of a metaphor",
        "Generate a list of five reasons to buy a bike",
        "Write a Python function that adds two numbers.",
        "What are some good books?",
        "What would you say to a friend?",
        "Continue the story: He opened the door.",
        "Act as a travel guide.",
        "Rephrase the sentence: it is late",
        "Translate to French: hello",
        "Schreibe ein Gedicht",
        "Écris une histoire",
        "Escribe un cuento",
        "请写一首诗",
    ],
)
def test_tasks_whose_answers_may_differ_freely(prompt: str) -> None:
    assert open_ended(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "What is the capital of France?",
        "Name the capital of France",
        "List the planets of the solar system",
        "How long does a refund take?",
        "Do you ship to Canada?",
        "How do I reset my password?",
        "What do I have to do to close my account?",
        "I want to create an account",
        "Can you help me edit my address?",
        "What are your support hours?",
        "Calculate the area of the circle",
        "Classify the sentiment of the text",
        "A factory used to make tractors, and makes silos now. How many did it make?",
        "法国的首都是哪里？",
    ],
)
def test_questions_with_an_answer(prompt: str) -> None:
    assert not open_ended(prompt)


def test_a_given_text_in_other_words() -> None:
    assert rewording("Summarize the following article: ...")
    assert rewording("Rewrite the text.\nEdit the sentence for grammar.")
    assert not rewording("Write a story")
    assert not rewording("Is it possible to edit the shipping address?")


@pytest.mark.parametrize("answer", ["card_arrival", "World news", "positive", "Paris", "Very negative."])
def test_labels(answer: str) -> None:
    assert is_label(answer)


@pytest.mark.parametrize("answer", ["", "It is red", "Yes, we do", "One. Two.", "a word of five words here", "x" * 50])
def test_what_is_no_label(answer: str) -> None:
    assert not is_label(answer)


def test_options_of_a_prompt() -> None:
    in_lines = options("Which?\nA) Paris\nB) London\nC) Rome")
    assert in_lines == {"A": "Paris", "B": "London", "C": "Rome"}
    assert options("Which? (A) one (B) two") == {"A": "one", "B": "two"}
    assert options("Plan A. Nothing else") == {}
    assert options("No options here") == {}


@pytest.mark.parametrize(
    ("prompt", "measure"),
    [
        ("How long is the warranty?", "time"),
        ("How many vacation days do I get?", "time"),
        ("How often are bills sent?", "frequency"),
        ("How much is it?", "money"),
        ("How many people can join?", "count"),
        ("What time does it open?", "clock"),
        ("How tall is it?", "length"),
    ],
)
def test_what_a_question_measures(prompt: str, measure: str) -> None:
    assert measure in read_prompt(prompt).measures


@given(st.text(max_size=80))
def test_any_prompt_can_be_read(prompt: str) -> None:
    asked = read_prompt(prompt)
    assert read_prompt(prompt) is asked
    assert set(asked.options) <= set("ABCDEFGHIJ")
    assert len(asked.options) != 1
