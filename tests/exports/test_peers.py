"""Exports read by the tools they are for; `benchmarks/exports.py` does more of this, trainers included."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from dataprep.exporting import export_split
from tests.exports.split_folders import MAKERS, awkward_folder, exported_rows, folder_of

KINDS = [*MAKERS, "awkward"]


def source_of(kind: str, folder: Path) -> Path:
    return awkward_folder(folder) if kind == "awkward" else folder_of(kind, folder)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", KINDS)
def test_datasets_reads_the_hub_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    pytest.importorskip("datasets", minversion="4.7", reason="datasets 4.7 or newer reads the Hub folder")
    datasets = importlib.import_module("datasets")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    source = source_of(kind, tmp_path / "s")
    done = export_split(source, "hub", tmp_path / "out")
    data = datasets.load_dataset(str(done.folder), cache_dir=str(tmp_path / "cache"))
    assert {split: rows.num_rows for split, rows in data.items()} == done.rows
    for split, rows in data.items():
        assert without_nulls(list(rows)) == without_nulls(exported_rows(source, f"{split}.jsonl"))


@pytest.mark.parametrize("kind", KINDS)
def test_mlcroissant_reads_the_metadata(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("mlcroissant", reason="mlcroissant validates the metadata and reads by it")
    mlcroissant = importlib.import_module("mlcroissant")
    done = export_split(source_of(kind, tmp_path / "s"), "croissant", tmp_path / "out", name="Sums")
    data = mlcroissant.Dataset(str(done.folder / "croissant.json"))
    assert not data.metadata.ctx.issues.errors
    for split, rows in done.rows.items():
        assert len(list(data.records(split))) == rows


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "text"])
def test_trl_takes_the_rows_for_conversations(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("trl", reason="TRL says which type a data set has")
    trl = importlib.import_module("trl.data_utils")
    done = export_split(source_of(kind, tmp_path / "s"), "trl", tmp_path / "out")
    for split in done.rows:
        for row in exported_rows(done.folder, f"{split}.jsonl"):
            assert trl.is_conversational(row)
