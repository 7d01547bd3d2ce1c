"""What mathematics and shells write with signs: there a sign counts that prose can do without."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_WORD: Final = re.compile(r"\w+")
_SIGN: Final = re.compile(r"\w+|[^\w\s]")
# Without bounds, signs that open and are never closed would take the square of their number.
_LINK: Final = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_EMPHASIS: Final = re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=[^\s*_])([^\n]{1,300}?)(?<=[^\s*_])\1(?!\w)")
_SPACED: Final = re.compile(r"(?<=[\w)\]}])(?<![^\W\d_]{2})[ \t]+([-+*/%^=<>|]{1,3})[ \t]+(?=[\w(\[{])(?![^\W\d_]{2})")
"""An operator with spaces around it, between what is no word."""

_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_ESCAPE: Final = re.compile(r"\\[()\[\]]|\\(?=[^\w\s])")
"""Around a formula of TeX, and before a sign that Markdown would read."""
_ORNAMENT: Final = "*_~`$\"'“”‘’«»"
"""Around a word: emphasis of Markdown, TeX, quotation marks."""

_ENDING: Final = ".,:;?!"
_PAUSE: Final = re.compile(r"(?<![.,:;?!])[.,:;?!]+(?=\s|$)")
_QUOTE: Final = re.compile(r"['\"`]")

_SYMBOL: Final = re.compile("[∀-⋿→←↔⇒⇔¬±×÷]")

_NOTATION: Final = re.compile(
    r"(?=\S*\w)(?!\W?\w+\W?$)(?:\S*[\^=<>|\\\[\]{}*∀-⋿→←↔⇒⇔¬±×÷]\S*|\S*\w\(\S*|\.[/a-z\d]\S*"
    r"|\S*(?:(?<![^\W\d_])[^\W_]|[)\]}])[-+/%](?:[^\W\d_](?![^\W\d_])|[(\[{])\S*|\S*[\d)\]}][-+/%][\d(\[{]\S*)"
    r"|[-+!~/¬^]+\w\S*|\w+[*^]|[(\[]\w+[,;]?|\w+[)\]]"
)
"""A word of notation: with a sign that prose has not, a bracket behind a letter, a sign before it, a sign between two
numbers or single letters, or a bracket that only opens or closes. Compounds (COVID-19, e-mail, B-12) are words."""

_RUN: Final = r"[-+*/^×÷<>=!]{1,3}"
_LETTER: Final = r"[^\W\d_](?![^\W\d_])"
_OPERATOR: Final = re.compile(
    rf"(?:(?<=[\d)\]}}])|(?<=[^\W\d_])(?<![^\W\d_]{{2}}))(?:{_RUN}|[ \t]+{_RUN}[ \t]+)(?=[\d(\[{{]|{_LETTER})"
    rf"|(?:(?<=[\s(\[,=])|^){_RUN}(?=[\d(]|{_LETTER})|(?<=[\[(])[\^!](?=\w)",
    re.MULTILINE,
)
"""An operator between two numbers, single letters or brackets, before one, or of a set of characters."""

MOST: Final = 200
"""Words of notation that are looked for in the other text."""

_LONG_WORD: Final = re.compile(r"[^\W\d_]{4}")


def same_words(left: list[str], right: list[str]) -> bool:
    """Whether two lists of words agree but for case."""
    pairs = zip(left, right, strict=False)
    return len(left) == len(right) and all(a == b or a.casefold() == b.casefold() for a, b in pairs)


def other_signs(left: str, right: str) -> tuple[str, str] | None:
    """The first line with other signs, of two texts of the same words; quotation marks and lines are all alike."""
    if _signs(left) == _signs(right):
        return None
    mine, theirs = (
        [line for line in map(_bare, text.replace('"', "'").splitlines()) if line] for text in (left, right)
    )
    for one, other in zip(mine, theirs, strict=False):
        if _SIGN.findall(one.casefold()) != _SIGN.findall(other.casefold()):
            return one, other
    return left, right


def _signs(text: str) -> list[str]:
    """All words and signs of a text, without what ends a line."""
    lines = map(_bare, _QUOTE.sub("'", text.casefold()).splitlines())
    return [sign for line in lines for sign in _SIGN.findall(line)]


def operators(text: str) -> tuple[str, ...]:
    """The operators of the calculations in a text: between numbers, single letters and brackets, or before them.

    Hyphens of words and dashes of sentences are none: COVID-19, B-12, e-mail.
    """
    plain = text.translate(_DASHES)
    found = []
    for match in _OPERATOR.finditer(plain):
        before, after = plain[match.start() - 1 : match.start()], plain[match.end() : match.end() + 1]
        if match[0] != "-" or not (before.isupper() and after.isdigit()):
            found.append(match[0].strip())
    return tuple(found)


def other_notation(left: str, right: str) -> tuple[str, str] | None:
    """The first words of notation that differ but for letters and digits, or of which one text has only those."""
    if left > right:
        return _turned(other_notation(right, left))
    left, right = (
        _EMPHASIS.sub(r"\2", _ESCAPE.sub("", _LINK.sub(r"\1", text)).translate(_DASHES)) for text in (left, right)
    )
    if not (_LONG_WORD.search(left) or _LONG_WORD.search(right)):
        return _formulas(left, right)
    return _without_counterpart(left, right) or _turned(_without_counterpart(right, left))


def _plain(text: str) -> str:
    """A text without what Markdown and TeX put around its words, and with one kind of dash."""
    bare = _ESCAPE.sub("", _LINK.sub(r"\1", text)).translate(_DASHES)
    return _EMPHASIS.sub(r"\2", bare)


def _turned(found: tuple[str, str] | None) -> tuple[str, str] | None:
    return (found[1], found[0]) if found else None


def _formulas(left: str, right: str) -> tuple[str, str] | None:
    """Two texts without a word of prose, where their signs differ."""
    mine, theirs = (_SIGN.findall(_PAUSE.sub("", _QUOTE.sub("", text.casefold()))) for text in (left, right))
    words = [token for token in mine if _WORD.match(token)]
    if words != [token for token in theirs if _WORD.match(token)]:
        return None
    if len(words) < 2 and not _SYMBOL.search(left + right):  # (B) and B are one choice
        return None
    return None if mine == theirs else (_bare(left), _bare(right))


def _without_counterpart(text: str, other: str) -> tuple[str, str] | None:
    """The first word of notation that one of two texts has, and what the other has instead.

    That is a word with other signs, or its letters alone; with spaces in it, it is the same.
    """
    theirs = _notation(other)
    only = list(_notation(text) - theirs)[:MOST]
    if not only:
        return None
    signs = _stream(other)
    written = {tuple(_WORD.findall(one.casefold())): one for one in theirs}
    spoken = f" {' '.join(_WORD.findall(other.casefold()))} "
    for word in (one for one in only if _stream(one) not in signs):
        plain = tuple(_WORD.findall(word.casefold()))
        instead = written.get(plain) or (" ".join(plain) if f" {' '.join(plain)} " in spoken else None)
        if instead is not None and instead.casefold() != word.casefold():
            return word, instead
    return None


def _stream(text: str) -> str:
    """The words and signs of a text, without what is between them."""
    return f" {' '.join(_SIGN.findall(_QUOTE.sub(chr(39), text.casefold())))} "


def _notation(text: str) -> Counter[str]:
    """The words of notation of a text."""
    words = (_bare(word.strip(_ORNAMENT)).strip(_ORNAMENT) for word in _SPACED.sub(r"\1", text).split())
    return Counter(word for word in words if _NOTATION.fullmatch(word))


def _bare(text: str) -> str:
    """A line or a word without the punctuation that ends it."""
    return text.strip().rstrip(_ENDING)
