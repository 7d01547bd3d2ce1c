"""Whether two differently worded prompts ask the same thing, as far as their words and their answers show.

Nothing here knows what words mean. Two prompts may ask the same when they agree in what must not change (numbers,
names, negation), when they are no copies of one sentence with another word in it, and when what they and their answers
speak of is, by the weight of rare words, mostly the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from dataprep.text.evidence.denial import ANTONYMS, NEGATING
from dataprep.text.evidence.lazy import lazy
from dataprep.text.evidence.prompt import read_prompt
from dataprep.text.evidence.task_kind import open_ended
from dataprep.text.evidence.words import content_stem, sentences, stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

READ: Final = 2_000
"""Characters of a text that are read."""

SHARED: Final = 0.35
"""Least share of the weight of the lighter exchange that both have in common."""

SHARED_ASKED: Final = 0.2
"""The same of the prompts alone."""

SHARED_ALONE: Final = 0.7
"""That of the prompts where the answers have no word in common: "yes" against "no"."""

SAME_WORDS: Final = 0.5
"""Share of their words from which two prompts count as one sentence with some words exchanged."""

PRIOR: Final = 50
"""Texts that are added to those counted, so that in a small set a frequent word is no stranger."""

MOST_NAMES: Final = 0.6
"""Share of words in capitals from which capitals mean nothing: a title, or shouting."""

_LIGHT: Final = frozenset(map(stem, "long many much far often take need come get have make give keep want".split()))
"""Stems that say little about what is asked: "how long does it take"."""

_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME: Final = re.compile(r"(?<=[\w,;)] )[A-Z][\w'-]+")


class Exchange:
    """A prompt with its answer; each part is read when it is first asked for.

    Args:
        prompt: as written.
        answer: as written.
    """

    def __init__(self, prompt: str, answer: str) -> None:
        self.prompt = prompt[:READ]
        self.answer = answer[:READ]

    @lazy
    def asked(self) -> frozenset[str]:
        """Stems of the content words of the prompt."""
        return _stems(self.prompt)

    @lazy
    def answered(self) -> frozenset[str]:
        """Stems of the content words of the answer."""
        return _stems(self.answer)

    @lazy
    def topic(self) -> frozenset[str]:
        """Both."""
        return self.asked | self.answered

    @lazy
    def words(self) -> frozenset[str]:
        """The words of the prompt, in lower case."""
        return frozenset(self.prompt.lower().split())

    @lazy
    def numbers(self) -> frozenset[str]:
        """The numbers of the prompt."""
        return frozenset(_NUMBER.findall(self.prompt))

    @lazy
    def names(self) -> frozenset[str]:
        """Stems of the words of the prompt that are written with a capital inside a sentence."""
        found = _NAME.findall(self.prompt)
        if len(found) > MOST_NAMES * len(self.words):
            return frozenset()
        return frozenset(map(content_stem, map(str.lower, found))) - {""}

    @lazy
    def is_negated(self) -> bool:
        """Whether the prompt holds a negation."""
        return not NEGATING.isdisjoint(self.words)

    @lazy
    def asks_yes_or_no(self) -> bool:
        """Whether the prompt is a yes-no question, which "how long" never rewords."""
        return read_prompt(self.prompt).question is not None

    @lazy
    def has_one_question(self) -> bool:
        """Whether the prompt is a question by itself: no open task, no text to be classified, no options."""
        asked = read_prompt(self.prompt)
        return not (open_ended(self.prompt) or asked.asks_class or asked.options)


class Weights:
    """How much stems say about what a text speaks of: the rarer, the more.

    Args:
        exchanges: some of those that will be compared.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        counts: Counter[str] = Counter()
        texts = PRIOR
        for exchange in exchanges:
            counts.update(exchange.topic)
            texts += 1
        self._unseen = math.log(texts / 0.5)
        self._weights = {stem: math.log(texts / (count + 0.5)) for stem, count in counts.items()}

    def total(self, stems: Iterable[str]) -> float:
        """The weight of some stems."""
        get, unseen = self._weights.get, self._unseen
        return sum([get(stem, unseen) for stem in stems])

    def overlap(self, left: frozenset[str], right: frozenset[str]) -> float:
        """Share of the weight of the lighter side that both have, in [0, 1]."""
        shared = left & right
        return self.total(shared) / min(self.total(left), self.total(right)) if shared else 0.0


def ask_the_same(left: Exchange, right: Exchange, weights: Weights, differ: Callable[[str, str], object]) -> bool:
    """Whether two prompts may be taken to ask the same thing.

    Args:
        left: a prompt with its answer.
        right: another.
        weights: how much stems say.
        differ: what sets two prompts of nearly the same words apart, if anything.
    """
    if not _may_ask_the_same(left, right):
        return False
    asked = weights.overlap(left.asked, right.asked)
    if asked < SHARED_ASKED:  # the prompts come first: few answers have to be read then
        return False
    if weights.overlap(left.topic, right.topic) < SHARED:
        return False
    if asked < SHARED_ALONE and left.answered.isdisjoint(right.answered):
        return False
    in_common = len(left.words & right.words)
    is_one_sentence = in_common >= SAME_WORDS * (len(left.words) + len(right.words) - in_common)
    return not (is_one_sentence and differ(left.prompt, right.prompt))


def _may_ask_the_same(left: Exchange, right: Exchange) -> bool:
    """Whether two prompts agree in what no rewording changes."""
    return (
        not left.asked.isdisjoint(right.asked)
        and left.numbers == right.numbers
        and left.is_negated == right.is_negated
        and left.names <= right.asked
        and right.names <= left.asked
        and left.has_one_question
        and right.has_one_question
        and left.asks_yes_or_no == right.asks_yes_or_no
        and not (left.asks_yes_or_no and _is_turned_round(left, right))
    )


def _is_turned_round(left: Exchange, right: Exchange) -> bool:
    """Whether one asks for the opposite of what the other asks: "is it included?", "is it excluded?"."""
    others = right.asked - left.asked
    return any(not ANTONYMS.get(name, frozenset()).isdisjoint(others) for name in left.asked - right.asked)


def _stems(text: str) -> frozenset[str]:
    return frozenset(name for sentence in sentences(text) for name in sentence.stems if name) - _LIGHT
