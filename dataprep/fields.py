"""The fields of rows that splits are made by: the row's own fields, and a few that every row has."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from dataprep.contract import Example
from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FINER: Final = 1e11
"""Numbers from here on are no seconds since 1970 (the year 5138), but milliseconds; a thousand times as large, micro-,
then nanoseconds."""

_BEYOND: Final = 1e20
"""Numbers from here on are no time in any of these units."""

_YEAR_1: Final = -62_135_596_800
"""The first second of the year 1, the earliest that is a date."""

_LARGE: Final = 1e8
"""Numbers from here on are no years, months or days that are written with digits alone."""


KEY_NAMES: Final = frozenset(
    "conversationid convid conversation threadid sessionid dialogid dialogueid chatid ticketid caseid documentid "
    "docid articleid passageid contextid userid customerid patientid authorid speakerid groupid group "
    "url sourceurl doi".split()
)
"""Names of fields, without case and punctuation, whose equal values tie rows together without being asked."""

LARGEST_SHARE: Final = 0.1
"""Share of the rows beyond which one value of such a field says nothing: it would decide the whole split."""


def own_fields(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """What each row carried beside its conversation."""
    return [msgspec.json.decode(meta) if meta else {} for meta in rows["meta"].to_list()]


def values_of(rows: pl.DataFrame, name: str, purpose: str) -> list[Any]:
    """The value of a field in each row, None where it has none.

    Args:
        rows: the row frame.
        name: of the field.
        purpose: what it is wanted for, as in "cannot group by".

    Raises:
        ConfigError: no row has it.
    """
    fields = own_fields(rows)
    values = [own_value(own, name) for own in fields]
    if all(value is None for value in values):
        known = sorted({key for own in fields[:1000] for key in own})
        have = f"Rows carry: {', '.join(known)}" if known else "Rows carry no fields beside the conversation"
        raise ConfigError(f"{purpose} {name!r}: no row has that field", have)
    return values


def own_value(own: Mapping[str, Any], name: str) -> Any:
    """The value of a row's own field by the name that the source gave it; None without one.

    `frame.plain_row` puts original_ before names that are taken, once more where the row has such a field too. Dots
    lead to fields of fields, as with --map.
    """
    if name in own:
        return own[name]
    if "." in name:
        first, _, rest = name.partition(".")
        inner = own_value(own, first)
        return own_value(inner, rest) if isinstance(inner, dict) else None
    if name not in Example.model_fields:
        return None
    value = None
    while (name := f"original_{name}") in own:
        value = own[name]
    return value


@dataclass(frozen=True, slots=True)
class Keys:
    """Fields that say what rows belong to.

    Attributes:
        telling: those with values that several rows share, but not too many.
        common: the others, with the rows that have their most common value.
    """

    telling: list[str]
    common: dict[str, int]


def telling_keys(fields: Sequence[dict[str, Any]]) -> Keys:
    """The fields of rows that have a name like `KEY_NAMES` and tie some of them together.

    Args:
        fields: of each row, as from `own_fields`.
    """
    keys = Keys([], {})
    spelled: dict[str, list[str]] = {}
    for name in sorted({name for own in fields for name in own if plain_name(name) in KEY_NAMES}):
        spelled.setdefault(plain_name(name), []).append(name)
    for names in spelled.values():
        values = (key_text(own[name]) for own in fields for name in names if is_key(own.get(name)))
        most = max(Counter(values).values(), default=0)
        if most > max(2, LARGEST_SHARE * len(fields)):
            keys.common.update(dict.fromkeys(names, most))
        elif most > 1:
            keys.telling.extend(names)
    return keys


def plain_name(name: str) -> str:
    """A field name without case and punctuation."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def is_key(value: object) -> bool:
    """Whether a value can identify something."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def key_text(value: str | float) -> str:
    """A key as text, the same of a number and of its digits: one file may hold 81 where another has "81" or 81.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def times_of(rows: pl.DataFrame, name: str) -> list[float | None]:
    """The time of each row in seconds since 1970, UTC; None where it has none.

    Dates and times in ISO 8601 are read, and numbers as seconds, milli-, micro- or nanoseconds since 1970. Where all
    small numbers look like years, months or days (2026, 202611, 20261125), that is what they are.

    Raises:
        ConfigError: no row has the field, or one has a value that is no time.
    """
    values = values_of(rows, name, "cannot read times in")
    numbers = [_number(value) for value in values]
    small = [number for number in numbers if number and abs(number) < _LARGE]  # 0 stands for no time, mostly
    dates = {number: _day(number) for number in set(small)}
    written = None not in dates.values()
    found: list[float | None] = []
    for place, (value, number) in enumerate(zip(values, numbers, strict=True)):
        where = f"{rows['source'][place]}: line {rows['line'][place]}: {name}"
        if number is None:
            found.append(_moment(value, where))
        else:
            day = dates.get(number) if written else None
            found.append(_seconds(number, where) if day is None else day)
    return found


def _number(value: object) -> float | None:
    """A number, also one that is written as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < _BEYOND else math.inf
    text = str(value).strip()
    return float(text) if text.replace(".", "", 1).isdecimal() else None


def _day(number: float) -> float | None:
    """The first second of a year, a month or a day that is written with digits alone, from 1900 to 2100."""
    text = f"{number:.0f}"
    try:
        when = datetime(int(text[:4]), int(text[4:6] or 1), int(text[6:] or 1), tzinfo=UTC)
    except ValueError:
        return None
    plain = number.is_integer() and len(text) in {4, 6, 8} and 1900 <= when.year <= 2100
    return when.timestamp() if plain else None


def _moment(value: object, where: str) -> float | None:
    """A time that is written as a text; None for an empty one."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    try:
        when = datetime.fromisoformat(text)
    except ValueError as err:
        raise ConfigError(
            f"{where} is {text[:40]!r}, which is no time",
            "Write times like 2026-11-25 or 2026-11-25T18:00:00Z, or as seconds since 1970",
        ) from err
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _seconds(number: float, where: str) -> float:
    seconds = number
    while _FINER <= abs(seconds) < _BEYOND:
        seconds /= 1000
    if not _YEAR_1 <= seconds < _BEYOND:
        raise ConfigError(
            f"{where} is {number:.40g}, which is no time",
            "Write numbers as seconds, milli-, micro- or nanoseconds since 1970",
        )
    return seconds


def as_date(seconds: float) -> str:
    """A time as a date, for people."""
    try:
        moment: date = datetime.fromtimestamp(seconds, UTC).date()
    except (OverflowError, ValueError):  # beyond the years 1 to 9999, by a time zone
        return f"year {1970 + int(seconds // 31_556_952)}"
    return moment.isoformat()
