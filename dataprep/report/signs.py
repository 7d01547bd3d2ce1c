"""Make invisible characters visible: a reader must see what a model would learn from.

Control characters, direction overrides, zero-width characters, tags and lone surrogates become `[U+202E]`.
Joiners between letters of other scripts and inside emoji are ordinary spelling and stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from dataprep.report.views import Piece

_ALWAYS: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls except tab and newline
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # drawn as nothing
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb"  # breaks, direction, marks
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff"  # surrogates, non-characters, tags
)
_LETTER: Final = "[^\x00-\x7f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]"
_SIGN: Final = f"[{_ALWAYS}]|(?<!{_LETTER})[\u200c\u200d]|[\u200c\u200d](?!{_LETTER})"
_SPACE: Final = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t\n]"
_HIDDEN: Final = re.compile(f"({_SIGN})\\1*")
_HIDDEN_OR_SPACE: Final = re.compile(f"({_SIGN}|{_SPACE})\\1*")
_DRAWN: Final = {"\t": "⇥", "\n": "↵"}


def plain(text: str) -> str:
    """The text with invisible characters spelled out, as one string (for attributes and labels)."""
    return _HIDDEN.sub(lambda found: _label(found[0]), _lines(text))


def visible(text: str, *, spaces: bool = False) -> tuple[Piece, ...]:
    """The text as pieces, invisible characters as `sign`s.

    Args:
        text: any text.
        spaces: show unusual spaces, tabs and line ends too, for a stretch whose spaces are the point.
    """
    text = _lines(text)
    pattern = _HIDDEN_OR_SPACE if spaces else _HIDDEN
    pieces: list[Piece] = []
    end = 0
    for found in pattern.finditer(text):
        if found.start() > end:
            pieces.append(Piece("text", text[end : found.start()]))
        char, run = found[1], found[0]
        if char in _DRAWN:
            pieces += [Piece("sign", _DRAWN[char], title=_title(char)), Piece("text", run)]
        elif pieces and pieces[-1].kind == "sign" and found.start() == end:
            # Neighbours share one element: a text of nothing but signs must not blow the page up.
            pieces[-1] = Piece("sign", pieces[-1].text + _label(run), title="invisible characters")
        else:
            pieces.append(Piece("sign", _label(run), title=_title(char)))
        end = found.end()
    if end < len(text):
        pieces.append(Piece("text", text[end:]))
    return tuple(pieces)


def _lines(text: str) -> str:
    """Windows line ends are line ends, not signs."""
    return text.replace("\r\n", "\n")


def _label(run: str) -> str:
    if len(run) > 3:
        return f"[U+{ord(run[0]):04X} ×{len(run):,}]"
    return f"[U+{ord(run[0]):04X}]" * len(run)


def _title(char: str) -> str:
    return {"\t": "tab", "\n": "line end"}.get(char) or unicodedata.name(char, "control character").lower()
