"""Numbers with their units, in one measure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.agreement import agree, comparable, same_value
from dataprep.text.evidence.quantities import quantities


def measured(text: str) -> list[tuple[str, float]]:
    return [(item.dimension, round(item.low, 4)) for item in quantities(text)]


def are_one(left: str, right: str) -> bool:
    (a,), (b,) = quantities(left), quantities(right)
    assert comparable(a, b) == comparable(b, a)
    if comparable(a, b):
        assert agree(a, b) == agree(b, a)
    return comparable(a, b) and agree(a, b)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2 years", "24 months"),
        ("12 months", "365 days"),
        ("two weeks", "14 days"),
        ("90 minutes", "1.5 hours"),
        ("two and a half hours", "150 minutes"),
        ("half an hour", "30 minutes"),
        ("within a week", "7 days"),
        ("25 vacation days", "25 days"),
        ("90 days", "3 months"),
        ("5 business days", "7 days"),
        ("$5", "5 dollars"),
        ("$5", "USD 5"),
        ("50 cents", "$0.50"),
        ("$.50", "50 cents"),
        ("€20", "20 euros"),
        ("3,50 €", "€3.50"),
        ("$1.5 million", "1,500,000 dollars"),
        ("$10 a month", "$120 per year"),
        ("1,000 items", "1000 items"),
        ("12,34,567 items", "1234567 items"),
        ("twenty-five items", "25 items"),
        ("two hundred and five items", "205 items"),
        ("a dozen eggs", "12 eggs"),
        ("five hundred thousand people", "500,000 people"),
        ("50%", "50 percent"),
        ("100 %", "100%"),
        ("10 business days", "ten working days"),
        ("-5 kg", "−5 kg"),
        ("3 apples", "3 apple"),
        ("20°C", "68 degrees Fahrenheit"),
        ("5 miles", "8 km"),
        ("1 GB", "1000 MB"),
        ("12 am", "midnight"),
        ("12 pm", "noon"),
        ("3 p.m.", "15:00"),
        ("24 hours a day", "24/7"),
        ("every two weeks", "biweekly"),
        ("twice a year", "every 6 months"),
        ("3 x 10^8 m/s", "300,000 km/s"),
        ("14天", "zwei Wochen"),
        ("5 to 7 days", "6 days"),
        ("5-7%", "5 to 7 percent"),
        ("about 500 people", "510 people"),
        ("more than 500 people", "520 people"),
        ("the 19th century", "the 19th century"),
    ],
)
def test_ways_of_writing_one_quantity(left: str, right: str) -> None:
    assert are_one(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("14 days", "30 days"),
        ("2 days", "2 weeks"),
        ("$5", "€5"),
        ("5%", "5 dollars"),
        ("5 apples", "5 pears"),
        ("-5 kg", "5 kg"),
        ("3.5 hours", "35 hours"),
        ("12 months", "13 months"),
        ("1000 days", "1010 days"),
        ("12 am", "12 pm"),
        ("9 am to 6 pm", "24 hours a day"),
        ("same day", "3 days"),
        ("daily", "weekly"),
        ("every day", "1 day"),
        ("up to 4 devices", "2 devices"),
        ("above $50", "above $100"),
        ("at least 18 years", "over 20 years"),
        ("over 180,000 troops", "under 150,000 troops"),
        ("the 16th president", "the 17th president"),
        ("seven days a week", "5 days"),
        ("5 to 7 days", "30 days"),
    ],
)
def test_quantities_that_differ(left: str, right: str) -> None:
    assert not are_one(left, right)


@pytest.mark.parametrize(
    ("text", "dimension", "ends"),
    [
        ("5 to 7 business days", "time", (5, 7)),
        ("3-5 kg", "mass", (3, 5)),
        ("between 3 and 5 items", "count item", (3, 5)),
        ("2–4 weeks", "time", (14, 28)),
        ("9-5pm", "clock", (9, 17)),
        ("2 to 5 pm", "clock", (14, 17)),
        ("$5 to $10", "money dollar", (5, 10)),
    ],
)
def test_a_range_is_one_quantity(text: str, dimension: str, ends: tuple[float, float]) -> None:
    (item,) = quantities(text)
    assert (item.dimension, item.low, item.high) == (dimension, *ends)
    assert item.text in text


def test_two_numbers_beside_each_other_are_no_range() -> None:
    assert [item.low for item in quantities("2 adults and 3 children")] == [2, 3]
    assert [item.low for item in quantities("three and four")] == [3, 4]


@pytest.mark.parametrize("marker", ["{}. ", "{}) ", "({}) "])
def test_list_markers_are_no_quantities(marker: str) -> None:
    steps = "\n".join(marker.format(number) + "Press the button." for number in (1, 2, 3))
    assert quantities(steps) == []
    assert measured(steps + " Wait 3 days.") == [("time", 3)]


@pytest.mark.parametrize("text", ["", "no number here", "covid19 and mp3", "v1.2.3-beta", "1,2,3,4x"])
def test_numbers_that_measure_nothing_are_left_out(text: str) -> None:
    assert [item for item in quantities(text) if item.dimension != "bare"] == []


def test_a_quantity_shows_what_was_written_and_where() -> None:
    text = "Returns within 14 business days cost $5."
    time, money = quantities(text)
    assert (time.text, money.text) == ("14 business days", "$5")
    assert time.working
    assert time.bound == "≤"
    for item in (time, money):
        assert text[item.start : item.end] == item.text


@given(st.integers(1, 10**6), st.sampled_from(["days", "items", "euros", "percent", "kg"]))
def test_any_count_is_read_with_and_without_separators(number: int, unit: str) -> None:
    assert measured(f"{number} {unit}") == measured(f"{number:,} {unit}") != []


NUMBERED = st.lists(
    st.one_of(
        st.sampled_from(
            "$ € USD % - to and every a half am : . , days months items of 天 noon th x 10^ \n 2. ".split(" ")
        ),
        st.integers(0, 3000).map(str),
        st.sampled_from("two hundred and five million dozen twice same day".split()),
        st.text(max_size=3),
    ),
    max_size=14,
).map(" ".join)


@given(NUMBERED)
def test_the_places_of_any_quantities_are_those_of_their_texts(text: str) -> None:
    end = 0
    for item in quantities(text):
        assert text[item.start : item.end].strip() == item.text.strip()
        assert item.start >= end
        end = item.end


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_equality_of_values_is_symmetric_and_reflexive(left: float, right: float) -> None:
    assert same_value(left, right) == same_value(right, left)
    assert same_value(left, left)
