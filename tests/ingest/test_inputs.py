"""What paths mean: folders, patterns, and data sets that other tools saved."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dataprep import split
from dataprep.errors import InputError
from dataprep.ingest import input_files, read_inputs
from tests.helpers import ask, lines


def put(path: Path, data: bytes = b'{"prompt": "a", "completion": "b"}\n') -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_folder_stands_for_the_data_below_it(tmp_path: Path) -> None:
    names = ["a.jsonl", "b/c.csv", "b/d/e.parquet", "f.json.gz", "notes.md", ".hidden/g.jsonl", "b/.h.jsonl"]
    for name in [*names, "dataset_info.json"]:
        put(tmp_path / name)
    found = [path.relative_to(tmp_path).as_posix() for path in input_files([tmp_path])]
    assert found == ["a.jsonl", "b/c.csv", "b/d/e.parquet", "f.json.gz"]


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a.jsonl")
    put(tmp_path / "locked" / "b.jsonl")
    scandir = os.scandir

    def refusing(path: str) -> Any:  # who runs tests as root may read everything
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InputError, match=r"locked: cannot be read \(Permission denied\)"):
        input_files([tmp_path])


def test_a_pattern_stands_for_the_files_it_matches(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl", "c/d.jsonl", "e.csv"):
        put(tmp_path / name)
    assert [path.name for path in input_files([tmp_path / "*.jsonl"])] == ["a.jsonl", "b.jsonl"]
    assert [path.name for path in input_files([tmp_path / "**" / "*.jsonl"])] == ["a.jsonl", "b.jsonl", "d.jsonl"]
    with pytest.raises(InputError, match="no file matches"):
        input_files([tmp_path / "*.tsv"])


def test_a_name_with_brackets_that_exists_is_no_pattern(tmp_path: Path) -> None:
    path = put(tmp_path / "data[1].jsonl")
    assert input_files([path]) == [path]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl")
    assert input_files([path, tmp_path, path]) == [path]


def test_a_data_set_saved_to_disk(tmp_path: Path) -> None:
    """The layout of `datasets.DatasetDict.save_to_disk`: a folder for each split, Arrow streams, a description."""
    put(tmp_path / "dataset_dict.json", json.dumps({"splits": ["train", "test"]}).encode())
    for name, prompts in (("train", ["a", "b"]), ("test", ["c"])):
        folder = tmp_path / name
        folder.mkdir()
        pl.DataFrame([ask(prompt) for prompt in prompts]).write_ipc_stream(folder / "data-00000-of-00001.arrow")
        pl.DataFrame([ask("left over")]).write_ipc_stream(folder / "cache-1234.arrow")
        put(folder / "state.json", json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}).encode())
        put(folder / "dataset_info.json", b"{}")
    found = read_inputs([tmp_path])
    assert [turns[0]["content"] for turns in found.rows["messages"]] == ["a", "b", "c"]
    assert [Path(file.path).parent.name for file in found.files] == ["train", "test"]


def test_a_description_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.jsonl")
    folder = tmp_path / "saved"
    put(folder / "state.json", json.dumps({"_data_files": [{"filename": f"../{secret.name}"}]}).encode())
    with pytest.raises(InputError, match="holds no data files"):
        input_files([folder])


def test_a_split_folder_stands_for_its_splits(tmp_path: Path) -> None:
    texts = ["red apples", "a long road", "seven bridges", "quiet rain", "old maps", "green doors", "loud bells"]
    data = put(tmp_path / "data.jsonl", lines(*(ask(f"Tell me about {text}", f"It is {text}.") for text in texts)))
    split([data], tmp_path / "splits")
    names = {path.name for path in input_files([tmp_path / "splits"])}
    assert names <= {"train.jsonl", "validation.jsonl", "test.jsonl"}
    assert read_inputs([tmp_path / "splits"]).rows.height == len(texts)


def test_nothing_given_and_nothing_there(tmp_path: Path) -> None:
    for paths in ([], [tmp_path], [tmp_path / "missing.jsonl"]):
        with pytest.raises(InputError) as caught:
            input_files(paths)
        assert caught.value.remedy
