"""What is published: the Hub's folder, the dataset card and Croissant; nothing in them is invented."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataprep.contract import SplitManifest
from dataprep.exporting import Exported, export_split
from dataprep.exports.card import dataset_card, size_category
from dataprep.exports.columns import columns_of
from dataprep.exports.licences import hub_metadata, stated
from dataprep.outputs.exported import render_exported
from tests.exports.split_folders import (
    MAKERS,
    awkward_folder,
    chat_row,
    exported_rows,
    folder_of,
    preference_row,
    split_folder,
)


def head(path: Path) -> dict[str, Any]:
    """The metadata block of a card."""
    text = path.read_text(encoding="utf-8").split("---\n")[1]
    assert "&id" not in text
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def croissant(done: Exported) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((done.folder / "croissant.json").read_text(encoding="utf-8"))
    return found


def test_the_hub_gets_the_rows_as_they_are(tmp_path: Path) -> None:
    source = awkward_folder(tmp_path / "s")
    done = export_split(source, "hub", tmp_path / "out")
    for split in ("train", "validation", "test"):
        assert exported_rows(tmp_path / "out", f"data/{split}.jsonl") == exported_rows(source, f"{split}.jsonl")
    assert not done.refused


def test_the_card_tells_only_what_was_said(tmp_path: Path) -> None:
    source = folder_of("chat", tmp_path / "s")
    silent = export_split(source, "hub", tmp_path / "silent")
    assert head(silent.folder / "README.md").keys() == {"size_categories", "configs", "dataset_info"}
    assert [note for note in silent.notes if "stated" in note] == [
        "No licence is stated, so the card has none: add --license",
        "No name is stated, so the card has none: add --name",
    ]
    said = export_split(
        source, "hub", tmp_path / "said", license="CC-BY-4.0", name="Sums", creator="Ada", url="https://e.org"
    )
    told = head(said.folder / "README.md")
    assert (told["license"], told["pretty_name"], told["size_categories"]) == ("cc-by-4.0", "Sums", ["n<1K"])
    text = (said.folder / "README.md").read_text()
    assert "# Sums" in text
    assert "Ada." in text
    assert "<https://e.org>" in text
    assert not said.notes


def test_the_published_card_names_no_folders_of_this_machine(tmp_path: Path) -> None:
    done = export_split(folder_of("chat", tmp_path / "s"), "hub", tmp_path / "out")
    text = (done.folder / "README.md").read_text()
    assert "`data.jsonl`" in text
    assert "/home/somebody" not in text


def test_a_licence_the_hub_does_not_know_is_other(tmp_path: Path) -> None:
    done = export_split(folder_of("chat", tmp_path / "s"), "hub", tmp_path / "out", license="House rules")
    told = head(done.folder / "README.md")
    assert (told["license"], told["license_name"]) == ("other", "House rules")
    assert "The Hub does not know that licence: put its text into LICENSE" in done.notes
    assert hub_metadata(["MIT", "apache-2.0"]) == {"license": ["mit", "apache-2.0"]}
    assert hub_metadata([]) == {}


class LicensedFile:
    """An input file of a manifest that knows licences."""

    def __init__(self, licence: str | None) -> None:
        self.license = licence


@pytest.mark.parametrize(
    ("licences", "found"),
    [(["mit", "mit"], ["mit"]), (["mit", "cc0-1.0"], ["mit", "cc0-1.0"]), (["mit", None], []), ([], [])],
)
def test_a_licence_holds_only_if_every_input_has_one(licences: list[str | None], found: list[str]) -> None:
    class Manifest:
        inputs = [LicensedFile(licence) for licence in licences]  # noqa: RUF012

    assert stated(Manifest()) == found  # type: ignore[arg-type]


def test_mixed_kinds_are_configurations(tmp_path: Path) -> None:
    source = split_folder(tmp_path / "s", {"train": [chat_row(1), preference_row(2)], "test": [preference_row(3)]})
    told = head(export_split(source, "hub", tmp_path / "out").folder / "README.md")
    assert [(config["config_name"], config.get("default")) for config in told["configs"]] == [
        ("chat", True),
        ("preference", None),
    ]
    assert told["configs"][1]["data_files"] == [
        {"split": "train", "path": "data/preference-train.jsonl"},
        {"split": "test", "path": "data/preference-test.jsonl"},
    ]
    assert [info["config_name"] for info in told["dataset_info"]] == ["chat", "preference"]


def test_the_split_folders_own_card(tmp_path: Path) -> None:
    manifest = SplitManifest.load(folder_of("chat", tmp_path / "s"))
    (tmp_path / "README.md").write_text(dataset_card(manifest))
    told = head(tmp_path / "README.md")
    assert told["configs"][0]["data_files"][1] == {"split": "validation", "path": "validation.jsonl"}
    assert "license" not in told
    text = (tmp_path / "README.md").read_text()
    assert "18 records in = 18 kept + 0 dropped + 0 waiting" in text
    assert "`/home/somebody/data.jsonl`" in text
    assert "Not stated." in text


@pytest.mark.parametrize(
    ("rows", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (99_999, "10K<n<100K"), (10**6, "1M<n<10M"), (10**13, "n>1T")],
)
def test_size_categories(rows: int, name: str) -> None:
    assert size_category(rows) == name


def test_types_of_columns() -> None:
    rows = [
        {"a": 1, "b": 1, "c": "x", "d": ["x"], "e": True, "f": None, "g": {"x": 1}, "h": 2**70, "messages": []},
        {"a": 2, "b": 1.5, "c": 3, "d": [], "e": None, "f": None, "messages": [{"role": "user", "content": "a"}]},
    ]
    assert columns_of(rows) == {
        "a": "int64",
        "b": "float64",
        "c": "json",
        "d": "strings",
        "e": "bool",
        "f": "string",
        "g": "json",
        "h": "json",
        "messages": "turns",
    }


@pytest.mark.parametrize("kind", [*MAKERS])
def test_croissant_describes_the_files(tmp_path: Path, kind: str) -> None:
    done = export_split(folder_of(kind, tmp_path / "s"), "croissant", tmp_path / "out", name="Sums")
    told = croissant(done)
    assert told["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    for file in told["distribution"]:
        data = (done.folder / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"
    sets = {records["@id"]: records for records in told["recordSet"]}
    assert list(sets) == ["splits", "train", "validation", "test"]
    assert [split["splits/url"] for split in sets["splits"]["data"]] == [
        "cr:TrainingSplit",
        "cr:ValidationSplit",
        "cr:TestSplit",
    ]
    turns = next(field for field in sets["train"]["field"] if field["name"] == "messages")
    assert [part["name"] for part in turns["subField"]][:2] == ["role", "content"]


def test_croissant_leaves_out_what_nobody_said(tmp_path: Path) -> None:
    done = export_split(folder_of("chat", tmp_path / "s"), "croissant", tmp_path / "out")
    assert croissant(done).keys().isdisjoint({"name", "license", "creator", "url", "datePublished", "version"})
    assert len([note for note in done.notes if "so the metadata has none" in note]) == 4


def test_croissant_says_what_it_cannot_describe(tmp_path: Path) -> None:
    done = export_split(awkward_folder(tmp_path / "s"), "croissant", tmp_path / "out")
    assert done.notes[-1].endswith("messages/content, messages/tool_calls, score, source, tools")
    fields = {field["@id"] for records in croissant(done)["recordSet"] for field in records["field"]}
    assert "train/score" not in fields
    assert "train/id" in fields


def test_the_terminal_tells_it_all(tmp_path: Path) -> None:
    done = export_split(awkward_folder(tmp_path / "s"), "llama-factory", tmp_path / "out put")
    text = render_exported(done.title, done.folder, done.files, done.rows, done.refused, done.notes, done.next_step)
    assert "LLaMA-Factory: 14 rows (12 train, 1 validation, 1 test), 6 left out" in text
    assert "train.jsonl line 13 (tr0000000000000c-0): messages[1].weight" in text
    assert "… and 1 more" in text
    assert "dataset_info.json" in text
    assert "note      The rows' own fields stay in the split folder" in text
    assert f"dataset_dir='{done.folder}'" in text
    assert max(len(line) for line in text.splitlines() if line.startswith("  train")) <= 121


def test_the_terminal_is_not_steered_by_data(tmp_path: Path) -> None:
    text = render_exported("X", tmp_path, ["a"], {"train": 1}, [("f", 1, "r", "bad \x1b[2J name")], ["n\x07"], "")
    assert "\x1b[2J" not in text
    assert "\x07" not in text
