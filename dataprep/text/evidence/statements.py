"""A statement of one answer against its negation, its opposite or what it leaves no room for in the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from dataprep.text.evidence.denial import ANTONYMS, NEGATING, is_conditional, is_negation, negates
from dataprep.text.evidence.lexicon import NO, NUMBER_OF_WORDS, OPPOSITES
from dataprep.text.evidence.words import MARKS, content_stem, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataprep.text.evidence.answer import Answer
    from dataprep.text.evidence.words import Sentence

COMPARED: Final = 3
"""First sentences of an answer in which it says what it has to say."""

SENTENCE_OVERLAP: Final = 0.6
"""Least share of the shorter sentence's content words that two sentences about the same thing have in common."""

LONG_OVERLAP: Final = 0.4
"""Least share of all their content words where one of the answers is long."""

SHORT: Final = 40
"""Words and marks up to which an answer has one thing to say."""

_LIGHT: Final = frozenset(
    map(stem, "give offer provide accept have do make issue allow grant sell support take".split())
)
"""Verbs that say little beside their object: "we do not offer refunds"."""

_HEDGES: Final = frozenset(
    "always necessarily usually typically generally often yet currently sure certain all every".split()
)
_NOT_EXCLUSIVE: Final = frozenset(
    "if when after once until need needs takes take have has a an to one two as because where recently just requires "
    "require unless while".split()
)
_BEFORE_NAMES: Final = frozenset("on for with of to from under in at by".split())
_LIMITS: Final = frozenset("until till except excluding apart besides bis außer excepto sauf hasta jusqu'à".split())
_ONLY: Final = frozenset(["only", "solely", "exclusively"])
_SIDES: Final = {
    word: [(pair, side) for pair, sides in enumerate(OPPOSITES) for side in (0, 1) if word in sides[side]]
    for sides in OPPOSITES
    for word in sides[0] | sides[1]
}
"""Words with the pairs of opposites they belong to: number of the pair and side."""

_ALL: Final = next(pair for pair, (words, _) in enumerate(OPPOSITES) if "all" in words)


@dataclass(frozen=True, slots=True)
class Opposed:
    """Two stretches of words that exclude each other, by their places in either answer."""

    kind: Literal["negation", "opposite", "exclusive"]
    left: tuple[int, int]
    right: tuple[int, int]
    is_hard: bool


def opposed_statements(left: Answer, right: Answer) -> Iterator[Opposed]:
    """Evidence among the first sentences of two answers; hard where both are short and so have one thing to say."""
    are_short = left.length <= SHORT and right.length <= SHORT
    for a in left.sentences[:COMPARED]:
        for b in right.sentences[:COMPARED]:
            here, there = a.content, b.content
            shared = here.keys() & there.keys()
            if not shared:
                continue
            # A long answer mentions much in passing: its sentence has to be about the same altogether.
            least = SENTENCE_OVERLAP * min(len(here), len(there))
            if not are_short:
                least = max(least, LONG_OVERLAP * (len(here) + len(there) - len(shared)))
            if len(shared) + 1 >= least and (found := _opposites(a, b)):
                yield Opposed("opposite", *found, is_hard=are_short)
            if len(shared) >= 2 and len(shared) >= least:
                denied = _denials(a, there), _denials(b, here)
                if bool(denied[0]) != bool(denied[1]) and not _is_turned(a, b):
                    # "Not always" leaves room for what the other says.
                    is_hedged = any(is_hedged for found in denied for _, is_hedged in found)
                    spans = (a.start, a.end), (b.start, b.end)
                    yield Opposed("negation", *spans, is_hard=are_short and not is_hedged)
            if are_short:
                if _are_swapped(a, b):
                    yield Opposed("opposite", (a.start, a.end), (b.start, b.end), is_hard=True)
                yield from _exclusive(a, b)
                if _denied_topic(a, b, right) or _denied_topic(b, a, left):
                    yield Opposed("negation", (a.start, a.end), (b.start, b.end), is_hard=True)


def _is_turned(left: Sentence, right: Sentence) -> bool:
    """Whether one says the opposite of a word of the other, so that a negation beside it says the same again."""
    mine, theirs = set(left.words), set(right.words)
    against = {stem(word) for word in theirs - mine}
    return any(not ANTONYMS.get(stem(word), frozenset()).isdisjoint(against) for word in mine - theirs)


def _are_swapped(left: Sentence, right: Sentence) -> bool:
    """Whether two comparisons have the same words with their sides exchanged: "A is bigger than B"."""
    if left.words.count("than") != 1 or Counter(left.words) != Counter(right.words):
        return False
    at, other_at = left.words.index("than"), right.words.index("than")
    behind, other_behind = set(left.words[at:]), set(right.words[other_at:])
    mine, theirs = behind - other_behind, other_behind - behind
    return bool(mine and theirs) and mine <= set(right.words[:other_at]) and theirs <= set(left.words[:at])


def _opposites(left: Sentence, right: Sentence) -> tuple[tuple[int, int], tuple[int, int]] | None:
    mine = _sides(left)
    if not mine:
        return None
    theirs = _sides(right)
    for (pair, side), a in mine.items():
        b = theirs.get((pair, 1 - side))
        if b is None or (pair, side) in theirs or (pair, 1 - side) in mine:
            continue
        if not _LIMITS.isdisjoint((*left.words, *right.words)):
            continue  # "open until 6" and "closes at 6", "closed on Mondays" and "every day except Monday"
        if not _is_denied(left, a) and not _is_denied(right, b) and not _tell_apart(left, a, right, b):
            return left.span(a, a + 1), right.span(b, b + 1)
    return None


def _sides(sentence: Sentence) -> dict[tuple[int, int], int]:
    """The pairs of opposites a sentence has a word of: number of the pair and side, with the word's place."""
    found: dict[tuple[int, int], int] = {}
    for place, word in enumerate(sentence.words):
        for side in _SIDES.get(word, ()):
            found.setdefault(side, place)
    if sentence.words[0] == "only":
        found.setdefault((_ALL, 1), 0)  # "Only the Pro plan" is not "all plans"
    return found


def _tell_apart(left: Sentence, a: int, right: Sentence, b: int) -> bool:
    """Whether two opposites say which of two things is meant: "on the free plan", "on the paid plan"."""
    heads = [name for sentence, place in ((left, a), (right, b)) for name in sentence.stems[place + 1 : place + 2]]
    if len(heads) != 2 or not heads[0] or heads[0] != heads[1]:
        return False
    return all(not _BEFORE_NAMES.isdisjoint(s.words[max(0, at - 2) : at]) for s, at in ((left, a), (right, b)))


def _is_denied(sentence: Sentence, place: int) -> bool:
    return any(is_negation(word) for word in sentence.words[max(0, place - 3) : place])


def _denials(sentence: Sentence, others: dict[str, int]) -> list[tuple[int, bool]]:
    """Negations right before something the other sentence speaks of, and whether each is hedged.

    So "not refundable" denies "refunded", while "no problem" denies nothing; nor does a condition, or what is said of
    another thing ("shipping is not refunded").
    """
    words, clause = sentence.words, 0
    if NEGATING.isdisjoint(words):
        return []
    found = []
    for place, word in enumerate(words):
        if word in MARKS:
            clause = place + 1
        elif is_negation(word) and word != "without" and negates(words, place) and not is_conditional(words, place):
            if place == 0 and word in NO and words[1:2] and words[1] in MARKS:
                continue  # "No, we do not": said once
            behind = _clause(words[place + 1 : place + NUMBER_OF_WORDS])
            before = {name for name in sentence.stems[clause:place] if name}
            is_of_it = not before or not before.isdisjoint(others)
            if is_of_it and any(content_stem(near) in others for near in behind):
                found.append((place, behind[0] in _HEDGES))
    return found


def _denied_topic(denying: Sentence, other: Sentence, answer: Answer) -> bool:
    """Whether a sentence says no altogether to what one of another answer affirms: "we give no refunds"."""
    if NEGATING.isdisjoint(denying.words) or not NEGATING.isdisjoint(answer.words):
        return False
    clause = 0
    for place, word in enumerate(denying.words):
        if word in MARKS:
            clause = place + 1
        elif (
            is_negation(word)
            and word != "without"
            and negates(denying.words, place)
            and not is_conditional(denying.words, place)
        ):
            behind = _clause(denying.words[place + 1 :])
            stems = denying.stems[clause : place + 1 + len(behind)]
            topic = {name for name in stems if name} - _LIGHT
            if behind and topic and topic <= other.content.keys():
                return True
    return False


def _clause(words: tuple[str, ...]) -> tuple[str, ...]:
    for place, word in enumerate(words):
        if word in MARKS:
            return words[:place]
    return words


def _adds_to(sentence: Sentence, values: set[str]) -> bool:
    """Whether a sentence names another thing beside one of the values: "iOS and Android"."""
    stems = sentence.stems
    for place, word in enumerate(sentence.words[1:-1], start=1):
        if word in {"and", "or", ","}:
            sides = stems[place - 1], next((name for name in stems[place + 1 : place + 3] if name), "")
            if all(sides) and (sides[0] in values) != (sides[1] in values):
                return True
    return False


def _exclusive(left: Sentence, right: Sentence) -> Iterator[Opposed]:
    """What a sentence leaves no room for: "we only accept bank transfers" against "we accept Visa"."""
    if not (_ONLY.isdisjoint(left.words) or _ONLY.isdisjoint(right.words)):
        yield from _only_this_or_that(left, right)
        return
    for mine, theirs in ((left, right), (right, left)):
        if _ONLY.isdisjoint(mine.words) or not _ONLY.isdisjoint(theirs.words):
            continue
        place = next(place for place, word in enumerate(mine.words) if word in _ONLY)
        behind = _clause(mine.words[place + 1 :])
        if not _excludes(mine, place, behind):
            continue
        shared = mine.content.keys() & theirs.content.keys()
        said = {name for name in mine.stems[place + 1 : place + 1 + len(behind)] if name}
        values, others = said - shared, theirs.content.keys() - shared
        is_verb_shared = stem(behind[0]) in shared
        if values and shared and others:
            # With verb and object in both, "only accept transfers" and "accept Visa", nothing is left to interpret.
            is_hard = is_verb_shared and _has_object(theirs, stem(behind[0]), others)
        elif (shared - said or not place or len(shared) > 1) and others and _adds_to(theirs, said):
            is_hard = True
        else:
            continue
        spans = mine.span(place, place + 1 + len(behind)), (theirs.start, theirs.end)
        yield Opposed("exclusive", *(spans if mine is left else spans[::-1]), is_hard)
        return


def _only_this_or_that(left: Sentence, right: Sentence) -> Iterator[Opposed]:
    """Two sentences that leave room for one thing each: "only PDF files", "only PNG files"."""
    said, spans = [], []
    for sentence in (left, right):
        place = next(place for place, word in enumerate(sentence.words) if word in _ONLY)
        behind = _clause(sentence.words[place + 1 :])
        if not _excludes(sentence, place, behind):
            return
        said.append({name for name in sentence.stems[place + 1 : place + 1 + len(behind)] if name})
        spans.append(sentence.span(place, place + 1 + len(behind)))
    a, b = said
    if a & b and a - b and b - a and left.content.keys() - a == right.content.keys() - b:
        yield Opposed("exclusive", spans[0], spans[1], is_hard=False)


def _excludes(sentence: Sentence, place: int, behind: tuple[str, ...]) -> bool:
    """Whether an "only" leaves something out, unlike "only if" or "only 5 days"."""
    if len(behind) < 2 or (place and is_negation(sentence.words[place - 1])):
        return False
    return _NOT_EXCLUSIVE.isdisjoint(behind[:2]) and not any(word[0].isdigit() for word in behind[:2])


def _has_object(sentence: Sentence, verb: str, others: set[str]) -> bool:
    """Whether one of some words stands right behind a verb."""
    place = sentence.content[verb]
    return not others.isdisjoint(sentence.stems[place + 1 : place + 3])
