"""Which examples of a set must stay together, and why."""

from __future__ import annotations

from dataprep.similarity import (
    NEAR_EXAMPLE,
    NEAR_PROMPT,
    SAME_PROMPT,
    SimilarityParams,
    Texts,
    components,
    links,
    self_pairs,
)
from tests.helpers import texts_of

PARAMS = SimilarityParams()
QUESTION = "How long does it take until my refund reaches my bank account?"
ANSWER = "Refunds reach your bank account within five working days, on average."
OTHER = "Please ask your bank, they can see every transfer that is on its way to you."


def relations(texts: Texts) -> dict[tuple[int, int], str]:
    found, _ = links(texts, self_pairs(texts.pair_core, PARAMS), PARAMS)
    return {(link.left, link.right): link.relation for link in found}


def test_links_name_their_relation() -> None:
    texts = texts_of(
        (QUESTION, ANSWER),
        (QUESTION, OTHER),
        ("Please tell me: " + QUESTION, "I do not know."),
        ("Who wrote Faust?", "Goethe"),
    )
    found = relations(texts)
    assert found[0, 1] == SAME_PROMPT
    assert [relation for pair, relation in found.items() if 2 in pair] == [NEAR_PROMPT]
    assert not [pair for pair in found if 3 in pair]
    assert components(4, found).tolist() == [0, 0, 0, 3]


def test_near_examples_stay_together_even_if_a_number_differs() -> None:
    answer = "You can send it back within {} days, in its box and with the receipt, free of charge."
    texts = texts_of((QUESTION + " (A)", answer.format(14)), (QUESTION + " (B)", answer.format(30)))
    assert relations(texts) == {(0, 1): NEAR_EXAMPLE}


def test_questions_that_differ_in_a_number_are_not_tied() -> None:
    question = "How many euros do I pay for {} parcels that go to the same address in Germany?"
    assert relations(texts_of((question.format(14), ANSWER), (question.format(30), OTHER))) == {}


def test_rows_without_a_question_are_not_tied_by_it() -> None:
    assert relations(texts_of(("", ANSWER), ("", OTHER))) == {}


def test_rows_without_any_text_are_tied_to_nothing() -> None:
    assert relations(texts_of(("", ""), ("", ""), ("", ANSWER))) == {}
