"""Which format a record has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.discovery import discover
from dataprep.errors import ConfigError
from dataprep.ingest import formats
from dataprep.ingest.fragments import turn_columns
from dataprep.ingest.mapping import MAPPED, TURN_TARGETS, checked_map, read_mapped
from dataprep.ingest.shape import Format, Parsed, ShapeError, says_something

if TYPE_CHECKING:
    from collections.abc import Mapping

NESTED: Final = ("messages", "conversations", "conversation", "chosen", "rejected")
"""Columns whose text is read as JSON where it is a JSON list: tables cannot hold a conversation otherwise."""

MANY: Final = 10_000
"""Sets of keys that are remembered; a file with more of them is no table of examples."""

_WEAK: Final = frozenset({"text", "prompt-only"})
"""Formats that ask for one column, which may be one of many things."""


@cache
def all_formats() -> dict[str, Format]:
    """Every known format by name."""
    return discover(formats, "FORMAT", lambda plugin: plugin.name)


def chosen_format(name: str | None) -> Format | None:
    """The format that is to be forced.

    Raises:
        ConfigError: there is none of that name.
    """
    if name is None:
        return None
    known = all_formats()
    if name not in known:
        raise ConfigError(f"unknown format {name!r}", f"Choose one of {', '.join(known)}")
    return known[name]


class Recogniser:
    """Knows the formats, and what the user said about them.

    Args:
        column_map: see `mapping`; it goes before every format.
        input_format: name of a format to force.

    Raises:
        ConfigError: either is unusable.
    """

    def __init__(self, column_map: Mapping[str, str] | None = None, input_format: str | None = None) -> None:
        self.column_map = checked_map(column_map)
        self.forced = chosen_format(input_format)
        self._ranked = sorted(all_formats().values(), key=lambda fmt: fmt.rank)
        self._by_keys: dict[tuple[str, ...], list[Format]] = {}

    def is_turn(self, value: Mapping[str, Any]) -> bool:
        """Whether a record is one turn of a conversation."""
        if self.column_map:
            return self.column_map.keys() >= TURN_TARGETS
        return self.forced is None and not self.candidates(value) and turn_columns(value.keys()) is not None

    def is_record(self, value: Mapping[str, Any]) -> bool:
        """Whether an object is an example by itself, and not one that holds a list of them beside other things."""
        if self.column_map:
            return any(path.partition(".")[0] in value for path in self.column_map.values())
        if self.forced is not None:
            return self.forced.claims(value.keys()) and self.forced.sniff(value)
        return any(fmt.name not in _WEAK and fmt.sniff(value) for fmt in self.candidates(value))

    def candidates(self, value: Mapping[str, Any]) -> list[Format]:
        """The formats that claim the keys of a record, the first choice first."""
        keys = tuple(value)
        found = self._by_keys.get(keys)
        if found is None:
            as_set = value.keys()
            found = [fmt for fmt in self._ranked if fmt.claims(as_set)]
            if turn_columns(as_set) is not None:
                found = [fmt for fmt in found if fmt.name not in _WEAK]
            if len(self._by_keys) < MANY:
                self._by_keys[keys] = found
        return found

    def parse(self, value: dict[str, Any]) -> tuple[Parsed, str]:
        """A record in canonical terms, and the name of its format.

        Raises:
            ShapeError: it has none, or is not as that format has it.
        """
        if self.column_map:
            return read_mapped(value, self.column_map), MAPPED
        for key in NESTED:
            if key in value and isinstance(value[key], str) and value[key][:1] == "[":
                value[key] = _decoded_list(value[key])
        if self.forced is not None:
            if not self.forced.claims(value.keys()) or not self.forced.sniff(value):
                raise ShapeError(None, f"lacks the fields of {self.forced.title}")
            return self.forced.read(value), self.forced.name
        found = next((fmt for fmt in self.candidates(value) if fmt.sniff(value)), None)
        said = {key: item for key, item in value.items() if item is not None and item != ""}
        if len(said) < len(value) and said:
            found, value = self._of_filled(found, value, said)
        if found is None:
            keys = ", ".join(str(key)[:40] for key in list(value)[:6]) or "none"
            raise ShapeError(None, f"no known format has these fields: {keys}")
        return found.read(value), found.name

    def _of_filled(
        self, found: Format | None, value: dict[str, Any], said: dict[str, Any]
    ) -> tuple[Format | None, dict[str, Any]]:
        """The format of a record some of whose fields are empty, and the fields to read.

        In a table of rows of several formats each row has the columns of all of them. A format that does not claim the
        filled ones gives way to one that does; one that needs no more than a question or a text, to none that reads.
        """
        filled = [fmt for fmt in self.candidates(said) if fmt.sniff(said)]
        if not filled or found in filled or (found is not None and found.name == "frame"):
            return found, value
        if filled[0].name not in _WEAK:
            return filled[0], said
        try:
            if found is not None and says_something(found.read(value)):
                return found, value
        except ShapeError:
            pass
        return filled[0], said


def _decoded_list(text: str) -> object:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else text
