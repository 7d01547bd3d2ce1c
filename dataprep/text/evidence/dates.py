"""Dates of a text, as far as each is given: a day, a month or a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from dataprep.text.evidence.numbers import plain_word
from dataprep.text.evidence.words import sentences

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero",
            "february feb februar février febrero",
            "march mar märz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août agosto",
            "september sep sept septembre septiembre",
            "october oct oktober octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_YEAR: Final = r"(?P<year>[12]\d{3})(?![\w%]|[.,:]\d|\s*percent)"
_NUMBER: Final = re.compile(r"(?<![\w.,:$€£])\d{1,4}(?!\d)")
_MONTH_BEFORE: Final = re.compile(rf"(?<!\w){_MONTH}\s*,?\s+(?:of\s+|de\s+)?$", re.IGNORECASE)
_DAY_THEN_MONTH: Final = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{_MONTH}(?:\s*,?\s+(?:de\s+)?{_YEAR})?(?!\w)",
    re.IGNORECASE,
)
_DAY: Final = re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,?\s+{_YEAR})?(?![\w:])", re.IGNORECASE)
_NUMERIC: Final = re.compile(
    r"(?P<year>[12]\d{3})(?:[-/.年]\s?(?P<number>\d{1,2})[-/.月]\s?(?P<day>\d{1,2})日?(?!\d)|年)"
)
_BEFORE_CHRIST: Final = re.compile(r"(?P<year>\d{1,4})\s?(?P<bc>BCE?\b|B\.C\.)", re.IGNORECASE)
_ALONE: Final = re.compile(_YEAR)
_BEFORE_YEAR: Final = re.compile(
    r"(?:\b(?:in|since|by|from|year|of|until|till|before|after|during|between|circa|to|and|en)\s+|\(\s*(?:born\s+)?)$",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(r"\s+(?!(?:was|is|has|as|his|its|this|across|perhaps)\b)[a-z]+s\b")
"""A plural behind a number: "of 2000 units" is no year."""

_LOOKED_BACK: Final = 16
MONTHS_IN_YEAR: Final = 12
LAST_DAY: Final = 31
_ALSO_WORDS: Final = frozenset(["may", "march", "mar", "sep", "dec", "jan"])


@dataclass(frozen=True, slots=True)
class Date:
    """A date, with None for what is not given.

    Attributes:
        year: negative before Christ.
        month: from 1.
        day: of the month.
        text: as written.
        start: where it stands in the text.
        end: where it ends.
    """

    year: int | None
    month: int | None
    day: int | None
    text: str
    start: int
    end: int

    def agrees(self, other: Date) -> bool:
        """Whether what both give is the same; the 14th of March 1879 agrees with 1879."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)

    def shares_a_part(self, other: Date) -> bool:
        """Whether both give a year, or both a month."""
        return None not in {self.year, other.year} or None not in {self.month, other.month}

    @property
    def iso(self) -> str:
        """What is given, largest part first: "1879-03-14", "1879", "--03-14"."""
        year = "-" if self.year is None else f"{self.year:04d}"
        parts = [year, *(f"{part:02d}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)


def dates(text: str) -> list[Date]:
    """The dates of a text in their order; each stretch of it is read once."""
    words = frozenset(word for sentence in sentences(text) for word in sentence.words)
    return dates_among(text, words)


def dates_among(text: str, words: frozenset[str]) -> list[Date]:
    """Those of a text whose words are known."""
    has_month = not words.isdisjoint(_MONTHS)
    found: list[Date] = []
    for match in _NUMBER.finditer(text):
        start = match.start()
        if found and start < found[-1].end:
            continue
        before = _MONTH_BEFORE.search(text, max(0, start - _LOOKED_BACK), start) if has_month else None
        date = _at(text, start, before, has_month=has_month)
        if date is not None:
            found.append(date)
    return found


def _at(text: str, start: int, before: re.Match[str] | None, *, has_month: bool) -> Date | None:
    """The date whose first number stands at a place of the text, a month perhaps before it."""
    if has_month and (match := _DAY_THEN_MONTH.match(text, start)):
        return _date(match)
    if before is not None and (match := _ALONE.match(text, start) or _DAY.match(text, start)):
        return _date(match, before)
    if match := _NUMERIC.match(text, start) or _BEFORE_CHRIST.match(text, start):
        return _date(match)
    match = _ALONE.match(text, start)
    is_year = match and _BEFORE_YEAR.search(text, max(0, start - _LOOKED_BACK), start)
    return _date(match) if match and is_year and not _COUNTED.match(text, match.end()) else None


def _date(match: re.Match[str], before: re.Match[str] | None = None) -> Date | None:
    part = {name: value for name, value in match.groupdict().items() if value}
    named = before["month"] if before is not None else part.get("month")
    if named in _ALSO_WORDS and "year" not in part:
        return None  # "it may 5 times out of ten"
    month = _MONTHS[plain_word(named)] if named else int(part["number"]) if "number" in part else None
    year = int(part["year"]) * (-1 if "bc" in part else 1) if "year" in part else None
    day = int(part["day"]) if "day" in part else None
    if (month is not None and not 1 <= month <= MONTHS_IN_YEAR) or (day is not None and not 1 <= day <= LAST_DAY):
        return None
    start, end = (before or match).start(), match.end()
    return Date(year, month, day, match.string[start:end], start, end)
