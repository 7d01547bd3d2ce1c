"""Which words differ between two texts."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep.similarity import changes
from dataprep.similarity.align import _SENTENCE_END, _TOKEN, ALIGN_LIMIT, _parts, has_more_words, words

SENTENCE = st.lists(
    st.sampled_from("where is my order and when does it come today 14 30".split()), min_size=1, max_size=6
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where is it?", ["Where", "is", "it"]),
        ("don't stop", ["don't", "stop"]),
        ("C# and C++, not C", ["C#", "and", "C++", "not", "C"]),
        ("1,000.50 at 12:30 on 3/4", ["1,000.50", "at", "12:30", "on", "3/4"]),
        ("-5 degrees, 5%", ["-5", "degrees", "5%"]),
        ("a <= b", ["a", "<=", "b"]),
        ("a != b, a !== b!", ["a", "!=", "b", "a", "!==", "b"]),
        ("No!!! =!!=!", ["No", "=!!="]),
        ("最高", ["最", "高"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


ODD = st.text(st.sampled_from("aZ09_'!?.,;:=<>+-*/%$#()[] \t\n\r\x0b\x1c\x1f"), max_size=24)


@given(ODD)
@settings(max_examples=500)
def test_ascii_is_read_like_any_text(text: str) -> None:
    """Its own patterns are the quicker ones only."""
    assert words(text) == _TOKEN.findall(text)
    assert _parts(text) == _SENTENCE_END.split(text)
    assert has_more_words(text, 3) == (len(words(text)) > 3)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("within 14 days", "within 30 days", [(["14"], ["30"])]),
        ("call Anna now", "call Peter now", [(["Anna"], ["Peter"])]),
        ("you can go", "you can not go", [([], ["not"])]),
        ("one two three", "one three", [(["two"], [])]),
        ("a b c d e", "a x c d y", [(["b"], ["x"]), (["e"], ["y"])]),
    ],
)
def test_changes_are_the_words_that_differ(left: str, right: str, expected: list[tuple[list[str], list[str]]]) -> None:
    assert [(list(change.left), list(change.right)) for change in changes(left, right)] == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Where is it?", "where is it"),
        ("Hello, world!", "hello world"),
        ("First part. Second part.", "Second part. First part."),
        ("One line\nAnother line", "Another line. One line."),
        ("don’t", "don't"),
        ("", ""),
        ("ﬁne １２", "fine 12"),
    ],
)
def test_case_punctuation_and_the_order_of_sentences_do_not_count(left: str, right: str) -> None:
    assert changes(left, right) == []


def test_a_sentence_said_once_more_counts() -> None:
    (change,) = changes("Wait here. Wait here.", "Wait here.")
    assert (list(change.left), list(change.right)) == (["wait", "here"], [])


@given(st.lists(SENTENCE, max_size=4))
def test_shuffled_sentences_are_no_change(sentences: list[list[str]]) -> None:
    texts = [" ".join(sentence).capitalize() + "." for sentence in sentences]
    assert changes(" ".join(texts), " ".join(reversed(texts))) == []


@given(SENTENCE, SENTENCE)
def test_the_changes_account_for_every_word(left: list[str], right: list[str]) -> None:
    found = changes(" ".join(left), " ".join(right))
    gone = [word for change in found for word in change.left]
    come = [word for change in found for word in change.right]
    assert len(left) - len(gone) == len(right) - len(come) >= 0
    assert (found == []) == (left == right)


def test_very_long_differences_are_bounded_and_still_seen() -> None:
    left = " ".join(f"left{number}" for number in range(ALIGN_LIMIT)) + " 14"
    right = " ".join(f"right{number}" for number in range(ALIGN_LIMIT)) + " 30"
    (change,) = changes(left, right)
    assert "14" in change.left
    assert "30" in change.right
    assert len(change.left) == len(change.right) == ALIGN_LIMIT + 1


@given(st.text(st.sampled_from("!=<× \n\r\t.。aC1+-,%"), max_size=30))
def test_runs_are_told_apart_as_by_the_plain_patterns(text: str) -> None:
    token = _TOKEN.pattern.replace("(?:(?<!!)!+)?[<>=≤≥≠±×÷]+(?:!+[<>=≤≥≠±×÷]+)*", "[<>=≤≥≠±×÷!]*[<>=≤≥≠±×÷]+")
    end = _SENTENCE_END.pattern.replace(r"(?<!\s)", "")
    assert token != _TOKEN.pattern
    assert end != _SENTENCE_END.pattern
    assert _TOKEN.findall(text) == re.findall(token, text)
    assert _SENTENCE_END.split(text) == re.split(end, text)


@pytest.mark.parametrize("piece", ["!", " ", "\t", "=!", "!= ", ". ", "\n ", "1", "1.", "a'", "a", "-", "- ", "。"])
def test_a_long_run_takes_no_more_than_its_length(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = process_time()
    changes(f"wait {text} here", f"wait {text}here")
    assert process_time() - started < 2
