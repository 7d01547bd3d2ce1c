"""Quantities: numbers with their units, in one measure per dimension, so that "2 years" and "24 months" agree."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Final

from dataprep.text.evidence.named_quantities import named_quantities
from dataprep.text.evidence.numbers import DIGITS, NUMBER_WORDS, SCALES, WORDS, number, plain_word, power_of_ten
from dataprep.text.evidence.quantity import Quantity
from dataprep.text.evidence.ranges import LOOKED_BACK, compounds, ranges
from dataprep.text.evidence.units import CLOCK, CODES, PERCENT, SYMBOLS, TIME, UNITS, unit
from dataprep.text.evidence.words import lowered, sentences, stem

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBER: Final = re.compile(
    rf"(?P<num>{DIGITS}|{WORDS})(?P<half>\s+and\s+a\s+half\b)?(?P<ordinal>(?:st|nd|rd|th)\b)?"
    r"(?P<pct>\s?(?:%|％|percent\b|per cent\b))?(?P<clock>:\d\d(?!\d))?(?P<meridiem>\s?(?:[ap]m\b|[ap]\.m\b\.?))?",
    re.IGNORECASE,
)
_CURRENCY: Final = re.compile(
    rf"(?:(?P<sign>[{SYMBOLS}])|(?<![^\W\d_])(?P<code>{'|'.join(map(re.escape, CODES.split('|')))})\.?)\s?$",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_POWER: Final = re.compile(
    r"\s*+[x×*·]\s*+10\s*+(?:\^\s*+\{?\s*+([-−]?\d+)\}?|([⁻⁰¹²³⁴-⁹]+))|[eE]([-+]?\d{1,3})(?!\w)"
)
_FRACTION: Final = re.compile(r"/([1-9]\d{0,3})(?![\d/.,:]*\d|[\d/])")
"""What makes a fraction of a whole number; no date, and not "24/7"."""

_ALWAYS: Final = re.compile(r"24/7(?!\d)")
_NUMBER_WORD: Final = re.compile(rf"\b(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})\b")
_SIGNS: Final = frozenset(SYMBOLS)
_CODES: Final = frozenset(code.upper() for code in CODES.split("|"))
_WORD: Final = re.compile(r"[-\s]*(°\s?[cf]\b|[^\W\d_]++(?!['’]t\b)\$?|[€£¥₹₩₽](?!\d)|\$(?!\d))", re.IGNORECASE)
_PER: Final = re.compile(
    r"\s*(?:(?:per|/|each|every)\s*|an?\s+(?=second|minute|hour|day|week|month|year|night|person|piece))([^\W\d_]+)",
    re.I,
)
_CURRENCY_BEHIND: Final = frozenset("usd eur gbp cad aud dollars euros pounds".split())
_MAGNITUDE: Final = re.compile(r"(?:(k)|(m|mm|mn|mio)|(b|bn)|(tn))(?![^\W_])", re.IGNORECASE)
"""Thousands, millions, billions and trillions, in letters right behind an amount of money."""

_DECADE: Final = re.compile(r"\bthe\s$|['’]$")
_PER_SHORT: Final = {"s": "second", "sec": "second", "h": "hour", "hr": "hour", "min": "minute", "mo": "month"}
_LIST_MARKER: Final = re.compile(r"(?m)^[ \t]*\(?\d{1,3}[.)]\s")
_ABOVE: Final = (
    "more than|over|above|at least|minimum(?: of)?|exceed(?:s|ing)?|greater than|no less than|from|starts? at"
)
_BELOW: Final = "less than|fewer than|under|below"
_LIMIT: Final = "at most|up to|no more than|maximum(?: of)?|limited to|within"
_ROUGH: Final = "about|around|approximately|approx\\.?|roughly|nearly|almost|some|circa|ca\\.?|~|≈|estimated|close to"
_BOUND: Final = re.compile(
    rf"(?:\b(?P<above>{_ABOVE})|\b(?P<below>{_BELOW})|\b(?P<limit>{_LIMIT})|(?<!\w)(?P<rough>{_ROUGH}))\s*(?:an?\s|the\s)?\s*$",
    re.IGNORECASE,
)
_BOUND_ENDS: Final = frozenset(
    "than over above least minimum of exceed exceeds exceeding from at under below most to maximum within about "
    "around approximately approx approx. roughly nearly almost some circa ca ca. estimated".split()
)
"""The words a bound can end with, before an article perhaps."""

_OR_MORE: Final = re.compile(
    r"\s*(?:\+|or (?P<above>more|above|over|longer)|or (?P<below>less|fewer|below|under))", re.I
)
_SKIPPED: Final = frozenset(
    "business working calendar full us more additional other different extra whole further".split()
)
_WORKING: Final = frozenset(["business", "working"])
_NO_UNIT: Final = frozenset(
    "of the a an in on at to for and or is are was were be been by with from as that this it its your our their my "
    "his her we you they he she i not no if when then than but can may will would should could do does did has have "
    "had per each every times so because which who after before until within between about over under".split()
)


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text in their order, list markers left out. A range is one quantity."""
    return quantities_among(text, frozenset(word for sentence in sentences(text) for word in sentence.words))


def quantities_among(text: str, words: frozenset[str], taken: Iterable[tuple[int, int]] = ()) -> list[Quantity]:
    """Those of a text whose words are known.

    Args:
        text: as written.
        words: all its words, in lower case.
        taken: stretches of it to leave out.
    """
    found = [item for item in named_quantities(text, words) if isfinite(item.high)]
    if NUMBER_WORDS.isdisjoint(words) and not _DIGITS.search(text):
        return [_bounded(item, text) for item in found]
    named = ((item.start, item.end) for item in found)
    taken = sorted([*taken, *named, *(match.span() for match in _LIST_MARKER.finditer(text))])
    starts = [start for start, _ in taken]
    covered = 0
    for place in _places(text, words):
        before = bisect_right(starts, place) - 1
        if place < covered or (before >= 0 and place < taken[before][1]):
            continue  # the "million" of 1.5 million
        item = _read(text, place)
        if item is None or not isfinite(item.high):
            continue
        if not (before + 1 < len(starts) and item.end > starts[before + 1]):
            covered = item.end
            found.append(item)
    return [_bounded(item, text) for item in ranges(compounds(sorted(found, key=lambda item: item.start), text), text)]


def _places(text: str, words: frozenset[str]) -> list[int]:
    """Where numbers begin."""
    found = [match.start() for match in _DIGITS.finditer(text)]
    if NUMBER_WORDS.isdisjoint(words):
        return found
    return sorted(found + [match.start() for match in _NUMBER_WORD.finditer(lowered(text))])


def _read(text: str, place: int) -> Quantity | None:
    """The quantity whose number begins at a place of the text."""
    start = place
    if place and text[place - 1] == "." and not text[max(0, place - 2) : place - 1].isalnum():
        start -= 1
    if start and text[start - 1] in "-−+" and not text[max(0, start - 2) : start - 1].strip():
        start -= 1
    match = _NUMBER.match(text, start)
    if match is None:
        return None
    value, end = _value(text, match)
    currency = _CURRENCY.search(text, max(0, start - 5), start) if _may_be_money(text, start) else None
    start = currency.start() if currency else start
    if currency and (magnitude := _MAGNITUDE.match(text, end)) and magnitude.lastindex:
        value, end = value * 1_000.0**magnitude.lastindex, magnitude.end()
    if match["clock"] or match["meridiem"]:
        hour = _hour(value, match["clock"], match["meridiem"])
        return Quantity(CLOCK, hour, hour, text[start:end].strip(), start, end)
    if match["pct"]:
        return Quantity(PERCENT, value, value, text[start:end], start, end)
    word = _WORD.match(text, end)
    while word and word[1].lower() in SCALES:
        value, end = value * SCALES[word[1].lower()], word.end()
        word = _WORD.match(text, end)
    if currency:
        dimension, scale = UNITS[plain_word(currency["sign"] or currency["code"])]
        if word and word[1].lower() in _CURRENCY_BEHIND:
            (dimension, scale), end = UNITS[word[1].lower().removesuffix("s")], word.end()
        return _rated(Quantity(dimension, value, value, "", start, end, scale), text)
    if match["ordinal"]:
        noun = stem(word[1].lower()) if word and word[1].lower() not in _NO_UNIT else ""
        return Quantity(f"ordinal {noun}", value, value, text[start:end], start, end)
    return _with_unit(value, word, text, start, end)


def _value(text: str, match: re.Match[str]) -> tuple[float, int]:
    """The value of a number, with its power of ten or denominator, and where it ends."""
    value, end = number(match["num"]) + (0.5 if match["half"] else 0.0), match.end()
    power = _POWER.match(text, end)
    if power is not None and (factor := power_of_ten(power[1] or power[2] or power[3])) is not None:
        return value * factor, power.end()
    fraction = _fraction(text, match)
    return (value, end) if fraction is None else (value / int(fraction[1]), fraction.end())


def _fraction(text: str, match: re.Match[str]) -> re.Match[str] | None:
    """The denominator behind a number, if it is the numerator of a fraction."""
    start, end = match.span("num")
    if match.end() != end or not match["num"].lstrip("-−+").isdigit() or _ALWAYS.match(text, start):
        return None
    return None if text[start - 1 : start] == "/" else _FRACTION.match(text, end)


def _may_be_money(text: str, start: int) -> bool:
    before = text[max(0, start - 5) : start].rstrip()
    return before[-1:] in _SIGNS or before.rpartition(" ")[2].rstrip(".").upper() in _CODES


def _with_unit(value: float, word: re.Match[str] | None, text: str, start: int, end: int) -> Quantity:
    working = False
    while word and word[1].lower() in _SKIPPED:
        working = working or word[1].lower() in _WORKING
        word = _WORD.match(text, word.end())
    if word is None or word[1].lower() in _NO_UNIT:
        return Quantity("bare", value, value, text[start:end], start, end)
    name = word[1].lower().replace(" ", "")
    if name == "s" and word.start(1) == end and not _DECADE.search(text, max(0, start - 5), start):
        name = "sec"  # "30s"
    if name in {"°c", "°f", "celsius", "fahrenheit", "degrees", "degree"}:
        return _degrees(value, name, word, text, start)
    if measure := unit(name):
        name, dimension, scale = measure
        behind = min(word.end(), word.start(1) + len(name))
        item = Quantity(dimension, value * scale, value * scale, "", start, behind, scale, working=working)
        return _rated(item, text)
    noun, end = _counted(word, text)
    if (measure := unit(noun)) and measure[1] == TIME:
        scale = measure[2]  # "25 vacation days"
        return Quantity(TIME, value * scale, value * scale, text[start:end], start, end, scale)
    return _rated(Quantity(f"count {stem(noun)}", value, value, "", start, end), text)


def _degrees(value: float, name: str, word: re.Match[str], text: str, start: int) -> Quantity:
    end = word.end()
    following = _WORD.match(text, end)
    if name.startswith("degree") and following and following[1].lower() in {"celsius", "fahrenheit", "c", "f"}:
        name, end = following[1].lower(), following.end()
    scale = 5 / 9 if name in {"°f", "fahrenheit", "f"} else 1.0
    value = (value - 32) * scale if scale < 1 else value
    dimension = "angle" if name.startswith("degree") else "temperature"
    return Quantity(dimension, value, value, text[start:end], start, end, scale)


def _counted(word: re.Match[str], text: str) -> tuple[str, int]:
    """The noun that a number counts: the first plural of the next words, else the next word."""
    first, following = word, word
    for _ in range(2):
        name = following[1].lower()
        if name.endswith("s") and not name.endswith("ss"):
            return name, following.end()
        step = _WORD.match(text, following.end())
        if step is None or step[1].lower() in _NO_UNIT:
            break
        following = step
    return first[1].lower(), first.end()


def _rated(item: Quantity, text: str) -> Quantity:
    """With what it is counted by, and its text."""
    rate = _PER.match(text, item.end)
    shown = text[item.start : item.end].strip()
    if rate is None or rate[1].lower() in _NO_UNIT:
        return replace(item, text=shown)
    per, shown = _rate(rate[1].lower()), text[item.start : rate.end()].strip()
    if item.dimension == TIME:
        # "Seven days a week" is no duration.
        return replace(item, dimension=f"time per {per}", text=shown, end=rate.end())
    return replace(item, text=shown, end=rate.end(), per=per)


def _rate(name: str) -> str:
    """What something is counted by: a unit of time in one spelling, or the stem of another word."""
    plain = _PER_SHORT.get(name, name)
    measure = unit(plain)
    return plain.removesuffix("s") if measure and measure[1] == TIME else stem(plain)


def _hour(hour: float, minutes: str | None, meridiem: str | None) -> float:
    """A time of day in hours from midnight."""
    if meridiem and hour <= 12:
        hour = hour % 12 + (12 if "p" in meridiem.lower() else 0)
    return hour + (int(minutes[1:]) / 60 if minutes else 0.0)


def _bounded(item: Quantity, text: str) -> Quantity:
    head = text[max(0, item.start - LOOKED_BACK) : item.start]
    last = head.lower().split()[-2:]
    before = None if _BOUND_ENDS.isdisjoint(last) and "~" not in head and "≈" not in head else _BOUND.search(head)
    behind = _OR_MORE.match(text, item.end)
    bound = ""
    if before is not None:
        bound = ">" if before["above"] else "<" if before["below"] else "≤" if before["limit"] else "~"
    elif behind is not None:
        bound = "<" if behind["below"] else ">"
    return replace(item, bound=bound) if bound else item
