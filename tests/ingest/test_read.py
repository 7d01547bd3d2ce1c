"""Reading: every record is a row or a reject with its line, whatever the file holds."""

from __future__ import annotations

import codecs
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep.errors import ConfigError, InputError
from dataprep.ingest import read_inputs
from tests.helpers import chat

GOOD = json.dumps(chat("q", "a")).encode()
PIECES = st.one_of(
    st.sampled_from(
        [GOOD, b"", b"  ", b"{", b"[1]", b"null", b'"x"', b'{"a": NaN}', b'{"messages": []}', b'{"messages": [null]}']
        + [
            b'{"prompt": "\\ud800", "completion": "x\x00y"}',
            b'{"prompt": "\xff", "completion": ""}',
            b"\xef\xbb\xbf{}",
        ]
        + [b'{"conversations": [{"from": "human", "value": 1}]}', b'{"instruction": 1, "output": [{"type": "image"}]}']
    ),
    st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"").replace(b"\r", b"")),
)


@settings(max_examples=300)
@given(pieces=st.lists(PIECES, max_size=12), newline=st.sampled_from([b"\n", b"\r\n"]), as_array=st.booleans())
def test_no_record_is_lost(pieces: list[bytes], newline: bytes, as_array: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("d.json" if as_array else "d.jsonl")
        path.write_bytes(b"[" + (b"," + newline).join(pieces) + b"]" if as_array else newline.join([GOOD, *pieces]))
        try:
            data = read_inputs([path])
        except InputError:
            return
        (file,) = data.files
        assert file.records == file.rows + file.unreadable == data.rows.height + data.rejects.height
        if not as_array and not any(piece.startswith(b"\xff\xfe") for piece in pieces):
            places = [number for number, piece in enumerate([GOOD, *pieces], start=1) if piece.strip()]
            assert sorted([*data.rows["line"], *data.rejects["line"]]) == places


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (GOOD + b"\n\n\r\n" + GOOD + b"\n", [1, 4]),
        (codecs.BOM_UTF8 + GOOD + b"\r\n" + GOOD, [1, 2]),
        ((GOOD + b"\n" + GOOD).decode().encode("utf-16"), [1, 2]),
        (b"[\n" + GOOD + b",\n\n" + GOOD + b"\n]", [2, 4]),
        (b"[" + GOOD + b"," + GOOD + b"]", [1, 1]),
    ],
)
def test_line_numbers(tmp_path: Path, content: bytes, lines: list[int]) -> None:
    (tmp_path / "d.jsonl").write_bytes(content)
    assert read_inputs([tmp_path / "d.jsonl"]).rows["line"].to_list() == lines


def test_one_fault_in_an_array_costs_one_record(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(b"[\n" + GOOD + b',\n{"messages": [}]},\n' + GOOD + b"\n]")
    data = read_inputs([path])
    assert data.rows["line"].to_list() == [2, 4]
    assert data.rejects["line"].to_list() == [3]


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b'prompt,completion,id\n"two\nlines",a,1\nq,b,2\nbad,row\n"caf\xe9",c,3\n')
    data = read_inputs([path])
    assert data.rows["line"].to_list() == [2, 4, 6]
    assert data.rows["messages"][2][0]["content"] == "café"
    assert data.rows["meta"][0] == '{"id":"1"}'
    assert data.rejects["message"].to_list() == ["2 cells where the header has 3"]
    assert "Windows-1252" in data.files[0].notes[0]


def test_row_ids_are_of_the_content(tmp_path: Path) -> None:
    rows = [chat("q", "a") | {"id": 1}, {"prompt": "q", "completion": "a"}, chat("q", "b")]
    path = tmp_path / "d.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    first, second, third = read_inputs([path]).rows["row_id"].to_list()
    assert first.removesuffix("-0") == second.removesuffix("-1")
    assert third.endswith("-0")
    assert not third.startswith(first[:16])


def test_column_map(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("text,label,ticket\nhello,greeting,7\n")
    with pytest.raises(InputError, match="--map prompt=COLUMN"):
        read_inputs([path])
    data = read_inputs([path], {"prompt": "text", "answer": "label", "group": "ticket"})
    assert [turn["content"] for turn in data.rows["messages"][0]] == ["hello", "greeting"]
    assert data.rows["group"][0] == "7"
    with pytest.raises(ConfigError):
        read_inputs([path], {"prompt": "text"})
    with pytest.raises(ConfigError, match="openai"):
        read_inputs([path], input_format="nope")
