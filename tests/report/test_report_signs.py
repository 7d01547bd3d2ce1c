"""Invisible characters are made visible, ordinary spelling is left alone."""

from __future__ import annotations

import pytest

from dataprep.report.signs import plain, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a[U+202E]b"),
        ("a\u2066b\u2069", "a[U+2066]b[U+2069]"),
        ("nul\x00", "nul[U+0000]"),
        ("\ud800", "[U+D800]"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("\x00" * 1234, "[U+0000 ×1,234]"),
        ("\U000e0041", "[U+E0041]"),
        ("a\u200db", "a[U+200D]b"),
        ("one\r\ntwo\tthree\n", "one\ntwo\tthree\n"),
        ("می\u200cخواهم 👩\u200d💻 ❤\ufe0f", "می\u200cخواهم 👩\u200d💻 ❤\ufe0f"),
        ("שלום עולם", "שלום עולם"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_pieces_name_the_character() -> None:
    sign = visible("a\u202eb")[1]
    assert (sign.kind, sign.text, sign.title) == ("sign", "[U+202E]", "right-to-left override")


def test_odd_spaces_show_where_they_are_the_point() -> None:
    assert [piece.text for piece in visible("a\u00a0b", spaces=True)] == ["a", "[U+00A0]", "b"]
    assert [piece.text for piece in visible("a\u00a0b")] == ["a\u00a0b"]


def test_neighbouring_signs_share_one_piece() -> None:
    assert [piece.text for piece in visible("a\u202e\u200b\x00b")] == ["a", "[U+202E][U+200B][U+0000]", "b"]
