"""Which spellings are slips of one word, and which are two words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import meaningful_difference, reordered
from dataprep.similarity.opposites import are_opposites, are_units
from dataprep.similarity.slips import distance

FRAME = "please tell me once more what you know about the {} in our old house"
OTHER = [
    ("Dakar", "Osaka"),
    ("Lyon", "Oslo"),
    ("Paris", "Parma"),
    ("Tina", "Mona"),
    ("Anna", "Hanna"),
    ("Marx", "Mark"),
    ("Iran", "Iraq"),
    ("XIV", "XVI"),
    ("june", "july"),
    ("tuesday", "thursday"),
    ("ml", "mg"),
    ("convex", "concave"),
    ("hypertension", "hypotension"),
    ("inlet", "outlet"),
    ("einschalten", "ausschalten"),
    ("kaufen", "verkaufen"),
    ("lstrip", "rstrip"),
    ("brother", "mother"),
    ("fifty", "sixty"),
    ("desc", "asc"),
]
SLIPS = [
    ("assistance", "dssistance"),
    ("receive", "recieve"),
    ("delivery", "delivry"),
    ("and", "annd"),
    ("garçon", "garcon"),
    ("item", "items"),
    ("Fahrenheit", "Fahrenhiet"),
    ("a lot", "alot"),
    ("the", "my"),
    ("which", "what"),
]


@pytest.mark.parametrize(("left", "right"), OTHER)
def test_words_that_are_spelt_alike_are_others(left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        assert meaningful_difference(FRAME.format(one), FRAME.format(other), words_matter=True) is not None


@pytest.mark.parametrize(("left", "right"), SLIPS)
def test_slips_endings_and_light_words_are_none(left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        assert meaningful_difference(FRAME.format(one), FRAME.format(other), words_matter=True) is None


def test_a_text_full_of_slips_may_have_worse_ones() -> None:
    clean = "how much does the ticket to the museum cost for one day"
    assert meaningful_difference(clean, clean.replace("day", "dzy"), words_matter=True) is not None
    bad = clean.replace("day", "dzy").replace("museum", "musuem").replace("ticket", "tickett")
    assert meaningful_difference(clean, bad, words_matter=True) is None


@pytest.mark.parametrize(
    ("left", "right"), [("buyer", "seller"), ("true", "false"), ("kg", "g"), ("hours", "minutes"), ("north", "south")]
)
def test_opposites_and_units_count_in_long_answers_too(left: str, right: str) -> None:
    assert meaningful_difference(FRAME.format(left), FRAME.format(right)) is not None
    assert are_opposites(left, right) or are_units(left, right)


def test_items_of_a_list_and_lines_of_code_have_an_order() -> None:
    planets = "1. Mercury\n2. Venus\n3. Earth"
    moved = "1. Venus\n2. Mercury\n3. Earth"
    found = meaningful_difference(planets, moved)
    assert found is not None
    assert (found.kind, found.left, found.right) == ("order", "mercury", "venus")
    code = "if x < low:\n    return low\nif x > high:\n    return high"
    assert meaningful_difference(code, "if x < low:\n    return high\nif x > high:\n    return low") is not None
    assert meaningful_difference("Open the app.\nPress reset.", "Press reset.\nOpen the app.") is None
    assert reordered("Open the app. Press reset.", "Press reset. Open the app.") == ("open the app", "press reset")
    assert reordered("Open the app. Press reset.", "Press reset.") is None


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_symmetric_and_bounded(left: str, right: str) -> None:
    exact = distance(left, right, 9)
    assert exact == distance(right, left, 9)
    assert (exact == 0) == (left == right)
    assert distance(left, right, 1) == min(exact, 2)
    assert abs(len(left) - len(right)) <= exact <= max(len(left), len(right))
