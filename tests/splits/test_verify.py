"""Proving a split folder anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dataprep import split
from dataprep.api import verify
from dataprep.config import SplitConfig
from dataprep.contract import MANIFEST_NAME, SplitManifest, file_sha256
from dataprep.errors import SplitError
from tests.helpers import chat, read_rows, write_rows

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = "order parcel refund account invoice status payment address delivery return newsletter password".split()


def made(tmp_path: Path, config: SplitConfig | None = None) -> Path:
    """A split of questions that have nothing in common, with evaluation data of one."""
    rows = [chat(f"Tell me about my {topic}: {topic[::-1] * 3}", f"{topic} {topic[::-1]} " * 4) for topic in TOPICS]
    data = write_rows(tmp_path / "data.jsonl", rows[1:])
    eval_data = write_rows(tmp_path / "eval.jsonl", rows[:1])
    split([data], tmp_path / "out", [eval_data], config or SplitConfig())
    return tmp_path / "out"


def forge(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    """Write a split file and sign the manifest over it, as somebody who cheats would."""
    write_rows(folder / name, rows)
    manifest = SplitManifest.load(folder)
    digest = file_sha256(folder / name)
    files = [file.model_copy(update={"sha256": digest}) if file.name == name else file for file in manifest.files]
    certificate = manifest.certificate.model_copy(update={"files": manifest.certificate.files | {name: digest}})
    signed = manifest.model_copy(update={"files": files, "certificate": certificate}).sealed()
    (folder / MANIFEST_NAME).write_text(signed.model_dump_json(), encoding="utf-8")


def test_an_untouched_split_is_as_certified(tmp_path: Path) -> None:
    found = verify(made(tmp_path))
    assert (found.problems, found.not_checked) == ([], [])
    assert found.certificate is not None
    assert found.certificate.passed


def test_each_of_several_folds_is_proven_by_itself(tmp_path: Path) -> None:
    folder = made(tmp_path, SplitConfig(folds=3))
    with pytest.raises(SplitError, match=r"holds folds, each a split. Name one: .*fold-1"):
        verify(folder)
    assert verify(folder / "fold-1").problems == []


def test_a_forged_leak_is_found_although_all_hashes_fit(tmp_path: Path) -> None:
    folder = made(tmp_path)
    leaking = [*read_rows(folder / "test.jsonl"), read_rows(folder / "train.jsonl")[0] | {"row_id": "copy-0"}]
    forge(folder, "test.jsonl", leaking)
    assert SplitManifest.load(folder).problems(folder) == []
    problems = verify(folder).problems
    assert any("near-duplicate example" in problem for problem in problems)


def test_a_row_of_the_evaluation_data_is_found(tmp_path: Path) -> None:
    folder = made(tmp_path)
    forge(folder, "train.jsonl", [*read_rows(folder / "train.jsonl"), *read_rows(tmp_path / "eval.jsonl")])
    rows = read_rows(folder / "train.jsonl")
    rows[-1]["row_id"] = "leak-0"
    forge(folder, "train.jsonl", rows)
    assert any("LEAK001" in problem for problem in verify(folder).problems)


def test_evaluation_data_that_is_gone_or_changed_is_said_to_be_unchecked(tmp_path: Path) -> None:
    folder = made(tmp_path)
    path = tmp_path / "eval.jsonl"
    content = path.read_bytes()
    path.write_bytes(content + content)
    (said,) = verify(folder).not_checked
    assert "changed since" in said
    path.rename(tmp_path / "moved.jsonl")
    (said,) = verify(folder).not_checked
    assert "no longer there" in said
    (tmp_path / "moved.jsonl").write_bytes(content)
    assert verify(folder, [tmp_path / "moved.jsonl"]).not_checked == []


def test_each_fold_is_a_certified_folder(tmp_path: Path) -> None:
    folder = made(tmp_path, SplitConfig(folds=3))
    assert sorted(path.name for path in folder.iterdir()) == ["fold-1", "fold-2", "fold-3"]
    validated: list[str] = []
    for number in (1, 2, 3):
        fold = folder / f"fold-{number}"
        assert verify(fold).problems == []
        manifest = json.loads((fold / MANIFEST_NAME).read_text(encoding="utf-8"))
        assert (manifest["fold"], manifest["account"]["records_in"]) == (number, len(TOPICS) - 1)
        validated += [row["row_id"] for row in read_rows(fold / "validation.jsonl")]
        tests = {(folder / f"fold-{other}" / "test.jsonl").read_bytes() for other in (1, 2, 3)}
        assert len(tests) == 1
    kept = [
        row["row_id"] for name in ("train", "validation") for row in read_rows(folder / "fold-1" / f"{name}.jsonl")
    ]
    assert sorted(validated) == sorted(kept)
