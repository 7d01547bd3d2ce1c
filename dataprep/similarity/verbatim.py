"""What counts letter by letter: code, commands, and units whose prefix has another size in capitals.

Two texts whose words agree but for case, spaces and punctuation say the same, except where a program reads them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dataprep.similarity.guard import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPAN: Final = re.compile(r"```[^\n`]*\n(?P<block>.*?)(?:```|\Z)|(?<!`)`(?P<inline>[^`\n]+)`(?!`)", re.DOTALL)
_CODE_LINE: Final = re.compile(
    r"^(?:[^\n]*(?:[;{}]|\)[ \t]*:)"
    r"|[ \t]*(?:(?:def|class|if|elif|else|for|while|try|except|with)\b[^\n]*:|return\b[^\n.?!]*|end;?"
    r"|import\s+[\w.]+(?:\s+as\s+\w+)?|from\s+[\w.]+\s+import\b[^\n]*))[ \t]*$",
    re.MULTILINE,
)
"""A line that ends as lines of programs do, or begins so and ends unlike a sentence."""

_COMMENT: Final = re.compile(r"(?:(?<=\s)|^)(?:#|//|--)[^\n]*", re.MULTILINE)
_WORD: Final = re.compile(r"\w+")
_COMMAND: Final = re.compile(r"\\[A-Za-z]+")
"""Of a regular expression or of TeX: \\w and \\W, \\delta and \\Delta."""

_UNIT: Final = re.compile(r"(?<=\d)\s?([mM](?:Wh?|V|Ah?|Hz|Ω|\u2126|J|Pa|Bq|eV|Sv|ohms?))(?!\w)")
"""Milli and mega; where one of them is never meant (MG, ML), capitals are only written carelessly."""


def verbatim_difference(left: str, right: str) -> Difference | None:
    """The first difference in what counts letter by letter, between two texts that otherwise say the same.

    In code that is a name in other letters (`Counter`, `counter`; SELECT for select is none), and a line that belongs
    to another block where indentation says so. Code in which other words differ is not looked at.
    """
    if left == right:
        return None
    for pattern in (_COMMAND, _UNIT):
        found = _first(pattern.findall(left), pattern.findall(right))
        if found:
            return Difference("name", *found)
    for one, other in zip(_code(left), _code(right), strict=False):
        found = _first(_WORD.findall(_COMMENT.sub("", one)), _WORD.findall(_COMMENT.sub("", other)))
        if found:
            return Difference("name", *found)
        if moved := _moved(one, other):
            return Difference("order", *moved)
    return None


def _first(left: list[str], right: list[str]) -> tuple[str, str] | None:
    """The first words that differ in case; None where the words differ in more than that."""
    if left == right or len(left) != len(right):
        return None
    if any(a != b and a.casefold() != b.casefold() for a, b in zip(left, right, strict=True)):
        return None
    return next(((a, b) for a, b in zip(left, right, strict=True) if a != b and not _shouted(a, b)), None)


def _shouted(left: str, right: str) -> bool:
    """Whether one is the other in capitals throughout, as keywords of SQL or tags of HTML may be written."""
    letters = sum(map(str.isalpha, left))
    return letters > 1 and ((left.islower() and right.isupper()) or (left.isupper() and right.islower()))


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
