"""JSON documents: an array of records, records under a key, or records one after the other over several lines.

The text is read through a window, so that a document may be larger than memory, and a fault costs one record.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.ingest.decode import Unreadable, decode_object, json_problem
from dataprep.ingest.json_lines import MAX_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataprep.ingest.rows import RowReader

_NEXT_OBJECT: Final = re.compile(r"[,\n]\s*(?=\{)")
_FIRST_KEY: Final = re.compile(r'\{\s*("(?:[^"\\]|\\.)*")\s*:')
_BOUNDARY: Final = re.compile(r"\}(?=\s*,\s*\{)")
_SPACE: Final = re.compile(r"[\s,]*")
_ROWS_KEY: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*(?=\{)')
_SAME_LINE: Final = re.compile(r"[^\S\r\n]*,?[^\S\r\n]*\{")
_CONVERSATION: Final = frozenset(
    {
        *("messages", "conversations", "conversation", "chosen", "rejected", "chosen_messages", "rejected_messages"),
        *("prompt", "completion", "tools", "functions", "turns", "instances", "preferred_output", "choices"),
        *("non_preferred_output", "content", "tool_calls", "response", "answer", "history"),
    }
)
WINDOW: Final = 4 << 20


class Window:
    """The part of the text that is being looked at, and where it stands in the file."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        # Bytes that are no UTF-8 stay recognisable, so that only their record is set aside.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.text = ""
        self.position = 0
        self.line = 1
        self.by_record = False  # whether records are told by their number, as one line holds many
        self._counted = 0
        self._last = 0
        self.ended = False
        self.first_key: str | None = None
        self.cut_off = False  # whether the last record goes on beyond the end of the file

    def more(self) -> bool:
        """Drop what was read and add the next text; False at the end of the file."""
        if self.ended:
            return False
        parts = [self.text[self.position :]]
        self.line += self.text.count("\n", self._counted, self.position)
        wanted = max(WINDOW, len(parts[0]))
        while wanted > 0:
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
                parts.append(self._decoder.decode(b"", True))
                break
            parts.append(self._decoder.decode(block))
            wanted -= len(block)
        self.text, self.position, self._counted = "".join(parts), 0, 0
        return True

    def line_at(self, position: int) -> int:
        """The 1-based line of a place at or after the last one asked for."""
        self.line += self.text.count("\n", self._counted, position)
        self._counted = max(self._counted, position)
        return self.line

    def number_at(self, position: int) -> int:
        """What the next record is told by, different from all others: its line, or its number in the file."""
        line = self.line_at(position)
        self._last = self._last + 1 if self.by_record else max(line, self._last + 1)
        return self._last

    def skip_space(self) -> str:
        """Go to the next character that is neither space nor comma; "" at the end of the file."""
        while True:
            match = _SPACE.match(self.text, self.position)
            self.position = match.end() if match else self.position
            if self.position < len(self.text):
                return self.text[self.position]
            if not self.more():
                return ""


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
    elif first == "{" and (keys := _rows_keys(window)):
        reader.notes.add(f"rows under the key {', '.join(repr(key) for key in keys)}")
        yield from _rows_under_keys(window, reader, set(keys))
    else:
        yield from _elements(window, reader, closing="")


def _rows_keys(window: Window) -> list[str]:
    """The keys of a document's outermost object that hold lists of records, as far as the first window tells."""
    head = window.text[window.position :]
    depth_one = []
    for match in _ROWS_KEY.finditer(head):
        before = head[: match.start()]
        if match[1] not in _CONVERSATION and _depth(before) == 1:
            depth_one.append(match[1])
            break
        if match[1] in _CONVERSATION and _depth(before) == 1:
            break
    return depth_one


def _depth(text: str) -> int:
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")


def _rows_under_keys(window: Window, reader: RowReader, known: set[str]) -> Iterator[None]:
    """Every list of records among the values of the outermost object; what else it holds is told, not read."""
    decoder = json.JSONDecoder(strict=False)
    window.position += 1
    while True:
        char = window.skip_space()
        if char in {"", "}"}:
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
            window.position += 1
            following = window.skip_space()
            if following == "{":
                known.add(key)
                yield from _elements(window, reader, closing="]")
                continue
            window.position -= 1
            while window.text[window.position] != "[":
                window.position -= 1
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
