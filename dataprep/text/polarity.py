"""Whether an answer says yes or no to a question, read from its prose.

Each part of a sentence is weighed by how much of the question it speaks of, and turned around by what it denies: a
negation, a word that denies by itself ("unlikely", "lacks"), or the opposite of a word of the question. The rules and
weights were set on half of the ConflictQA questions (StrategyQA answered by a chat model) and checked on the other half.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dataprep.text.denial import ANTONYMS, Denials, denials, may_deny, negative_forms, positive_forms
from dataprep.text.lexicon import ASSENT, NO, YES
from dataprep.text.words import is_content, sentences, stem

if TYPE_CHECKING:
    from dataprep.text.words import Sentence

SURE: Final = 0.2
"""Least balance of what speaks for yes and for no, from -1 to 1, at which an answer takes a side."""

HEARD: Final = 0.05
"""Least weight of what an answer says about the question for it to take a side."""

_SHARPNESS: Final = 3
"""Power of the share of the question that a part speaks of: half the words say little, all of them nearly everything."""

_SHORT_SHARPNESS: Final = 1.5
SHORT: Final = 40
"""The same for an answer of so many words and marks, which speaks of nothing else."""

_FIRST, _LAST, _BETWEEN, _TURN = 1.0, 0.9, 0.8, 1.4
"""Weights of the first, the last and other sentences, and the factor of one that opens with however or the like."""

_CONCEDED, _REASON, _SEEMING = 0.1, 0.4, 0.4
"""Weights of what is only conceded ("while X"), of reasons ("because X"), and of what "may seem" so."""

_DENIED, _BEHIND = 4.0, 0.3
"""Factors of a part that denies something: few do so by chance; and of one that denies nothing the question names."""

_BARE, _FLAT = 0.2, 0.3
"""Weight of a denial without words of the question, and of a flat one ("this is false")."""

_BREAKS: Final = frozenset(
    "but because since while although though whereas unless however despite yet unlike therefore ; : — –".split()
)
_JOINING: Final = frozenset(["as", "so", "and"])
_MAY_PART: Final = _BREAKS | _JOINING | {"even", "notwithstanding", "contrary"}
_PRONOUNS: Final = frozenset("it they he she there this these that we you i the".split())
_CONDITIONS: Final = frozenset(["if", "when", "unless"])
_CONCESSIONS: Final = frozenset("while although though despite notwithstanding unlike contrary".split())
_REASONS: Final = frozenset(["because", "since", "as"])
_TURNS: Final = frozenset("however but instead therefore thus overall".split())
_SEEM: Final = frozenset("seem seems seemed appear appears".split())
_MODALS: Final = frozenset("may might could would can".split())
_VAGUE: Final = frozenset(
    "hypothetically definitely likely possible possibly ever typical typically considered usually often actually "
    "normally generally commonly someone anyone person people able find make".split()
)
"""Words of a question that an answer to it need not repeat."""

_OBLIGING: Final = frozenset("must need needs required requires require mandatory obligatory compulsory necessary".split())
_VOLUNTARY: Final = frozenset(map(stem, "optional voluntary unnecessary".split()))
"""What says no to a question about a duty, whatever else it repeats of the question."""

_COMPARED: Final = frozenset("more less over under before after above below same".split())
"""Words of grammar that decide a question all the same."""

_AUXILIARIES: Final = frozenset(
    "is are was were am do does did has have had can could will would should shall may might must "
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't".split()
)
_ASKING: Final = frozenset("what which who whom whose where when why how".split())
_SUBJECTS: Final = frozenset("i you we they he she it the my your".split())
_REQUEST: Final = re.compile(
    r"\b(?:can|could|would|will|do|may|might)\s+(?:you|u|someone|somebody|anyone|i|we)\s+(?:please\s+|kindly\s+)?"
    r"(?:help|assist|tell|explain|give|show|provide|describe|write|list|name|suggest|recommend|send|create|summari[sz]e|"
    r"translate|share|walk|guide|teach|elaborate|generate|rewrite|compose|ask|mind|speak|talk|"
    r"(?:get|have|receive)\s+(?:some\s+|a\s+|any\s+)?(?:help|assistance|info|information|support|advice))\b"
    r"|\b(?:help|assist|tell|show|give|send)\s+me\b",
    re.IGNORECASE,
)
_OPENING: Final = re.compile(r"[\W_]*([^\W\d_]+)\s*(?:[,.;:!—–-]|$)")


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
    """

    weights: dict[str, float]
    opposites: dict[str, str]
    spoken: frozenset[str]
    words: frozenset[str]
    compares: bool
    compared: tuple[frozenset[str], frozenset[str]]
    denies: bool


class Polarity(NamedTuple):
    """The side an answer takes.

    Attributes:
        score: from -1 (no) to 1 (yes).
        weight: how much it says about the question.
        match: the share of the question that the part deciding most speaks of.
        sentence: where that part stands; None for a yes or no that opens the answer.
        part: its first word in that sentence and the one behind it, or its place in the answer.
        met: the stems of the question that part speaks of.
        denied: those of them that it denies.
    """

    score: float
    weight: float
    match: float
    sentence: Sentence | None
    part: tuple[int, int]
    met: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    @property
    def span(self) -> tuple[int, int]:
        """Where the part deciding most begins and ends in the answer."""
        return self.part if self.sentence is None else self.sentence.span(*self.part)

    @property
    def side(self) -> int:
        """1 for yes, -1 for no, 0 where the answer leaves it open."""
        if abs(self.score) < SURE or self.weight < HEARD:
            return 0
        return 1 if self.score > 0 else -1


@lru_cache(maxsize=4096)
def yes_no_question(prompt: str) -> Question | None:
    """The last yes-no question of a prompt, or None.

    A request in the form of one ("can you tell me ...") is none, nor is one that offers a choice ("tea or coffee?").
    """
    for sentence in reversed(sentences(prompt)):
        text = prompt[sentence.start : sentence.end]
        words = sentence.words
        if any(word in _ASKING for word in _asked(words)[:1]):
            return None
        is_asked = text.rstrip(" \"'”*_").endswith(("?", "？"))
        is_stated = is_asked and _ASKING.isdisjoint(words) and not _is_inverted(words)
        if is_stated or any(word in _AUXILIARIES for word in _asked(words)[:1]):
            return None if _REQUEST.search(text) or "or" in words else _question(words)
        if is_asked:
            return None
    return None


def _is_inverted(words: tuple[str, ...]) -> bool:
    """Whether an auxiliary stands before its subject further on: "wher can I change it?" asks no yes or no."""
    pairs = zip(words, words[1:], strict=False)
    return any(word in _AUXILIARIES and behind in _SUBJECTS for word, behind in pairs)


def _asked(words: tuple[str, ...]) -> tuple[str, ...]:
    """A question without what precedes it: "In 1965, were there ..."."""
    if words[0] in _AUXILIARIES or words[0] in _ASKING or "," not in words:
        return words
    behind = words.index(",") + 1
    return words[behind:] if words[behind:] and words[behind] in _AUXILIARIES | _ASKING else words


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
        opposites |= dict.fromkeys(against - weights.keys(), name)
    for word in _COMPARED.intersection(words):
        opposites |= dict.fromkeys(ANTONYMS.get(stem(word), frozenset()) - weights.keys(), word)
    if not _OBLIGING.isdisjoint(words) or ("have", "to") in zip(words, words[1:], strict=False):
        opposites |= dict.fromkeys(_VOLUNTARY - weights.keys(), "")
    denied = denials(words, frozenset(words), frozenset(weights))
    compares = not _COMPARED.isdisjoint(opposites)
    return Question(
        weights,
        opposites,
        frozenset([*weights, *opposites]),
        frozenset(words),
        compares,
        _around_than(words), denied.count % 2 == 1
    )


def _around_than(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Stems of the words of content before and behind "than"."""
    if "than" not in words:
        return frozenset(), frozenset()
    place = words.index("than")
    sides = (frozenset(stem(word) for word in side if is_content(word)) for side in (words[:place], words[place:]))
    before, behind = sides
    return before - behind, behind - before


def polarity(answer: str, prompt: str) -> Polarity | None:
    """Which side an answer takes on the yes-no question of a prompt; None where the prompt asks none.

    Args:
        answer: as written.
        prompt: the question, as written.
    """
    question = yes_no_question(prompt)
    return None if question is None else side_of(answer, sentences(answer), question)


def side_of(answer: str, said: tuple[Sentence, ...], question: Question) -> Polarity:
    """The same for an answer whose sentences are known."""
    if opening := opening_side(answer, is_asked=True):
        side, start, end = opening
        return Polarity(float(side), 1.0, 1.0, None, (start, end))
    sharpness = _SHORT_SHARPNESS if sum(len(sentence.words) for sentence in said) <= SHORT else _SHARPNESS
    sides = {1: 0.0, -1: 0.0}
    best: dict[int, tuple[float, _Heard, Sentence]] = {}
    for number, sentence in enumerate(said):
        if question.spoken.isdisjoint(sentence.stems) and not may_deny(sentence.words):
            continue
        weight = _FIRST if number == 0 else _LAST if number == len(said) - 1 else _BETWEEN
        if sentence.words[0] in _TURNS:
            weight *= _TURN
        for part in _parts(sentence):
            heard = _weigh(sentence, part, question, sharpness)
            if heard.weight:
                loud = heard.weight * weight
                sides[heard.side] += loud
                if heard.side not in best or loud > best[heard.side][0]:
                    best[heard.side] = (loud, heard, sentence)
    side = 1 if sides[1] >= sides[-1] else -1
    if side not in best:
        return Polarity(0.0, 0.0, 0.0, None, (0, 0))
    _, heard, sentence = best[side]
    total = sides[1] + sides[-1]
    place = (heard.part.first, heard.part.behind)
    return Polarity((sides[1] - sides[-1]) / total, total, heard.match, sentence, place, heard.met, heard.denied)


def opening_side(answer: str, *, is_asked: bool = False) -> tuple[int, int, int] | None:
    """The yes (1) or no (-1) that an answer opens with and that stands for itself, with its place.

    Args:
        answer: as written.
        is_asked: whether it answers a yes-no question, so that "certainly" is a yes.
    """
    match = _OPENING.match(answer)
    if match is None:
        return None
    word = match[1].lower()
    side = 1 if word in YES or (is_asked and word in ASSENT) else -1 if word in NO else 0
    return (side, match.start(1), match.end(1)) if side else None


class _Part(NamedTuple):
    """Words of a sentence that are said or denied together, and what they weigh."""

    first: int
    behind: int
    weight: float


def _parts(sentence: Sentence) -> list[_Part]:
    words = sentence.words
    if words[0] in _CONDITIONS and "," in words:
        comma = words.index(",")
        rest = _parts_of(words, comma + 1)
        return [_Part(0, comma, _CONCEDED), *rest] if comma else rest
    return _parts_of(words, 0)


def _parts_of(words: tuple[str, ...], start: int) -> list[_Part]:
    if start >= len(words):
        return []
    if _MAY_PART.isdisjoint(words):
        return [_Part(start, len(words), 1.0)]
    bounds = [start]
    for place in [place for place, word in enumerate(words[:-1]) if place >= start and word in _MAY_PART]:
        parts = words[place] in _BREAKS or (words[place] in _JOINING and words[place + 1] in _PRONOUNS)
        if parts and place > bounds[-1]:
            bounds.append(place)
    bounds.append(len(words))
    found: list[_Part] = []
    for first, behind in zip(bounds, bounds[1:], strict=False):
        lead = words[first]
        concedes = lead in _CONCESSIONS or (lead == "even" and words[first + 1 : first + 2] == ("though",))
        if concedes and "," in words[first:behind]:
            comma = words.index(",", first, behind)
            found += [_Part(first, comma, _CONCEDED), _Part(comma + 1, behind, 1.0)]
        else:
            weight = _CONCEDED if concedes else _REASON if first and lead in _REASONS else 1.0
            found.append(_Part(first, behind, weight))
    return [part for part in found if part.first < part.behind]


class _Heard(NamedTuple):
    """What a part says about the question: the side it takes, how much it weighs, and what it speaks of and denies."""

    side: int
    weight: float
    match: float
    part: _Part
    met: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()


def _weigh(sentence: Sentence, part: _Part, question: Question, sharpness: float) -> _Heard:
    words = sentence.words[part.first : part.behind]
    denied = denials(words, question.words, question.weights.keys())
    found, opposed, is_turned = _met(sentence, part, question)
    if not found and not denied.count and not is_turned:
        return _Heard(1, 0.0, 0.0, part)
    met = frozenset(found.values())
    match = sum(question.weights.get(name, 0.0) for name in met)
    weight = part.weight * match**sharpness
    turned = denied.denies + question.denies + is_turned
    if _may_only_seem(words):
        return _Heard(_side(turned + 1), weight * _SEEMING, match, part, met)
    if denied.denies and found and (comma := _comma_between(words, max(found), denied.first)):
        # "It is a misnomer, meaning it did not last": what is denied behind the comma is another matter.
        return _weigh(sentence, _Part(part.first, part.first + comma, part.weight), question, sharpness)
    behind = frozenset(name for place, name in found.items() if place > denied.first) if denied.denies else frozenset()
    if denied.count or is_turned:
        weight *= _DENIED * (_BEHIND if denied.denies and not behind else 1.0)
        weight += part.weight * (_FLAT if denied.flat else _BARE if denied.denies else 0.0)
    return _Heard(_side(turned), weight, match, part, met, behind | opposed)


def _may_only_seem(words: tuple[str, ...]) -> bool:
    if _SEEM.isdisjoint(words):
        return False
    return any(word in _SEEM and words[place - 1] in _MODALS for place, word in enumerate(words) if place)


def _comma_between(words: tuple[str, ...], first: int, last: int) -> int:
    return words.index(",", first, last) if first < last and "," in words[first:last] else 0


def _side(turned: int) -> int:
    return -1 if turned % 2 else 1


def _met(sentence: Sentence, part: _Part, question: Question) -> tuple[dict[int, str], frozenset[str], bool]:
    """Stems of the question with the places where a part speaks of them, those whose opposite stands there, and
    whether it is turned around by that or by the order of what it compares."""
    stems = sentence.stems[part.first : part.behind]
    said = set(stems)
    names = {name: name for name in question.weights.keys() & said}
    words = sentence.words[part.first : part.behind]
    if question.compares and not _COMPARED.isdisjoint(words):
        said |= {word for word in words if word in _COMPARED}
    opposed = set()
    for name in question.opposites.keys() & said:
        if question.opposites[name] not in names:
            opposed.add(name)
    if not names and not opposed:
        return {}, frozenset(), False
    names |= {name: question.opposites[name] for name in opposed}
    found = {place: names[name] for place, name in enumerate(stems) if name in names}
    is_turned = bool(opposed) or _turns_comparison(words, question)
    return found, frozenset(question.opposites[name] for name in opposed), is_turned


def _turns_comparison(words: tuple[str, ...], question: Question) -> bool:
    """ "Is A bigger than B?" - "B is bigger than A." """
    before, behind = question.compared
    if not behind or "than" not in words:
        return False
    mine = _around_than(words)
    return not (behind & mine[1] or before.isdisjoint(mine[1]) or behind.isdisjoint(mine[0]))
