"""Numbers with their units, in one measure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.quantities import quantities, same_value


def measured(text: str) -> list[tuple[str, float]]:
    return [(item.dimension, round(item.value, 4)) for item in quantities(text)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2 years", "24 months"),
        ("12 months", "365 days"),
        ("two weeks", "14 days"),
        ("90 minutes", "1.5 hours"),
        ("90 days", "3 months"),
        ("$5", "5 dollars"),
        ("€20", "20 euros"),
        ("1,000 items", "1000 items"),
        ("twenty-five items", "25 items"),
        ("five hundred thousand people", "500,000 people"),
        ("50%", "50 percent"),
        ("10 business days", "ten working days"),
        ("-5 degrees", "−5 degrees"),
        ("3 apples", "3 apple"),
    ],
)
def test_ways_of_writing_one_quantity(left: str, right: str) -> None:
    (a,), (b,) = quantities(left), quantities(right)
    assert a.dimension == b.dimension
    assert same_value(a.value, b.value)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("14 days", "30 days"),
        ("2 days", "2 weeks"),
        ("$5", "€5"),
        ("5%", "5 dollars"),
        ("5 apples", "5 pears"),
        ("-5 degrees", "5 degrees"),
        ("3.5 hours", "35 hours"),
        ("12 months", "13 months"),
    ],
)
def test_quantities_that_differ(left: str, right: str) -> None:
    (a,), (b,) = quantities(left), quantities(right)
    assert a.dimension != b.dimension or not same_value(a.value, b.value)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("5 to 7 business days", [("time", 5), ("time", 7)]),
        ("3-5 kg", [("count kg", 3), ("count kg", 5)]),
        ("between 3 and 5 items", [("count item", 3), ("count item", 5)]),
        ("2–4 weeks", [("time", 14), ("time", 28)]),
    ],
)
def test_a_range_gives_its_two_ends(text: str, ends: list[tuple[str, float]]) -> None:
    assert measured(text) == ends


@pytest.mark.parametrize("marker", ["{}. ", "{}) ", "({}) "])
def test_list_markers_are_no_quantities(marker: str) -> None:
    steps = "\n".join(marker.format(number) + "Press the button." for number in (1, 2, 3))
    assert quantities(steps) == []
    assert measured(steps + " Wait 3 days.") == [("time", 3)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("First 3 + 4 = 7 apples.\n#### 7", 7),
        ("So the answer is 42.", 42),
        ("The final answer is $1,234.50", 1234.5),
        ("Answer: -3", -3),
        (r"Hence \boxed{9}", 9),
        ("#### 5\n#### 6", 6),
        ("42", 42),
        ("forty-two.", 42),
    ],
)
def test_a_worked_answer_is_its_conclusion(text: str, value: float) -> None:
    assert measured(text) == [("answer", value)]


@pytest.mark.parametrize("text", ["", "no number here", "in 2024 we moved", "covid19 and mp3", "v1.2.3-beta"])
def test_numbers_that_measure_nothing_are_left_out(text: str) -> None:
    assert quantities(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 5€.", ("money euro", 5)),
        ("It costs 1.5 million dollars.", ("money dollar", 1_500_000)),
        ("It costs $1.5 million.", ("money dollar", 1_500_000)),
    ],
)
def test_money_and_large_numbers_as_people_write_them(text: str, expected: tuple[str, float]) -> None:
    assert measured(text) == [expected]


@pytest.mark.parametrize(("text", "hours"), [("10 am", 10), ("10:00", 10), ("10 pm", 22), ("10:30", 10.5)])
def test_clock_times_are_hours_of_the_day(text: str, hours: float) -> None:
    assert measured(text) == [("clock", hours)]


def test_a_quantity_shows_what_was_written_and_where() -> None:
    text = "Returns within 14 business days cost $5."
    time, money = quantities(text)
    assert (time.text, money.text) == ("14 business days", "$5")
    assert text[time.start :].startswith(time.text)
    assert text[money.start :].startswith(money.text)


@given(st.integers(1, 10**6), st.sampled_from(["days", "items", "euros", "percent"]))
def test_any_count_is_read_with_and_without_separators(number: int, unit: str) -> None:
    assert measured(f"{number} {unit}") == measured(f"{number:,} {unit}") != []


@given(st.text(max_size=40))
def test_any_text_has_quantities_inside_it(text: str) -> None:
    for item in quantities(text):
        assert 0 <= item.start < len(text)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_equality_of_values_is_symmetric_and_reflexive(left: float, right: float) -> None:
    assert same_value(left, right) == same_value(right, left)
    assert same_value(left, left)
