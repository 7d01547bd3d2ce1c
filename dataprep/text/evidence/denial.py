"""What a stretch of words denies: negations, words that deny by themselves, and pairs of opposites."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dataprep.text.evidence.lexicon import CONTRACTIONS, NEGATIONS
from dataprep.text.evidence.words import MARKS, stem

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_DENYING: Final = frozenset(
    "lack lacks lacked lacking absence fail fails failed refuse refuses refused myth misconception hardly rarely "
    "seldom barely exclude excludes excluded prohibits unlikely impossible unable incapable opposed".split()
)
"""Verbs, nouns and adverbs that deny by themselves."""

_WANT: Final = frozenset(["lack", "absence"])
_CAUSES: Final = frozenset(["by", "to", "of", "from"])
"""A want that is given as a cause ("due to a lack of") denies nothing else."""

_DENYING_IF_SAID_OF: Final = frozenset(
    "absent false untrue incorrect inaccurate unsuitable inappropriate ineligible prohibited forbidden banned illegal "
    "unlawful unrelated unnecessary uncommon unusual abnormal unwanted unhelpful unsafe rare negligible minimal slim "
    "difficult challenging unheard low".split()
)
"""Adjectives that deny when they are said of something ("it is illegal"), not when they describe it in passing."""

_KEEPING_OUT: Final = frozenset("without prevent prevents prevented avoid avoids avoided".split())
"""Words that deny only what stands right behind them."""

_PREPOSITIONS: Final = frozenset(["at", "with", "for", "in", "by"])
_INSTEAD: Final = frozenset([("rather", "than"), ("instead", "of"), ("opposed", "to")])
_SAID_OF: Final = frozenset(
    "is are was were be been being considered deemed remains remain become becomes it find and or".split()
)
_ADVERBS: Final = frozenset(
    "very highly extremely quite rather also still currently completely entirely so too somewhat more really actually "
    "generally typically usually often considered both simply just therefore".split()
)
_HARMLESS: Final = {
    "not": frozenset("only just merely simply limited without".split()),
    "no": frozenset("doubt wonder matter question problem problems issue issues worries".split()),
}
"""Words that take the denial out of a negation before them."""

_HELD_TRUE: Final = frozenset(
    "know realize realise aware forget overlook doubt deny denied surprising surprise surprised worry hesitate "
    "coincidence mean ruled".split()
)
"""What follows these is true, negated or not: "many do not know that ..."."""

_CONDITIONS: Final = frozenset("if when unless whether until where once".split())
_FLAT: Final = frozenset("false untrue myth misconception unlikely impossible".split())
_FLAT_IF_DENIED: Final = frozenset("false true evidence record records case rumor rumors rumour rumours".split())
_DENIED_GROUNDS: Final = frozenset("reason evidence doubt way chance indication proof".split())
_FEW: Final = frozenset("small few handful minority".split())
_SAME: Final = frozenset("same equal equally identical".split())
_PREFIXES: Final = ("un", "in", "im", "il", "ir", "dis", "non")

_TRIGGERS: Final = (
    NEGATIONS | CONTRACTIONS | _DENYING | _DENYING_IF_SAID_OF | _KEEPING_OUT | _SAME | {first for first, _ in _INSTEAD}
) | {"free", "too", "only"}
"""Every word that may deny."""

REACH: Final = 4
"""Words behind a negation within which a denying word is denied itself: "not an impossible task"."""

CLAUSE: Final = 14
"""Words behind "no reason" and the like within which a negation is denied itself."""

_PAIRS: Final = (
    "more less|more fewer|large small|big small|great little|high low|good bad|best worst|old young|before after|"
    "above below|over under|same different|similar different|near far|close far|inside outside|win lose|"
    "victory defeat|include exclude|accept reject|accept refuse|allow prohibit|allow forbid|permit forbid|"
    "safe dangerous|"
    "healthy harmful|easy difficult|legal illegal|increase decrease|early late|friend enemy|common rare|"
    "cheap expensive|open close|hot cold|alive dead|male female|most least|north south|east west|support oppose|"
    "love hate|agree disagree|long short|tall short|full empty|strong weak|present absent|free paid|"
    "optional mandatory|optional required|always never|pass fail|public private|poor rich|fast slow|light heavy|"
    "famous obscure|harmless dangerous|fee free|cost free|charge free|pay free|useless useful|multiple single|"
    "fake real|keep delete|keep discard|static dynamic|internal external|synchronous asynchronous|manual automatic|"
    "help harm|online offline|permanent temporary|vertical horizontal|domestic international|analog digital|"
    "raise lower|raise reduce|rise fall|expand contract|attract repel|gain lose|northward southward|eastward westward|"
    "positive negative"
)


def _antonyms() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _PAIRS.split("|"):
        left, right = map(stem, pair.split())
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return {word: frozenset(others) for word, others in found.items()}


ANTONYMS: Final = _antonyms()
"""Stems with the stems of their opposites."""


DENYING_STEMS: Final = frozenset(map(stem, _DENYING | _DENYING_IF_SAID_OF))


def negative_forms(name: str) -> set[str]:
    """Stems that a negative prefix or ending makes of one, those of words that deny as they are left out."""
    return {name + "less", *(prefix + name for prefix in _PREFIXES)} - DENYING_STEMS


class Denials(NamedTuple):
    """What a stretch of words denies.

    Attributes:
        denies: whether it denies anything, double negations taken out.
        first: place of the first denial that counts; -1 without one.
        places: where the denials stand, those that are taken back too.
        flat: whether it denies a whole statement: "it is false that", "there is no evidence".
    """

    denies: bool
    first: int
    places: tuple[int, ...]
    flat: bool


_NOTHING: Final = Denials(denies=False, first=-1, places=(), flat=False)


NEGATING: Final = NEGATIONS | CONTRACTIONS
"""Words that negate what follows them."""


def is_negation(word: str) -> bool:
    """Whether a word negates what follows it."""
    return word in NEGATING


def negates(words: tuple[str, ...], place: int) -> bool:
    """Whether the negation at a place denies anything; "not only", "no problem" and "don't worry" do not."""
    behind = words[place + 1 : place + 4]
    harmless = _HARMLESS.get(words[place], frozenset())
    return not (behind and behind[0] in harmless) and _HELD_TRUE.isdisjoint(behind)


def is_conditional(words: tuple[str, ...], place: int) -> bool:
    """Whether a place stands in a condition: "if you do not have an account"."""
    for before in reversed(words[:place]):
        if before in MARKS:
            return False
        if before in _CONDITIONS:
            return True
    return False


def may_deny(words: tuple[str, ...]) -> bool:
    """Whether any of the words could deny something."""
    return not _TRIGGERS.isdisjoint(words)


def is_denying(word: str) -> bool:
    """Whether a word denies by itself."""
    return word in _DENYING or word in _DENYING_IF_SAID_OF


@lru_cache(maxsize=1 << 14)
def positive_forms(word: str) -> tuple[str, ...]:
    """Stems of a word without what makes it negative: "use" for useless; none for words that deny as they are."""
    if is_denying(word):
        return ()
    found = [stem(word[len(p) :]) for p in _PREFIXES if word.startswith(p) and len(word) - len(p) >= REACH]
    if word.endswith("less") and len(word) > len("less") + 3:
        found.append(stem(word[: -len("less")]))
    return tuple(found)


def denials(words: tuple[str, ...], known: AbstractSet[str], subject: AbstractSet[str]) -> Denials:
    """The denials in a stretch of words.

    Args:
        words: in lower case, with the marks between them.
        known: words of the question; what it says itself denies nothing.
        subject: stems of the words of the question.
    """
    if _TRIGGERS.isdisjoint(words):
        return _NOTHING
    places: list[int] = []
    flat = False
    for place, word in enumerate(words):
        if word in _TRIGGERS and _denies(words, place, known, subject):
            places.append(place)
            flat = flat or (is_negation(word) and not _FLAT_IF_DENIED.isdisjoint(words[place + 1 : place + 4]))
        flat = flat or word in _FLAT
    if not places:
        return Denials(denies=False, first=-1, places=(), flat=flat)
    kept = _undoubled(words, places)
    return Denials(bool(kept), kept[0] if kept else -1, tuple(places), flat)


def _denies(words: tuple[str, ...], place: int, known: AbstractSet[str], subject: AbstractSet[str]) -> bool:
    word, behind = words[place], words[place + 1 : place + 3]
    if word in _KEEPING_OUT:
        return word not in known and _speaks_of(words[place + 1 : place + 1 + REACH], subject)
    if is_negation(word):
        if word == "no" and place and words[place - 1] in _PREPOSITIONS:
            return _speaks_of(words[place + 1 : place + 1 + REACH], subject)  # "at no charge"
        return negates(words, place) and not is_conditional(words, place)
    if word in _DENYING:
        return not (word in _WANT and place > 1 and _CAUSES.intersection(words[place - 2 : place]))
    if word in _DENYING_IF_SAID_OF:
        return _is_said_of(words, place)
    return bool(behind) and _denies_in_company(word, words[place + 1 :], known, subject)


def _denies_in_company(word: str, behind: tuple[str, ...], known: AbstractSet[str], subject: AbstractSet[str]) -> bool:
    """Whether a word denies together with what follows it."""
    if (word, behind[0]) in _INSTEAD:
        return _speaks_of(behind[1:6], subject)
    if word == "free":
        # "Free of plastic" denies plastic.
        return behind[0] in {"of", "from"} and _speaks_of(behind[1 : 1 + REACH], subject)
    if word == "too":
        return "too" not in known and "to" in behind[1:8]
    if word == "only":
        return behind[0][0].isdigit() or not _FEW.isdisjoint(behind[:2])
    return word in _SAME and "than" in known


def _speaks_of(words: tuple[str, ...], subject: AbstractSet[str]) -> bool:
    return any(stem(word) in subject for word in words)


def _is_said_of(words: tuple[str, ...], place: int) -> bool:
    before = place - 1
    while before >= 0 and words[before] in _ADVERBS:
        before -= 1
    return before < 0 or words[before] in _SAID_OF or is_negation(words[before])


def _undoubled(words: tuple[str, ...], places: list[int]) -> list[int]:
    """The denials without those that deny each other; several side by side deny once."""
    kept: list[int] = []
    pending = list(places)
    while pending:
        first = pending.pop(0)
        if pending and _is_undone(words, first, pending[0]):
            pending.pop(0)
            continue
        kept.append(first)
    return kept


def _is_undone(words: tuple[str, ...], first: int, second: int) -> bool:
    """Whether a negation is taken back: "not impossible", "no reason to believe that it would not"."""
    if not is_negation(words[first]) or words[first] in _KEEPING_OUT:
        return False
    between = words[first + 1 : second]
    if second - first <= REACH and {",", "and", "or"}.isdisjoint(between):
        return not is_negation(words[second])
    is_doubted = "that" in between and between[0] in _DENIED_GROUNDS and second - first <= CLAUSE
    return is_doubted and is_negation(words[second])
