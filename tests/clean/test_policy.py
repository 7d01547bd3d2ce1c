"""Cleaning: every record is accounted for, and no example is lost because its first copy was bad."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep import api
from dataprep.checks.check import all_checks
from dataprep.clean import clean as apply_policy
from dataprep.config import SplitConfig
from dataprep.errors import ConfigError
from dataprep.frame import FINDING_SCHEMA, REJECT_SCHEMA
from dataprep.outputs.removals import render_clean, render_split
from dataprep.text.views import with_texts
from tests.helpers import chat, frame_of, read_rows, turns_of, write_rows

LONG = "Open your account, choose orders, and then click on the order to see its status and its expected day."
QUESTIONS = ["Where do I see the status of my order?", "where do i see the status of my order", "Where's the order?"]
ANSWERS = [LONG, LONG.upper(), LONG + " Thank you!", LONG.replace("order", "orders"), ""]


def test_what_removes_a_row_is_known(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "d.jsonl", [chat("a question", "an answer")])
    for run in (api.clean, lambda paths, config: api.split(paths, tmp_path / "out", config=config)):
        with pytest.raises(ConfigError, match=r"no severity and no check is called 'eror'.*error, warning"):
            run([data], config=SplitConfig(drop=["eror", "DUP001"]))


def test_a_cleaning_says_what_waits_for_a_decision(tmp_path: Path) -> None:
    rows = [chat("How long may I keep it?", answer) for answer in ("14 days", "30 days")]
    data = write_rows(tmp_path / "d.jsonl", [*rows, chat("Where is it?", "On its way.")])
    done = api.clean([data])
    told = render_clean(done.kept.height, done.removed, None)
    assert "3 in = 1 kept + 0 removed + 2 to decide" in told
    assert "--resolve ask-file writes a list" in told
    assert "decisions.csv" in render_clean(done.kept.height, done.removed, tmp_path, policy="ask-file")


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
    for policy, kept, action in (("ask", 0, "needs_decision"), ("drop-all", 0, "dropped"), ("keep", 2, None)):
        outcome = api.clean([data], config=SplitConfig.model_validate({"resolve": policy}))
        assert outcome.kept.height == kept
        assert {row.action for row in outcome.removed} == ({action} if action else set())


def test_contradictions_that_are_no_errors_are_dropped_where_the_policy_says_so() -> None:
    found = pl.DataFrame(
        [
            {"code": code, "name": name, "severity": severity, "row_id": "r", "source": "data.jsonl", "line": line}
            | {"message": "m", "evidence": "{}"}
            for line, (code, name, severity) in enumerate(
                [("CON004", "unlikely-label", "warning"), ("CON002", "conflict", "warning"), ("CON004", "x", "note")],
                1,
            )
        ],
        schema=FINDING_SCHEMA,
    )
    rows = frame_of(turns_of(f"question {number}", "a") for number in range(3))
    rejects = pl.DataFrame(schema=REJECT_SCHEMA)
    for drop, lines in (("error", []), ("CON004", [1, 3]), ("warning", [1, 2])):
        outcome = apply_policy(rows, rejects, found, SplitConfig(drop=["error", drop]))
        assert [row.line for row in outcome.removed] == lines


def test_a_check_that_breaks_is_told_wherever_its_findings_would_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_check: object, _context: object) -> None:
        raise IndexError("no such place")

    for code in ("LEAK001", "DUP003"):
        monkeypatch.setattr(type(all_checks()[code]), "run", broken)
    data = write_rows(tmp_path / "d.jsonl", [chat(f"question {word}", word * 3) for word in ("ab", "cd", "ef", "gh")])
    held_out = write_rows(tmp_path / "e.jsonl", [chat("another one", "xyz")])
    told = "eval-leak-exact (LEAK001) failed, its faults were not looked for: IndexError: no such place"
    verdict = api.audit([data], [held_out]).report.verdict
    assert (verdict.ready, verdict.headline) == (False, f"Not known to be ready to train: {told}")
    assert [reason for reason in verdict.reasons if "repeated-prompt (DUP003) failed" in reason]
    cleaned = api.clean([data], [held_out])
    assert [note for note in cleaned.notes if note == told]
    assert f"note      {told}" in render_clean(4, [], None, cleaned.notes)
    made = api.split([data], tmp_path / "out", [held_out])
    assert told in made.manifest.notes
    assert told in render_split(made.manifest, [], 1, made.folder)


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


def test_the_copy_with_fewer_other_findings_stays_then_the_first(tmp_path: Path) -> None:
    question = "Where do I see the status of my order?"
    rows = [chat(question, LONG), chat(question.lower(), LONG), chat(question, LONG)]
    data = write_rows(tmp_path / "d.jsonl", rows)
    outcome = api.clean([data])
    assert outcome.kept["line"].to_list() == [1]
    assert [(row.line, row.matched and row.matched.line) for row in outcome.removed] == [(2, 1), (3, 1)]
    assert all("the first of them stays" in row.reason for row in outcome.removed)
    first, rest = question[:9], question[9:]
    rows[0]["messages"][:1] = [
        {"role": "user", "content": first},
        {"role": "user", "content": rest},
    ]  # FMT005, a warning
    outcome = api.clean([write_rows(tmp_path / "d.jsonl", rows)])
    assert outcome.kept["line"].to_list() == [2]
    assert [(row.line, row.matched and row.matched.line) for row in outcome.removed] == [(1, 2), (3, 2)]
    assert "the one with fewer other findings stays (0 against 1)" in outcome.removed[0].reason


def test_keep_policies_name_their_reason(tmp_path: Path) -> None:
    rows = [
        chat("Where do I see the status of my order?", LONG) | {"stars": 2, "day": "2024-01-05"},
        chat("Where do I see the status of my order!", LONG + " Thanks!") | {"stars": 10, "day": "2023-01-05"},
        chat("Where do I see the status of my order", LONG) | {"day": "2025-01-05"},
        chat("Something else entirely", "with an answer of its own"),
    ]
    data = write_rows(tmp_path / "d.jsonl", rows)
    expected = {
        "first": (1, "the first of them stays"),
        "longest-answer": (2, "the longer answer stays (109 against 101 characters)"),
        "stars": (2, "the larger stars stays (10 against "),
        "day": (3, "the larger day stays (2025-01-05 against "),
    }
    for policy, (line, why) in expected.items():
        outcome = api.clean([data], config=SplitConfig(keep=policy))
        assert outcome.kept["line"].to_list() == [line, 4], policy
        assert {row.matched.line for row in outcome.removed if row.matched} == {line}
        assert all(why in row.reason for row in outcome.removed), [row.reason for row in outcome.removed]


@pytest.mark.parametrize("policy", ["first", "longest-answer", "fewest-findings"])
def test_a_question_with_a_word_more_stays_with_every_policy(tmp_path: Path, policy: str) -> None:
    answer = "It is between 55 and 401 million kilometres away, as both planets move around the sun."
    asked = ["What is the distance from Earth to Mars?", "What is the distance from Earth to Mars in miles?"]
    rows = [chat(asked[0], answer), chat(asked[1], answer), *(chat(one.lower(), answer + "!") for one in asked)]
    outcome = api.clean([write_rows(tmp_path / "d.jsonl", rows)], config=SplitConfig(keep=policy))
    assert len({"miles" in text for text in with_texts(outcome.kept)["prompt"]}) == 2
    assert outcome.kept.height == 2


def test_keeping_by_a_field_that_no_row_has_is_an_error(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "d.jsonl", [chat("a question here", LONG), chat("a question here", LONG)])
    with pytest.raises(ConfigError, match=r"by 'longest': no row has that field.*longest-answer"):
        api.clean([data], config=SplitConfig(keep="longest"))


def test_repeated_prompts_and_answers_stay_unless_asked(tmp_path: Path) -> None:
    rows = [chat("Write a haiku about the autumn rain", LONG), chat("Write a haiku about the autumn rain", "Drops.")]
    data = write_rows(tmp_path / "d.jsonl", rows)
    assert api.clean([data]).kept.height == 2
    outcome = api.clean([data], config=SplitConfig(drop=["DUP"]))
    assert [(row.line, row.code) for row in outcome.removed] == [(2, "DUP003")]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(QUESTIONS), st.sampled_from(ANSWERS)), min_size=1, max_size=12),
    st.sampled_from(["first", "longest-answer", "fewest-findings"]),
)
def test_every_removed_copy_names_a_row_that_stays(pairs: list[tuple[str, str]], policy: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = write_rows(Path(folder) / "d.jsonl", [chat(*pair) for pair in pairs])
        outcome = api.clean([data], config=SplitConfig(keep=policy, resolve="keep"))
    assert outcome.kept.height + len(outcome.removed) == len(pairs)
    stays = set(outcome.kept["line"])
    for row in outcome.removed:
        if row.code.startswith("DUP"):
            assert row.matched is not None
            assert row.matched.line in stays


@pytest.mark.parametrize("command", ["clean", "split"])
def test_what_was_removed_is_not_remembered(tmp_path: Path, command: str) -> None:
    asked = "How long does it take until a refund arrives on my account?"
    answers = [f"A refund takes {days} days to arrive on your account." for days in (14, 30)]
    others = [chat(f"Where is the {name} stored?", f"It is in the {name} folder.") for name in "abcdefgh"]
    first = write_rows(tmp_path / "first.jsonl", [chat(asked, answer) for answer in answers] + others[:4])
    later = write_rows(tmp_path / "later.jsonl", [chat(asked, answers[1]), others[0], *others[4:]])
    config = SplitConfig(index=str(tmp_path / "index"), resolve="drop-all")
    removed = []
    for path in (first, later):
        out = tmp_path / path.stem
        if command == "clean":
            removed.append(api.clean([path], config=config, out=out).removed)
        else:
            removed.append(api.split([path], out, config=config).removed)
    assert [(row.line, row.code) for row in removed[0]] == [(1, "CON001"), (2, "CON001")]
    assert [(row.line, row.code) for row in removed[1]] == [(2, "DUP005")]


@pytest.mark.parametrize("resolve", ["ask", "majority", "drop-all"])
def test_a_near_copy_of_a_contradicting_row_goes_with_it(tmp_path: Path, resolve: str) -> None:
    asked = "How long does it take until a refund arrives on my account?"
    typed = "How long does it take untill a refund arrives on my acount?"
    answers = [f"A refund takes {days} days to arrive on the account you paid from, please wait." for days in (14, 30)]
    others = [chat(f"Where is the {name} stored?", f"It is in the {name} folder.") for name in "abcd"]
    for copy, answer in ((typed, answers[0]), (typed, answers[1])):
        rows = [chat(asked, answers[0]), chat(copy, answer), chat(asked, answers[1]), *others]
        data = write_rows(tmp_path / "d.jsonl", rows)
        outcome = api.clean([data], config=SplitConfig.model_validate({"resolve": resolve}))
        assert outcome.kept["line"].to_list() == [4, 5, 6, 7]
        assert {row.code[:3] for row in outcome.removed} == {"CON"}
