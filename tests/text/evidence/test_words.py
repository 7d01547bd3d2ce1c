"""Words, stems and sentences with their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.words import sentences, stem


@pytest.mark.parametrize(
    "forms",
    [
        "refund refunds refunded refunding refundable",
        "cancel cancelled canceled cancelling cancellation cancels",
        "transfer transferred transferable transfers",
        "deliver delivers delivery delivered",
        "sell sold sells",
        "allow allowed allows",
        "require required need needed",
        "company companies",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(("left", "right"), [("optional", "options"), ("grass", "green"), ("nation", "native land")])
def test_other_words_have_other_stems(left: str, right: str) -> None:
    assert stem(left) != stem(right.rsplit(maxsplit=1)[-1])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("Dr. Smith lives in St. Louis.", 1),
        ("We close at 5 p.m. today.", 1),
        ("first line\nsecond line", 2),
        ('He said "no." Then he left.', 2),
        ("可以。不可以！", 2),
        ("version 1.5 is out", 1),
        ("...", 0),
        ("", 0),
    ],
)
def test_sentences_end_where_people_end_them(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_scripts_without_spaces_are_taken_apart() -> None:
    (sentence,) = sentences("不可以 Ok’s")
    assert sentence.words == ("不", "可", "以", "ok's")
    assert sentence.spans == [(0, 1), (1, 2), (2, 3), (4, 8)]


@given(st.text(max_size=60))
def test_every_word_stands_where_its_span_says(text: str) -> None:
    for sentence in sentences(text):
        assert len(sentence.words) == len(sentence.stems) == len(sentence.spans)
        for word, (start, end) in zip(sentence.words, sentence.spans, strict=True):
            assert sentence.start <= start < end <= sentence.end
            assert len(word) == end - start
            if word.isascii():
                assert text[start:end].lower().replace("’", "'") == word
