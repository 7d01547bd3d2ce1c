"""JSON documents: an array of records, records under a key, or records one after the other over several lines.

The text is read through a window, so that a document may be larger than memory, and a fault costs one record.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.ingest.decode import Unreadable, decode_object, json_problem
from dataprep.ingest.json_lines import MAX_RECORD
from dataprep.ingest.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataprep.ingest.rows import RowReader

_NEXT_OBJECT: Final = re.compile(r"[,\n]\s*(?=\{)")
_FIRST_KEY: Final = re.compile(r'\{\s*("(?:[^"\\]|\\.)*")\s*:')
_BOUNDARY: Final = re.compile(r"\}(?=\s*,\s*\{)")
_ROWS_KEY: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*(?=\{)')
_OPENED: Final = re.compile(r"\[[\s,]*([^\s,])")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[{}\[\]]', re.DOTALL)
_SAME_LINE: Final = re.compile(r"[^\S\r\n]*,?[^\S\r\n]*\{")
_CONVERSATION: Final = frozenset(
    {
        *("messages", "conversations", "conversation", "chosen", "rejected", "chosen_messages", "rejected_messages"),
        *("prompt", "completion", "tools", "functions", "turns", "instances", "preferred_output", "choices"),
        *("non_preferred_output", "content", "tool_calls", "response", "answer", "history"),
    }
)


def read_document(blocks: Iterable[bytes], reader: RowReader) -> Iterator[None]:
    """Read a document into a reader; hands over after each stretch, so that rows can be taken."""
    window = Window(blocks)
    first = window.skip_space()
    if first == "[":
        window.position += 1
        yield from _elements(window, reader, closing="]")
        rest = window.skip_space()
        if rest:
            raw = window.text[window.position : window.position + 10_000].strip()
            reader.reject(window.line_at(window.position), "FMT001", None, "more text after the array's end", raw)
        return
    # Pages that an interface gave may stand one after the other.
    while first == "{" and (key := _rows_key(window, reader)) is not None:
        reader.notes.add(f"rows under the key {key!r}")
        yield from _rows_under_keys(window, reader, {key})
        first = window.skip_space()
    if first:
        yield from _elements(window, reader, closing="")


def _rows_key(window: Window, reader: RowReader) -> str | None:
    """The key of the next object that holds a list of records, as far as the window tells; None for a record."""
    found, depth = None, 0
    for token in _TOKEN.finditer(window.text, window.position):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        elif depth == 1 and (found := _ROWS_KEY.match(window.text, token.start())):
            break
        if depth == 0:
            return None
    if not found or found[1] in _CONVERSATION:
        return None
    try:
        whole, _ = json.JSONDecoder(strict=False).raw_decode(window.text, window.position)
    except (RecursionError, ValueError):  # it goes on beyond the window
        return found[1]
    return None if reader.recogniser.is_record(whole) else found[1]


def _rows_under_keys(window: Window, reader: RowReader, known: set[str]) -> Iterator[None]:
    """Every list of records among the values of an object; what else it holds is told, not read."""
    decoder = json.JSONDecoder(strict=False)
    window.position += 1
    while True:
        char = window.skip_space()
        if char in {"", "}"}:
            window.position += len(char)
            if not char:
                line = window.line_at(window.position)
                reader.reject(line, "FMT001", None, "the JSON object is never closed", "")
            return
        key, problem = _value(window, decoder)
        colon = window.skip_space() if problem is None else ""
        if problem is not None or colon != ":" or not isinstance(key, str):
            line = window.line_at(window.position)
            raw = window.text[window.position : window.position + 10_000]
            reader.reject(line, "FMT001", None, problem or "not JSON: expected a key and its value", raw)
            return
        window.position += 1
        if window.skip_space() == "[" and (key in known or key not in _CONVERSATION):
            while (opened := _OPENED.match(window.text, window.position)) is None and window.more():
                pass  # what follows the bracket lies beyond the window
            if opened is not None and opened[1] == "{":
                window.position = opened.start(1)
                known.add(key)
                yield from _elements(window, reader, closing="]")
                continue
        _, problem = _value(window, decoder)
        if problem is not None:
            reader.reject(window.line_at(window.position), "FMT001", None, problem, "")
            return
        reader.notes.add(f"beside the rows, not read: {key[:40]!r}")


def _value(window: Window, decoder: json.JSONDecoder) -> tuple[Any, str | None]:
    """The next JSON value, with more text where it needs it, or what is wrong with it."""
    while True:
        try:
            value, end = decoder.raw_decode(window.text, window.position)
        except json.JSONDecodeError as err:
            if len(window.text) - window.position < MAX_RECORD and _may_be_cut(err, window) and window.more():
                continue
            return None, json_problem(err, window.text)
        except (RecursionError, ValueError):
            return None, "nested too deeply or with too large a number"
        if end == len(window.text) and window.more():
            continue
        window.position = end
        return value, None


def _may_be_cut(err: json.JSONDecodeError, window: Window) -> bool:
    """Whether a fault may only be the window's end."""
    return not window.ended and (err.msg.startswith("Unterminated string") or err.pos >= len(window.text) - 16)


def _elements(window: Window, reader: RowReader, closing: str) -> Iterator[None]:
    """The records up to the closing bracket, or to the end of the file where there is none."""
    decoder = json.JSONDecoder(strict=False)
    if _shares_its_line(window, decoder):
        window.by_record = True
        reader.notes.add("many records on a line: told by their number")
    while True:
        char = window.skip_space()
        if char == closing:
            window.position += 1
            return
        if not char:
            if not window.cut_off:
                reader.reject(window.line_at(window.position), "FMT001", None, "the JSON array is never closed", "")
            return
        if _stretch(window, reader) or _single(window, reader, decoder, closing):
            yield


def _shares_its_line(window: Window, decoder: json.JSONDecoder) -> bool:
    """Whether the next record ends on the line on which another one begins, as far as the window tells."""
    window.skip_space()
    try:
        _, end = decoder.raw_decode(window.text, window.position)
    except (RecursionError, ValueError):
        return False
    return _SAME_LINE.match(window.text, end) is not None


def _stretch(window: Window, reader: RowReader) -> bool:
    """Read as many whole records as the window holds at once, the fast way; False if that does not work."""
    text, start = window.text, window.position
    last = None
    for match in _BOUNDARY.finditer(text, max(start, len(text) - (1 << 18))):
        last = match.end()
    if last is None:
        return False
    try:
        items = msgspec.json.decode(f"[{text[start:last]}]", type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    for item in items:
        raw = str(memoryview(item), "utf-8")
        found = text.find(raw, window.position)
        _decode(raw, window.number_at(found), reader)
        window.position = found + len(raw)
    _remember(window, text, start)
    return True


def _single(window: Window, reader: RowReader, decoder: json.JSONDecoder, closing: str) -> bool:
    """Read one record; after a fault, reading goes on where an object starts behind a comma or on a new line."""
    while True:
        text, start = window.text, window.position
        try:
            _, end = decoder.raw_decode(text, start)
            if end == len(text) and text[start] not in '{["' and window.more():
                continue
            _decode(text[start:end], window.number_at(start), reader)
            window.position = end
            _remember(window, text, start)
            return True
        except json.JSONDecodeError as err:
            if len(text) - start < MAX_RECORD and _may_be_cut(err, window) and window.more():
                continue
            problem: str | None = None
            fault = err
        except (RecursionError, ValueError):
            problem = "nested too deeply or with too large a number"
            fault = json.JSONDecodeError("", "", 0)
        following = _next_record(window, start)
        if following is None and len(text) - start < MAX_RECORD and window.more():
            continue
        end = following.end() if following else len(text)
        raw = text[start:end].rstrip(" \t\r\n,]")
        if problem is None:
            problem = json_problem(json.JSONDecodeError(fault.msg, raw, min(fault.pos - start, len(raw))), raw)
        reader.reject(window.number_at(start), "FMT001", None, problem, raw.encode("utf-8", "replace").decode())
        window.position = end
        if following is None:
            last = len(text.rstrip()) - 1
            if closing and last > start and text[last] == closing:
                window.position = last
            else:
                window.cut_off = True
        return True


def _remember(window: Window, text: str, start: int) -> None:
    """Records of a file tend to begin with the same key: that tells them from the objects inside them."""
    match = _FIRST_KEY.match(text, start)
    if match:
        window.first_key = match[1]


def _next_record(window: Window, start: int) -> re.Match[str] | None:
    if window.first_key is not None:
        known = re.compile(r"[,\n]\s*(?=\{\s*" + re.escape(window.first_key) + r"\s*:)").search(window.text, start + 1)
        if known:
            return known
        if not window.ended and len(window.text) - start < MAX_RECORD:
            return None
    return _NEXT_OBJECT.search(window.text, start + 1)


def _decode(raw: str, line: int, reader: RowReader) -> None:
    try:
        data = raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = raw.encode("utf-8", "replace")
    try:
        reader.add_value(line, decode_object(data, reader.notes))
    except Unreadable as err:
        reader.reject(line, "FMT001", None, str(err), data.decode("utf-8", "replace"))
