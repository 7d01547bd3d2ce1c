r"""What a worked answer concludes: `#### 18`, `\boxed{18}`, "A: 18", "The answer is 18", or its last result."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

from dataprep.text.evidence.agreement import agree, comparable, same_value
from dataprep.text.evidence.lexicon import NO, YES
from dataprep.text.evidence.numbers import DIGITS, WORDS, number, power_of_ten
from dataprep.text.evidence.quantities import quantities
from dataprep.text.evidence.quantity import Quantity

Kind = Literal["number", "option", "yes-no", "text", "formula"]

_NAMES: Final = "answer|ans|result|solution|output|antwort|lösung|réponse|respuesta|resposta|ответ|答案"
_MARKS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"####[ \t]*(?P<said>[^\n]{1,300})",
        r"\\boxed\s*\{(?P<said>(?:[^{}]|\{[^{}]{0,100}\}){0,200})\}",
        rf"(?m:^)[ \t*_>#-]*(?:(?:the\s+)?(?:final|correct)\s+)?(?:{_NAMES}|(?-i:A))[ \t*_]*[:：][ \t*_]*"
        r"(?P<said>[^\n]{1,300})",
        r"\b(?:final\s+|correct\s+|right\s+|best\s+)?(?P<name>answer|option|choice|result|solution)"
        r"(?:\s++(?:to|of|for)\s++[^.\n]{1,60}?)?\s*+(?:\bis\b|\bwas\b|\bequals\b|\b(?:would|should|must|will)\s+be\b)"
        r"\s*+:?\s*+(?P<said>[^\n]{1,200}?)(?=\.?[ \t]*(?:\n|$)|[.;]\s|,\s(?:since|because|as|so|which)\b)",
        r"(?:die antwort (?:ist|lautet)|la réponse est|la respuesta es|答案[是为])\s*+:?\s*+(?P<said>[^\n.。]{1,200})",
    )
)
"""Surest first; of one pattern the last match counts.

Spaces beside spaces are taken as a whole (`*+`) here and below: tried in every division, a long run of them would take
hours.
"""

_CONCLUDING: Final = frozenset([*_NAMES.split("|"), "option", "choice"])

_OPTION: Final = re.compile(
    r"(?:(?:option|choice)\s+)?(?:\((?P<in>[A-J])\)|(?P<bare>[A-J])(?=\s*$|[).:,]|\s+[-–—]\s|\s+(?:because|since)\b))",
    re.IGNORECASE,
)
_FRACTION: Final = re.compile(r"([-−]?\d+)\s*/\s*(\d+)|([-−]?)\\[dt]?frac\{([-−]?\d+)\}\{(\d+)\}")
_MIXED: Final = re.compile(r"([-−]?)(\d+)\s+(\d+)/(\d+)")
_POWER: Final = re.compile(r"([-−]?\d+(?:\.\d+)?)\s*+(?:e|[x×*]\s*+10\s*+\^?)\s*+\{?([-−+]?\d+)\}?", re.IGNORECASE)
_LEADING: Final = re.compile(
    rf"(?:[a-z]\s*+=\s*+)?(?:(?:about|approximately|roughly|around|exactly|only)\s++)?[~≈]?\s*+"
    rf"(?:[$€£¥₹]|USD|EUR|GBP)?\s*+(?P<num>{DIGITS}|{WORDS})(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER: Final = re.compile(rf"(?P<num>{DIGITS})")
_EQUALS: Final = re.compile(
    rf"(?<![-+*/%&|^<>!=])=\s*(?:[$€£]\s*)?(?P<num>{DIGITS})(?:\s?/\s?(?P<below>[1-9]\d{{0,6}})(?![\d/]|[.,]\d))?"
    r"(?!\d|[.,]\d|\s*[×*·+÷]\s*\d|\s+[-−x/]\s+\d)"  # nothing is worked out in "21 = 3 * 7"
)
_EITHER: Final = re.compile(r"\bor\b|±")
_CALCULATOR: Final = re.compile(r"<<[^<>\n]*>>")
_DECORATION: Final = re.compile(r"^[\s*_`\"'“”]+|(?<![\s*_`\"'“”.。!])[\s*_`\"'“”.。!]+$")
_TEX: Final = (
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf|mbox)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\^\s*+\{?\s*+\\circ\s*\}?|\\[,!;: ]|\\(?:left|right)\b|\\(?=[%$])|\\[()\[\]]"), ""),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\[dt]frac"), r"\\frac"),
)
"""What TeX writes around plain numbers."""

_MATHEMATICAL: Final = re.compile(r"[\\^=<>+*/|{}]|\d\s*[a-z]\b|\b[a-z]\s*[-+]", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+")
_ARTICLES: Final = frozenset(["the", "a", "an"])
LONGEST_TEXT: Final = 6
"""Words of a conclusion that is neither a number nor an option."""

_NO_UNIT: Final = re.compile(r"[\\^_=*+\d{}]|^\s*[a-zπ](?![\w°])|^\s*/\s*\w", re.IGNORECASE)
"""What makes the rest behind a number more than a unit: 10\\sqrt{2}, 3x, 2 + 5."""

UNIT_WORDS: Final = 4
"""Words behind a number that may still name its unit."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What an answer comes to.

    Attributes:
        kind: what `value` is.
        value: the number, the letter of the option, "yes" or "no", the words of a short text, or a formula without
            spaces.
        text: as written.
        start: where it stands in the answer.
        end: where it ends.
        quantity: the number with its unit, where it has one.
    """

    kind: Kind
    value: float | str
    text: str
    start: int
    end: int
    quantity: Quantity | None = None

    def agrees(self, other: Conclusion) -> bool | None:
        """Whether two conclusions are one; None where they cannot be compared.

        Unlike formulas are not: one may be the other rewritten.
        """
        if self.kind != other.kind:
            return None
        if self.kind == "formula":
            return True if self.value == other.value else None
        if self.kind == "text":
            if not any(map(str.isalpha, f"{self.value}{other.value}")):
                return self.value == other.value
            mine, theirs = set(str(self.value).split()), set(str(other.value).split())
            return mine <= theirs or theirs <= mine
        if self.kind == "number":
            return _same_number(self, other)
        return self.value == other.value


def may_conclude(answer: str, words: frozenset[str]) -> bool:
    """Whether an answer has any of the words and marks by which `final_answer` knows a conclusion."""
    return (
        not _CONCLUDING.isdisjoint(words)
        or "####" in answer
        or "\\boxed" in answer
        or "A:" in answer
        or "A：" in answer
        or "答案" in answer
    )


def final_answer(answer: str) -> Conclusion | None:
    """The conclusion that an answer marks as such, or None.

    Args:
        answer: as written.
    """
    for pattern in _MARKS:
        for match in reversed(list(pattern.finditer(answer))):
            only_hard = "name" in pattern.groupindex and match["name"].lower() != "answer"
            found = _conclusion(match["said"], match.start("said"))
            if found is not None and not (only_hard and found.kind in {"text", "yes-no"}):
                return found
    return None


def computed_result(answer: str) -> Conclusion | None:
    """The last number of an answer that calculates, or None where nothing is calculated.

    Of the last line with a number, it is the one behind the last equals sign, else the last.
    """
    plain = without_calculator_marks(answer)
    if not _EQUALS.search(plain):
        return None
    end = len(plain)
    for line in reversed(plain.splitlines(keepends=True)):
        end -= len(line)
        if found := [*_EQUALS.finditer(line)] or [*_NUMBER.finditer(line)]:
            last = found[-1]
            start, value = last.start("num"), _value_of(last)
            if not isfinite(value):
                return None
            return Conclusion("number", value, line[start : last.end()], end + start, end + last.end())
    return None


def _value_of(match: re.Match[str]) -> float:
    """The value of a number, or of a fraction behind an equals sign."""
    return number(match["num"]) / int(match.groupdict().get("below") or 1)


def without_calculator_marks(answer: str) -> str:
    """The answer with `<<3*4=12>>` blanked out, every place kept."""
    if "<<" not in answer:
        return answer
    return _CALCULATOR.sub(lambda match: " " * len(match.group()), answer)


def possible_results(answer: str) -> list[float]:
    """What an answer without a mark may have concluded: of its last line with a number, what follows an equals sign.

    The last number of that line is one too, and all of them where it calculates nothing or gives several results:
    "x = 3 or x = -3", "x = ±3".
    """
    for line in reversed(without_calculator_marks(answer).splitlines()):
        if found := [number(match["num"]) for match in _NUMBER.finditer(line)]:
            results = [_value_of(match) for match in _EQUALS.finditer(line)]
            if results and not _EITHER.search(line):
                return [results[-1], found[-1]]
            both = [*results, *found]
            return both + [-value for value in both] if "±" in line else both
    return []


def _conclusion(said: str, at: int) -> Conclusion | None:
    plain = without_calculator_marks(said)
    if "=" in plain and _EQUALS.search(plain):
        at += plain.rindex("=") + 1
        plain = plain[plain.rindex("=") + 1 :]
    text = _DECORATION.sub("", _DECORATION.sub("", plain).strip())
    if text.startswith("$") and text.endswith("$"):
        text = text.strip("$ ")  # TeX
    if not text:
        return None
    start = plain.find(text)
    place = (at + start, at + start + len(text)) if start >= 0 else (at, at + len(plain))
    if "\\" in text or "{" in text:
        for pattern, plain_form in _TEX:
            text = pattern.sub(plain_form, text).strip()
    return _option(text, *place) or _number(text, *place) or _short_text(text, *place)


def _option(text: str, start: int, end: int) -> Conclusion | None:
    match = _OPTION.match(text)
    if match is None:
        return None
    letter = match["in"] or match["bare"]
    if match["bare"] and letter.islower() and len(text) > 1 and text[match.end() : match.end() + 1] != ")":
        return None
    return Conclusion("option", letter.upper(), text, start, end)


def _number(text: str, start: int, end: int) -> Conclusion | None:
    value, quantity = _calculated(text), None
    if value is None:
        match = _LEADING.fullmatch(text)
        if match is None or len(_WORD.findall(match["rest"])) > UNIT_WORDS or _NO_UNIT.search(match["rest"]):
            return None
        value = number(match["num"])
        measured = next(iter(quantities(text)), None)
        quantity = measured if measured is not None and measured.dimension != "bare" else None
    # What no number can hold is compared as it is written.
    return Conclusion("number", value, text, start, end, quantity) if isfinite(value) else None


def _calculated(text: str) -> float | None:
    """The value of a fraction, a whole number with a fraction, or a number with a power of ten."""
    if fraction := _FRACTION.fullmatch(text):
        over, under = float((fraction[1] or fraction[4]).replace("−", "-")), float(fraction[2] or fraction[5])
        value = over / under if under else 0.0
        return -value if fraction[3] else value
    if (mixed := _MIXED.fullmatch(text)) and (under := float(mixed[4])):
        value = float(mixed[2]) + float(mixed[3]) / under
        return -value if mixed[1] else value
    power = _POWER.fullmatch(text)
    factor = power_of_ten(power[2]) if power is not None else None
    return float(power[1].replace("−", "-")) * factor if power is not None and factor is not None else None


def _short_text(text: str, start: int, end: int) -> Conclusion | None:
    if _MATHEMATICAL.search(text):
        return Conclusion("formula", re.sub(r"\s+", "", text), text, start, end)
    words = [word.lower() for word in _WORD.findall(text)]
    if not words or len(words) > LONGEST_TEXT:
        return None
    if len(words) == 1 and words[0] in YES | NO:
        return Conclusion("yes-no", "yes" if words[0] in YES else "no", text, start, end)
    return Conclusion("text", " ".join(word for word in words if word not in _ARTICLES), text, start, end)


def _same_number(left: Conclusion, right: Conclusion) -> bool:
    a, b = float(left.value), float(right.value)
    if same_value(a, b, 1e-6) or _rounded_alike(left.text, a, right.text, b):
        return True
    mine, theirs = left.quantity, right.quantity
    if mine is not None and theirs is not None and comparable(mine, theirs) and agree(mine, theirs):
        return True
    is_percent = [item is not None and item.dimension == "percent" for item in (mine, theirs)]
    return is_percent[0] != is_percent[1] and (same_value(a, 100 * b, 1e-6) or same_value(100 * a, b, 1e-6))


def _rounded_alike(left: str, a: float, right: str, b: float) -> bool:
    """Whether one is the other with fewer decimals: 33.3 and 33.333, 0.33 and 1/3."""
    decimals = [_decimals(text) for text in (left, right)]
    fewest = min(decimals)
    return fewest >= 1 and decimals[0] != decimals[1] and abs(a - b) <= 0.5000001 * 10.0**-fewest


def _decimals(text: str) -> int:
    if _FRACTION.search(text):
        return 15
    match = re.search(r"\d\.(\d+)", text)
    return len(match[1].rstrip("0")) if match else 0
