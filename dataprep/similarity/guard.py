"""What separates two texts that look almost the same: a typing slip, or a difference that means something.

"Refund in 14 days" and "refund in 30 days" share nearly all their shingles and are not duplicates. The two
texts are aligned word by word; the words that differ are then judged by their kind, not by any list of phrases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from dataprep.similarity.align import SIGN, Change, changes, fold, has_more_words, reordered, words
from dataprep.similarity.opposites import are_opposites, are_units
from dataprep.similarity.slips import are_slips, badly_typed

Kind = Literal["number", "negation", "operator", "name", "word", "order", "label"]

_DIGIT: Final = re.compile(r"\d")
_OPERATOR: Final = re.compile(r"[-+*/<>=≤≥≠±×÷!]+")
_SIGN: Final = re.compile(SIGN)
_IDENTIFIER: Final = re.compile(r"[^\W_]+(?:_+[^\W_]+)+")
_MARK: Final = re.compile(r"[^\w\s]")
_NUMBER: Final = re.compile(r"\d+(?:[.,:/]\d+)*")

_ORDERED: Final = re.compile(
    r"^\s*(?:\d{1,3}|[a-z])[.)]\s|```|(?:[;{}]|\):)\s*$|^\s*(?:return|def|elif|else|end)\b", re.MULTILINE
)
"""Numbered items and code, whose lines cannot change places."""

NEGATIONS: Final = frozenset(
    "no not never none nobody nothing neither nor without cannot cant dont doesnt didnt isnt arent wasnt "
    "werent couldnt wont wouldnt shouldnt hasnt havent hadnt mustnt neednt aint nicht kein keine keinen "
    "keiner nie niemals ohne pas jamais aucun aucune sans nunca sin ningún ninguna não sem nenhum non mai "
    "senza nessun niet geen nooit нет не ни никогда без لا ليس لم لن 不 没 沒 非 無 无 未 नहीं".split()
)
"""Closed-class words that turn a statement around, in common languages."""

LIGHT: Final = frozenset("do does can could a an the my our i we me us please kindly which what whether".split())
"""Closed-class words of which one for another leaves a question what it is: "how do I", "how can we"."""

SPELLED: Final = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"percent": "%", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80"}
"""What is written with digits or a sign as well."""

_TAG: Final = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|div|span|h[1-6]|ul|ol|li|a|code|pre|html|body|table|tr|td|th|font|blockquote)"
    r"(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
"""Tags of HTML text."""

FEW: Final = 14
"""Words up to which a question says nothing in passing: each word that one has more makes another one."""

SMALL_WORDS: Final = LIGHT | frozenset(
    "of in on at to for from with by as is are was were be been it its this that these those and or so if then "
    "there here you your they their he she his her am have has had would will should may might must just also "
    "really very now currently still actually exactly basically simply quickly hi hello hey thanks thank dear sir "
    "madam ok okay well help need want know tell give show wondering question sure how when where who good "
    "morning afternoon evening advance guten tag morgen abend hallo danke vielen dank bitte mal denn bonjour "
    "bonsoir merci beaucoup svp hola buenas buenos tardes días dias noches gracias favor por olá obrigado "
    "obrigada ciao buongiorno grazie quick".split()
)
"""What a question can have more without asking for anything else."""

PASSAGE: Final = 4
"""Words in a row that make an inserted or missing stretch a passage rather than a changed detail."""

LABEL_WORDS: Final = 8
"""An answer of at most so many words is a label or a fact: there every word counts."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference that means something: its kind and the words on each side."""

    kind: Kind
    left: str
    right: str


@lru_cache(maxsize=1 << 16)  # the same prompts are compared as parts of examples, on their own, and for the split
def meaningful_difference(left: str, right: str, *, words_matter: bool = False) -> Difference | None:
    """The first difference between two similar texts that changes what they say, or None.

    Numbers and identifiers with digits must agree, except inside a longer passage that one side lacks.
    Negations, operators and names must agree, and a word must not turn into its opposite. With `words_matter`, a
    word may be misspelt or added but not replaced by another one, nor change places within its sentence. Sentences
    may change places, but not the items of a numbered list, nor lines of code.

    Args:
        left: raw text, not normalised: signs, decimal points and capitals count.
        right: raw text.
        words_matter: for questions and labels, where one word makes it another one.
    """
    if left == right or "".join(left.casefold().split()) == "".join(right.casefold().split()):
        return None
    if bool(_TAG.search(left)) != bool(_TAG.search(right)):
        left, right = (_TAG.sub(" ", text) for text in (left, right))  # only one of them is marked up
    if "\n" in left and "\n" in right and _ORDERED.search(left) and (moved := reordered(left, right)):
        return Difference("order", *moved)
    found = changes(left, right)
    if not found:
        return None
    order = _order_difference(found) if words_matter else None
    digits_only = lost_marks(left, right) or lost_marks(right, left)
    badly = badly_typed(found)
    for change in found:
        if _is_respelt(change):
            continue
        one_sided = not (change.left and change.right)
        difference = (
            (None if one_sided and _is_passage(change) else _number_difference(change, digits_only))
            or _operator_difference(change)
            or _exact_difference(change)
            or _negation_difference(change)
            or _opposite(change)
            or _name_difference(change, badly=badly)
            or order
            or (_word_difference(change, badly=badly) if words_matter else None)
        )
        if difference is not None:
            return difference
    return None


def example_difference(left: tuple[str, str], right: tuple[str, str]) -> Difference | None:
    """The first meaningful difference between two (prompt, answer) examples, or None when they teach the same."""
    found = meaningful_difference(left[0], right[0], words_matter=True)
    if found is None:
        short = not (has_more_words(left[1], LABEL_WORDS) and has_more_words(right[1], LABEL_WORDS))
        found = meaningful_difference(left[1], right[1], words_matter=short)
    return found


def added_word(left: str, right: str, *, most: int = FEW, asked: str = "") -> Difference | None:
    """A word that only one of two short texts has, and that is none of grammar or courtesy: "in miles".

    It makes no other question of a leak, but a row of its own of what would be dropped as a duplicate.

    Args:
        left: a question or an answer.
        right: the other one.
        most: words that one of them has at most.
        asked: of answers the question, whose words say nothing new.
    """
    if left == right or (has_more_words(left, most) and has_more_words(right, most)):
        return None
    plain = SMALL_WORDS.union(map(fold, words(asked)))
    mine, theirs = ({fold(word) for word in words(text)} | plain for text in (left, right))
    for change in changes(left, right):
        inserted = change.left or change.right
        if (change.left and change.right) or _is_passage(change) or (len(inserted) > 1 and inserted[0].istitle()):
            continue  # replaced, or a sentence of its own: "Explain step by step."
        known = theirs if change.left else mine
        if any(word.isalpha() and len(word) > 1 and fold(word) not in known for word in inserted):
            return Difference("word", " ".join(change.left), " ".join(change.right))
    return None


def asks_otherwise(left: tuple[str, str], right: tuple[str, str]) -> Difference | None:
    """What makes two alike questions with their answers different ones.

    Where the answers differ, a word more does, too: the boiling point of alcohol, and of isopropyl alcohol.
    """
    found = meaningful_difference(left[0], right[0], words_matter=True)
    if found is None and left[1] and right[1] and meaningful_difference(left[1], right[1], words_matter=True):
        return added_word(left[0], right[0])
    return found


def _is_passage(change: Change) -> bool:
    return len(change.left) + len(change.right) >= PASSAGE


def lost_marks(bare: str, full: str) -> bool:
    """Whether one text lost its punctuation throughout, so that 3.79 against 379 proves nothing."""
    return not _MARK.search(bare) and len(_MARK.findall(_NUMBER.sub("0", full))) >= 3


def _number_difference(change: Change, digits_only: bool) -> Difference | None:
    left = [_canonical(word, digits_only) for word in change.left if _DIGIT.search(word)]
    right = [_canonical(word, digits_only) for word in change.right if _DIGIT.search(word)]
    return _different("number", left, right)


def _canonical(word: str, digits_only: bool) -> str:
    """A number without thousands separators and padding: 1,000.50 -> 1000.5."""
    if digits_only:
        return "".join(_DIGIT.findall(word))
    plain = fold(word).replace("−", "-")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?%?", plain):
        plain = plain.replace(",", "")
    if re.fullmatch(r"-?\d+\.\d+", plain):
        plain = plain.rstrip("0").rstrip(".")
    return plain


def _operator_difference(change: Change) -> Difference | None:
    left = [word for word in change.left if _OPERATOR.fullmatch(word)]
    right = [word for word in change.right if _OPERATOR.fullmatch(word)]
    return _different("operator", left, right)


def _is_respelt(change: Change) -> bool:
    """Whether both sides are one but for spaces and digits: "5kg", "five kg"."""
    left, right = (
        "".join(SPELLED.get(fold(word), fold(word)) for word in side) for side in (change.left, change.right)
    )
    return left == right


def _exact_difference(change: Change) -> Difference | None:
    """Another currency, picture, or identifier with underscores: there, one letter or sign counts."""
    for is_exact in (_SIGN.fullmatch, _IDENTIFIER.fullmatch):
        left, right = (list(filter(is_exact, side)) for side in (change.left, change.right))
        if left and right and (found := _different("name", left, right)):
            return found
    return None


def _negation_difference(change: Change) -> Difference | None:
    left = sum(fold(word) in NEGATIONS for word in change.left)
    right = sum(fold(word) in NEGATIONS for word in change.right)
    return None if left == right else _different("negation", list(change.left), list(change.right))


def _opposite(change: Change) -> Difference | None:
    """A word for its opposite, or a unit for another one."""
    for left, right in zip(change.left, change.right, strict=False):
        a, b = fold(left), fold(right)
        if are_opposites(a, b) or are_units(a, b):
            return Difference("word", left, right)
    return None


def _name_difference(change: Change, *, badly: bool) -> Difference | None:
    """A name replaced by another one: both sides hold a capitalised word, and they are not alike."""
    left = [word for word in change.left if word[0].isupper() and len(word) > 1]
    right = [word for word in change.right if word[0].isupper() and len(word) > 1]
    if not left or not right or are_slips(left, right, badly=badly):
        return None
    return _different("name", left, right)


def _word_difference(change: Change, *, badly: bool) -> Difference | None:
    """A replaced word that is not a misspelling of what stands on the other side."""
    left, right = ([word for word in side if not _is_fixed(word)] for side in (change.left, change.right))
    if LIGHT.issuperset(map(fold, (*left, *right))):
        return None
    if not left or not right or are_slips(left, right, badly=badly):
        return None
    return _different("word", left, right)


def _is_fixed(word: str) -> bool:
    """Whether a word is compared by itself already: a number, a currency or a picture."""
    return bool(_DIGIT.search(word) or _SIGN.fullmatch(word))


def _order_difference(found: list[Change]) -> Difference | None:
    """Words that changed places within a sentence: radians to degrees, degrees to radians."""
    gone = [word for change in found if len(change.left) < PASSAGE for word in change.left if len(word) > 2]
    came = [word for change in found if len(change.right) < PASSAGE for word in change.right if len(word) > 2]
    moved = {fold(word) for word in gone} & {fold(word) for word in came}
    return Difference("order", " ".join(gone), " ".join(came)) if moved - LIGHT else None


def _different(kind: Kind, left: list[str], right: list[str]) -> Difference | None:
    return None if left == right else Difference(kind, " ".join(left), " ".join(right))
