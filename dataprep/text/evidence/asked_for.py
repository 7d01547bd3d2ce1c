"""Values of the very kind the question asks for: "which day", "what colour", "which port", "A or B"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from dataprep.text.evidence.denial import ANTONYMS, NEGATING
from dataprep.text.evidence.statements import SHORT
from dataprep.text.evidence.words import content_stem, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataprep.text.evidence.answer import Answer

_WHICH: Final = r"\b(?:what|which)\s+(?:is\s+the\s+)?"
_KINDS: Final = tuple(
    (re.compile(pattern), {form: forms[0] for forms in (word.split("/") for word in words.split()) for form in forms})
    for pattern, words in (
        (
            rf"{_WHICH}colou?r\b|\bwelche farbe\b|\bde qué color\b|\bquelle couleur\b",
            "red/rot/rojo/roja/rouge blue/blau/azul/bleu/bleue green/grün/verde/vert/verte yellow/gelb/amarillo/"
            "amarilla/jaune black/schwarz/negro/negra/noir/noire white/weiß/blanco/blanca/blanc/blanche orange "
            "purple/violet brown/braun pink grey/gray/grau/gris",
        ),
        (
            rf"{_WHICH}(?:week)?day\b|\bday of the week\b|\bwhen\b|\bwann\b|\bcuándo\b|\bquand\b|"
            r"\bwelche[mnr] (?:wochen)?tag\b|\bqué día\b|\bquel jour\b",
            "monday/montag/lunes/lundi tuesday/dienstag/martes/mardi wednesday/mittwoch/miércoles/mercredi "
            "thursday/donnerstag/jueves/jeudi friday/freitag/viernes/vendredi saturday/samstag/sábado/samedi "
            "sunday/sonntag/domingo/dimanche",
        ),
        (
            rf"{_WHICH}month\b|\bwhen\b",
            "january february march april may june july august september october november december",
        ),
        (rf"{_WHICH}season\b", "spring summer autumn/fall winter"),
        (rf"{_WHICH}(?:hand )?side\b|{_WHICH}hand\b", "left right"),
        (rf"{_WHICH}direction\b|{_WHICH}way\b", "north south east west left right up down clockwise counterclockwise"),
    )
)
"""What a question asks for, and words of which a thing has only one at a time, each with its other forms."""

_WHAT: Final = r"\b(?:what|which|where|give me|send me|share)\b[^.?!]{0,40}\b"
_SHAPES: Final = tuple(
    (re.compile(asked), re.compile(shape, re.IGNORECASE), is_hard)
    for asked, shape, is_hard in (
        (rf"{_WHAT}complexity\b", r"\bO\((?:[^()]|\([^()]*\)){1,80}\)", True),
        (rf"{_WHAT}e-?mail\b", r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,24}){1,4}", False),
        (
            rf"{_WHAT}(?:(?:tele)?phone|hotline|number)\b|电话",
            r"(?<![\w.,])\+?\(?\d[\d\s().-]{5,18}\d(?!\d)",
            False,
        ),
        (
            rf"{_WHAT}(?:url|link|website|endpoint|address)\b|网址",
            r"(?<=://)[^\s<>()\"']{1,200}[^\s<>()\"'.,;!?]|\bwww\.[^\s<>()\"']{1,200}[^\s<>()\"'.,;!?]",
            False,
        ),
    )
)
"""What a question asks for, how it is written, and whether a thing has only one of it: there may be two addresses."""

_MARKS_WITHIN: Final = re.compile(r"[\s()*·/.-]")
_ALSO_WORDS: Final = frozenset(["may", "march", "fall"])
_NOUN: Final = re.compile(r"\b(?:what|which)(?:'s)?\s+((?:[a-z]+\s+){0,3}[a-z]+)")
_NUMBERED: Final = r"\b{noun}\s+(?:number\s+|no\.?\s*|#\s*|is\s+(?:number\s+)?)?(\d+(?:\.\d+)*)(?![\w%]|[.,:/]\d)"
_ALTERNATIVES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:which|what|who)\b[^?.!]{1,120}[,:]\s*(?:an?\s+|the\s+)?(?P<one>[^,?.!]{1,40}?),?\s+or\s+"
        r"(?:an?\s+|the\s+)?(?P<other>[^,?.!]{1,40})\?",
        r"\b(?:is|are|was|were)\s+(?!there\b)[^?.!,]{1,120}?\b(?<!on )(?<!in )(?<!at )(?<!for )(?<!by )(?<!with )"
        r"(?P<one>[^\s,?.!]{1,40})\s+or\s+(?P<other>[^\s,?.!]{1,40})\?",
        r"\b(?:is|are|was|were)\s+[^?.!,]{1,120}?\ban?\s+(?P<one>[^,?.!]{1,40}?)\s+or\s+an?\s+(?P<other>[^,?.!]{1,40})\?",
    )
)
"""Questions that leave a choice of two; "do you accept Visa or Mastercard?" may be answered with either."""

_OPPOSITES: Final = re.compile(
    r"\b(?:does|do|did|will|would|is|are|was|were)\s+(?!you\b|we\b)[^?.!]{1,80}?"
    r"\b(?P<one>[a-z]{2,20})\s+or\s+(?P<other>[a-z]{2,20})\b"
)
"""The same of opposites, with more behind them: "does it raise or lower the pressure?"."""

_ASKING: Final = ("what", "which", "when", "day of the week", "welche", "wann", "qué ", "cuándo", "quel", "quand")
_WANTING: Final = ("where", "give me", "send me", "share", "电话", "网址")
_WHEN: Final = ("when", "wann", "cuándo", "quand")
_CASES: Final = frozenset("best average worst typical expected amortized amortised".split())
"""Each of them may have a complexity of its own."""

_TASTE: Final = re.compile(r"\b(?:better|best|prefer|favou?rite|should|recommend|like|nicer|worth)\b")
_WORD: Final = re.compile(r"[^\W\d_]+")
_LIGHT: Final = frozenset(map(stem, "use take choose need".split()))
_BOTH: Final = frozenset(["both", "either", "neither", "or", "and"])
_APART: Final = NEGATING | frozenset(["except", "excluding", "besides", "unless", "außer", "excepto", "sauf"])
_BARE: Final = re.compile(r"[\s*_`\"]*(\d+(?:\.\d+)*)[\s*_`\".]*")
_OR_MORE: Final = re.compile(r"\s*(?:\+|(?:or|and|on|upwards|onwards)\b)")


class Chosen(NamedTuple):
    """What an answer says: a form in which answers can be compared, where it stands, and whether it says just that."""

    value: str
    start: int
    end: int
    is_plain: bool


class AskedFor:
    """The kinds of values a question asks for.

    Args:
        text: the question, in lower case.

    Attributes:
        is_told: whether it asks for any of them.
    """

    def __init__(self, text: str) -> None:
        asks = any(word in text for word in _ASKING)
        self._kinds = [words for pattern, words in _KINDS if pattern.search(text)] if asks else []
        wants = asks or any(word in text for word in _WANTING)
        self._shapes = [(shape, is_hard) for asked, shape, is_hard in _SHAPES if asked.search(text)] if wants else []
        self._is_open = asks and (any(word in text for word in _WHEN) or bool(_TASTE.search(text)))
        self._nouns = sorted({word for match in _NOUN.finditer(text) for word in match[1].split()}) if asks else []
        self._choice, self._is_of_kinds = _choice(text) if " or " in text else (None, False)
        self._content = frozenset(map(content_stem, _WORD.findall(text))) if self._choice else frozenset()
        self.is_told = bool(self._kinds or self._shapes or self._nouns or self._choice)

    def unlike(self, left: Answer, right: Answer) -> Iterator[tuple[Chosen, Chosen, bool]]:
        """Values of a kind that is asked for that exclude each other, and whether nothing is left to interpret."""
        if max(left.length, right.length) > SHORT:
            return
        for words in self._kinds:
            a, b = _only(left, words), _only(right, words)
            if a and b and a.value != b.value:
                yield a, b, not self._is_open
        for shape, is_hard in self._shapes:
            a, b = _shaped(left, shape), _shaped(right, shape)
            if a and b and a.value != b.value:
                yield a, b, is_hard and left.words & _CASES == right.words & _CASES
        for noun in self._nouns:
            if noun not in left.words and noun not in right.words:
                continue
            a, b = (_numbered(answer, noun) or _bare_number(answer) for answer in (left, right))
            if a and b and a.value != b.value and a.is_plain == b.is_plain:
                yield a, b, not self._is_open
        if self._choice is not None:
            a, b = self._picked(left), self._picked(right)
            is_plain = a is not None and b is not None and a.is_plain and b.is_plain
            # "The moon is smaller" does not say which is larger with the moon.
            if a and b and a.value != b.value and (is_plain or self._is_of_kinds):
                yield a, b, is_plain

    def _picked(self, answer: Answer) -> Chosen | None:
        """The one of two alternatives that an answer names."""
        first = answer.sentences[0] if answer.sentences else None
        if first is None or self._choice is None or not (NEGATING | _BOTH).isdisjoint(first.words):
            return None
        named = [sorted(place for name, place in first.content.items() if name in side) for side in self._choice]
        if bool(named[0]) == bool(named[1]):
            return None
        side = 0 if named[0] else 1
        places = named[side]
        span = first.span(places[0], places[-1] + 1)
        return Chosen(str(side), *span, is_plain=first.content.keys() <= self._content | _LIGHT)


def _choice(text: str) -> tuple[tuple[frozenset[str], frozenset[str]] | None, bool]:
    """The stems of each of the two alternatives that the other has not, and whether they are kinds of the subject."""
    if _TASTE.search(text):
        return None, False
    for number, pattern in enumerate(_ALTERNATIVES):
        match = pattern.search(text)
        if match is None or " or " in match["one"] + match["other"]:
            continue
        one, other = (
            frozenset(filter(None, map(content_stem, _WORD.findall(match[name])))) for name in ("one", "other")
        )
        if one - other and other - one:
            return (one - other, other - one), number == len(_ALTERNATIVES) - 1
    for match in _OPPOSITES.finditer(text):
        first, second = stem(match["one"]), stem(match["other"])
        if second in ANTONYMS.get(first, ()):
            return (frozenset([first]), frozenset([second])), True
    return None, False


def _only(answer: Answer, words: dict[str, str]) -> Chosen | None:
    """The only word of a kind that an answer has; months are capitalised, unlike "may"."""
    if words.keys().isdisjoint(answer.words) or not _APART.isdisjoint(answer.words):
        return None
    found: dict[str, tuple[int, int]] = {}
    for sentence in answer.sentences:
        for word, span in zip(sentence.words, sentence.spans, strict=True):
            if word in words and (word not in _ALSO_WORDS or answer.text[span[0]].isupper()):
                found.setdefault(words[word], span)
    if len(found) != 1:
        return None
    ((value, span),) = found.items()
    return Chosen(value, *span, is_plain=True)


def _shaped(answer: Answer, shape: re.Pattern[str]) -> Chosen | None:
    """The one thing of a shape that an answer has, whatever marks it is written with."""
    texts = ((match.group().lower().removeprefix("www."), match) for match in shape.finditer(answer.text))
    found = {_MARKS_WITHIN.sub("", text): match for text, match in texts}
    if len(found) != 1:
        return None
    ((value, match),) = found.items()
    return Chosen(value, *match.span(), is_plain=True)


def _bare_number(answer: Answer) -> Chosen | None:
    """The number that is all an answer says."""
    match = _BARE.fullmatch(answer.text)
    return Chosen(match[1], *match.span(1), is_plain=True) if match else None


def _numbered(answer: Answer, noun: str) -> Chosen | None:
    """The one number that stands behind a noun: "port 443", "version 3.11"."""
    pattern = _NUMBERED.format(noun=re.escape(noun))
    found = {match[1]: match for match in re.finditer(pattern, answer.prose, re.IGNORECASE)}
    if len(found) != 1:
        return None
    ((value, match),) = found.items()
    return Chosen(value, *match.span(), is_plain=not _OR_MORE.match(answer.prose, match.end()))
