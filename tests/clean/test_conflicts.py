"""Who decides which of several contradicting answers stay."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from dataprep import api
from dataprep.clean import decisions_csv
from dataprep.clean.conflicts import settle_conflicts
from dataprep.clean.decisions import read_decisions
from dataprep.config import SplitConfig
from dataprep.errors import ConfigError
from dataprep.frame import FINDING_SCHEMA
from tests.helpers import chat, frame_of, turns_of, write_rows

CLAIMS = ["14 days", "14 days", "30 days", "14 days", "60 days"]
DATES = ["2026-01-01", "2026-02-01", "2026-03-01", None, "2025-01-01"]


def rows(claims: list[str] = CLAIMS, dates: list[str | None] = DATES) -> pl.DataFrame:
    """A question with these answers."""
    frame = frame_of(turns_of("How long?", claim) for claim in claims)
    metas = [msgspec.json.encode({"updated_at": date} if date else {}).decode() for date in dates[: len(claims)]]
    return frame.with_columns(pl.Series("meta", metas))


def findings(claims: list[str] = CLAIMS, *, severity: str = "error") -> pl.DataFrame:
    """A finding on every row of the question."""
    counts = {claim: claims.count(claim) for claim in claims}
    found: list[dict[str, Any]] = [
        {
            "code": "CON001",
            "name": "conflicting-answers",
            "severity": severity,
            "row_id": f"row-{number}",
            "source": "data.jsonl",
            "line": number,
            "message": "same question",
            "evidence": json.dumps({"group": "g", "claim": claim, "claims": counts}),
        }
        for number, claim in enumerate(claims, start=1)
    ]
    return pl.DataFrame(found, schema=FINDING_SCHEMA)


def outcomes(config: SplitConfig, claims: list[str] = CLAIMS) -> dict[int, str]:
    """What becomes of each row, by line."""
    settled = settle_conflicts(rows(claims), findings(claims), config)
    return {finding["line"]: finding["outcome"] for finding in settled.findings}


def test_all_wait_by_default() -> None:
    settled = settle_conflicts(rows(), findings(), SplitConfig())
    assert {finding["outcome"] for finding in settled.findings} == {"ask"}
    assert [question.told for question in settled.undecided] == ["14 days x3, 30 days x1, 60 days x1"]


def test_the_majority_stays_with_the_count_as_the_reason() -> None:
    settled = settle_conflicts(rows(), findings(), SplitConfig(resolve="majority"))
    assert [finding["outcome"] for finding in settled.findings] == ["keep", "keep", "drop", "keep", "drop"]
    assert settled.findings[2]["message"].endswith("the majority stays: 14 days x3, 30 days x1, 60 days x1")
    assert settled.undecided == []


def test_a_tie_is_no_majority() -> None:
    assert set(outcomes(SplitConfig(resolve="majority"), ["a", "b"]).values()) == {"ask"}


def test_the_newest_answer_stays_with_all_rows_that_agree() -> None:
    assert outcomes(SplitConfig(resolve="newest")) == {1: "drop", 2: "drop", 3: "keep", 4: "drop", 5: "drop"}
    assert outcomes(SplitConfig(resolve="newest"), [*CLAIMS[:2], "30 days"]) == {1: "drop", 2: "drop", 3: "keep"}


def test_newest_needs_a_time() -> None:
    bare = rows(dates=[None] * 5)
    with pytest.raises(ConfigError, match="--newest-by"):
        settle_conflicts(bare, findings(), SplitConfig(resolve="newest"))
    with pytest.raises(ConfigError, match="no row has that field"):
        settle_conflicts(bare, findings(), SplitConfig(resolve="newest", newest_by="day"))


def test_all_can_be_dropped_or_kept() -> None:
    assert set(outcomes(SplitConfig(resolve="drop-all")).values()) == {"drop"}
    assert set(outcomes(SplitConfig(resolve="keep")).values()) == {"keep"}


def test_notes_for_review_remove_nothing() -> None:
    assert settle_conflicts(rows(), findings(severity="note"), SplitConfig()).findings == []


def filled(path: Path, decide: dict[str, str], text: str) -> Path:
    """The list with a word under `keep` for some answers."""
    records = list(csv.DictReader(text.splitlines()))
    for record in records:
        record["keep"] = decide.get(record["answer"], "")
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    return path


@pytest.mark.parametrize(
    ("decide", "expected"),
    [
        ({"30 days": "yes"}, ["drop", "drop", "keep", "drop", "drop"]),
        ({"14 days": "x", "60 days": "Y"}, ["keep", "keep", "drop", "keep", "keep"]),
        ({"60 days": "no"}, ["ask", "ask", "ask", "ask", "drop"]),
        ({"60 days": "no", "30 days": "no"}, ["keep", "keep", "drop", "keep", "drop"]),
        ({}, ["ask"] * 5),
    ],
)
def test_what_a_person_decided_is_what_happens(tmp_path: Path, decide: dict[str, str], expected: list[str]) -> None:
    settled = settle_conflicts(rows(), findings(), SplitConfig())
    text = decisions_csv(settled.undecided, {("data.jsonl", 1): "How long?"}, str)
    path = filled(tmp_path / "decisions.csv", decide, text)
    again = settle_conflicts(rows(), findings(), SplitConfig(decisions=str(path)))
    assert [finding["outcome"] for finding in again.findings] == expected
    assert again.notes == []
    # As a spreadsheet saves it where the comma is a decimal mark.
    records = csv.reader(path.read_text(encoding="utf-8").splitlines())
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle, delimiter=";").writerows(records)
    assert settle_conflicts(rows(), findings(), SplitConfig(decisions=str(path))).findings == again.findings


def test_decisions_that_decide_nothing_any_more_are_counted(tmp_path: Path) -> None:
    text = decisions_csv(settle_conflicts(rows(), findings(), SplitConfig()).undecided, {}, str)
    path = filled(tmp_path / "decisions.csv", {"30 days": "yes", "14 days": "no"}, text)
    (note,) = settle_conflicts(rows(["a", "b"]), findings(["a", "b"]), SplitConfig(decisions=str(path))).notes
    assert note.startswith("2 lines of")


def test_a_list_says_what_is_asked_and_hides_formulas_and_secrets() -> None:
    claims = ["=1+1", "30 days"]
    settled = settle_conflicts(rows(claims), findings(claims), SplitConfig())
    text = decisions_csv(settled.undecided, {("data.jsonl", 1): "my secret"}, lambda said: said.replace("secret", "…"))
    first = next(csv.DictReader(text.splitlines()))
    assert (first["question"], first["answer"], first["rows"]) == ("my …", "'=1+1", "1")
    assert first["where"] == "data.jsonl:1"


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.csv", "keep,id\nmaybe,g-1\n", "line 2: keep is 'maybe'"),
        ("a.csv", "question\nx\n", "no columns keep and id"),
        ("a.jsonl", '{"keep": "yes"}\n', "the id is missing"),
        ("a.jsonl", "[1]\n", "line 1 is no JSON object"),
    ],
)
def test_a_broken_list_is_refused_with_its_line(tmp_path: Path, name: str, content: str, match: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=match):
        read_decisions(str(tmp_path / name))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_decisions(str(tmp_path / "nowhere.csv"))


def test_json_lines_decide_as_well(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"id": "g-1", "keep": true}\n\n{"id": "g-2", "keep": null}\n', encoding="utf-8")
    assert {own: decision.keep for own, decision in read_decisions(str(tmp_path / "d.jsonl")).items()} == {"g-1": True}


def test_false_and_separators_inside_strings_are_read(tmp_path: Path) -> None:
    text = '{"id": "g-1", "keep": false, "answer": "a\u2028b"}\n{"id": "g-2", "keep": 0}\n{"id": "g-3", "keep": 1}\n'
    (tmp_path / "d.jsonl").write_text(text, encoding="utf-8")
    found = read_decisions(str(tmp_path / "d.jsonl"))
    assert {own: decision.keep for own, decision in found.items()} == {"g-1": False, "g-2": False, "g-3": True}
    assert found["g-2"].place == "d.jsonl line 2"


@pytest.mark.parametrize("command", ["clean", "split"])
def test_a_list_that_is_written_again_keeps_what_was_decided(tmp_path: Path, command: str) -> None:
    asked = ["How long does a refund take?", "When do you open on Sundays?", "What does a parcel to France cost?"]
    rows = [chat(text, f"It is {number} {unit}.") for text in asked for number, unit in ((3, "days"), (9, "days"))]
    rows += [chat(f"Something else, number {number}", f"answer {number}") for number in "abcdefgh"]
    data, out = write_rows(tmp_path / "d.jsonl", rows), tmp_path / "out"
    listed = out / "decisions.csv"

    def again(**more: str) -> dict[str, str]:
        config = SplitConfig.model_validate({"resolve": "ask-file"} | more)
        if command == "clean":
            api.clean([data], config=config, out=out)
        else:
            api.split([data], out, config=config)
        records = list(csv.DictReader(listed.read_text(encoding="utf-8").splitlines()))
        return {record["where"].rpartition(":")[2]: record["keep"] for record in records}

    assert again() == dict.fromkeys("123456", "")
    records = list(csv.DictReader(listed.read_text(encoding="utf-8").splitlines()))
    for record in records:
        record["keep"] = {"2": "yes", "4": "no", "3": "no"}.get(record["where"].rpartition(":")[2], "")
    with listed.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    assert again() == {"1": "", "2": "yes", "3": "no", "4": "no", "5": "", "6": ""}  # not followed, and not lost
    decided = {"2": "yes", "3": "no", "4": "no", "5": "", "6": ""}
    assert again(decisions=str(listed)) == decided
    assert again(decisions=str(listed)) == decided


def test_from_question_to_decision_and_back(tmp_path: Path) -> None:
    data = write_rows(
        tmp_path / "d.jsonl",
        [chat("How long does it take?", "It takes 3 days."), chat("How long does it take?", "It takes 9 days.")],
    )
    out = tmp_path / "out"
    assert api.clean([data], config=SplitConfig(resolve="ask-file"), out=out).kept.height == 0
    records = list(csv.DictReader((out / "decisions.csv").read_text(encoding="utf-8").splitlines()))
    assert [record["question"] for record in records] == ["How long does it take?"] * 2
    where = {record["where"].rpartition(":")[2]: record["id"] for record in records}
    (tmp_path / "mine.jsonl").write_text(json.dumps({"id": where["2"], "keep": "yes"}), encoding="utf-8")
    done = api.clean([data], config=SplitConfig(decisions=str(tmp_path / "mine.jsonl")))
    assert done.kept["line"].to_list() == [2]
    assert done.removed[0].reason.endswith("decided in mine.jsonl line 1")
    assert (done.removed[0].action, done.undecided) == ("dropped", [])
