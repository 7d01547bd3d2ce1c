"""Quantities that are said without a number: "round the clock", "noon", "half an hour", "same day", "monthly"."""

from __future__ import annotations

import re
from typing import Final

from dataprep.text.evidence.numbers import CHINESE_NUMERALS, DIGITS, WORDS, chinese_number, number, plain_word
from dataprep.text.evidence.quantity import Quantity
from dataprep.text.evidence.units import CLOCK, FREQUENCY, PERCENT, TIME, UNITS
from dataprep.text.evidence.words import lowered

_HOURS: Final = {"midnight": 0.0, "noon": 12.0, "midday": 12.0}
_SINGLE_UNITS: Final = frozenset("second minute hour day week month year".split())
_SINGLE: Final = re.compile(
    r"(?:\b(?P<half>half an?)|(?:^\W*|\b(?:within|in|after|for|takes?|took|lasts?|lasted|about|every|over|under|than|"
    r"least|around|roughly|nearly|almost|up to)\s+|\b(?:have|has|had|gets?|got|needs?)\s+"
    r"(?=an?\s+(?:day|week|month|year)\b))(?P<one>an?))\s+"
    r"(?P<unit>second|minute|hour|day|week|month|year)\b",
    re.IGNORECASE,
)
_ALL_DAY: Final = re.compile(r"\b24\s?(?:hours\s+(?:a|per|each|every)\s+day|/\s?7)\b|\b(?:a)?round the clock\b", re.I)
_NAMED_HOUR: Final = re.compile(r"\b(?:noon|midday|midnight)\b", re.IGNORECASE)
_SAME_DAY: Final = re.compile(
    r"\b(?P<same>same[- ]day|(?:the|on the) same day)\b|\bnext[- ]day\b|\bovernight\b", re.IGNORECASE
)
_ADVERBS: Final = {
    "hourly": 1 / 24,
    "daily": 1.0,
    "weekly": 7.0,
    "biweekly": 14.0,
    "fortnightly": 14.0,
    "monthly": UNITS["month"][1],
    "quarterly": 3 * UNITS["month"][1],
    "yearly": UNITS["year"][1],
    "annually": UNITS["year"][1],
}
_NUMBER: Final = rf"(?:{DIGITS}|{WORDS})"
_UNIT: Final = "minute|hour|day|week|month|quarter|year"
_FREQUENT: Final = re.compile(  # of text in lower case
    rf"\b(?:every|each)\s+(?:(?P<every>{_NUMBER}|other)\s+)?(?P<unit>{_UNIT})s?\b"
    rf"|\b(?P<times>once|twice|{_NUMBER}\s+times)\s+(?:a|an|per|each|every)\s+(?P<in>{_UNIT})\b"
    rf"|\b(?P<adverb>{'|'.join(_ADVERBS)})\b"
)
_MAY_BE_FREQUENT: Final = frozenset(["every", "each", "once", "twice", "times", *_ADVERBS])
_MAY_BE_SOON: Final = frozenset(["same", "next", "overnight"])
_DAYS: Final = {name: UNITS[name][1] for name in ("minute", "hour", "day", "week", "month", "year")} | {
    "quarter": 3 * UNITS["month"][1]
}

_NUMERALS: Final = f"[{''.join(sorted(CHINESE_NUMERALS))}]+"
_CHINESE_UNITS: Final = {name: name for name in UNITS if name >= "\u2e80"} | {"日": "天", "块钱": "块"}
_IN_CHINESE: Final = re.compile(
    rf"百分之(?P<share>{_NUMERALS})|(?<![第有某每同哪月])(?P<num>{_NUMERALS})"
    rf"(?P<unit>{'|'.join(sorted(_CHINESE_UNITS, key=len, reverse=True))})(?![一之])"
)
"""No ordinals ("第一天"), no dates ("五月七日"), and none of what only sounds like one ("有一天")."""


def named_quantities(text: str, words: frozenset[str]) -> list[Quantity]:
    """Those of a text.

    Args:
        text: as written.
        words: all its words, in lower case.
    """
    found = []
    if "24" in words or "clock" in words:
        found += [Quantity(CLOCK, 0.0, 24.0, m.group(), *m.span()) for m in _ALL_DAY.finditer(text)]
    if not words.isdisjoint(_HOURS):
        for match in _NAMED_HOUR.finditer(text):
            hour = _HOURS[plain_word(match.group())]
            found.append(Quantity(CLOCK, hour, hour, match.group(), *match.span()))
    if not words.isdisjoint(_MAY_BE_FREQUENT):
        found += [_frequency(match, text) for match in _FREQUENT.finditer(lowered(text))]
    if not words.isdisjoint(_MAY_BE_SOON):
        found += [
            Quantity(TIME, 0.0 if m["same"] else 1.0, 1.0, m.group(), *m.span()) for m in _SAME_DAY.finditer(text)
        ]
    if not words.isdisjoint(_SINGLE_UNITS):
        found += [_single(match) for match in _SINGLE.finditer(text)]
    if not words.isdisjoint(CHINESE_NUMERALS):
        found += map(_chinese, _IN_CHINESE.finditer(text))
    return found


def _frequency(match: re.Match[str], text: str) -> Quantity:
    """Days from one time to the next."""
    if match["adverb"]:
        days = _ADVERBS[plain_word(match["adverb"])]
    elif match["times"]:
        said = plain_word(match["times"])
        times = {"once": 1.0, "twice": 2.0}.get(said) or number(said.removesuffix("times").strip())
        days = _DAYS[plain_word(match["in"])] / (times or 1.0)
    else:
        every = plain_word(match["every"] or "1")
        days = _DAYS[plain_word(match["unit"])] * (2.0 if every == "other" else number(every))
    return Quantity(FREQUENCY, days, days, text[match.start() : match.end()], *match.span(), scale=days or 1.0)


def _single(match: re.Match[str]) -> Quantity:
    scale = UNITS[plain_word(match["unit"])][1]
    value = scale * (0.5 if match["half"] else 1.0)
    start = match.start("half") if match["half"] else match.start("one")
    return Quantity(TIME, value, value, match.string[start : match.end()], start, match.end(), scale)


def _chinese(match: re.Match[str]) -> Quantity:
    if match["share"]:
        value = chinese_number(match["share"])
        return Quantity(PERCENT, value, value, match.group(), *match.span())
    dimension, factor = UNITS[_CHINESE_UNITS[match["unit"]]]
    value = factor * chinese_number(match["num"])
    return Quantity(dimension, value, value, match.group(), *match.span(), scale=factor)
