"""Dates, as far as they are given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.evidence.dates import dates


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("born on March 14, 1879 in Ulm", ["1879-03-14"]),
        ("on 14 March 1879", ["1879-03-14"]),
        ("on the 5th of May 2020", ["2020-05-05"]),
        ("Sept. 5, 2020", ["2020-09-05"]),
        ("2024-03-05", ["2024-03-05"]),
        ("2024年5月3日", ["2024-05-03"]),
        ("since March 2020", ["2020-03"]),
        ("in 1879", ["1879"]),
        ("(1999)", ["1999"]),
        ("from 1914 to 1918", ["1914", "1918"]),
        ("753 BC", ["-753"]),
        ("by June 30", ["--06-30"]),
        ("am 3. Oktober 1990", ["1990-10-03"]),
    ],
)
def test_ways_of_writing_a_date(text: str, iso: list[str]) -> None:
    assert [date.iso for date in dates(text)] == iso


@pytest.mark.parametrize(
    "text", ["", "it may 5 times", "of 2000 units", "in 1500 dollars", "5 to 7 days", "1234567", "32 May"]
)
def test_numbers_that_are_no_dates(text: str) -> None:
    assert dates(text) == []


def test_dates_agree_where_both_are_given() -> None:
    (full,), (year,), (month,), (other,) = map(dates, ("March 14, 1879", "in 1879", "14 March", "15 March"))
    assert full.agrees(year)
    assert full.agrees(month)
    assert not month.agrees(other)
    assert year.agrees(month)
    assert not year.shares_a_part(month)


@given(st.text(alphabet="0123456789 -/.,年月日inMarchmayth()", max_size=40))
def test_the_places_of_dates_are_those_of_their_texts(text: str) -> None:
    end = 0
    for date in dates(text):
        assert text[date.start : date.end] == date.text
        assert date.start >= end
        end = date.end
