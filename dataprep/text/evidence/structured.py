"""Answers that are JSON objects: the same field with another number, truth value or class."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dataprep.text.evidence.agreement import same_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataprep.text.evidence.answer import Answer

_FENCED: Final = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", re.DOTALL)
LONGEST: Final = 20_000
"""Characters of an answer that is read."""

DEEPEST: Final = 4
CLASS_WORDS: Final = 3
"""Words of a text that is a class or a name; a longer one may say the same in other words."""


class Unequal(NamedTuple):
    """A field with two values: their places in either answer, and whether they are more than words."""

    left: tuple[int, int]
    right: tuple[int, int]
    is_hard: bool


def unequal_fields(left: Answer, right: Answer) -> Iterator[Unequal]:
    """Fields that both objects have, with values that exclude each other, numbers and truth values first."""
    mine, theirs = _object(left.text), _object(right.text)
    if mine is None or theirs is None:
        return
    found = list(_unequal(mine, theirs, DEEPEST))
    for is_hard in (True, False):
        for name, a, b, hard in found:
            if hard == is_hard:
                yield Unequal(_place(left.text, name, a), _place(right.text, name, b), is_hard)


def _object(text: str) -> dict[str, Any] | None:
    """The object that is all an answer says, in a fence perhaps."""
    if len(text) > LONGEST or "{" not in text[:20]:
        return None
    fenced = _FENCED.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unequal(mine: dict[str, Any], theirs: dict[str, Any], depth: int) -> Iterator[tuple[str, Any, Any, bool]]:
    for name in mine.keys() & theirs.keys() if depth else ():
        a, b = mine[name], theirs[name]
        if isinstance(a, dict) and isinstance(b, dict):
            yield from _unequal(a, b, depth - 1)
        elif isinstance(a, bool) and isinstance(b, bool):
            if a != b:
                yield name, a, b, True
        elif _is_number(a) and _is_number(b):
            if not same_value(float(a), float(b), 1e-6):
                yield name, a, b, True
        elif isinstance(a, str) and isinstance(b, str) and max(len(a.split()), len(b.split())) <= CLASS_WORDS:
            words = _plain(a), _plain(b)
            if all(words) and words[0] not in words[1] and words[1] not in words[0]:
                yield name, a, b, False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _place(text: str, name: str, value: object) -> tuple[int, int]:
    """Where a value stands behind its name; the name alone where it is written in another way."""
    key = text.find(json.dumps(name, ensure_ascii=False))
    start = max(key, 0)
    shown = json.dumps(value, ensure_ascii=False)
    at = text.find(shown, start + len(name) + 2)
    return (at, at + len(shown)) if at >= 0 else (start, min(len(text), start + len(name) + 2))
