"""One record's bytes: lenient where nothing is lost, a reason in words where not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.ingest.decode import Unreadable, decode_object

if TYPE_CHECKING:
    from collections.abc import Mapping

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5))
def test_valid_json_is_read_as_the_standard_library_reads_it(record: Mapping[str, Any]) -> None:
    notes: set[str] = set()
    assert decode_object(json.dumps(record, ensure_ascii=False).encode(), notes) == record
    assert decode_object(json.dumps(record).encode(), notes) == record
    assert notes == set()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"prompt": "hal', "JSON ends mid-string"),
        (b'{"prompt": ', "JSON ends too early"),
        (b"{", "JSON ends too early"),
        (b'{"a": 1} {"b": 2}', "more text after the record's end (column 10)"),
        (b"{'a': 1}", "not JSON: expecting property name enclosed in double quotes (column 2)"),
        (b"plain words", "not JSON: expecting value (column 1)"),
        (b'{"a": "\xe9"}', "not UTF-8 (byte 0xe9 at column 8)"),
        (b"[1, 2]", "expected an object, found a list"),
        (b'"text"', "expected an object, found a text"),
        (b"12", "expected an object, found a number"),
        (b"1.5", "expected an object, found a number"),
        (b"true", "expected an object, found true or false"),
        (b"null", "expected an object, found null"),
        (b'{"a":' + b"[" * 100_000, "nested too deeply to be a training example"),
    ],
)
def test_the_reason_is_in_words(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode_object(data, set())
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("data", "value", "note"),
    [
        (b'{"a": "x\x00y"}', "x\x00y", "control characters inside texts kept"),
        (b'{"a": "x\x1by"}', "x\x1by", "control characters inside texts kept"),
        (b'{"a": "x\\ud800y"}', "x\ufffdy", "lone surrogates replaced by U+FFFD"),
        (b'{"a": NaN}', None, "NaN or infinite numbers read as null"),
        (b'{"a": -Infinity}', None, "NaN or infinite numbers read as null"),
        (b'{"a": 1e999}', None, "NaN or infinite numbers read as null"),
    ],
)
def test_what_was_adapted_is_noted(data: bytes, value: object, note: str) -> None:
    notes: set[str] = set()
    assert decode_object(data, notes) == {"a": value}
    assert notes == {note}


def test_adapting_reaches_nested_values_and_keys() -> None:
    record = decode_object(b'{"\\udc00k": [{"x": ["\\ud800", NaN]}]}', set())
    assert record == {"\ufffdk": [{"x": ["\ufffd", None]}]}


def test_an_escaped_surrogate_pair_is_one_character_beside_a_control_character() -> None:
    assert decode_object(b'{"a": "\\ud83d\\ude00\x01"}', set()) == {"a": "\U0001f600\x01"}


def test_tabs_and_line_breaks_inside_a_text_are_no_control_characters() -> None:
    notes: set[str] = set()
    assert decode_object(b'{"a": "x\ty\nz"}', notes) == {"a": "x\ty\nz"}
    assert notes == set()


@pytest.mark.parametrize("depth", [300, 900, 2_000, 100_000])
@pytest.mark.parametrize("text", [b"plain", b"with \x01 inside"])
def test_deep_nesting_never_escapes(depth: int, text: bytes) -> None:
    data = b'{"text": "' + text + b'", "deep": ' + b"[" * depth + b"]" * depth + b"}"
    try:
        record = decode_object(data, set())
    except Unreadable as err:
        assert "nested too deeply" in str(err)
    else:
        assert record["text"] == text.decode()


@pytest.mark.parametrize("text", [b"plain", b"with \x01 inside"])
def test_a_number_of_thousands_of_digits_costs_at_most_its_record(text: bytes) -> None:
    data = b'{"text": "' + text + b'", "n": ' + b"9" * 5_000 + b"}"
    try:
        record = decode_object(data, set())
    except Unreadable:
        return
    assert record["text"] == text.decode()


@given(st.binary(max_size=60))
def test_any_bytes_give_an_object_or_a_reason(data: bytes) -> None:
    try:
        value: object = decode_object(data, set())
    except Unreadable as err:
        assert str(err)
    else:
        assert isinstance(value, dict)
