"""Cleaning: every record is accounted for, and no example is lost because its first copy was bad."""

from __future__ import annotations

from pathlib import Path

from dataprep import api
from dataprep.config import SplitConfig
from tests.helpers import chat, read_rows, write_rows

LONG = "Open your account, choose orders, and then click on the order to see its status and its expected day."


def test_policy_and_account(tmp_path: Path) -> None:
    data = write_rows(
        tmp_path / "d.jsonl",
        [
            chat("a question here", LONG),
            chat("a question here", LONG),
            "{broken",
            chat("no answer", ""),
            chat("b", "c"),
        ],
    )
    outcome = api.clean([data], out=tmp_path / "out")
    assert outcome.kept["line"].to_list() == [1, 5]
    assert [(row.line, row.code) for row in outcome.removed] == [(2, "DUP001"), (3, "FMT001"), (4, "FMT003")]
    dropped = read_rows(tmp_path / "out" / "dropped.jsonl")
    assert dropped[0]["matched"]["line"] == 1
    assert dropped[1]["raw"] == "{broken"
    assert dropped[2]["record"]["messages"][0]["content"] == "no answer"
    assert len(read_rows(tmp_path / "out" / "kept.jsonl")) == 2


def test_contradictions_wait_for_a_decision(tmp_path: Path) -> None:
    rows = [chat("How long does it take?", "It takes 3 days."), chat("How long does it take?", "It takes 9 days.")]
    data = write_rows(tmp_path / "d.jsonl", rows)
    for policy, kept, action in (("ask", 0, "needs_decision"), ("drop", 0, "dropped"), ("keep", 2, None)):
        outcome = api.clean([data], config=SplitConfig.model_validate({"conflicts": policy}))
        assert outcome.kept.height == kept
        assert {row.action for row in outcome.removed} == ({action} if action else set())


def test_a_copy_outlives_its_removed_original(tmp_path: Path) -> None:
    # Line 1 leaks into the evaluation by its long prompt; line 2 resembles line 1 but not the evaluation row.
    train = write_rows(tmp_path / "t.jsonl", [chat("Where do I see the status of my order?", LONG), chat("x", "y")])
    copies = write_rows(tmp_path / "c.jsonl", [chat("Where do I see the status of my order?!", LONG)])
    eval_rows = write_rows(tmp_path / "e.jsonl", [chat("where do i see the status of my order", LONG)])
    outcome = api.clean([train, copies], [eval_rows])
    assert [(row.source.endswith("t.jsonl"), row.code) for row in outcome.removed] == [
        (False, "LEAK001"),
        (True, "LEAK001"),
    ]
    # Without the leak code in the policy only the copy goes, and it names what it repeats.
    outcome = api.clean([train, copies], [eval_rows], SplitConfig(drop=["DUP"]))
    assert [(row.code, row.matched and row.matched.line) for row in outcome.removed] == [("DUP002", 1)]


def test_orphaned_duplicates_keep_one_row(tmp_path: Path) -> None:
    blank = chat("Where do I see the status of my order?", LONG)
    blank["messages"].append({"role": "assistant", "content": ""})
    rows = [
        blank,
        chat("Where do I see the status of my order", LONG),
        chat("where do I see the statuss of my order", LONG),
    ]
    outcome = api.clean([write_rows(tmp_path / "d.jsonl", rows)])
    assert [(row.line, row.code) for row in outcome.removed] == [(1, "FMT003"), (3, "DUP002")]
    assert outcome.removed[1].matched is not None
    assert outcome.removed[1].matched.line == 2
