"""An average hides who lost; slices show it."""

from __future__ import annotations

from dataprep.contract import Example
from trainer.compare import Evaluation
from trainer.slices import slices


def example(number: int, question: str, answer: str, **more: object) -> Example:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return Example.model_validate({"row_id": str(number), "messages": turns, **more})


def test_who_lost_is_named_first() -> None:
    english = "Where can I find the invoice of my last order, please?"
    german = "Wo finde ich bitte die Rechnung meiner letzten Bestellung?"
    rows = [
        example(
            n, german if n % 4 == 0 else english, f"You find number {n} in your account.", shop=f"s{n % 2}", id=str(n)
        )
        for n in range(40)
    ]
    base = Evaluation([20.0 + n % 3 for n in range(40)], [10] * 40)
    tuned = Evaluation([26.0 if n % 4 == 0 else 12.0 for n in range(40)], [10] * 40)
    found = slices(rows, base, tuned)
    assert (found[0].by, found[0].value, found[0].verdict, found[0].rows) == ("language", "de", "worse", 10)
    assert {(one.by, one.value, one.verdict) for one in found[1:]} >= {
        ("language", "en", "better"),
        ("shop", "s1", "better"),
    }
    assert "id" not in {one.by for one in found}  # a value for each row is no slice


def test_labels_and_lengths_and_too_few() -> None:
    rows = [example(n, "Which topic is this?", "card" if n % 2 else "rate") for n in range(20)]
    values = Evaluation([1.0 + n for n in range(20)], [2] * 20)
    by_label = slices(rows, values, values)
    assert {one.value for one in by_label if one.by == "label"} == {"card", "rate"}
    assert {one.verdict for one in by_label} == {"not distinguishable"}
    counts = list(range(1, 31))
    texts = [example(n, "Tell me", f"word {n} " * n) for n in counts]
    lengths = slices(texts, *(Evaluation([float(n) for n in counts], counts),) * 2)
    assert {one.value for one in lengths if one.by == "length"} == {
        "up to 10 tokens",
        "11 to 20 tokens",
        "over 20 tokens",
    }
    assert slices(rows[:4], *(Evaluation([1.0] * 4, [2] * 4),) * 2) == []
