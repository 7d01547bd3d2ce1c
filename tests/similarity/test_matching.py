"""Which rows of one set stand in another."""

from __future__ import annotations

import pytest

from dataprep.similarity import Match, SimilarityParams, Texts, matches, variants
from tests.helpers import texts_of

PARAMS = SimilarityParams()
QUESTION = "How long does it take until my refund reaches my bank account?"
ANSWER = "Refunds reach your bank account within five working days, on average."
OTHER = "Please ask your bank, they can see every transfer that is on its way to you."


def match(left: Texts, right: Texts) -> list[tuple[str, int, int, str]]:
    return [(found.kind, found.left, found.right, found.field) for found in matches(left, right, PARAMS)[0]]


def test_exact_after_normalisation() -> None:
    assert match(texts_of((QUESTION, ANSWER)), texts_of((QUESTION.upper(), ANSWER[:-1]))) == [
        ("exact", 0, 0, "example")
    ]


def test_near_in_question_and_answer() -> None:
    slip = QUESTION.replace("reaches", "reches")
    found = matches(texts_of((QUESTION, ANSWER)), texts_of((slip, ANSWER)), PARAMS).found
    assert [(one.kind, one.field) for one in found] == [("near", "example")]
    assert PARAMS.threshold <= found[0].score < 1


def test_the_same_question_with_another_answer() -> None:
    assert match(texts_of((QUESTION, ANSWER)), texts_of((QUESTION, OTHER))) == [("same-prompt", 0, 0, "prompt")]


def test_a_near_question_with_another_answer() -> None:
    near = "Please tell me: " + QUESTION
    assert match(texts_of((QUESTION, ANSWER)), texts_of((near, OTHER))) == [("near", 0, 0, "prompt")]


def test_exact_comes_before_near_before_the_same_prompt() -> None:
    rows = [(QUESTION, OTHER), ("Please tell me: " + QUESTION, ANSWER), (QUESTION, ANSWER)]
    left = texts_of((QUESTION, ANSWER))
    assert match(left, texts_of(*rows)) == [("exact", 0, 2, "example")]
    assert match(left, texts_of(*rows[:2])) == [("near", 0, 1, "example")]
    assert match(left, texts_of(*rows[:1])) == [("same-prompt", 0, 0, "prompt")]


def test_eval_rows_without_answers_match_by_their_question() -> None:
    bare = texts_of((QUESTION, ""), ("What is the capital of France, and how many people live there?", ""))
    assert match(texts_of((QUESTION + "!", ANSWER)), bare) == [("exact", 0, 0, "prompt")]
    assert match(texts_of(("Please tell me: " + QUESTION, ANSWER)), bare) == [("near", 0, 0, "prompt")]


def test_meaningful_differences_are_no_match() -> None:
    question = "How many euros do I pay for {} parcels that go to the same address in Germany?"
    left, right = texts_of((question.format(14), ANSWER)), texts_of((question.format(30), OTHER))
    assert match(left, right) == []
    assert match(texts_of((question.format(14), "")), texts_of((question.format(30), ""))) == []


def test_unrelated_rows_do_not_match() -> None:
    assert match(texts_of((QUESTION, ANSWER)), texts_of(("Who wrote Faust?", "Goethe"))) == []


def test_each_row_has_one_match_and_rows_come_in_order() -> None:
    left = texts_of(("Who wrote Faust?", "Goethe"), (QUESTION, ANSWER), ("Who?", "Me"), (QUESTION, OTHER))
    right = texts_of((QUESTION, ANSWER), (QUESTION, ANSWER), ("Who wrote Faust?", "Goethe"))
    assert match(left, right) == [
        ("exact", 0, 2, "example"),
        ("exact", 1, 0, "example"),
        ("same-prompt", 3, 0, "prompt"),
    ]


def test_nothing_matches_nothing() -> None:
    some, none = texts_of((QUESTION, ANSWER)), texts_of()
    assert match(some, none) == match(none, some) == match(none, none) == []


def test_the_closest_of_several_near_rows_is_named() -> None:
    one_slip, two_slips = QUESTION.replace("reaches", "reches"), QUESTION.replace("reaches", "rechs")
    (found,) = matches(texts_of((QUESTION, ANSWER)), texts_of((two_slips, ANSWER), (one_slip, ANSWER)), PARAMS)[0]
    assert isinstance(found, Match)
    assert (found.kind, found.right) == ("near", 1)


def test_what_does_not_count_hides_nothing() -> None:
    rows = [(QUESTION, ANSWER), (QUESTION, OTHER), ("Please tell me: " + QUESTION, ANSWER)]
    left, right = texts_of((QUESTION, ANSWER)), texts_of(*rows)
    found = {kind: matches(left, right, PARAMS, {kind}).found for kind in ("exact", "near", "same-prompt")}
    assert {kind: [(one.kind, one.right) for one in some] for kind, some in found.items()} == {
        "exact": [("exact", 0)],
        "near": [("near", 2)],
        "same-prompt": [("same-prompt", 1)],
    }
    # A question with the same answer alone has no other answer.
    assert matches(left, texts_of(rows[0], rows[2]), PARAMS, {"same-prompt"}).found == []


@pytest.mark.parametrize(("mine", "other"), [(ANSWER, ANSWER), (ANSWER, OTHER), (ANSWER, "")])
def test_a_question_with_other_signs_is_a_variant(mine: str, other: str) -> None:
    asked = "What does the function give for {}, if it is the square of its argument plus one?"
    left, right = texts_of((asked.format("f(-2)"), mine)), texts_of((asked.format("f(2)"), other))
    assert match(left, right) == []
    ((variant, difference),) = variants(left, right, matches(left, right, PARAMS).prompt_pairs, [], [])
    assert (variant.left, variant.right, difference.left, difference.right) == (0, 0, "f(-2)", "f(2)")
    both = texts_of((asked.format("f(2)"), other), (asked.format("F(-2)!"), other))
    assert [(found, at) for found, _, at, _ in match(left, both)] == [
        ("exact" if other != OTHER else "same-prompt", 1)
    ]
