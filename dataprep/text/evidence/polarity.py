"""Whether an answer says yes or no to a question, read from its prose.

Each part of a sentence is weighed by how much of the question it speaks of, and turned around by what it denies: a
negation, a word that denies by itself ("unlikely", "lacks"), or the opposite of a word of the question. The rules and
weights were set on half of the ConflictQA questions (StrategyQA, answered by a chat model) and checked on the others.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from dataprep.text.evidence.denial import denials, may_deny
from dataprep.text.evidence.lexicon import ASSENT, NO, YES
from dataprep.text.evidence.words import WORD, sentences
from dataprep.text.evidence.yes_no import COMPARED, around_than, yes_no_question

if TYPE_CHECKING:
    from dataprep.text.evidence.words import Sentence
    from dataprep.text.evidence.yes_no import Question

SURE: Final = 0.2
"""Least balance of what speaks for yes and for no, from -1 to 1, at which an answer takes a side."""

HEARD: Final = 0.05
"""Least weight of what an answer says about the question for it to take a side."""

_SHARPNESS: Final = 3
"""Power of the share of the question that a part speaks of: half of its words say little, all of them much."""

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
_EXCEPTIONS: Final = frozenset("unless except außer sauf salvo tenzij".split())
_CONDITION: Final = re.compile(
    r"[^\w.!?\n]*(?:(?:but|only|not|just|and|aber|nur|nicht|mais|seulement|pero|solo|no|pas)\s+){0,2}"
    r"(if|unless|when|provided|except|once|until|wenn|falls|sofern|außer|si|sauf|quand|salvo|cuando|se|quando|tenzij)\b",
    re.IGNORECASE,
)
_CONCESSIONS: Final = frozenset("while although though despite notwithstanding unlike contrary".split())
_REASONS: Final = frozenset(["because", "since", "as"])
_TURNS: Final = frozenset("however but instead therefore thus overall".split())
_SEEM: Final = frozenset("seem seems seemed appear appears".split())
_MODALS: Final = frozenset("may might could would can".split())
_OPENING: Final = re.compile(rf"[\W_]*({WORD})\s*(?:[,.;:!—–，、。；：！،।-]|$)")


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


def condition(answer: str, end: int) -> tuple[bool, str] | None:
    """The condition that directly follows a yes or no: whether it is an exception, and its words; None without one.

    Args:
        answer: as written.
        end: where the yes or no ends.
    """
    match = _CONDITION.match(answer, end)
    if match is None:
        return None
    told = re.split(r"[.;!?\n]", answer[match.end() :], maxsplit=1)[0]
    return match[1].lower() in _EXCEPTIONS, " ".join(re.findall(r"\w+", told.lower()))


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
    for first, behind in pairwise(bounds):
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
    denied = denials(words, question.words, question.spoken)
    found, opposed, is_turned = _met(sentence, part, question, denied.places)
    if not found and not denied.places and not is_turned:
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
    if denied.places or is_turned:
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


def _met(
    sentence: Sentence, part: _Part, question: Question, denying: tuple[int, ...]
) -> tuple[dict[int, str], frozenset[str], bool]:
    """What a part speaks of: places with stems of the question, and those whose opposite stands there.

    Whether it is turned around by those, or by the order of what it compares, comes third.
    """
    stems = sentence.stems[part.first : part.behind]
    said = set(stems)
    names = {name: name for name in question.weights.keys() & said}
    words = sentence.words[part.first : part.behind]
    if question.compares and not COMPARED.isdisjoint(words):
        said |= {word for word in words if word in COMPARED}
    opposed = set()
    for name in question.opposites.keys() & said - {stems[place] for place in denying}:
        if question.opposites[name] not in names:
            opposed.add(name)
    if not names and not opposed:
        return {}, frozenset(), False
    names |= {name: question.opposites[name] for name in opposed}
    found = {place: names[name] for place, name in enumerate(stems) if name in names}
    is_turned = bool(opposed) or _turns_comparison(words, question)
    return found, frozenset(question.opposites[name] for name in opposed), is_turned


def _turns_comparison(words: tuple[str, ...], question: Question) -> bool:
    """Whether it compares the other way around: "B is bigger than A"."""
    before, behind = question.compared
    if not behind or "than" not in words:
        return False
    mine = around_than(words)
    return not (behind & mine[1] or before.isdisjoint(mine[1]) or behind.isdisjoint(mine[0]))
