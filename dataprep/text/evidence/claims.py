"""What an answer claims, as a key by which answers that say the same are counted together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dataprep.text.evidence.answer import read
from dataprep.text.evidence.chosen import chosen_option
from dataprep.text.evidence.conflict import CLEAR, PLAIN, code_result
from dataprep.text.evidence.prompt import COUNT, MONEY, read_prompt
from dataprep.text.evidence.statements import SHORT
from dataprep.text.evidence.units import PERCENT, TIME, UNITS
from dataprep.text.evidence.values import FOCUS

if TYPE_CHECKING:
    from dataprep.text.evidence.answer import Answer
    from dataprep.text.evidence.final_answer import Conclusion
    from dataprep.text.evidence.prompt import Prompt
    from dataprep.text.evidence.quantity import Quantity

_MONTH, _YEAR = UNITS["month"][1], UNITS["year"][1]
_MONTHS_IN_YEAR: Final = 12
_DAYS_IN_MONTH, _DAYS_IN_YEAR, _WEEKS_OF_YEAR = 30, 365, 52 * 7
_DIGITS: Final = 9
"""Significant digits to which values are told apart."""

_WORDS: Final = re.compile(r"[^\W_]+")
_ARTICLES: Final = frozenset(["the", "a", "an"])


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer claims. Claims are equal where they say the same, however it is written.

    Attributes:
        kind: "number", "option", "yes-no", "date", "label", or the dimension of a quantity ("time", "money dollar").
        value: the value in one form: days for a duration, the letter of an option, "yes" or "no", a date as ISO.
        text: as the answer has it; not compared.
    """

    kind: str
    value: str | float | tuple[float, float]
    text: str = field(compare=False)

    def __str__(self) -> str:
        """The claim as a message shows it: `14 days`."""
        return self.text


def claim_of(answer: str, prompt: str = "") -> Claim | None:
    """What an answer concludes, or None where it has no single point.

    Of an answer with several points it is the first of: the option it chooses, what its program gives, the conclusion
    it marks, the quantity or date that is asked for, its yes or no, its only quantity or date if it is short, and the
    answer itself if it is a label.

    Args:
        answer: as written.
        prompt: the question, as written.
    """
    said, asked = read(answer), read_prompt(prompt)
    if asked.is_open:
        return None
    if option := chosen_option(said, asked):
        return Claim("option", option.value, str(option.value))
    if concluded := code_result(said, asked) or said.conclusion or said.computed:
        return _of_conclusion(concluded)
    return _asked_value(said, asked) or _side(said, asked) or _only_value(said) or _label(said)


def _of_conclusion(concluded: Conclusion) -> Claim:
    measured = concluded.quantity
    if measured is not None and _is_measure(measured):
        return _of_quantity(measured)
    value = _rounded(concluded.value) if isinstance(concluded.value, float) else concluded.value.lower()
    return Claim(concluded.kind, value, concluded.text)


def _is_measure(item: Quantity) -> bool:
    """Whether a quantity is more than a number: of a result, currency and what it counts are often left out."""
    return not item.dimension.startswith((MONEY, COUNT, PERCENT, "bare", "ordinal"))


def _of_quantity(item: Quantity) -> Claim:
    ends = (item.low, item.high)
    if item.dimension == TIME:
        ends = (_days(item.low, item.scale), _days(item.high, item.scale))
    low, high = map(_rounded, ends)
    dimension = "number" if item.dimension == "bare" else item.dimension
    kind = f"{dimension} per {item.per}" if item.per else dimension
    return Claim(kind, low if low == high else (low, high), item.text)


def _days(days: float, scale: float) -> float:
    """Days with months of 30 and years of 365 days, as people count them: 3 months are 90 days, 12 are a year."""
    if scale in {_MONTH, _YEAR} or scale % _YEAR == 0:
        months = days / _MONTH
        years, rest = divmod(round(months, 6), _MONTHS_IN_YEAR)
        return years * _DAYS_IN_YEAR if not rest else months * _DAYS_IN_MONTH
    return _DAYS_IN_YEAR * days / _WEEKS_OF_YEAR if days and days % _WEEKS_OF_YEAR == 0 else days


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}") + 0.0


def _asked_value(said: Answer, asked: Prompt) -> Claim | None:
    for item in said.quantities:
        kind = item.dimension.split()[0]
        if kind in asked.measures or (kind == "bare" and COUNT in asked.measures):
            alike = [other for other in said.quantities if other.dimension == item.dimension]
            return _of_quantity(item) if len(alike) <= FOCUS else None
    if asked.asks_when and 0 < len(said.dates) <= FOCUS:
        return Claim("date", said.dates[0].iso, said.dates[0].text)
    return None


def _side(said: Answer, asked: Prompt) -> Claim | None:
    if said.opening is not None:
        side, start, end = said.opening
        return Claim("yes-no", "yes" if side > 0 else "no", said.shown(start, end))
    if asked.question is None:
        return None
    taken = said.side(asked.question)
    if abs(taken.score) < CLEAR or taken.match < PLAIN:
        return None
    word = "yes" if taken.score > 0 else "no"
    return Claim("yes-no", word, word)


def _only_value(said: Answer) -> Claim | None:
    if said.length > SHORT or len(said.quantities) + len(said.dates) != 1:
        return None
    if said.dates:
        return Claim("date", said.dates[0].iso, said.dates[0].text)
    return _of_quantity(said.quantities[0])


def _label(said: Answer) -> Claim | None:
    if not said.is_label:
        return None
    words = [word.lower() for word in _WORDS.findall(said.text)]
    return Claim(
        "label", " ".join(word for word in words if word not in _ARTICLES or len(words) == 1), said.text.strip()
    )
