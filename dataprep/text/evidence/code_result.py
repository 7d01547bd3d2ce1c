"""What a program is said to print or return, where that is written out; nothing is ever run."""

from __future__ import annotations

import re
from math import inf, isfinite
from typing import Final

from dataprep.text.evidence.final_answer import Conclusion

_LITERAL: Final = (
    r"(?P<value>[-−]?\d+(?:\.\d+)?|\"[^\"\n]{0,80}\"|'[^'\n]{0,80}'|True|False|None|true|false|null|"
    r"\[[^\[\]\n]{0,80}\]|\([^()\n]{1,80}\))"
)
_SAID: Final = re.compile(
    r"(?:\b(?:output|stdout)\s*(?:is|will be|would be|:)|\b(?:outputs|prints|returns|evaluates to|"
    rf"(?:will|would) (?:print|output|return))|#\s*=>|>>>[^\n]{{0,200}}\n)[\s:`]{{0,8}}{_LITERAL}",
    re.IGNORECASE,
)
_RETURNED: Final = re.compile(
    rf"\b(?:return\s+|print\(\s*|console\.log\(\s*){_LITERAL}(?:\s*+(?:\);?|;))?\s*(?:\n|$|`)"
)
_WHOLE: Final = re.compile(rf"[\s`]{{0,8}}{_LITERAL}[\s`]{{0,8}}")
_STATEMENT: Final = re.compile(r"[rpc](?:eturn\b|rint\(|onsole\.log\()")


def said_result(answer: str) -> Conclusion | None:
    """The literal an answer says a program gives: "it prints 5"."""
    return _last(_SAID, answer)


def bare_result(answer: str) -> Conclusion | None:
    """The literal that is all of an answer."""
    match = _WHOLE.fullmatch(answer)
    return None if match is None else _conclusion(match)


def returned_result(answer: str) -> Conclusion | None:
    """The literal that the only return or print of an answer's program gives."""
    return _last(_RETURNED, answer) if len(_STATEMENT.findall(answer)) == 1 else None


def _last(pattern: re.Pattern[str], text: str) -> Conclusion | None:
    match = next(reversed(list(pattern.finditer(text))), None)
    return None if match is None else _conclusion(match)


def _conclusion(match: re.Match[str]) -> Conclusion:
    written = match["value"]
    start, end = match.span("value")
    try:
        value = float(written.replace("−", "-"))
    except ValueError:
        value = inf
    if isfinite(value):
        return Conclusion("number", value, written, start, end)
    plain = re.sub(r"[\s\"']+", "", written).lower()
    return Conclusion("option", plain, written, start, end)
