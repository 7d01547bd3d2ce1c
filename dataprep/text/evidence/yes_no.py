"""The yes-no question a prompt asks, and what it would mean to affirm or deny it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from dataprep.text.evidence.denial import (
    ANTONYMS,
    DENYING_STEMS,
    denials,
    is_denying,
    is_negation,
    negative_forms,
    positive_forms,
)
from dataprep.text.evidence.words import is_content, sentences, stem

_VAGUE: Final = frozenset(
    "hypothetically definitely likely possible possibly ever typical typically considered usually often actually "
    "normally generally commonly someone anyone person people able find make".split()
)
"""Words of a question that an answer to it need not repeat."""

_OBLIGING: Final = frozenset(
    "must need needs required requires require mandatory obligatory compulsory necessary".split()
)
_VOLUNTARY: Final = frozenset(map(stem, "optional voluntary unnecessary".split()))
"""What says no to a question about a duty, whatever else it repeats of the question."""

COMPARED: Final = frozenset("more less over under before after above below same".split())
"""Words of grammar that decide a question all the same."""

_AUXILIARIES: Final = frozenset(
    "is are was were am do does did has have had can could will would should shall may might must "
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't "
    "shouldn't".split()
)
_ASKING: Final = frozenset(
    "what which who whom whose where when why how "
    "welche welcher welches welchen welchem wann warum wieso weshalb wieviel woher wohin "
    "qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas dónde adónde cómo "
    "quel quelle quels quelles où pourquoi combien qu'est qual quais quanto quanti onde perché dove "
    "кто что где когда почему зачем сколько какой какая какое какие как".split()
)
_ASKING_FIRST: Final = frozenset("wie wer wo qui que quoi quand comment quem quando como come che chi quale".split())
"""Words that ask for something where they come first; elsewhere they join clauses."""

_ASKING_BEFORE: Final = frozenset("ist sind war kostet kosten bedeutet heißt passiert macht kann muss soll".split())
"""German verbs from which "was" before them is no English verb."""

_ASKING_UNSPACED: Final = re.compile(
    r"什么|什麼|谁|誰|哪|多少|多久|多长|几[个天岁点月年次]|怎|为何|何时|何|どこ|いつ|なぜ"
)
_SUBJECTS: Final = frozenset("i you we they he she it the my your".split())
_REQUEST: Final = re.compile(
    r"\b(?:can|could|would|will|do|may|might)\s+(?:you|u|someone|somebody|anyone|i|we)\s+(?:please\s+|kindly\s+)?"
    r"(?:help|assist|tell|explain|give|show|provide|describe|write|list|name|suggest|recommend|send|create|summari[sz]e|"
    r"translate|share|walk|guide|teach|elaborate|generate|rewrite|compose|ask|mind|speak|talk|"
    r"(?:get|have|receive)\s+(?:some\s+|a\s+|any\s+)?(?:help|assistance|info|information|support|advice))\b"
    r"|\b(?:help|assist|tell|show|give|send)\s+me\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a yes-no question asks.

    Attributes:
        weights: stems of its words; the later ones weigh more, since the predicate stands there. They add up to 1.
        opposites: stems that say the contrary, with the stem of the question each of them stands against.
        spoken: the stems of both.
        words: all its words.
        compares: whether the opposite of one of its words is a word of grammar ("over", "under").
        compared: stems before and behind "than"; both empty where it compares nothing.
        denies: whether it asks for the contrary itself, as in "is it impossible".
        is_negative: whether its verb is negated, as in "don't you".
    """

    weights: dict[str, float]
    opposites: dict[str, str]
    spoken: frozenset[str]
    words: frozenset[str]
    compares: bool
    compared: tuple[frozenset[str], frozenset[str]]
    denies: bool
    is_negative: bool


@lru_cache(maxsize=4096)
def yes_no_question(prompt: str) -> Question | None:
    """The last yes-no question of a prompt, or None.

    A request in the form of one ("can you tell me ...") is none, nor is one that offers a choice ("tea or coffee?").
    """
    said = sentences(prompt)
    for sentence in reversed(said):
        text = prompt[sentence.start : sentence.end]
        is_asked = text.rstrip(" \"'”*_").endswith(("?", "？"))
        if not is_asked and len(said) > 1:
            continue  # "Do your best."
        words = _asked(sentence.words)
        if _asks_for(words[0]) or words[0] in _ASKING_FIRST or _ASKING_UNSPACED.search(text):
            return None
        if words[0] == "was" and not _ASKING_BEFORE.isdisjoint(words[1:2]):
            return None
        is_stated = is_asked and not any(map(_asks_for, words)) and not _is_inverted(words)
        if is_stated or words[0] in _AUXILIARIES:
            return None if _REQUEST.search(text) or "or" in words else _question(sentence.words)
        if is_asked:
            return None
    return None


def _asks_for(word: str) -> bool:
    """Whether a word asks for something, alone or with a verb drawn to it: "what", "who's"."""
    return word in _ASKING or ("'" in word and word.partition("'")[0] in _ASKING)


def _is_inverted(words: tuple[str, ...]) -> bool:
    """Whether an auxiliary stands before its subject further on: "wher can I change it?" asks no yes or no."""
    pairs = pairwise(words)
    return any(word in _AUXILIARIES and behind in _SUBJECTS for word, behind in pairs)


def _asked(words: tuple[str, ...]) -> tuple[str, ...]:
    """A question without what precedes it: "In 1965, were there ...", "When it rains, is ..."."""
    if words[0] in _AUXILIARIES or "," not in words:
        return words
    behind = words.index(",") + 1
    return words[behind:] if words[behind:] and words[behind] in _AUXILIARIES else words


def _question(words: tuple[str, ...]) -> Question | None:
    stems: dict[str, str] = {}
    for word in words:
        if is_content(word) and word not in _VAGUE:
            stems.setdefault(stem(word), word)
    if not stems:
        stems = {stem(word): word for word in words if is_content(word)}
    if not stems:
        return None
    ramp = [0.6 + 0.8 * place / max(1, len(stems) - 1) for place in range(len(stems))]
    if words[1:2] == ("it",):
        ramp[0] = max(ramp)  # "Is it safe to ..."
    weights = {name: weight / sum(ramp) for name, weight in zip(stems, ramp, strict=True)}
    opposites: dict[str, str] = {}
    for name, word in stems.items():
        against = {*positive_forms(word), *ANTONYMS.get(name, ()), *negative_forms(name)}
        opposites |= dict.fromkeys(against - DENYING_STEMS - weights.keys(), name)
    for word in COMPARED.intersection(words):
        opposites |= dict.fromkeys(ANTONYMS.get(stem(word), frozenset()) - weights.keys(), word)
    if not _OBLIGING.isdisjoint(words) or ("have", "to") in pairwise(words):
        opposites |= dict.fromkeys(_VOLUNTARY - weights.keys(), "")
    denied = denials(words, frozenset(words), frozenset(weights))
    compares = not COMPARED.isdisjoint(opposites)
    return Question(
        weights,
        opposites,
        frozenset([*weights, *opposites]),
        frozenset(words),
        compares,
        around_than(words),
        len({*denied.places, *_said_of_subject(words)}) % 2 == 1,
        any(map(is_negation, words[:3])),
    )


def around_than(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Stems of the words of content before and behind "than"."""
    if "than" not in words:
        return frozenset(), frozenset()
    place = words.index("than")
    sides = (frozenset(stem(word) for word in side if is_content(word)) for side in (words[:place], words[place:]))
    before, behind = sides
    return before - behind, behind - before


def _said_of_subject(words: tuple[str, ...]) -> list[int]:
    """Denying words that describe nothing behind them: in a question their verb stands before its subject."""
    behind = (*words[1:], "")
    return [
        place
        for place, (word, following) in enumerate(zip(words, behind, strict=True))
        if is_denying(word) and not (following and is_content(following))
    ]
