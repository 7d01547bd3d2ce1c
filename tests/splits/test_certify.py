"""The certificate sees what crosses, from the files alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dataprep.checks.leakage import EVERY, Leakage
from dataprep.contract import SplitName
from dataprep.errors import SplitError
from dataprep.frame import ROW_SCHEMA, content_hash, rows_frame
from dataprep.similarity import MatchKind, SimilarityParams
from dataprep.splits.certify import Terms, certify
from tests.helpers import chat, texts_of, write_rows

LONG = "Open your account, choose orders, and click on the order to see its status."
TERMS = Terms(SimilarityParams())
NOTHING = pl.DataFrame(schema=ROW_SCHEMA)


def files(tmp_path: Path, train: list[str], test: list[str]) -> dict[SplitName, Path]:
    def write(name: str, prompts: list[str]) -> Path:
        rows = [{"row_id": f"{name}{i}"} | chat(prompt, LONG + prompt[::-1]) for i, prompt in enumerate(prompts)]
        return write_rows(tmp_path / f"{name}.jsonl", rows)

    return {"train": write("train", train), "test": write("test", test)}


def test_crossing_prompt_and_near_duplicate(tmp_path: Path) -> None:
    proof = certify(files(tmp_path, ["where is my order"], ["Where is my ORDER?"]), NOTHING, TERMS)
    assert not proof.certificate.passed
    assert ("train0", "test0") in proof.crossings
    counts = {relation.name: relation.crossings for relation in proof.certificate.between_splits}
    assert counts["same prompt"] == 1
    assert counts["near-duplicate example"] == 1


def test_clean_files_pass(tmp_path: Path) -> None:
    made = files(tmp_path, ["where is my order"], ["a wholly different thing about newsletters and vouchers " * 4])
    proof = certify(made, NOTHING, TERMS)
    assert proof.certificate.passed
    assert set(proof.certificate.files) == {"train.jsonl", "test.jsonl"}


def test_eval_rows_and_tolerated_codes(tmp_path: Path) -> None:
    made = files(tmp_path, ["where is my order"], [])
    messages = chat("where is my order", "somewhere else")["messages"]
    row = {
        "row_id": content_hash({"messages": messages}),
        "source": "e",
        "line": 1,
        "format": "openai",
        "messages": messages,
    }
    proof = certify(made, rows_frame([row]), TERMS)
    assert [row_id for row_id, _ in proof.leaks] == ["train0"]
    assert certify(made, rows_frame([row]), replace(TERMS, tolerated=["LEAK004"])).certificate.passed


ROBE = "A robe takes 2 bolts of blue fiber and half that much white fiber, how many bolts does it take?"
EGGS = "Janet's ducks lay 16 eggs per day. She eats 3 for breakfast, bakes with 4 and sells the rest for $2 each."
EGGS_REWORDED = (
    "Of the 16 eggs her ducks lay in a day, Janet has 3 at breakfast, 4 in muffins, and gets $2 for the others."
)


def held_out(*prompts: str) -> pl.DataFrame:
    rows = []
    for line, prompt in enumerate(prompts, start=1):
        messages = chat(prompt, "3")["messages"]
        place = {"row_id": content_hash({"messages": messages}), "source": "e", "line": line, "format": "openai"}
        rows.append(place | {"messages": messages})
    return rows_frame(rows)


def test_a_prompt_inside_another_crosses(tmp_path: Path) -> None:
    inside = (
        f"My notes of the meeting, in which we spoke of the fair. {ROBE} Nobody knew, so we went on to the budget."
    )
    proof = certify(files(tmp_path, [inside, "where is my order"], [ROBE]), NOTHING, TERMS)
    assert ("test0", "train0") in proof.crossings or ("train0", "test0") in proof.crossings
    (relation,) = [one for one in proof.certificate.between_splits if one.name == "prompt inside another"]
    assert (relation.crossings, relation.measure, relation.threshold) == (1, "share contained", 0.8)


def test_evaluation_items_inside_rows_and_reworded_ones(tmp_path: Path) -> None:
    inside = (
        f"My notes of the meeting, in which we spoke of the fair. {ROBE} Nobody knew, so we went on to the budget."
    )
    made = files(tmp_path, [inside, EGGS_REWORDED, "where is my order"], [])
    proof = certify(made, held_out(ROBE, EGGS), TERMS)
    assert [(row_id, match.kind, match.right) for row_id, match in proof.leaks] == [
        ("train0", "contained", 0),
        ("train1", "paraphrase", 1),
    ]
    counts = {one.name: (one.crossings, one.measure) for one in proof.certificate.against_eval}
    assert counts["LEAK003 eval-leak-contained"] == (1, "share contained")
    assert counts["LEAK005 eval-leak-paraphrase"] == (1, "evidence")
    tolerant = replace(TERMS, tolerated=["LEAK003", "LEAK005"])
    certificate = certify(made, held_out(ROBE, EGGS), tolerant).certificate
    assert certificate.passed
    assert not {one.name[:7] for one in certificate.against_eval} & {"LEAK003", "LEAK005"}


def test_foreign_lines_are_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", ['{"a": 1}'])
    with pytest.raises(SplitError, match="line 1"):
        certify({"train": path}, NOTHING, TERMS)


def test_turns_with_bare_strings_as_parts_and_keys_of_their_own(tmp_path: Path) -> None:
    image = {"type": "image_url", "image_url": {"url": "a.png"}}
    turn = {"role": "user", "content": [ROBE, image, {"type": "text", "text": "Please."}], "parts": [1, 2], "extra": 3}
    answer = {"role": "assistant", "content": "3", "name": 5, "weight": "high"}
    path = write_rows(tmp_path / "train.jsonl", [{"row_id": "a", "messages": [turn, answer]}])
    proof = certify({"train": path}, held_out(ROBE + " Please."), TERMS)
    assert [(row_id, match.kind) for row_id, match in proof.leaks] == [("a", "contained")]  # it has a picture, too


def test_a_tolerated_leak_hides_no_other(tmp_path: Path) -> None:
    fixed = "Read the text that follows and answer in one short sentence without any explanation."
    told = f"In the notes of the fair: {ROBE} Nobody knew, and so we went on."
    asked = [(fixed, told), (EGGS, "Another answer than three"), (fixed, "Something else altogether")]
    rows = [{"row_id": row_id} | chat(*pair) for row_id, pair in zip("abc", asked, strict=True)]
    path = write_rows(tmp_path / "train.jsonl", rows)
    near = EGGS.replace("bakes", "baks")

    def leaks(tolerated: list[str], *items: str) -> list[tuple[str, str, int]]:
        proof = certify({"train": path}, held_out(*items), replace(TERMS, tolerated=tolerated))
        return [(row_id, match.kind, match.right) for row_id, match in proof.leaks]

    def audited(ignored: MatchKind, *items: str) -> list[tuple[str, int]]:
        ours, theirs = texts_of(*asked), texts_of(*((item, "3") for item in items))
        sides = [(np.arange(len(ours)), np.arange(len(theirs)))]
        found = Leakage(ours, theirs, sides, TERMS.params, None, EVERY - {ignored})
        inside = [("contained", one.right) for one in found.insides.found if one.is_certain]
        return [*((str(match.kind), match.right) for match in found.matches), *inside]

    # The row with nothing but the tolerated prompt is kept, though that prompt stands in it.
    assert leaks(["LEAK004"], fixed, ROBE) == [("a", "contained", 1)]
    assert audited("same-prompt", fixed, ROBE) == [("contained", 1)]
    assert leaks(["LEAK002"], EGGS, near) == [("b", "same-prompt", 0)]
    assert audited("near", EGGS, near) == [("same-prompt", 0)]
    assert leaks(["LEAK004"], EGGS, near) == [("b", "near", 1)]
