"""The certificate sees what crosses, from the files alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dataprep.contract import SplitName
from dataprep.errors import SplitError
from dataprep.frame import ROW_SCHEMA, content_hash, rows_frame
from dataprep.similarity import SimilarityParams
from dataprep.splits.certify import Terms, certify
from tests.helpers import chat, write_rows

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


def test_foreign_lines_are_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", ['{"a": 1}'])
    with pytest.raises(SplitError, match="line 1"):
        certify({"train": path}, NOTHING, TERMS)
