"""One record's JSON text to a value, leniently where nothing is lost, with a reason in words where not."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

import msgspec

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):  # noqa: N818 - it names the record's state, not a programming error
    """A record that is no JSON object; the message says why in a few words."""


def decode_object(data: bytes, notes: set[str]) -> dict[str, Any]:
    """Decode one JSON object.

    Args:
        data: the record's bytes.
        notes: receives what had to be adapted (control characters, lone surrogates, NaN).

    Raises:
        Unreadable: not UTF-8, not JSON, or not an object.
    """
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _decode_leniently(data, notes)
    return as_object(value)


def as_object(value: object) -> dict[str, Any]:
    """The value itself when it is a JSON object."""
    if isinstance(value, dict):
        return value
    kinds = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    raise Unreadable(f"expected an object, found {kinds.get(type(value), 'null')}")


def _decode_leniently(data: bytes, notes: set[str]) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as err:
        raise Unreadable(f"not UTF-8 (byte 0x{data[err.start]:02x} at column {err.start + 1})") from err
    try:
        return scrub(json.loads(text, strict=False), notes)
    except json.JSONDecodeError as err:
        raise Unreadable(json_problem(err, text)) from err
    except RecursionError as err:
        raise Unreadable("nested too deeply to be a training example") from err
    except ValueError as err:
        raise Unreadable("holds a number of thousands of digits") from err


def json_problem(err: json.JSONDecodeError, text: str) -> str:
    """Say what is wrong with JSON text in the reader's words."""
    if err.msg.startswith("Unterminated string"):
        return "JSON ends mid-string"
    if err.pos >= len(text.rstrip()):
        return "JSON ends too early"
    if err.msg == "Extra data":
        return f"more text after the record's end (column {err.colno})"
    words = err.msg[0].lower() + err.msg[1:]
    return f"not JSON: {words} (column {err.colno})"


def scrub(value: Any, notes: set[str]) -> Any:
    """Make a leniently decoded value safe to store: joined or replaced surrogates, null for NaN."""
    if isinstance(value, str):
        if _CONTROL.search(value):
            notes.add("control characters inside texts kept")
        if SURROGATE.search(value):
            notes.add("lone surrogates replaced by U+FFFD")
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value
    if isinstance(value, float) and not math.isfinite(value):
        notes.add("NaN or infinite numbers read as null")
        return None
    if isinstance(value, list):
        return [scrub(item, notes) for item in value]
    if isinstance(value, dict):
        return {scrub(key, notes): scrub(item, notes) for key, item in value.items()}
    return value
