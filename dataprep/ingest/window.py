"""The part of a long text that is being looked at."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPACE: Final = re.compile(r"[\s,]*")
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
