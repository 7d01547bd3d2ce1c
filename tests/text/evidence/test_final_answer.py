"""What a worked answer concludes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.final_answer import computed_result, final_answer


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("First 3 + 4 = 7 apples.\n#### 7", "number", 7),
        ("#### 5\n#### 6", "number", 6),
        ("So the answer is 42.", "number", 42),
        ("The final answer is $1,234.50", "number", 1234.5),
        ("**Answer:** 12 hours", "number", 12),
        ("Answer: -3", "number", -3),
        ("9 * 2 = 18\nA: 18", "number", 18),
        ("A: 9 * 2 = 18", "number", 18),
        (r"Hence \boxed{9}", "number", 9),
        (r"Hence $\boxed{\frac{1}{2}}$.", "number", 0.5),
        (r"\boxed{1{,}000}", "number", 1000),
        (r"\boxed{25\%}", "number", 25),
        (r"\boxed{12\text{ cm}}", "number", 12),
        ("The answer is 3/4", "number", 0.75),
        ("Answer: 3 1/2", "number", 3.5),
        ("Final answer: 1.5e5", "number", 150_000),
        ("The answer is forty-two.", "number", 42),
        ("答案是42。", "number", 42),
        ("The answer to life is 42.", "number", 42),
        (r"\boxed{10\sqrt{2}}", "formula", r"10\sqrt{2}"),
        ("The answer is 5x + 3", "formula", "5x+3"),
        ("The correct answer is (B).", "option", "B"),
        ("The answer is B) Paris", "option", "B"),
        ("The answer is B because plants take in CO2.", "option", "B"),
        ("The correct option is C.", "option", "C"),
        ("The answer is Paris, since it is.", "text", "paris"),
        ("The answer is a dog", "text", "dog"),
        ("The answer is yes.", "yes-no", "yes"),
        ("Therefore:\nAnswer: False", "yes-no", "no"),
    ],
)
def test_marked_conclusions(text: str, kind: str, value: float | str) -> None:
    found = final_answer(text)
    assert found is not None
    assert (found.kind, found.value) == (kind, value)
    assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The result is a better product",
        "The answer is that nobody knows what will happen to it",
        "Option C is correct",
        "The solution to -736*h + 742*h + 12 = 0 needs two steps.",
        "A: a long explanation of what happened in the year before",
    ],
)
def test_what_concludes_nothing(text: str) -> None:
    assert final_answer(text) is None


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        ("#### 18", "A: 18.0", True),
        ("#### 18", "The answer is $18", True),
        ("#### 1,000", "#### 1000 dollars", True),
        ("The answer is 2 hours", "The answer is 120 minutes", True),
        ("A: 0.5", "A: 50%", True),
        ("A: 33.3", "A: 33.333", True),
        ("A: 0.33", "A: 1/3", True),
        ("A: 3", "A: 3.4", False),
        ("A: 18", "A: 81", False),
        ("A: -5", "A: 5", False),
        ("Answer: B", "Answer: (C)", False),
        ("The answer is Paris.", "The answer is the city Paris.", True),
        ("The answer is Paris.", "The answer is London.", False),
        (r"\boxed{(1, 2)}", r"\boxed{(2, 1)}", False),
        (r"\boxed{x^2 + 1}", r"\boxed{x^2+1}", True),
        (r"\boxed{x^2 + 1}", r"\boxed{1 + x^2}", None),
        ("Answer: B", "Answer: 12", None),
    ],
)
def test_conclusions_agree_by_what_they_mean(left: str, right: str, agree: bool | None) -> None:
    a, b = final_answer(left), final_answer(right)
    assert a is not None
    assert b is not None
    assert a.agrees(b) is agree
    assert b.agrees(a) is agree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She makes 9 * 2 = $<<9*2=18>>18 every day.", 18),
        ("2x = 8\nx = 4", 4),
        ("3 + 4 = 7\nSo 7 apples in 2 days are left.", 2),
        ("12345 * 1000 = 12345000", 12_345_000),
    ],
)
def test_the_last_result_of_a_calculation(text: str, value: float) -> None:
    found = computed_result(text)
    assert found is not None
    assert found.value == value
    assert text[found.start : found.end] == found.text


def test_without_a_calculation_there_is_no_result() -> None:
    assert computed_result("There are 5 apples.") is None


@given(st.text(alphabet="A:# answeris=0123456789.,-/\\boxed{}frac$%()\n", max_size=60))
def test_any_text_is_read_without_harm(text: str) -> None:
    found = final_answer(text)
    if found is not None:
        assert 0 <= found.start <= found.end <= len(text)
        assert found.agrees(found) is True
