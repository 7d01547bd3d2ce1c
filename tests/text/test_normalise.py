"""The normal form, and the texts a row is judged by."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.frame import rows_frame
from dataprep.text.normalise import normalised
from dataprep.text.views import with_texts


def norm(text: str) -> str:
    return str(pl.DataFrame({"t": [text]}).select(normalised(pl.col("t"))).item())


@pytest.mark.parametrize(
    ("left", "right"),
    [("Hello,  World!", "hello world"), ("Straße", "STRASSE"), ("ﬁne", "fine"), ("invoice #12", "invoice 12")],
)
def test_same(left: str, right: str) -> None:
    assert norm(left) == norm(right)


@pytest.mark.parametrize(
    ("left", "right"), [("14 days", "30 days"), ("C#", "C"), ("5%", "5"), ("???", "..."), ("$5", "€5")]
)
def test_different(left: str, right: str) -> None:
    assert norm(left) != norm(right)


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_one_line_without_outer_space(text: str) -> None:
    form = norm(text)
    assert form == form.strip(" ")
    assert "\n" not in form


def test_views() -> None:
    turns = [("system", "S"), ("user", "One?"), ("assistant", "1"), ("user", "Two?"), ("assistant", "2")]
    messages = [{"role": role, "content": content} for role, content in turns]
    row = with_texts(rows_frame([{"row_id": "x", "source": "s", "line": 1, "messages": messages}])).row(0, named=True)
    assert (row["prompt_norm"], row["answer_norm"], row["pair_norm"]) == ("one two", "1 2", "one two\n1 2")
    assert row["context_norm"] == "system s user one assistant 1 user two"
