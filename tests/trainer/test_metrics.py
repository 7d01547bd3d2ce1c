"""Kinds of tasks and the metrics of each."""

from __future__ import annotations

import json
from time import process_time

import pytest

from dataprep.contract import Example
from trainer.metrics import Reference, final_number, measure, reference_of, task_kind


def refs(*texts: str) -> list[Reference]:
    return [Reference(text) for text in texts]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["card arrival", "exchange rate", "card arrival", "Exchange rate."] * 3, "label"),
        ([f"It costs 3 a day for {n} days, 3*{n}.\n#### {3 * n}" for n in range(6)], "number"),
        (["4", "-2.5", "1,000", "7"], "number"),
        (['{"a": 1}', "```json\n[1, 2]\n```", "{}"], "json"),
        (['<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>'] * 3, "tools"),
        ([f"You can change entry {n} in your account at any time." for n in range(8)], "text"),
        (["yes", "no", "maybe"], "text"),  # too few to call them labels
    ],
)
def test_kind(texts: list[str], kind: str) -> None:
    assert task_kind(refs(*texts)) == kind


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("so 3 + 4 = 7.\n#### 7", "7"),
        ("The answer is 1,250. Check: 5 x 250", "1250"),
        (r"we get \boxed{-3.50} as wanted in 2 steps", "-3.5"),
        ("first 3, then 12", "12"),
        ("none", None),
        ("The answer is: 18, out of 20 eggs.", "18"),
        ("The answer is **18**, out of 20 eggs.", "18"),
        ("**Answer:** $18.50 of 20", "18.5"),
        ("The final answer is: **\\$1,018** of 20", "1018"),
        ("The answer isolates 3 of 20", "20"),
        ("#### **€-7** of 20", "-7"),
        ("#### 12345678901", "12345678901"),
        ("#### 1" + "0" * 40, "1" + "0" * 40),
        ("#### -0.00", "0"),
        ("007.10", "7.1"),
    ],
)
def test_final_number(text: str, number: str | None) -> None:
    assert final_number(text) == number


def test_labels_are_judged_by_match_and_f1() -> None:
    wanted = refs(*["a", "a", "b", "b"] * 5)
    metrics, each, missing = measure("label", wanted, ["x"] * 20, ["A.", "b", "b", " b "] * 5)
    values = {one.name: one for one in metrics}
    assert each["exact match"][1][:4] == [1, 0, 1, 1]
    # a: precision 1, recall 1/2; b: precision 2/3, recall 1
    assert values["label F1"].tuned == pytest.approx((2 / 3 + 0.8) / 2)
    assert values["label F1"].base == 0
    assert values["exact match"].verdict == "better"
    assert not missing
    worse, _, _ = measure("label", wanted, [one.text for one in wanted], ["x"] * 20)
    assert {one.verdict for one in worse} == {"worse"}


def test_calls_and_json() -> None:
    call = {"function": {"name": "pay", "arguments": '{"sum": 3, "to": "Ann"}'}}
    example = Example.model_validate(
        {
            "row_id": "x",
            "messages": [
                {"role": "user", "content": "pay Ann 3"},
                {"role": "assistant", "content": "", "tool_calls": [call]},
            ],
        }
    )
    wanted = [reference_of(example)]
    right = f"<tool_call>\n{json.dumps({'name': 'pay', 'arguments': {'to': 'Ann', 'sum': 3}})}\n</tool_call>"
    wrong = right.replace("3", "4")
    assert task_kind(wanted) == "tools"
    metrics, _, _ = measure("tools", wanted, [wrong], [right])
    assert (metrics[0].base, metrics[0].tuned) == (0, 1)
    metrics, _, _ = measure("json", refs('{"a": 1, "b": 2}'), ["{a: 1}"], ['{"b": 2, "a": 1}'])
    assert [(one.name, one.base, one.tuned) for one in metrics] == [("valid JSON", 0, 1), ("equal JSON", 0, 1)]


@pytest.mark.parametrize(
    ("wanted", "text", "equal"),
    [
        ('{"ok": true}', '{"ok": 1}', 0),
        ("[0, 1]", "[false, true]", 0),
        ('{"a": [1, {"b": null}]}', '{"a": [1.0, {"b": null}]}', 1),
        ('{"a": [1]}', '{"a": [1, 2]}', 0),
        ('{"a": 1}', '{"b": 1}', 0),
        ('{"a": 1}', "no JSON", 0),
        ("no JSON", "no JSON either", 0),
        ("{}", "[]", 0),
    ],
)
def test_json_is_compared_with_its_types(wanted: str, text: str, equal: float) -> None:
    metrics, _, _ = measure("json", refs(wanted), [text], [text])
    assert metrics[1].tuned == equal


def test_long_numbers_are_told_apart() -> None:
    _, each, _ = measure("number", refs("#### 12345678901", "#### -0"), ["12345678902", "1"], ["12345678901", "0"])
    assert each["final number"] == ([0, 0], [1, 1])


def test_text_is_measured_as_the_libraries_do() -> None:
    pytest.importorskip("rouge_score", reason="pip install 'tuneprep[eval]'")
    pytest.importorskip("sacrebleu", reason="pip install 'tuneprep[eval]'")
    metrics, each, missing = measure("text", refs("the cat sat on the mat"), ["no"], ["the cat sat on a mat"])
    values = {one.name: one.tuned for one in metrics}
    assert not missing
    assert values["ROUGE-L"] == pytest.approx(5 / 6)
    assert 0.6 < values["chrF"] < 1
    assert each["chrF"][0][0] < 0.1


def test_what_cannot_be_measured_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rouge_score.rouge_scorer", None)
    monkeypatch.setitem(__import__("sys").modules, "sacrebleu.metrics", None)
    metrics, _, missing = measure("text", refs("one long sentence of text"), ["a"], ["b"])
    assert not metrics
    assert set(missing) == {"ROUGE-L", "chrF"}
    assert "tuneprep[eval]" in missing["chrF"]


@pytest.mark.parametrize("text", ["answer is{}x", "#### {}x", "answer:{}x", "\\boxed{{{}x", "answer{}is 3"])
def test_spaces_of_a_model_that_broke_down_take_no_time(text: str) -> None:
    started = process_time()
    for blank in (" ", "\n", "*", " *"):
        final_number(text.format(blank * 20_000))
    assert process_time() - started < 2
