"""Slips are tolerated; differences that mean something are not."""

from __future__ import annotations

import io
import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import (
    SimilarityParams,
    Texts,
    meaningful_difference,
    self_pairs,
)
from dataprep.similarity.guard import example_difference
from dataprep.text.views import with_texts
from tests.helpers import ingest

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = [
    ("number", "refund in 14 days", "refund in 30 days"),
    ("number", "it is -5 degrees", "it is 5 degrees"),
    ("number", "take 3.5 pills", "take 35 pills"),
    ("number", "a fee of 5%", "a fee of 5"),
    ("number", "model A320 seats", "model A330 seats"),
    ("number", "open at 10:30", "open at 10:45"),
    ("negation", "you can return it", "you cannot return it"),
    ("negation", "you can return it", "you can't return it"),
    ("negation", "you must go there", "you must not go there"),
    ("negation", "it works with sugar", "it works without sugar"),
    ("negation", "das ist gut", "das ist nicht gut"),
    ("operator", "if a < b then stop", "if a > b then stop"),
    ("operator", "if a < b then stop", "if a <= b then stop"),
    ("number", "version 3.7 of it", "version 37 of it"),
    ("negation", "parcels are sent", "parcels aren't sent"),
    ("name", "please call Anna today", "please call Peter today"),
    ("name", "fly to Canberra now", "fly to Sydney now"),
    ("name", "a loop in C# please", "a loop in C++ please"),
    ("name", "is Paris bigger than Rome", "is Rome bigger than Paris"),
    ("word", "increase the volume", "decrease the volume"),
    ("word", "enable it now", "disable it now"),
    ("word", "this is legal here", "this is illegal here"),
    ("word", "is it safe", "is it unsafe"),
    ("name", "It costs $25 a month.", "It costs €25 a month."),
    ("name", "I love 🍎 very much", "I love 🍌 very much"),
    ("name", "call get_user_name first", "call get_user_mail first"),
]
IN_QUESTIONS = [
    ("order", "convert radians to degrees", "convert degrees to radians"),
    ("order", "the dog bit the man", "the man bit the dog"),
    ("word", "turn it on", "turn it off"),
    ("word", "open the door", "close the door"),
    ("word", "two apples", "three apples"),
    ("word", "before lunch", "after lunch"),
    ("word", "最高温度是多少", "最低温度是多少"),
    ("word", "退款需要多少天", "退款需要多少钱"),
]
LOOK_ALIKE = [
    ("what is the maximum speed", "what is the minimum speed"),
    ("block my credit card", "block my debit card"),
    ("how do I upload a file", "how do I download a file"),
    ("how do I sort a list in C#", "how do I sort a list in C"),
    ("how do I sort a list in C++", "how do I sort a list in C"),
    ("is it true that x = 5", "is it true that x != 5"),
    ("what is 2 + 3", "what is 2 - 3"),
    ("what is 8 * 2", "what is 8 / 2"),
]
NONE = [
    ("where is my order", "where is my order"),
    ("Where is my order?", "where is my order"),
    ("Where is my order", "Wher is my ordr"),
    ("can you recieve it", "can you receive it"),
    ("It costs 1,000 euros", "it costs 1000 euros"),
    ("It costs 1,000,000.50 euros", "it costs 1000000.5 euros"),
    ("Please help me with this: where is my order?", "where is my order"),
    ("Open the app. Press reset. Wait a day.", "Press reset. Wait a day. Open the app."),
    ("don’t wait", "don't wait"),
    ("I don't know.", "i dont know"),
    ("I need help to get in touch", "I needd help to get in tuoch"),
    ("the the order is late", "the order is late"),
    ("", ""),
    ("How do I reset my password?", "How can I reset my password?"),
    ("Please summarise this text", "Summarise this text please"),
    ("She sells 5 apples", "She sells five apples"),
    ("It weighs 5kg and goes 12 km", "It weighs 5 kg and goes 12km"),
    ("reduced by 10% today", "reduced by 10 percent today"),
]


@pytest.mark.parametrize(("kind", "left", "right"), ALWAYS)
@pytest.mark.parametrize("words_matter", [False, True])
def test_differences_that_count_everywhere(kind: str, left: str, right: str, words_matter: bool) -> None:
    for one, other in ((left, right), (right, left)):
        found = meaningful_difference(one, other, words_matter=words_matter)
        assert found is not None
        assert found.kind == kind


@pytest.mark.parametrize(("kind", "left", "right"), IN_QUESTIONS)
def test_differences_that_count_in_questions(kind: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = meaningful_difference(one, other, words_matter=True)
        assert found is not None
        assert found.kind == kind


@pytest.mark.parametrize(("left", "right"), LOOK_ALIKE)
def test_other_questions_that_are_spelt_almost_the_same(left: str, right: str) -> None:
    assert meaningful_difference(left, right, words_matter=True) is not None
    assert meaningful_difference(right, left, words_matter=True) is not None


@pytest.mark.parametrize(("left", "right"), NONE)
@pytest.mark.parametrize("words_matter", [False, True])
def test_slips_order_of_sentences_and_filler_are_no_difference(left: str, right: str, words_matter: bool) -> None:
    assert meaningful_difference(left, right, words_matter=words_matter) is None
    assert meaningful_difference(right, left, words_matter=words_matter) is None


@pytest.mark.parametrize(("left", "right"), [("5.00 euros", "5 euros"), ("a weight of 1.500", "a weight of 1.5")])
@pytest.mark.parametrize("words_matter", [False, True])
def test_padding_zeros_are_no_difference(left: str, right: str, words_matter: bool) -> None:
    assert meaningful_difference(left, right, words_matter=words_matter) is None


def test_a_word_may_be_replaced_in_a_long_answer_and_not_in_a_question() -> None:
    assert meaningful_difference("we ship the big box", "we ship the large box") is None
    assert meaningful_difference("we ship the big box", "we ship the large box", words_matter=True) is not None


def test_numbers_in_a_passage_one_side_lacks_are_no_difference() -> None:
    short = "Open the app and press reset."
    assert meaningful_difference(short, short + " See also page 14 of the printed manual.") is None
    assert meaningful_difference(short, short + " 14.") is not None


def test_lost_punctuation_does_not_change_numbers() -> None:
    full = "It costs 3.79, not more; take it, or leave it. Pay now!"
    bare = "it costs 379 not more take it or leave it pay now"
    assert meaningful_difference(full, bare) is None


def test_a_difference_holds_the_words_of_both_sides() -> None:
    found = meaningful_difference("refund in 14 days", "refund in 30 days")
    assert found is not None
    assert (found.left, found.right) == ("14", "30")
    added = meaningful_difference("you must go", "you must not go")
    assert added is not None
    assert (added.left, added.right) == ("", "not")


def test_examples_differ_in_the_question_or_in_the_answer() -> None:
    long = "Please open the app, choose your order, and press the button that says return."
    base = ("where is my order", long)
    assert example_difference(base, ("Where is my order?", long.upper())) is None
    assert example_difference(base, ("where is my parcel", long)) is not None
    assert example_difference(base, ("where is my order", long + " It takes 14 days.")) is None
    assert example_difference(base, ("where is my order", long.replace("press", "do not press"))) is not None
    assert example_difference(base, ("where is my order", long.replace("button", "field"))) is None


def test_every_word_of_a_short_answer_counts() -> None:
    assert example_difference(("is it late", "on Monday morning"), ("is it late", "on monday evening")) is not None
    assert example_difference(("topic of this", "delivery"), ("topic of this", "payment")) is not None


@pytest.mark.parametrize(("left", "right"), [("14 go", "go 14"), ("how do I legalise it", "how do I it legalise")])
def test_moved_words_are_judged_alike_from_both_sides(left: str, right: str) -> None:
    there = meaningful_difference(left, right, words_matter=True)
    back = meaningful_difference(right, left, words_matter=True)
    assert (there is None) == (back is None)


@given(
    st.lists(st.sampled_from("is my to of order refund bank card Anna late go 14 not we".split()), max_size=6),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_a_difference_has_no_direction(words: list[str], dice: Random, words_matter: bool) -> None:
    moved = dice.sample(words, len(words))
    one, other = " ".join(words), " ".join(moved)
    there = meaningful_difference(one, other, words_matter=words_matter)
    back = meaningful_difference(other, one, words_matter=words_matter)
    assert (there is None) == (back is None)


@given(st.text(max_size=60))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert meaningful_difference(text, text, words_matter=True) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["refund in {} days", "{}", "pay {}, now"]))
def test_numbers_must_agree(left: int, right: int, frame: str) -> None:
    found = meaningful_difference(frame.format(left), frame.format(right))
    assert (found is None) == (left == right)
    assert meaningful_difference(frame.format(f"{left:,}"), frame.format(left), words_matter=True) is None


def test_typos_are_tolerated_letter_by_letter() -> None:
    word, rest = "delivery", "when does the {} of my parcel arrive"
    for place in range(len(word)):
        for slip in (
            word[:place] + word[place + 1 :],
            word[:place] + "x" + word[place:],
            word[:place] + "q" + word[place + 1 :],
        ):
            assert meaningful_difference(rest.format(word), rest.format(slip), words_matter=True) is None


def test_planted_near_duplicates_are_found_and_traps_are_not(shared: Path) -> None:
    zstandard = pytest.importorskip("zstandard", reason="the planted rows are compressed with zstandard")
    folder = shared / "neardup_planted"
    if not (folder / "rows.jsonl.zst").is_file():
        pytest.skip(f"{folder} is not there")
    raw = zstandard.ZstdDecompressor().stream_reader(io.BytesIO((folder / "rows.jsonl.zst").read_bytes())).read()
    rows = with_texts(ingest(raw).rows)
    place = {json.loads(meta)["id"]: position for position, meta in enumerate(rows["meta"])}
    texts = Texts.of(rows)
    near = {
        (a, b)
        for a, b, _ in self_pairs(texts.pair_core, SimilarityParams())
        if example_difference(texts.example(a), texts.example(b)) is None
    }
    planted = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    found: Counter[str] = Counter()
    for pair in planted:
        one, other = sorted((place[pair["a"]], place[pair["b"]]))
        found[pair["class"]] += (one, other) in near
    assert Counter(pair["class"] for pair in planted) == {"duplicate": 900, "trap": 100}
    assert found["duplicate"] >= 0.95 * 900
    assert found["trap"] <= 5
    assert found["duplicate"] >= 0.99 * len(near)


def test_markup_of_one_side_is_no_difference() -> None:
    asked = "Which enzyme unwinds the DNA double helix during replication?"
    assert meaningful_difference(asked, f"<p>{asked}</p>", words_matter=True) is None
    assert meaningful_difference(asked, f'<div class="q"><b>{asked}</b><br/></div>', words_matter=True) is None
    assert meaningful_difference("Is a < b or b > c?", "Is a b or b c?", words_matter=True) is not None
    assert meaningful_difference("<b>x</b> is big", "<i>x</i> is not big", words_matter=True) is not None
