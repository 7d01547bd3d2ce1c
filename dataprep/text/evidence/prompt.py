"""What a prompt asks for, read once: it decides which differences between answers matter."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dataprep.text.evidence.asked_for import AskedFor
from dataprep.text.evidence.lazy import lazy
from dataprep.text.evidence.one_thing import asks_one_thing, asks_where, asks_who
from dataprep.text.evidence.quantities import quantities
from dataprep.text.evidence.task_kind import asks_for_code, open_ended, options, rewording
from dataprep.text.evidence.units import CLOCK, FREQUENCY, PERCENT, TIME
from dataprep.text.evidence.words import sentences
from dataprep.text.evidence.yes_no import Question, yes_no_question

if TYPE_CHECKING:
    from dataprep.text.evidence.quantity import Quantity

MONEY: Final = "money"
COUNT: Final = "count"
BARE: Final = "bare"

_ASKED_MEASURES: Final = (
    (
        r"\bhow (?:long|soon|old|quickly|fast)\b|\bwhen\b|\bperiod\b|\bdeadline\b|"
        r"\bage\b|\bhow many (?:[a-z]+ ){0,2}?(?:second|minute|hour|day|week|month|year)s?\b|"
        r"多久|多长时间|wie lange|combien de temps|cuánto tiempo",
        TIME,
    ),
    (r"\bhow (?:often|frequently|regularly)\b|\bhow many times\b|\bintervals?\b", FREQUENCY),
    (
        r"\bhow much\b|\b(?:price|cost|fee|charge|minimum order|salary|budget)\b|多少钱|wie viel|combien|cuánto",
        MONEY,
    ),
    (r"\bpercent|\bpercentage\b|\bproportion\b|\brate\b|\bshare\b|\bdiscount\b|%", PERCENT),
    (r"\b(?:what|which) time\b|\bhours\b|\bwhen\b|\bopen\b|\bclose", CLOCK),
    (r"\bhow many\b|\bnumber of\b|\bmaximum\b|\bminimum\b|\blimit\b|多少|几", COUNT),
    (r"\bhow (?:far|tall|high|long|deep|wide|big|large)\b|\b(?:distance|height|length|width|depth)\b", "length"),
    (
        r"\b(?:what|which|minimum|maximum) age\b|\bhow old\b|\bage (?:limit|of)\b|"
        r"\b(?:probability|odds|chances?) of\b|"
        r"\b(?:what|which)\b[^?.!]{0,40}\b(?:code|number|ratio|value|score|remainder)\b",
        BARE,
    ),
    (r"\b(?:size|storage|memory|ram|capacity|bandwidth|quota)\b", "data"),
    (
        r"\bhow heavy\b|\bhow much\b(?![^?]{0,60}\b(?:cost|pay|charge|price))|\b(?:weight|weigh|mass|dose|dosage)\b",
        "mass",
    ),
    (r"\btemperature\b|\bhow (?:hot|cold|warm)\b|\b(?:boil|melt|freez)", "temperature"),
)
_MEASURES: Final = tuple((re.compile(pattern), name) for pattern, name in _ASKED_MEASURES)
_DATE: Final = re.compile(
    r"\bwhen\b|\b(?:what|which|in what|in which) (?:year|date|month|day|decade)\b|\bdate\b|\bdeadline\b|"
    r"哪(?:一)?年|什么时候"
)
_CLASS: Final = re.compile(
    r"\b(?:classify|categori[sz]e|sentiment|label|categor(?:y|ies)|intent|topic|class|spam|genre|positive or negative|"
    r"true or false|yes or no)\b|分类|情感"
)
_RESULT: Final = re.compile(r"\b(?:output|print|prints|return|returns|evaluate|evaluates|result of)\b")


READ: Final = 4_000
"""Characters at either end of a prompt that are read: what it asks for stands before or behind what it is about."""


class Prompt:
    """What a prompt asks for; each part is read when it is first asked for.

    Args:
        text: the prompt, as written.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @lazy
    def lower(self) -> str:
        """The text in lower case: patterns that ignored case would be twice as slow."""
        return self.text.lower()

    @lazy
    def is_open(self) -> bool:
        """Whether its answers may differ freely."""
        return open_ended(self.text)

    @lazy
    def is_rewording(self) -> bool:
        """Whether it asks for a given text in other words."""
        return rewording(self.text)

    @lazy
    def question(self) -> Question | None:
        """Its yes-no question."""
        return yes_no_question(self.text)

    @lazy
    def options(self) -> dict[str, str]:
        """The lettered options it offers."""
        return options(self.text)

    @lazy
    def content(self) -> frozenset[str]:
        """The stems of its words of content."""
        return frozenset(name for sentence in sentences(self.text) for name in sentence.content)

    @lazy
    def given(self) -> list[Quantity]:
        """The quantities it gives itself."""
        return quantities(self.text)

    @lazy
    def measures(self) -> frozenset[str]:
        """The dimensions of the quantities it asks for."""
        return frozenset(name for pattern, name in _MEASURES if pattern.search(self.lower))

    @lazy
    def asks_when(self) -> bool:
        """Whether it asks for a date."""
        return bool(_DATE.search(self.lower))

    @lazy
    def asks_where(self) -> bool:
        """Whether it asks for a place: a city and its country are both right."""
        return asks_where(self.lower)

    @lazy
    def asks_who(self) -> bool:
        """Whether it asks for a person."""
        return asks_who(self.lower)

    @lazy
    def asks_one_thing(self) -> bool:
        """Whether only one thing can be the answer: a capital, an author."""
        return asks_one_thing(self.lower)

    @lazy
    def asked_for(self) -> AskedFor:
        """The kinds of values it asks for."""
        return AskedFor(self.lower)

    @lazy
    def asks_class(self) -> bool:
        """Whether it asks which of some classes a text belongs to."""
        return bool(_CLASS.search(self.lower))

    @lazy
    def asks_code(self) -> bool:
        """Whether it asks for a program."""
        return asks_for_code(self.text)

    @lazy
    def asks_result(self) -> bool:
        """Whether it asks what a program gives."""
        return bool(_RESULT.search(self.lower))


@lru_cache(maxsize=1024)
def read_prompt(text: str) -> Prompt:
    """The parsed form of a prompt; the last ones are kept, since several answers to each are compared."""
    return Prompt(text if len(text) <= 2 * READ else f"{text[:READ]}\n{text[-READ:]}")
