"""Answers to one question: which exclude each other, and what each side claims."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep import audit
from dataprep.checks import disputes, rewordings
from dataprep.checks.context import AuditContext
from dataprep.checks.disputes import Asked, Said, positions
from dataprep.checks.unread import Unread
from dataprep.config import AuditConfig
from dataprep.contract import CheckResult
from dataprep.errors import ConfigError
from dataprep.text.evidence.claims import Claim, claim_of
from dataprep.text.evidence.conflict import Conflict, conflict
from dataprep.text.evidence.same_question import Exchange, ask_the_same

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


def fails_on_odd(left: str, right: str, prompt: str) -> Conflict | None:
    if "odd" in left + right:
        raise ValueError(f"cannot read {right}\nat all")
    return conflict(left, right, prompt)


def test_an_answer_that_cannot_be_read_is_left_out_and_counted() -> None:
    unread = Unread()
    found = positions(asked("14 days", "30 days", "an odd one", "14 days, an odd one"), fails_on_odd, unread)
    assert {position.claim for position in found} == {"14 days", "30 days"}
    assert unread.rows == {2, 3}
    assert unread.reason == "ValueError: cannot read an odd one"


def test_what_the_user_has_to_mend_is_no_odd_answer() -> None:
    def compare(left: str, right: str, prompt: str) -> Conflict | None:
        raise ConfigError("no model", "Give one")

    with pytest.raises(ConfigError):
        positions(asked("14 days", "30 days"), compare)


def test_one_odd_answer_leaves_the_check_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def claim(answer: str, prompt: str) -> Claim | None:
        if "odd" in answer:
            raise KeyError(answer)
        return claim_of(answer, prompt)

    monkeypatch.setattr(disputes, "claim_of", claim)
    rows = [{"prompt": "How long does it take?", "completion": said} for said in ("14 days", "30 days", "odd days")]
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    result = audit([data], [], AuditConfig(select=["CON001"]))
    assert set(result.findings["line"]) == {1, 2}
    (check,) = result.report.checks
    assert check.notes[-1] == "1 answer could not be read, such as line 3: KeyError: 'odd days'"
    assert not check.has_failed


def test_one_odd_question_leaves_the_check_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def same(a: Exchange, b: Exchange, *others: Any) -> bool:
        if "odd" in a.prompt + b.prompt:
            raise KeyError(b.prompt)
        return ask_the_same(a, b, *others)

    monkeypatch.setattr(rewordings, "ask_the_same", same)
    asked = {
        "How long does a refund take?": "14 days",
        "When will my refund arrive?": "30 days",
        "An odd refund?": "no",
    }
    data = tmp_path / "data.jsonl"
    lines = [json.dumps({"prompt": prompt, "completion": answer}) for prompt, answer in asked.items()]
    data.write_text("\n".join(lines), encoding="utf-8")
    (check,) = audit([data], [], AuditConfig(select=["CON002"])).report.checks
    assert check.status == "ran"
    assert check.notes[-1] == "1 answer could not be read, such as line 3: KeyError: 'An odd refund?'"


def test_a_check_that_broke_fails_the_audit_at_its_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ValueError("x")

    monkeypatch.setattr(AuditContext, "near", property(broken))
    data = tmp_path / "data.jsonl"
    data.write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    result = audit([data], [], AuditConfig(select=["DUP002"]))
    assert [result.fails(level) for level in ("error", "warning", "never")] == [False, True, False]


def test_failed_checks_are_told_from_those_that_had_nothing_to_run_on() -> None:
    one = CheckResult(code="X", name="x", severity="error", status="not_run", reason="no evaluation data given")
    other = one.model_copy(update={"reason": "failed: ValueError: x"})
    assert (one.has_failed, other.has_failed) == (False, True)


@given(
    st.lists(
        st.sampled_from([*ANSWERS, "Yes.", "No.", "10 days", "Two weeks it is.", "1 day"]), min_size=17, max_size=50
    )
)
def test_positions_are_those_of_looking_at_all_answers(said: list[str]) -> None:
    question = asked(*(f"{answer}{' ' * place}" for place, answer in enumerate(said)))
    dispute = disputes._Dispute(question, conflict, Unread())
    dispute.compare_all()
    gathered: list[list[int]] = []
    for number in sorted(dispute._conflicts):
        fit = next((own for own in gathered if all(dispute._agree(number, other) for other in own)), [])
        if not fit:
            gathered.append(fit)
        fit.append(number)
    plain = [sorted(one for number in own for one in dispute._members[number]) for own in gathered]
    assert [sorted(position.answers) for position in dispute.positions()] == plain


@pytest.mark.parametrize("words", ["{}", "It takes {} days.", "label_{}", "It is {} euro, sir {}."])
def test_many_answers_to_one_question_take_time_by_their_number(words: str) -> None:
    def evidence(left: str, right: str, prompt: str) -> Conflict | None:
        return Conflict("negation", left, right) if left != right else None

    question = asked(*(words.format(number, number) for number in range(4_000)))
    started = process_time()
    assert len(positions(question, evidence)) > 1
    assert process_time() - started < 8


def test_prompts_that_calculate_differently_are_other_questions(tmp_path: Path) -> None:
    asked = ["Compute 2-3", "Compute 2*3", "Convert -40 C to F", "Convert 40 C to F", "What is 7 - 2?", "what is 7-2"]
    said = ["-1", "6", "-40 F", "104 F", "5", "4"]
    rows = [{"prompt": prompt, "completion": answer} for prompt, answer in zip(asked, said, strict=True)]
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert set(audit([data], [], AuditConfig(select=["CON001"])).findings["line"]) == {5, 6}
