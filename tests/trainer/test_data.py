"""A split folder is proven before it is read, and every row of it is accounted for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dataprep.contract import MANIFEST_NAME, SplitManifest, SplitName
from dataprep.errors import InputError, SplitError, UserError
from tests.trainer.test_chat import example
from trainer.chat import ChatEncoder
from trainer.config import TrainConfig
from trainer.data import Line, load_splits, tokenize
from trainer.fitting import Fitter

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@pytest.fixture
def copy(small_split: Path, tmp_path: Path) -> Path:
    """A copy of the split that a test may damage."""
    return Path(shutil.copytree(small_split, tmp_path / "split"))


def edit_manifest(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest and seal it again, as a tool with other findings would have written it."""
    manifest = json.loads((folder / MANIFEST_NAME).read_text())
    edit(manifest)
    sealed = SplitManifest.model_validate(manifest).sealed()
    (folder / MANIFEST_NAME).write_text(sealed.model_dump_json())


def fail_certificate(manifest: dict[str, Any]) -> None:
    manifest["certificate"]["passed"] = False


def count_a_crossing(manifest: dict[str, Any]) -> None:
    manifest["certificate"]["between_splits"][0]["crossings"] = 3


def test_a_good_split_is_read_whole(small_split: Path) -> None:
    splits = load_splits(small_split)
    assert splits.record.verified
    assert not splits.record.override_used
    for split, rows in splits.rows.items():
        ids = [json.loads(line)["row_id"] for line in (small_split / f"{split}.jsonl").read_text().splitlines()]
        assert [row.example.row_id for row in rows] == ids


@pytest.mark.parametrize(("edit", "told"), [(fail_certificate, "certificate"), (count_a_crossing, "3 crossings")])
def test_a_split_that_leaks_is_refused(copy: Path, edit: Callable[[dict[str, Any]], None], told: str) -> None:
    edit_manifest(copy, edit)
    with pytest.raises(SplitError, match=told):
        load_splits(copy)
    record = load_splits(copy, allow_unverified=True).record
    assert (record.verified, record.override_used) == (False, True)
    assert told in " ".join(record.problems)


def test_a_split_file_the_manifest_does_not_know_is_refused(copy: Path) -> None:
    def forget_test(manifest: dict[str, Any]) -> None:
        manifest["files"] = [file for file in manifest["files"] if file["split"] != "test"]

    edit_manifest(copy, forget_test)
    with pytest.raises(SplitError, match=r"test\.jsonl is not in the manifest"):
        load_splits(copy)


def test_every_problem_is_named_together(copy: Path) -> None:
    (copy / "train.jsonl").write_text((copy / "train.jsonl").read_text() + "\n")
    (copy / "test.jsonl").unlink()
    with pytest.raises(SplitError) as caught:
        load_splits(copy)
    assert "train.jsonl was changed" in str(caught.value)
    assert "test.jsonl is missing" in str(caught.value)


def test_without_manifest_only_on_request(copy: Path) -> None:
    (copy / MANIFEST_NAME).unlink()
    with pytest.raises(SplitError, match="manifest"):
        load_splits(copy)
    splits = load_splits(copy, allow_unverified=True)
    assert splits.record.manifest_sha256 is None
    assert splits.rows["train"]


def test_the_override_does_not_excuse_unusable_files(copy: Path) -> None:
    (copy / "train.jsonl").write_text('{"row_id": "a"}\n')
    with pytest.raises(SplitError, match=r"train\.jsonl line 1.*messages"):
        load_splits(copy, allow_unverified=True)
    (copy / "validation.jsonl").write_text("")
    (copy / "train.jsonl").write_text("")
    with pytest.raises(InputError, match="no train rows"):
        load_splits(copy, allow_unverified=True)


GOOD = example(("user", "where is it?"), ("assistant", "here"))
LONG = example(("user", "where is it?"), ("assistant", "here " * 99))
SILENT = example(("user", "where is it?"))


def test_rows_in_are_rows_used_plus_rows_left_out(tokenizer: PreTrainedTokenizerFast) -> None:
    rows: dict[SplitName, list[Line]] = {
        "train": [Line(1, LONG), Line(2, GOOD), Line(3, SILENT), Line(4, GOOD)],
        "validation": [Line(1, GOOD), Line(2, LONG)],
    }
    result = tokenize(rows, Fitter(ChatEncoder(tokenizer), 100), TrainConfig(data="x"))
    train = result.ledgers["train"]
    assert (train.rows_in, train.rows_used) == (4, 2)
    assert train.left_out == {"too-long": 1, "nothing-to-learn-from": 1}
    assert train.tokens_supervised + train.tokens_unsupervised == sum(len(tokens) for tokens in result.tokens["train"])
    listed = [(row.split, row.line, row.code) for row in result.book.not_trained]
    assert listed == [("train", 1, "too-long"), ("train", 3, "nothing-to-learn-from"), ("validation", 2, "too-long")]


def test_too_long_rows_stop_the_run_on_request(tokenizer: PreTrainedTokenizerFast) -> None:
    rows: dict[SplitName, list[Line]] = {"train": [Line(1, LONG), Line(2, GOOD)], "validation": [Line(1, GOOD)]}
    with pytest.raises(InputError, match=r"1 row is longer than max_length=100.*r-0"):
        tokenize(
            rows, Fitter(ChatEncoder(tokenizer), 100), TrainConfig(data="x", over_length="refuse", max_length=100)
        )


def test_nothing_left_to_train_on(tokenizer: PreTrainedTokenizerFast) -> None:
    rows: dict[SplitName, list[Line]] = {"train": [Line(7, SILENT)], "validation": [Line(1, GOOD)]}
    with pytest.raises(UserError, match=r"no train row.*line 7.*no assistant message"):
        tokenize(rows, Fitter(ChatEncoder(tokenizer), 100), TrainConfig(data="x"))
