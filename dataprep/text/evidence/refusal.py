"""Short answers that say no by a negated verb: "We do not ship there"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from dataprep.text.evidence.denial import is_negation, negates

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from dataprep.text.evidence.answer import Answer
    from dataprep.text.evidence.words import Sentence

SHORT_SENTENCES: Final = 3
SHORT_WORDS: Final = 20
"""An answer of so few sentences, the first of so few words, says no by a negated verb alone."""

FIRST: Final = 6
"""Words among which the negation must be."""

_VERBS: Final = frozenset(
    "is are was were be can could may might will would must should "
    "ist sind wird werden kann können est sont peut peuvent es son está están puede pueden é são pode podem".split()
)
_PRICES: Final = frozenset(
    "cost costs charge charges fee fees extra kosten gebühr gebühren frais coût coste costes costo costos "
    "cargo cargos custo custos taxa taxas costi spese стоимость стоимости платы комиссии".split()
)
_FOR_NOTHING: Final = re.compile(
    r"\b(?:free|kostenlos|kostenfrei|gratis|gratuit\w*|grátis|gratuito|бесплатн\w*)\b|免费|無料"
)


class Refusal(NamedTuple):
    """The sentence that says no, and whether it says so of all that was asked about."""

    start: int
    end: int
    is_general: bool


def refusal(answer: Answer, asked: str, known: AbstractSet[str]) -> Refusal | None:
    """The first sentence of a short answer where its verb is negated.

    "Dogs over 10 kg aren't allowed" says no of some dogs only, and "items not worn can be returned" says yes.

    Args:
        answer: to a yes-no question.
        asked: the question, in lower case.
        known: stems of what it is about.
    """
    if not 0 < len(answer.sentences) <= SHORT_SENTENCES or len(answer.sentences[0].words) > SHORT_WORDS:
        return None
    first = answer.sentences[0]
    words = first.words
    for place, word in enumerate(words[:FIRST]):
        if is_negation(word) and negates(words, place):
            if not _PRICES.isdisjoint(words[place + 1 : place + 4]) and _FOR_NOTHING.search(asked):
                return None  # "no tiene coste": it is free
            return Refusal(first.start, first.end, _is_general(first, place, known))
    return None


def _is_general(sentence: Sentence, place: int, known: AbstractSet[str]) -> bool:
    subject = {name for name in sentence.stems[:place] if name}
    return subject <= known and _VERBS.isdisjoint(sentence.words[place + 1 :])
