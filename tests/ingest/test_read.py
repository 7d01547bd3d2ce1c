"""From inputs to the canonical frame: every record is a row or a named reject."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from dataprep.errors import ConfigError, InputError
from dataprep.frame import REJECT_SCHEMA, ROW_SCHEMA
from dataprep.ingest import all_formats, read_inputs
from tests.helpers import ask, ingest, lines, reject_lines, row_lines, said

TEXT_CSV = b"text,label,topic,shop\nwhere is it,here,delivery,7\nhow much,5 euros,price,8\n"


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_the_frames_have_their_schemas() -> None:
    for data in (lines(ask("a")), lines(ask("a"), b"broken")):
        found = ingest(data)
        assert dict(found.rows.schema) == ROW_SCHEMA
        assert dict(found.rejects.schema) == REJECT_SCHEMA


def test_mixed_formats_in_one_file_are_each_recognised() -> None:
    found = ingest(
        lines(
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
            {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]},
            {"instruction": "a", "output": "b"},
            {"question": "a", "answer": "b"},
        )
    )
    assert said(found) == [[("user", "a"), ("assistant", "b")]] * 4
    assert found.files[0].formats == {"alpaca": 1, "openai": 1, "prompt-completion": 1, "sharegpt": 1}
    assert len({row_id.split("-")[0] for row_id in found.rows["row_id"]}) == 1


def test_the_account_of_a_file_is_exact(tmp_path: Path) -> None:
    data = lines(ask("a"), b"broken", {"neither": 1}, ask("b"))
    path = write(tmp_path, "data.jsonl", data)
    account = read_inputs([path]).files[0]
    assert account.path == path.as_posix()
    assert account.sha256 == hashlib.sha256(data).hexdigest()
    assert account.bytes == len(data)
    assert (account.records, account.rows, account.unreadable) == (4, 2, 2)


def test_several_files_keep_their_order_and_sources(tmp_path: Path) -> None:
    second, first = write(tmp_path, "a.jsonl", lines(ask("a"))), write(tmp_path, "b.jsonl", lines(ask("b")))
    found = read_inputs([first, second, first])
    assert found.rows["source"].to_list() == [first.as_posix(), second.as_posix()]
    assert [file.path for file in found.files] == [first.as_posix(), second.as_posix()]


def test_a_folder_is_read_in_name_order_and_other_files_are_left(tmp_path: Path) -> None:
    for name in ("c.csv", "a.jsonl", "b.json", "notes.txt", "README"):
        write(tmp_path, name, b"prompt,completion\na,b\n" if name == "c.csv" else lines(ask(name)))
    (tmp_path / "d.jsonl").mkdir()
    assert [Path(file.path).name for file in read_inputs([tmp_path]).files] == ["a.jsonl", "b.json", "c.csv"]


# Identity


def test_a_row_id_is_the_content_and_how_often_it_was_seen(tmp_path: Path) -> None:
    one = write(tmp_path, "one.jsonl", lines(ask("a"), ask("b"), ask("a")))
    two = write(tmp_path, "two.jsonl", lines(b"broken", ask("a")))
    a0, b0, a1, a2 = read_inputs([one, two]).rows["row_id"].to_list()
    assert [row_id.split("-")[1] for row_id in (a0, b0, a1, a2)] == ["0", "0", "1", "2"]
    assert a0.split("-")[0] == a1.split("-")[0] == a2.split("-")[0] != b0.split("-")[0]


def test_a_row_id_does_not_change_between_versions() -> None:
    assert ingest(lines(ask("Where is my order?", "On its way."))).rows["row_id"].to_list() == ["677c25569493ac45-0"]


def test_a_row_id_knows_the_messages_and_tools_and_nothing_else() -> None:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    same = [
        {"messages": turns},
        {"messages": turns, "id": 7},
        {"source": "x", "messages": [{"content": turn["content"], "role": turn["role"]} for turn in turns]},
    ]
    other = [
        {"messages": [turns[0], {"role": "assistant", "content": "B"}]},
        {"messages": turns, "tools": [{"name": "f"}]},
        {"messages": [turns[0], turns[1] | {"weight": 0}]},
        {"messages": [{"role": "system", "content": ""}, *turns]},
    ]
    hashes = [row_id.split("-")[0] for row_id in ingest(lines(*same, *other)).rows["row_id"]]
    assert len(set(hashes[:3])) == 1
    assert len(set(hashes[2:])) == 5


# What else a row carries


def test_meta_keeps_every_other_field_in_its_order() -> None:
    extra = {"id": 3, "tags": ["x", {"deep": None}], "score": 0.5, "note": "ü", "chosen": "z"}
    found = ingest(lines(ask("a") | extra, ask("b")))
    assert list(json.loads(found.rows["meta"][0]).items()) == list(extra.items())
    assert found.rows["meta"][1] is None


@pytest.mark.parametrize(
    ("used", "name"),
    [
        ({"messages": [{"role": "user", "content": "a"}], "tools": [{"name": "f"}]}, "openai"),
        ({"conversations": [{"from": "human", "value": "a"}], "system": "s", "tools": "[]"}, "sharegpt"),
        ({"instruction": "a", "input": "i", "output": "b", "system": "s", "history": [["x", "y"]]}, "alpaca"),
        ({"prompt": "a", "completion": "b", "system": "s"}, "prompt-completion"),
    ],
)
def test_what_a_format_uses_is_not_in_meta_as_well(used: dict[str, object], name: str) -> None:
    found = ingest(lines(used | {"id": 1}))
    assert found.rows["format"].to_list() == [name]
    assert found.rows["meta"].to_list() == ['{"id":1}']


def test_tools_are_kept_as_json() -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    found = ingest(lines({"messages": [{"role": "user", "content": "a"}], "tools": tools}))
    assert msgspec.json.decode(found.rows["tools"][0]) == tools


# Columns named by the user


def test_mapped_columns_become_turns_and_the_rest_is_meta() -> None:
    found = ingest(TEXT_CSV, "data.csv", {"prompt": "text", "answer": "label", "system": "topic", "group": "shop"})
    assert said(found)[0] == [("system", "delivery"), ("user", "where is it"), ("assistant", "here")]
    assert found.rows["group"].to_list() == ["7", "8"]
    assert [json.loads(meta)["shop"] for meta in found.rows["meta"]] == ["7", "8"]


def test_a_map_overrides_what_the_record_looks_like() -> None:
    record = ask("a", "b") | {"text": "c", "label": "d"}
    found = ingest(lines(record), column_map={"prompt": "text", "answer": "label"})
    assert said(found) == [[("user", "c"), ("assistant", "d")]]
    assert json.loads(found.rows["meta"][0]) == ask("a", "b")


def test_a_record_without_the_mapped_column_is_a_reject_that_names_it() -> None:
    found = ingest(lines({"q": "a", "a": "b"}, {"q": "c"}), column_map={"prompt": "q", "answer": "a"})
    assert (row_lines(found), reject_lines(found)) == ([1], [2])
    assert found.rejects.row(0, named=True)["field"] == "a"
    assert found.rejects.row(0, named=True)["code"] == "FMT002"


@pytest.mark.parametrize(
    "mapping",
    [
        {"answer": "label"},
        {"prompt": "text", "answer": "label", "color": "x"},
        {"prompt": "text", "chosen": "label"},
        {"conversation": "text", "role": "label"},
    ],
)
def test_a_wrong_map_is_refused_with_how_to_write_it(mapping: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        ingest(TEXT_CSV, "data.csv", mapping)
    assert "--map " in caught.value.remedy


# A format named by the user


def test_a_named_format_is_used_instead_of_the_recognised_one() -> None:
    record = {"instruction": "a", "output": "b", "prompt": "c", "completion": "d"}
    assert said(ingest(lines(record)))[0] == [("user", "a"), ("assistant", "b")]
    assert said(ingest(lines(record), input_format="prompt-completion"))[0] == [("user", "c"), ("assistant", "d")]


@pytest.mark.parametrize("name", ["openai", "sharegpt", "alpaca", "prompt-completion"])
def test_a_record_that_lacks_a_named_formats_fields_is_a_reject(name: str) -> None:
    typical = lines(
        {"messages": [{"role": "user", "content": "a"}]},
        {"conversations": [{"from": "human", "value": "a"}]},
        {"instruction": "a", "output": "b"},
        {"prompt": "a", "completion": "b"},
    )
    found = ingest(typical + lines({"something": "else"}, {}), input_format=name)
    assert found.files[0].formats.keys() == {name}
    assert {5, 6} <= set(reject_lines(found))
    assert set(found.rejects["code"]) == {"FMT002"}
    assert found.files[0].unknown == found.rejects.height


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="nonsense") as caught:
        ingest(lines(ask("a")), input_format="nonsense")
    assert all(name in caught.value.remedy for name in all_formats())


# Inputs that cannot be used


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.jsonl", b""),
        ("blank.jsonl", b"\n  \n\r\n"),
        ("mark.jsonl", b"\xef\xbb\xbf\n"),
        ("array.json", b"[]"),
        ("header.csv", b"prompt,completion\n"),
        ("broken.jsonl", b"nothing\nof this\nis JSON\n"),
        ("shape.jsonl", b'{"a": 1}\n{"b": 2}\n'),
        ("data.txt", b"some words"),
        ("data", b"some words"),
        ("data.xlsx", b"PK\x03\x04rest"),
        ("data.parquet", b"PAR1 but no more"),
        ("data.arrow", b"ARROW1 but no more"),
    ],
)
def test_a_useless_file_is_an_error_that_names_it_and_a_remedy(name: str, data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        ingest(data, name)
    assert name in caught.value.problem
    assert caught.value.remedy


def test_all_broken_says_how_many_and_shows_the_first() -> None:
    with pytest.raises(InputError, match=r"none of 3 records is usable; line 2: JSON ends mid-string"):
        ingest(b'\n{"a": "x\nbroken\n7\n')


def test_an_unknown_shape_is_told_about_mapping() -> None:
    with pytest.raises(InputError) as caught:
        ingest(lines({"text": "a", "label": "b"}))
    assert "--map" in caught.value.remedy


def test_missing_paths_empty_folders_and_no_paths_are_errors_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for paths in ([tmp_path / "nowhere.jsonl"], [tmp_path / "folder"], []):
        with pytest.raises(InputError) as caught:
            read_inputs(paths)
        assert caught.value.remedy


def test_reading_changes_no_input(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + lines(ask("a"), b"broken")
    path = write(tmp_path, "data.jsonl", data)
    read_inputs([path])
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]
