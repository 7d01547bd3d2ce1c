"""Exporting as a whole: what is refused, that every row is accounted for, and what is written where."""

from __future__ import annotations

import json
import types
from pathlib import Path

import pytest

from dataprep.contract import MANIFEST_NAME, SplitManifest
from dataprep.discovery import discover
from dataprep.errors import ConfigError, InputError, PluginError, SplitError
from dataprep.exporting import REFUSED_NAME, export_split
from dataprep.exports.export import Export, Rendered, all_exports
from tests.exports.split_folders import (
    MAKERS,
    awkward_folder,
    chat_row,
    exported_rows,
    folder_of,
    input_file,
    labelled_row,
    preference_row,
    split_folder,
    user,
)

NAMES = ("axolotl", "croissant", "hub", "llama-factory", "openai", "trl")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_export_is_found() -> None:
    assert sorted(all_exports()) == list(NAMES)


def test_two_exports_of_one_name_are_an_error(tmp_path: Path) -> None:
    for module in ("a", "b"):
        text = (
            "from dataprep.exports.export import Export, Rendered\nEXPORT = Export('x', 'X', lambda _: Rendered())\n"
        )
        (tmp_path / f"{module}_export.py").write_text(text)
    package = types.ModuleType("twins")
    package.__path__ = [str(tmp_path)]
    import sys

    sys.modules["twins"] = package
    with pytest.raises(PluginError, match="both define x"):
        discover(package, "EXPORT", lambda export: export.name)
    del sys.modules["twins"]
    assert isinstance(Export("x", "X", lambda _: Rendered()), Export)


def test_unknown_target_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="axolotl, croissant, hub, llama-factory, openai, trl"):
        export_split(folder_of("chat", tmp_path / "s"), "tlr", tmp_path / "out")


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SplitError, match="no manifest"):
        export_split(tmp_path, "trl", tmp_path / "out")


@pytest.mark.parametrize("to", NAMES)
@pytest.mark.parametrize("kind", [*MAKERS, "awkward"])
def test_every_row_is_written_or_named(tmp_path: Path, kind: str, to: str) -> None:
    source = awkward_folder(tmp_path / "s") if kind == "awkward" else folder_of(kind, tmp_path / "s")
    before = content(source)
    try:
        done = export_split(source, to, tmp_path / "out")
    except SplitError as err:
        assert "can hold none of the rows" in err.problem
        assert not (tmp_path / "out").exists()
        return
    total = SplitManifest.load(source).account.kept
    written = sum(len(exported_rows(tmp_path / "out", name)) for name in done.files if is_data(name))
    assert written == sum(done.rows.values())
    assert written + len(done.refused) == total
    assert sorted(content(tmp_path / "out")) == sorted(done.files)
    assert content(source) == before


def is_data(name: str) -> bool:
    return name.endswith(".jsonl") and name != REFUSED_NAME


@pytest.mark.parametrize("to", NAMES)
def test_the_same_split_gives_the_same_bytes(tmp_path: Path, to: str) -> None:
    source = awkward_folder(tmp_path / "s")
    for out in ("a", "b"):
        export_split(source, to, tmp_path / out, name="x")
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_rows_left_out_are_listed_in_a_file(tmp_path: Path) -> None:
    done = export_split(awkward_folder(tmp_path / "s"), "llama-factory", tmp_path / "out")
    listed = exported_rows(tmp_path / "out", REFUSED_NAME)
    assert [tuple(row.values()) for row in listed] == [tuple(refused) for refused in done.refused]
    assert listed[0] == {
        "file": "train.jsonl",
        "line": 13,
        "row_id": "tr0000000000000c-0",
        "reason": "messages[1].weight: LLaMA-Factory cannot weight single turns (0)",
    }


def test_a_stale_list_of_refused_rows_goes_away(tmp_path: Path) -> None:
    export_split(awkward_folder(tmp_path / "s"), "llama-factory", tmp_path / "out")
    export_split(folder_of("chat", tmp_path / "t"), "llama-factory", tmp_path / "out")
    assert not (tmp_path / "out" / REFUSED_NAME).exists()


def test_an_edited_split_is_refused_unless_allowed(tmp_path: Path) -> None:
    source = folder_of("chat", tmp_path / "s")
    lines = (source / "train.jsonl").read_text().splitlines(keepends=True)
    (source / "train.jsonl").write_text("".join(lines[1:]))
    with pytest.raises(SplitError, match=r"train.jsonl was changed"):
        export_split(source, "trl", tmp_path / "out")
    done = export_split(source, "trl", tmp_path / "out", allow_unverified=True)
    assert done.rows["train"] == 11
    assert "Not verified: train.jsonl was changed after it was written" in done.notes


def test_a_leaking_split_is_refused(tmp_path: Path) -> None:
    source = folder_of("chat", tmp_path / "s")
    told = json.loads((source / MANIFEST_NAME).read_text())
    told["certificate"]["passed"] = False
    told["certificate"]["between_splits"][0]["crossings"] = 3
    manifest = SplitManifest.model_validate(told).sealed()
    (source / MANIFEST_NAME).write_text(manifest.model_dump_json())
    with pytest.raises(SplitError, match="the certificate did not pass"):
        export_split(source, "hub", tmp_path / "out")


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    source = folder_of("chat", tmp_path / "s")
    with (source / "test.jsonl").open("a") as handle:
        handle.write('{"row_id": "x", "messages": "hello"}\n')
    with pytest.raises(SplitError, match=r"test.jsonl line 4: not a row of a split"):
        export_split(source, "trl", tmp_path / "out", allow_unverified=True)


def test_the_split_folder_is_never_written_to(tmp_path: Path) -> None:
    source = folder_of("chat", tmp_path / "s")
    (tmp_path / "link").symlink_to(source)
    for out in (source, tmp_path / "link"):
        with pytest.raises(InputError, match="is a split folder"):
            export_split(source, "openai", out)


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "train.jsonl").write_text("precious\n")
    rows = [chat_row(number) for number in range(3)]
    source = split_folder(tmp_path / "s", {"train": rows}, [input_file(str(out / "train.jsonl"))])
    with pytest.raises(InputError, match="is one of the inputs"):
        export_split(source, "trl", out)
    assert (out / "train.jsonl").read_text() == "precious\n"


def test_mixed_kinds_become_a_data_set_each(tmp_path: Path) -> None:
    rows = [chat_row(1), preference_row(2), labelled_row(3), preference_row(4)]
    source = split_folder(tmp_path / "s", {"train": rows, "test": [chat_row(9)]})
    done = export_split(source, "trl", tmp_path / "out")
    data = ["chat-train.jsonl", "chat-test.jsonl", "preference-train.jsonl", "labelled-train.jsonl"]
    assert [name for name in done.files if is_data(name)] == data
    assert {"trl_chat.py", "trl_preference.py", "trl_labelled.py"} <= set(done.files)
    assert done.notes[0] == (
        "The folder mixes kinds of rows, each has its own data set: 2 chat (first: train.jsonl line 1), "
        "2 preference (first: train.jsonl line 2), 1 labelled (first: train.jsonl line 3)"
    )


def test_labels_may_be_text(tmp_path: Path) -> None:
    rows = [labelled_row(number) | {"label": text} for number, text in enumerate(["true", "false"])]
    export_split(split_folder(tmp_path / "s", {"train": rows}), "trl", tmp_path / "out")
    assert [row["label"] for row in exported_rows(tmp_path / "out", "train.jsonl")] == [True, False]


def test_a_label_that_says_neither_is_named(tmp_path: Path) -> None:
    rows = [labelled_row(1) | {"label": "maybe"}]
    with pytest.raises(SplitError, match=r"train.jsonl line 1"):
        export_split(split_folder(tmp_path / "s", {"train": rows}), "trl", tmp_path / "out")


def test_where_no_row_fits_the_first_reason_is_told(tmp_path: Path) -> None:
    source = split_folder(tmp_path / "s", {"train": [{"messages": [user("Why?")]}]})
    with pytest.raises(SplitError, match=r"none of the rows; train.jsonl line 1: messages: Axolotl has no data set"):
        export_split(source, "axolotl", tmp_path / "out")
