"""The option, label or name an answer settles on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from dataprep.text.evidence.agreement import agree, comparable
from dataprep.text.evidence.denial import NEGATING
from dataprep.text.evidence.final_answer import Conclusion
from dataprep.text.evidence.names import alike, named
from dataprep.text.evidence.unspaced import unlike_middles
from dataprep.text.evidence.values import Unlike
from dataprep.text.evidence.words import MARKS, is_content, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataprep.text.evidence.answer import Answer
    from dataprep.text.evidence.prompt import Prompt
    from dataprep.text.evidence.words import Sentence

_OPENING: Final = re.compile(
    r"[\s*_`\"]*(?:(?i:option|choice|answer)[\s:]+)?(?:\((?P<in>[A-Ja-j])\)|(?P<bare>[A-J])(?=[).:,]|\s*$|\s+[-–—]|\*))"
)
_ALONE: Final = re.compile(r"\W*([A-J])\W*")
_NAMED: Final = re.compile(
    r"\b(?:option|choice|answer)\s+\(?([A-J])\)?\b|\(?\b([A-J])\)?\s+is\s+(?:the\s+)?(?:correct|right|best|answer)",
    re.IGNORECASE,
)
MENTION_WORDS: Final = 25
"""Words of an answer that may name an option by its text."""

_EXCLUSIVE: Final = tuple(
    frozenset(map(stem, line.split()))
    for line in (
        "red blue green yellow black white orange purple pink brown grey",
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february march april may june july august september october november december",
        "spring summer autumn winter",
        "north south east west",
        "small medium large",
        "morning afternoon evening night",
        "positive negative neutral",
        "first second third fourth fifth",
    )
)
"""Words of which a thing has only one at a time."""

LETTER_WITH_MARKS: Final = 8
"""Characters of an answer that is nothing but a letter."""

_COPULAS: Final = frozenset(["is", "was", "are", "were"])
SLOT_WORDS: Final = 3
"""Words of a name."""

BARE_WORDS: Final = 5
"""Words and marks of an answer that is nothing but a value: "the Swiss franc"."""


def chosen_option(answer: Answer, prompt: Prompt) -> Conclusion | None:
    """The lettered option an answer chooses, by its letter or by its text, or None.

    Args:
        answer: the answer.
        prompt: the question, with its options where it has any.
    """
    marked = answer.conclusion
    if marked is not None and marked.kind == "option":
        return marked
    offered = prompt.options
    text = answer.text
    if not offered:
        alone = _ALONE.fullmatch(text) if len(text) <= LETTER_WITH_MARKS else None
        return Conclusion("option", alone[1], alone[1], *alone.span(1)) if alone else None
    if opening := _OPENING.match(text):
        group = "in" if opening["in"] else "bare"
        return Conclusion("option", opening[group].upper(), opening[group], *opening.span(group))
    named = {(match[1] or match[2]).upper(): match for match in _NAMED.finditer(text)}
    if len(named) == 1:
        letter, match = named.popitem()
        return Conclusion("option", letter, match.group(), *match.span())
    if marked is not None:
        by_text = _by_text(marked.text, offered)
        return None if by_text is None else Conclusion("option", by_text.value, marked.text, marked.start, marked.end)
    return _by_text(text, offered)


def _by_text(text: str, offered: dict[str, str]) -> Conclusion | None:
    if len(text.split()) > MENTION_WORDS:
        return None
    lower = text.lower()
    found = {}
    for letter, option in offered.items():
        match = re.search(rf"(?<!\w){re.escape(option.lower())}(?!\w)", lower) if option else None
        if match is not None:
            found[letter] = match
    # "United States" and "United States of America": the longest counts.
    longest = max(found, key=lambda letter: len(found[letter].group()), default=None)
    if longest is None or any(found[one].group() not in found[longest].group() for one in found):
        return None
    start, end = found[longest].span()
    return Conclusion("option", longest, text[start:end], start, end)


def named_values(left: Answer, right: Answer, prompt: Prompt) -> Iterator[tuple[Literal["label", "value"], Unlike]]:
    """Labels, short answers and names that exclude each other.

    Two labels do where the prompt asks for a class, or where both are written as names of classes; two short answers
    do where the prompt asks for one thing; two names do in the same place of one sentence.
    """
    for said, other, is_plain in prompt.asked_for.unlike(left, right) if prompt.asked_for.is_told else ():
        kind: Literal["label", "value"] = (
            "label" if prompt.asks_class and left.is_label and right.is_label else "value"
        )
        yield kind, Unlike((said.start, said.end), (other.start, other.end), is_plain)
    middles = unlike_middles(left, right) if prompt.asks_one_thing else None
    if middles is not None:
        yield "value", Unlike(*middles, is_hard=False)
    elif left.is_label and right.is_label:
        yield from _unlike_labels(left, right, prompt)
    elif left.sentences and right.sentences:
        yield from _unlike_names(left, right, prompt)


def _unlike_labels(left: Answer, right: Answer, prompt: Prompt) -> Iterator[tuple[Literal["label", "value"], Unlike]]:
    if alike(left.text, right.text) or _agree_in_quantity(left, right):
        return
    spans = _whole(left), _whole(right)
    if prompt.asks_class or (_is_identifier(left.text) and _is_identifier(right.text)):
        yield "label", Unlike(*spans, is_hard=_are_classes(left.text, right.text, prompt))
    elif prompt.asks_one_thing and not (left.quantities or right.quantities):
        are_names = _is_name(left.text) and _is_name(right.text)
        yield "value", Unlike(*spans, is_hard=are_names and not prompt.asks_where)


def _unlike_names(left: Answer, right: Answer, prompt: Prompt) -> Iterator[tuple[Literal["label", "value"], Unlike]]:
    if left.is_label == right.is_label:
        if found := list(_in_one_slot(left, right, prompt)):
            yield from found
            return
    elif prompt.asks_class and (unlike := _unlike_class(left, right)):
        yield "label", unlike
        return
    if not prompt.asks_one_thing:
        return
    mine, theirs = _only_name(left, prompt), _only_name(right, prompt)
    is_named = mine is not None and theirs is not None
    if not is_named and not prompt.asks_where:
        mine, theirs = _only_words(left, prompt), _only_words(right, prompt)
    if mine and theirs and not _share(left, mine, right, theirs):
        is_hard = is_named and left.is_label != right.is_label and not (prompt.asks_where or prompt.asks_who)
        yield "value", Unlike(mine, theirs, is_hard=is_hard)


def _unlike_class(left: Answer, right: Answer) -> Unlike | None:
    """A class against a sentence that names another of its kind: "Positive", "the sentiment is negative"."""
    label, told = (left, right) if left.is_label else (right, left)
    for words in _EXCLUSIVE:
        mine, theirs = (words & answer.sentences[0].content.keys() for answer in (label, told))
        if len(mine) == len(theirs) == 1 and mine != theirs and len(told.sentences) == 1:
            if not NEGATING.isdisjoint(told.sentences[0].words):
                return None
            here, there = _whole(label), _slot(told.sentences[0], set(theirs))
            return Unlike(here, there, is_hard=True) if label is left else Unlike(there, here, is_hard=True)
    return None


def _only_name(answer: Answer, prompt: Prompt) -> tuple[int, int] | None:
    """The name that is all an answer says, or all its first clause adds to the question: "Rome is the capital"."""
    if answer.is_label and _is_name(answer.text):
        return _whole(answer)
    sentence = answer.sentences[0]
    end = next((place for place, word in enumerate(sentence.words) if word in MARKS), len(sentence.words))
    rest = {name for name in sentence.stems[:end] if name} - prompt.content
    if not 0 < len(rest) <= SLOT_WORDS or _names(answer, rest, prompt) != rest:
        return None
    if prompt.asks_who and len(rest) == 1:
        return None  # "Leonardo" and "da Vinci"
    return None if not NEGATING.isdisjoint(sentence.words[:end]) else _slot(sentence, rest)


def _only_words(answer: Answer, prompt: Prompt) -> tuple[int, int] | None:
    """The few words, names or not, that a sentence adds to those of the question: "it uses the euro"."""
    if len(answer.sentences) != 1 or answer.quantities or answer.dates or answer.prose != answer.text:
        return None  # a tool's result, an address or code may be what it says
    sentence = answer.sentences[0]
    rest = sentence.content.keys() - prompt.content
    is_framed = len(rest) < len(sentence.content) or len(sentence.words) <= BARE_WORDS
    if not is_framed or not 0 < len(rest) <= SLOT_WORDS or not NEGATING.isdisjoint(sentence.words):
        return None
    if prompt.asks_who and len(rest) == 1:
        return None  # "Leonardo" and "da Vinci"
    return _slot(sentence, rest)


def _agree_in_quantity(left: Answer, right: Answer) -> bool:
    """Whether both are one quantity, in whatever unit: 100 °C and 212 °F."""
    if len(left.quantities) != 1 or len(right.quantities) != 1:
        return False
    (mine,), (theirs,) = left.quantities, right.quantities
    return comparable(mine, theirs) and agree(mine, theirs)


def _whole(answer: Answer) -> tuple[int, int]:
    start = len(answer.text) - len(answer.text.lstrip())
    return start, len(answer.text.rstrip())


def _share(left: Answer, mine: tuple[int, int], right: Answer, theirs: tuple[int, int]) -> bool:
    """Whether two stretches have a word in common, as "dark blue" and "navy blue", or one is the other's initials."""
    a, b = left.text[slice(*mine)], right.text[slice(*theirs)]
    return alike(a, b) or not named(a.lower()).isdisjoint(named(b.lower()))


def _are_classes(left: str, right: str, prompt: Prompt) -> bool:
    """Whether two labels are offered by the prompt, or written as names of classes or in one word."""
    asked = prompt.text.lower()
    are_offered = all(text.strip(" .").lower() in asked for text in (left, right))
    return (
        are_offered or (_is_identifier(left) and _is_identifier(right)) or len(left.split()) == len(right.split()) == 1
    )


def _is_identifier(text: str) -> bool:
    text = text.strip()
    return " " not in text and ("_" in text or (text.isupper() and text.isalpha() and len(text) > 2))


def _is_name(text: str) -> bool:
    words = [word for word in text.split() if is_content(word.lower())]
    return bool(words) and all(word[0].isupper() for word in words)


def _in_one_slot(left: Answer, right: Answer, prompt: Prompt) -> Iterator[tuple[Literal["label", "value"], Unlike]]:
    a, b = left.sentences[0], right.sentences[0]
    shared = a.content.keys() & b.content.keys()
    rest = a.content.keys() - shared, b.content.keys() - shared
    if not shared or not all(rest) or max(map(len, rest)) > SLOT_WORDS:
        return
    for words in _EXCLUSIVE if len(shared) > 1 else ():
        if (
            len(rest[0] & words) == len(rest[1] & words) == 1
            and not words & shared
            and _head(a, words) == _head(b, words)
        ):
            yield "value", Unlike(_slot(a, rest[0] & words), _slot(b, rest[1] & words), is_hard=True)
            return
    if not prompt.asks_one_thing:
        return
    names = _names(left, rest[0], prompt), _names(right, rest[1], prompt)
    # "He wrote it" against "Hamlet is by him": what the question names is no answer, unless both name such a thing.
    if all(names) and (names[0] <= prompt.content) == (names[1] <= prompt.content):
        spans = _slot(a, names[0]), _slot(b, names[1])
        if not alike(left.text[slice(*spans[0])], right.text[slice(*spans[1])]):
            yield "value", Unlike(*spans, is_hard=len(shared) > 1 and not prompt.asks_where)


def _names(answer: Answer, rest: set[str], prompt: Prompt) -> set[str]:
    """Those of some stems whose words are names: written with a capital letter, and not because a sentence begins."""
    sentence, found = answer.sentences[0], set()
    for name in rest:
        place = sentence.content[name]
        opens = place == 0 and not prompt.asks_who and _COPULAS.isdisjoint(sentence.words[1:4])
        if not opens and answer.text[sentence.spans[place][0]].isupper():
            found.add(name)
    return found


def _head(sentence: Sentence, words: frozenset[str]) -> str:
    """The stem of the noun that one of the words describes: a "blue jacket" and a "yellow bike" can both be."""
    place = next(sentence.content[name] for name in sentence.content.keys() & words)
    return next(iter(sentence.stems[place + 1 : place + 2]), "")


def _slot(sentence: Sentence, names: set[str]) -> tuple[int, int]:
    at = sorted(sentence.content[name] for name in names)
    return sentence.span(at[0], at[-1] + 1)
