"""Rows with evaluation items inside them, and the reverse: the likeliest item, and how sure it is."""

from __future__ import annotations

import random
import resource

import pytest

from dataprep.similarity import Inside, Texts, insides, word_places
from dataprep.similarity.inside import inside_each_other
from tests.helpers import texts_of

DICE = random.Random(3)  # noqa: S311 - test data


def filler(count: int) -> str:
    return " ".join(f"filler{DICE.randrange(2_000)}" for _ in range(count))


QUESTION = "A robe takes 2 bolts of blue fiber and half that much white fiber, how many bolts does it take?"
OTHER = "Which of the four large moons of Jupiter is the most volcanic body that we know of today?"
ROWS = [(filler(30), filler(20)) for _ in range(40)]


def found(rows: list[tuple[str, str]], items: list[tuple[str, str]], known: tuple[int, ...] = ()) -> list[Inside]:
    return insides(texts_of(*rows, *ROWS), texts_of(*items), known).found


def text(texts: Texts, one: Inside) -> str:
    form: str = (texts.answer_norm if one.left_field == "answer" else texts.prompt_norm)[one.left]
    places = word_places(form)
    return form[places[one.left_words[0]][0] : places[one.left_words[1] - 1][1]]


def test_the_likeliest_item_and_how_many_there_are() -> None:
    rows = [
        (f"{filler(40)} {QUESTION} {filler(40)} {OTHER}", "x"),
        (filler(9), f"{filler(300)} {OTHER} {filler(200)}"),
    ]
    items = [(OTHER, "Io"), (QUESTION, "3")]
    one, two = found(rows, items)
    assert (one.left, one.right, one.left_field, one.items, one.is_certain) == (0, 1, "prompt", 2, True)
    assert (two.left, two.right, two.left_field, two.items, two.is_certain) == (1, 0, "answer", 1, True)
    assert text(texts_of(*rows), two) == OTHER.casefold().rstrip("?")


def test_rows_lie_in_items_by_their_questions_only() -> None:
    long = f"{filler(50)} {QUESTION} {filler(50)}"
    (one,) = found([(QUESTION, "3"), (filler(4), QUESTION)], [(long, "x")])
    assert (one.left, one.item_inside, one.is_certain) == (0, False, True)


def test_a_smaller_part_needs_sixteen_words_and_is_not_certain() -> None:
    words = QUESTION.split()
    short, longer = OTHER.split()[:9], words[:16] + filler(9).split()
    rows = [(f"{filler(20)} {' '.join(short)} {filler(20)}", "x"), (f"{filler(20)} {' '.join(words[:16])} end", "x")]
    (one,) = found(rows, [(OTHER, "Io"), (" ".join(longer), "3")])
    assert (one.left, one.right, one.is_certain) == (1, 1, False)


def test_exchanges_are_named() -> None:
    (one,) = found([(f"{filler(20)} {QUESTION.replace('blue', 'green')} {filler(20)}", "x")], [(QUESTION, "3")])
    assert one.change is not None
    assert (one.change.left, one.change.right, one.is_certain) == ("green", "blue", False)
    (one,) = found([(QUESTION.replace("2", "9"), "x")], [(f"{filler(20)} {QUESTION} {filler(20)}", "3")])
    assert one.change is not None
    assert (one.change.kind, one.change.left, one.change.right) == ("number", "9", "2")


def test_answers_count_unless_they_are_short_or_many_rows_give_them() -> None:
    answer = "Put both nuts on the left bolt before you turn the long screw to the right."
    items = [(filler(12), answer), (filler(12), "Yes, of course.")]
    (one,) = found([(filler(5), f"Look: {answer} Yes, of course.")], items)
    assert (one.right, one.right_field, one.is_certain) == (0, "answer", False)
    many = [(f"{filler(9)} {number}", filler(9)) for number in range(400)]
    stock = insides(texts_of(*[(filler(9), f"Look {n}: {answer}") for n in range(11)], *many), texts_of(*items))
    assert stock.found == []
    assert "1 answers that more than 10 rows give are not looked for" in stock.limits


def test_known_rows_and_nothing() -> None:
    rows = [(f"{filler(40)} {QUESTION}", "x")]
    assert found(rows, [(QUESTION, "3")], known=(0,)) == []
    for left, right in ((texts_of(), texts_of((QUESTION, "3"))), (texts_of((QUESTION, "3")), texts_of())):
        assert insides(left, right).found == []


def test_texts_inside_each_other_with_their_copies() -> None:
    long = f"{filler(20)} {QUESTION.casefold()} {filler(20)}"
    texts = [filler(20), QUESTION.casefold(), long, filler(30), QUESTION.casefold(), "where is it", "so where is it"]
    found = inside_each_other(texts_of(*[(text, "x") for text in texts]).prompt_norm)
    assert [(a, b) for a, b, _ in found] == [(1, 2), (1, 4)]
    assert [share for *_, share in found] == pytest.approx([1.0, 1.0])


def test_copies_on_both_sides_are_no_square() -> None:
    rows = [(f"{filler(9)} {QUESTION}", "x")] * 300
    assert len(found(rows, [(QUESTION, "3")] * 300)) == 300
    assert len(inside_each_other(texts_of(*rows, *[(QUESTION, "3")] * 300).prompt_norm)) == 1 + 299 + 299


def test_a_word_that_is_repeated_is_no_square() -> None:
    def most() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    long = " ".join(["0"] * 50_000)
    texts = [f"{long} {filler(9)}" for _ in range(8)] + [filler(30), f"{filler(30)} {QUESTION}", QUESTION]
    forms = texts_of(*[(text, "x") for text in texts]).prompt_norm
    inside_each_other(forms[:1])  # the compiler needs memory as well
    before = most()
    assert (10, 9) in [(a, b) for a, b, _ in inside_each_other(forms)]
    assert most() - before < 200_000  # KiB; a square of 50,000 would need 200 GB


def test_short_questions_hide_no_certain_one() -> None:
    short = ["name four moons of jupiter", "who painted the night watch", "where does the danube begin"]
    row = f"{filler(20)} {' '.join(short)} {QUESTION.replace('much ', '')} {filler(20)}"
    (one,) = found([(row, "x")], [*((text, "y") for text in short), (QUESTION, "3")])
    assert (one.right, one.items, one.is_certain) == (3, 4, True)


def test_a_short_question_is_certain_where_it_is_a_turn_of_its_own() -> None:
    short = "What is the capital of Burkina Faso?"
    for prompt, is_certain in ((f"{filler(20)}\n{short.upper()}\nThank you!", True), (f"{filler(20)} {short}", False)):
        (one,) = found([(prompt, "x")], [("Thank you!", "y"), (short, "Ouagadougou")])
        assert (one.left, one.right, one.is_certain) == (0, 1, is_certain)
