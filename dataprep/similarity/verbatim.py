"""What counts letter by letter: code, notation, JSON, commands, and units whose prefix has another size in capitals.

Two texts whose words agree but for case, spaces and punctuation say the same, except where a program or a
mathematician reads them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.similarity.guard import Difference, lost_marks
from dataprep.similarity.notation import other_notation, other_signs, same_words

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPAN: Final = re.compile(r"```[^\n`]*\n(?P<block>.*?)(?:```|\Z)|(?<!`)`(?P<inline>[^`\n]+)`(?!`)", re.DOTALL)
_CODE_LINE: Final = re.compile(
    r"^(?:(?=[^\n]*[=()\[\]{}])[^\n]*;|[^\n]*(?:[{}]|\)[ \t]*:)"
    r"|[ \t]*(?:class\s+\w+[^\n]*:|(?:if|elif|for|while|except|with)\b(?=[^\n]*[=()<>\[\]\"'._])[^\n]*:"
    r"|else:|try:|end;?|for\s+\w+\s+in\s+\w+:|return|return\s[^\n.?!]*[^\s.?!]"
    r"|import\s+[\w.]+(?:\s+as\s+\w+)?|from\s+[\w.]+\s+import\b[^\n]*))[ \t]*$",
    re.MULTILINE,
)
"""A line that ends as lines of programs do, or begins so and ends unlike a sentence."""

_KEY_LINE: Final = re.compile(r"^[ \t]*(?:- )?[\w.-]+:(?:[ \t][^\n]*)?$", re.MULTILINE)
"""A line of YAML: a key, a colon, and perhaps a value."""

_COMMENT: Final = re.compile(r"(?:(?<=\s)|^)(?:#|//|--[ \t])[^\n]*", re.MULTILINE)
_WORD: Final = re.compile(r"\w+")
_COMMAND: Final = re.compile(r"\\[A-Za-z]+")
"""Of a regular expression or of TeX: \\w and \\W, \\delta and \\Delta."""

_UNIT: Final = re.compile(r"(?<=\d)\s?([mM](?:Wh?|V|Ah?|Hz|Ω|\u2126|J|Pa|Bq|eV|Sv|ohms?))(?!\w)")
"""Milli and mega; where one of them is never meant (MG, ML), capitals are only written carelessly."""

_SENTENCE: Final = 3
"""Words from which on a value in JSON is a sentence."""


def verbatim_difference(left: str, right: str) -> Difference | None:
    """The first difference in what counts letter by letter, between two texts that otherwise say the same.

    In code and notation that is a name in other letters (`Counter`, `counter`; SELECT for select is none), a sign, and
    a line that belongs to another block where indentation says so; in JSON any value that is no sentence. Code in
    which other words differ is not looked at.
    """
    if left == right:
        return None
    mine, theirs = _json(left), _json(right)
    if mine is not None and theirs is not None:
        try:
            unequal = _unequal(mine, theirs)
        except RecursionError:  # deeper than anybody means
            return None
        return Difference("name", *unequal) if unequal else None
    for pattern in (_COMMAND, _UNIT):
        if found := _first(pattern.findall(left), pattern.findall(right)):
            return Difference("name", *found)
    return _in_code(left, right) or _in_notation(left, right)


def _json(text: str) -> Any:
    """The list or object that a text is; None for any other text."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _unequal(left: Any, right: Any) -> tuple[str, str] | None:
    """The first values that are unequal, and no sentences both."""
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        pairs = [(value, right[key]) for key, value in left.items()]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = list(zip(left, right, strict=True))
    elif (type(left) is type(right) and left == right) or (
        isinstance(left, str) and isinstance(right, str) and min(len(left.split()), len(right.split())) >= _SENTENCE
    ):
        return None
    else:
        return msgspec.json.encode(left).decode(), msgspec.json.encode(right).decode()
    return next((found for one, other in pairs if (found := _unequal(one, other))), None)


def _first(left: list[str], right: list[str]) -> tuple[str, str] | None:
    """The first words that differ in case; None where the words differ in more than that."""
    if left == right or not same_words(left, right):
        return None
    return next(((a, b) for a, b in zip(left, right, strict=True) if a != b and not _shouted(a, b)), None)


def _shouted(left: str, right: str) -> bool:
    """Whether one is the other in capitals throughout, as keywords of SQL or tags of HTML may be written."""
    letters = sum(map(str.isalpha, left))
    return letters > 1 and ((left.islower() and right.isupper()) or (left.isupper() and right.islower()))


def _in_code(left: str, right: str) -> Difference | None:
    """A name in other letters, another sign between the same words, or a line of another block."""
    for one, other in zip(_code(left), _code(right), strict=False):
        mine, theirs = _COMMENT.sub("", one), _COMMENT.sub("", other)
        words = _WORD.findall(mine), _WORD.findall(theirs)
        if found := _first(*words):
            return Difference("name", *found)
        if same_words(*words) and (found := other_signs(mine, theirs)):
            return Difference("operator", *found)
        if found := _moved(one, other):
            return Difference("order", *found)
    if all(len(_KEY_LINE.findall(text)) > 1 for text in (left, right)) and (found := _moved(left, right)):
        return Difference("order", *found)
    return None


def _in_notation(left: str, right: str) -> Difference | None:
    if lost_marks(left, right) or lost_marks(right, left):
        return None
    found = other_notation(left, right)
    return Difference("operator", *found) if found else None


def _code(text: str) -> Iterator[str]:
    """The stretches of code in a text: what is marked as such, else from its first line of code to the last."""
    marked = False
    for match in _SPAN.finditer(text):
        marked = True
        yield match["block"] or match["inline"] or ""
    if marked:
        return
    lines = list(_CODE_LINE.finditer(text))
    if len(lines) > 1:
        yield text[lines[0].start() : lines[-1].end()]


def _moved(left: str, right: str) -> tuple[str, str] | None:
    """The first line of which the block is another one; None where indentation means nothing, or the lines differ."""
    mine, theirs = list(_levels(left)), list(_levels(right))
    if [line for _, line in mine] != [line for _, line in theirs]:
        return None
    ends = {line[-1] for _, line in mine}
    if ":" not in ends or "{" in ends:
        return None
    found = next(((a, b) for a, b in zip(mine, theirs, strict=True) if a != b), None)
    return (f"{found[0][0] * '    '}{found[0][1]}", f"{found[1][0] * '    '}{found[1][1]}") if found else None


def _levels(code: str) -> Iterator[tuple[int, str]]:
    """The depth of the block and the words of each line that has any; the depth counts blocks, not spaces."""
    open_blocks: list[int] = []
    for line in code.expandtabs().splitlines():
        words = line.split()
        if not words:
            continue
        width = len(line) - len(line.lstrip())
        while open_blocks and open_blocks[-1] > width:
            open_blocks.pop()
        if not open_blocks or open_blocks[-1] < width:
            open_blocks.append(width)
        yield len(open_blocks) - 1, " ".join(words)
