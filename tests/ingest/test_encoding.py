"""Encodings: recognised, told, and never guessed at for a single strange byte."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import ask, ingest, lines, reject_lines, row_lines, said

TEXTS = ["Größe", "naïve café", "señor", "“quoted” – dash", "façade"]


def file_of(encoding: str) -> bytes:
    """JSON Lines with accents in every row."""
    return "".join(f'{{"prompt": "{text}", "completion": "été"}}\n' for text in TEXTS).encode(encoding)


def test_letters_that_are_words_are_accents_too() -> None:
    texts = ("Qual è la città?", "È a Roma, è vero.", "Va à Paris, où il est.", "Foi à praia e é feliz.")
    data = "".join(f'{{"prompt": "{text}", "completion": "e"}}\n' for text in texts).encode("cp1252")
    assert [turns[0][1] for turns in said(ingest(data))] == list(texts)


def test_a_byte_order_mark_is_removed_and_noted() -> None:
    found = ingest(codecs.BOM_UTF8 + lines(ask("a"), ask("b")))
    assert row_lines(found) == [1, 2]
    assert found.files[0].notes == ["byte order mark removed"]


@pytest.mark.parametrize(
    ("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
@pytest.mark.parametrize("name", ["data.jsonl", "data.json", "data.csv"])
def test_utf_16_is_converted_and_noted(mark: bytes, encoding: str, name: str) -> None:
    text = {
        "data.jsonl": '{"prompt": "ä", "completion": "b"}\n\nbroken\n{"prompt": "c", "completion": "d"}',
        "data.json": '[\n{"prompt": "ä", "completion": "b"},\nbroken,\n{"prompt": "c", "completion": "d"}]',
        "data.csv": "prompt,completion\nä,b\nbroken\nc,d\n",
    }[name]
    found = ingest(mark + text.encode(encoding), name)
    assert [turns[0][1] for turns in said(found)] == ["ä", "c"]
    assert "converted from UTF-16" in found.files[0].notes
    assert found.files[0].unreadable == 1


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", "byte order mark removed"),
        ("utf-16", "converted from UTF-16"),
        ("utf-16-le", "converted from UTF-16 without a byte order mark"),
        ("utf-16-be", "converted from UTF-16 without a byte order mark"),
        ("utf-32", "converted from UTF-32"),
        ("cp1252", "converted from Windows-1252"),
    ],
)
def test_every_character_survives_in_every_encoding(encoding: str, note: str | None) -> None:
    found = ingest(file_of(encoding))
    assert [turns[0][1] for turns in said(found)] == TEXTS
    assert found.files[0].notes == ([note] if note else [])
    assert found.files[0].unreadable == 0


def test_bytes_that_windows_leaves_undefined_are_latin_1() -> None:
    found = ingest('{"prompt": "caf\xe9 \x81", "completion": "t\xeate"}\n'.encode("latin-1"))
    assert said(found)[0][0] == ("user", "café \x81")
    assert found.files[0].notes == ["converted from Latin-1"]


def test_a_strange_byte_in_a_utf_8_file_costs_its_line_only() -> None:
    data = lines(ask("Größe"), ask("b"), ask("c")).replace(b'"b"', b'"b\xe9"')
    found = ingest(data)
    assert (row_lines(found), reject_lines(found)) == ([1, 3], [2])
    assert "not UTF-8 (byte 0xe9" in found.rejects["message"][0]


@pytest.mark.parametrize("encoding", ["gbk", "shift_jis", "windows-1251", "euc-kr"])
def test_what_cannot_be_told_is_set_aside_and_not_mangled(encoding: str) -> None:
    text = {"gbk": "订单在哪里", "shift_jis": "注文はどこ", "windows-1251": "где заказ", "euc-kr": "주문 어디"}[
        encoding
    ]
    foreign = f'{{"prompt": "{text}", "completion": "{text}"}}\n'.encode(encoding)
    found = ingest(lines(ask("a")) + foreign * 5)
    assert row_lines(found) == [1]
    assert found.files[0].unreadable == 5


def test_an_accent_late_in_a_long_file_is_found() -> None:
    plain = lines(*[ask("x" * 1000)] * 5000)
    found = ingest(plain + '{"prompt": "café", "completion": "été"}\n'.encode("cp1252"))
    assert said(found)[-1] == [("user", "café"), ("assistant", "été")]


@pytest.mark.parametrize(("mark", "codec"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_half_a_character_at_the_end_is_told(mark: bytes, codec: str) -> None:
    found = ingest(mark + lines(ask("a"), ask("b")).decode().encode(codec) + b"x")
    assert found.rows.height == 2
    assert any("U+FFFD" in note for note in found.files[0].notes)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=9), min_size=1, max_size=4), st.integers(0, 3))
def test_utf_16_gives_what_utf_8_gives(prompts: list[str], blank: int) -> None:
    text = "\n" * blank + lines(*(ask(prompt, "yes") for prompt in prompts)).decode()
    wide, narrow = ingest(text.encode("utf-16")), ingest(text.encode())
    assert wide.rows.equals(narrow.rows.with_columns(source=wide.rows["source"]))
