"""Numbers with their units, in one measure per dimension, so that "2 years" and "24 months" agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

TOLERANCE: Final = 0.03
"""Relative difference up to which two durations are the same: 90 days and 3 months."""

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
_UNITS: Final = {word: value for value, word in enumerate(_SMALL)}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

_DAYS: Final = {
    "second": 1 / 86_400,
    "minute": 1 / 1_440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 365.25 / 12,
    "year": 365.25,
}
_CURRENCIES: Final = {
    "$": "dollar",
    "usd": "dollar",
    "dollar": "dollar",
    "€": "euro",
    "eur": "euro",
    "euro": "euro",
    "£": "pound",
    "gbp": "pound",
    "pound": "pound",
    "¥": "yen",
    "yen": "yen",
    "₹": "rupee",
    "rupee": "rupee",
}
_BETWEEN: Final = frozenset(
    [
        "business",
        "working",
        "calendar",
        "full",
        "us",
        "more",
        "additional",
        "other",
        "different",
        "extra",
        "whole",
    ]
)
_FUNCTION: Final = frozenset(
    "of the a an in on at to for and or is are was were be been by with from as that this it its your our "
    "their my his her we you they he she i not no if when then than but can may will would should could "
    "do does did has have had per each every pm am times".split()
)

_WORD_NUMBER: Final = "|".join([*_UNITS, *_TENS, *_SCALES])
_TOKEN: Final = re.compile(
    rf"(?P<cur>[$€£¥₹])?\s?(?P<num>(?<![\w.])[-−]?\d+(?:,\d+)*(?:\.\d+)?|\b(?:{_WORD_NUMBER})(?:[\s-](?:{_WORD_NUMBER}))*\b)"
    r"(?P<pct>\s?(?:%|percent\b|per cent\b))?(?P<clock>:\d\d)?",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[-\s]*([^\W\d_]+)")
_SIGN: Final = re.compile(r"\s?([$€£¥₹])(?!\d)")
_RANGE: Final = re.compile(r"\s*(?:-|–|—|to|or|and|until)\s*", re.IGNORECASE)
_LIST_MARKER: Final = re.compile(r"(?m)^\s*\(?\d{1,3}[.)]\s+")
_FINAL: Final = re.compile(
    r"(?:####|(?m:^)A:|\\boxed\{|\b(?:final\s+)?answer\s*(?:is|:|=))\s*\$?(-?\d+(?:,\d+)*(?:\.\d+)?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the measure of its dimension.

    Attributes:
        dimension: "time" (days), "money dollar", "percent", "clock" (hours), "count NOUN" or "answer".
        value: in that measure.
        text: as written.
        start: where it stands in the text.
    """

    dimension: str
    value: float
    text: str
    start: int


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text, list markers left out. A range gives its two ends."""
    text = _LIST_MARKER.sub(lambda match: " " * len(match.group()), text)
    if finals := _FINAL.findall(text):
        # A worked answer is judged by its conclusion, not by the numbers on the way.
        return [Quantity("answer", _parse(finals[-1]), finals[-1], text.rfind(finals[-1]))]
    matches = list(_TOKEN.finditer(text))
    found: list[Quantity] = []
    covered = 0
    for index, match in enumerate(matches):
        start = match.start("cur") if match["cur"] else match.start("num")
        if start < covered:
            continue  # the "million" of 1.5 million
        dimension, scale, end = _dimension(match, text)
        following = matches[index + 1] if index + 1 < len(matches) else None
        covered = end
        if dimension.startswith(("count", "bare")) and following is not None:
            between = text[match.end() : following.start()]
            if _RANGE.fullmatch(between):
                dimension, scale, end = _dimension(following, text)
        if dimension == "bare":
            if text.strip(" .$€£%") != match.group().strip(" .$€£%"):
                continue
            dimension = "answer"
        value = _parse(match["num"]) * scale
        if dimension == "clock":
            value = _hours(value, match["clock"], text[match.end() : max(end, match.end()) + 3])
        found.append(Quantity(dimension, value, text[start : max(end, match.end())].strip(), start))
    return found


def _dimension(match: re.Match[str], text: str) -> tuple[str, float, int]:
    """Dimension, factor to its measure, and where the unit ends."""
    if match["pct"]:
        return "percent", 1.0, match.end()
    if match["clock"]:
        return "clock", 1.0, match.end()
    end, scale = match.end(), 1.0
    while (word := _WORD.match(text, end)) and word[1].lower() in _SCALES:
        scale, end = scale * _SCALES[word[1].lower()], word.end()
    if match["cur"]:
        return f"money {_CURRENCIES[match['cur']]}", scale, end
    if sign := _SIGN.match(text, end):
        return f"money {_CURRENCIES[sign[1]]}", scale, sign.end()
    while word and word[1].lower() in _BETWEEN:
        word = _WORD.match(text, word.end())
    dimension, factor = _unit(word[1].lower()) if word else ("bare", 1.0)
    return dimension, scale * factor, word.end() if word and dimension != "bare" else end


def _hours(hour: float, minutes: str | None, behind: str) -> float:
    """A time of day in hours from midnight."""
    value = hour + (int(minutes[1:]) / 60 if minutes else 0.0)
    return value + 12 if "pm" in behind.lower() and hour < 12 else value


def _unit(unit: str) -> tuple[str, float]:
    """What the word behind a number measures, and the factor to the dimension's measure."""
    stem = unit[:-1] if unit.endswith("s") and len(unit) > 3 else unit
    if unit in {"am", "pm"}:
        return "clock", 1.0
    if stem in _DAYS:
        return "time", _DAYS[stem]
    if stem in _CURRENCIES:
        return f"money {_CURRENCIES[stem]}", 1.0
    return ("bare" if unit in _FUNCTION else f"count {stem}"), 1.0


def _parse(number: str) -> float:
    plain = number.lower().replace(",", "").replace("−", "-")
    if plain and (plain[0].isdigit() or plain[0] == "-"):
        return float(plain)
    total, current = 0, 0
    for word in re.split(r"[\s-]+", plain):
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if _SCALES[word] >= 1_000:
                total, current = total + current, 0
        else:
            current += _UNITS.get(word, _TENS.get(word, 0))
    return float(total + current)


def same_value(left: float, right: float, tolerance: float = TOLERANCE) -> bool:
    """Equal within a relative tolerance; durations need one, since months and years are not of one length."""
    return abs(left - right) <= tolerance * max(abs(left), abs(right))
