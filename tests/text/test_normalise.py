"""The normal form: what it evens out, and what it must keep apart."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.normalise import _of_unicode, normalised
from tests.helpers import normal

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLAIN = st.text("abcxyz ABCXYZ äöüéñßÄÖÜÉÑ αβγσωΑΒΓΣΩ абвяАБВЯ 0123456789 .,!?#%€$+-'\"", max_size=30)


@given(ANY)
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_letters_that_only_compose_in_lower_case_have_one_form() -> None:
    assert normal("J\u030c") == normal("\u01f0") == normal(normal("J\u030c"))


@given(PLAIN)
def test_case_does_not_count(text: str) -> None:
    assert normal(text.upper()) == normal(text.lower()) == normal(text)


@given(
    st.lists(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), min_size=1),
    st.sampled_from(list(".,;:!?-–—()[]…“”\t\n")),
)
def test_punctuation_and_spacing_between_words_do_not_count(words: list[str], mark: str) -> None:
    plain = " ".join(words)
    assert normal(plain) == plain
    assert normal((mark + " ").join(words)) == plain
    assert normal("  " + mark.join(words) + mark) == plain


@given(st.text("ab cé語", min_size=1, max_size=20), st.sampled_from("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0f"))
def test_what_cannot_be_seen_does_not_count(text: str, unseen: str) -> None:
    if normal(text):
        assert normal(unseen.join(text) + unseen) == normal(text)


@given(PLAIN)
def test_every_digit_is_kept_in_order(text: str) -> None:
    assert re.findall(r"\d", normal(text)) == re.findall(r"\d", text)


@given(ANY)
def test_a_normal_form_has_no_line_breaks_and_no_outer_spaces(text: str) -> None:
    form = normal(text)
    assert form == form.strip()
    assert not re.search(r"[\r\n\t]|  ", form)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("14 days", "30 days"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
        ("C#", "C"),
        ("C++", "C"),
        ("5%", "5"),
        ("$5", "€5"),
        ("$5", "5"),
        ("a + b", "a b"),
        ("a < b", "a > b"),
        ("???", "..."),
        ("🙂", "🙁"),
        ("", "..."),
        ("不好", "好"),
    ],
)
def test_what_means_something_stays_apart(left: str, right: str) -> None:
    assert normal(left) != normal(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("ＡＢＣ１２", "abc12"),
        ("e\u0301", "é"),
        ("ΟΔΟΣ", "οδος"),
        ("# Title", "Title"),
        ("invoice #12", "invoice 12"),
        ("a\u00a0b", "a b"),
        ("*bold* text", "bold text"),
        ("x²", "x2"),
    ],
)
def test_ways_of_writing_the_same(left: str, right: str) -> None:
    assert normal(left) == normal(right)


def test_a_text_of_punctuation_alone_stays_as_it_is() -> None:
    assert normal(" ?!  ... ") == "?! ..."


def test_null_is_the_empty_text() -> None:
    frame = pl.DataFrame({"text": [None, "A"]}, schema={"text": pl.String})
    assert frame.select(normalised(pl.col("text"))).to_series().to_list() == ["", "a"]


ASCII = st.text(st.characters(max_codepoint=127), max_size=20) | st.text("ab C#%.\n0", max_size=12)


@given(st.lists(ASCII | PLAIN | st.none(), max_size=8))
def test_the_short_way_for_ascii_gives_what_the_definition_gives(texts: list[str | None]) -> None:
    column = pl.Series("text", texts, dtype=pl.String)
    expected = _of_unicode(column.fill_null(""))
    assert column.to_frame().select(normalised(pl.col("text"))).to_series().to_list() == expected.to_list()
