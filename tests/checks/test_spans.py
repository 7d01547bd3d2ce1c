"""Where words of a normal form stand in what was written."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.checks.spans import Wanted, spans
from dataprep.similarity import word_places
from dataprep.text.normalise import normalised


def normal(text: str) -> str:
    form: str = pl.Series([text]).to_frame("t").select(normalised(pl.col("t"))).item()
    return form


@pytest.mark.parametrize(
    ("text", "words", "span"),
    [
        ("Hello -- well, WHERE is it?", (2, 4), "WHERE is"),
        ("a... b (c)", (1, 3), "b (c)"),
        ("C# and # or 5% %", (0, 4), "C# and # or 5%"),
        ("don't stop", (2, 3), "stop"),
        ("don't stop", (1, 2), "don't"),
        ("小明有十六个苹果。", (2, 4), "有十"),
        ("nothing of the kind", (9, 9), "nothing of the kind"),
    ],
)
def test_spans_of_what_was_written(text: str, words: tuple[int, int], span: str) -> None:
    (found,) = spans([Wanted("left", "prompt", text, words)])
    assert text[found["start"] : found["end"]] == found["text"] == span


PIECES = st.lists(st.sampled_from("don't stop! -- 5% # C# 语言 Straße ½ naïve (x) a.b €5 .".split()), max_size=12)


@given(PIECES.map(" ".join), st.data())
def test_the_span_holds_the_words(text: str, data: st.DataObject) -> None:
    form = normal(text)
    places = word_places(form)
    if not any(letter.isalnum() for letter in form):
        return
    first = data.draw(st.integers(0, len(places) - 1))
    last = data.draw(st.integers(first + 1, len(places)))
    shown = spans([Wanted("left", "prompt", other, (first, last)) for other in ("something else", text)])[1]
    start, end = shown["start"], shown["end"]
    words = [form[a:b] for a, b in places][first:last]
    assert all(word in normal(text[start:end]) for word in words)
