"""Values that answers give for the same thing: quantities, dates, times, names."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from dataprep.text.evidence.agreement import TOLERANCE, agree, comparable, same_value
from dataprep.text.evidence.dates import Date
from dataprep.text.evidence.prompt import BARE, COUNT, MONEY
from dataprep.text.evidence.quantity import Quantity
from dataprep.text.evidence.statements import SENTENCE_OVERLAP, SHORT
from dataprep.text.evidence.units import FREQUENCY
from dataprep.text.evidence.words import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataprep.text.evidence.answer import Answer
    from dataprep.text.evidence.prompt import Prompt
    from dataprep.text.evidence.words import Sentence

FOCUS: Final = 3
"""An answer with more quantities of one dimension than this is no single fact that another answer could oppose."""

OVERLAP: Final = 0.3
"""Least share of the shorter sentence's content words for two quantities to be of the same thing."""

_ENDS: Final = tuple(
    tuple(map(stem, pair.split()))
    for pair in (
        "start end|begin end|open close|minimum maximum|arrive depart|arrival departure|buy sell|first last|"
        "lowest highest|sunrise sunset|earliest latest|deposit withdrawal"
    ).split("|")
)
"""Words for things that go together and have a value each."""

_YEAR: Final = re.compile(r"[\s*_`\"']*([12]\d{3})[\s*_`\"'.]*")
_FREE: Final = re.compile(
    r"\bfree(?:\s+of\s+charge)?\b(?!\s*-?(?:shipping|delivery|returns?|from|to|of\s+(?!charge)))|\bno\s+(?:[a-z]+\s+){0,2}?(?:fees?|charges?|costs?)\b|"
    r"\bat no (?:extra |additional )?cost\b|\bwithout (?:any |extra |additional )?(?:fees?|charges?|costs?)\b|"
    r"\bincluded in the (?:[a-z]+ )?(?:price|rate|fee|cost)\b|\bcomplimentary\b|"
    r"\bkostenlos\b|\bgratuit\w*\b|\bgratis\b|免费",
    re.IGNORECASE,
)


class Unlike(NamedTuple):
    """Values that cannot both be right, by their places in either answer, and how sure it is they are of one thing."""

    left: tuple[int, int]
    right: tuple[int, int]
    is_hard: bool


def unlike_quantities(left: Answer, right: Answer, prompt: Prompt) -> Iterator[Unlike]:
    """Quantities of one dimension that disagree and are of the same thing.

    Quantities that the prompt itself gives are no answers to it.
    """
    ours, others = _with_free(left, right), _with_free(right, left)
    if not ours or not others:
        return
    given = [] if prompt.is_rewording else prompt.given
    ours = [item for item in ours if not _is_given(item, given)]
    others = [item for item in others if not _is_given(item, given)]
    # The price agrees that was asked for: up to which weight it holds is another matter.
    is_settled = any(
        mine.dimension.split()[0] in prompt.measures and _comparable(mine, theirs) and agree(mine, theirs)
        for mine in ours
        for theirs in others
    )
    if prompt.measures:
        yield from _without_unit(left, ours, right, others)
    if COUNT not in prompt.measures:
        is_number_asked = BARE in prompt.measures and max(left.length, right.length) <= SHORT
        is_number_asked = is_number_asked and len(ours) == len(others) == 1
        if not is_number_asked:
            ours, others = _measured(left, ours), _measured(right, others)
    for dimension in dict.fromkeys(item.dimension for item in ours):
        mine = [item for item in ours if item.dimension == dimension]
        theirs = [item for item in others if item.dimension == dimension]
        if dimension == FREQUENCY and FREQUENCY not in prompt.measures and _names_money(left, right):
            continue  # $10 monthly may be $120 yearly
        if not theirs and dimension.startswith((COUNT, "bare")) and COUNT in prompt.measures:
            theirs = _only_count(others)
            mine = _only_count(ours)
        if not theirs or not mine or len(mine) > FOCUS or len(theirs) > FOCUS:
            continue
        if any(not _comparable(a, b) or agree(a, b) for a in mine for b in theirs):
            continue
        for found in _same_thing(left, mine, right, theirs, is_asked=dimension.split()[0] in prompt.measures):
            yield found._replace(is_hard=found.is_hard and not is_settled)


def _names_money(*answers: Answer) -> bool:
    return any(item.dimension.startswith(MONEY) for answer in answers for item in answer.quantities)


def _measured(answer: Answer, items: list[Quantity]) -> list[Quantity]:
    """Those that say what they measure: a bare number does only as a whole answer, and "one" is mostly an article."""
    return [
        item
        for item in items
        if not _is_article(item)
        and (item.dimension != "bare" or (answer.length <= SHORT and not _has_words_around(answer, item)))
    ]


def _without_unit(left: Answer, ours: list[Quantity], right: Answer, others: list[Quantity]) -> Iterator[Unlike]:
    """The one quantity of a short answer against the bare number of another: "18 years old", "over 16"."""
    if len(ours) != 1 or len(others) != 1 or max(left.length, right.length) > SHORT:
        return
    (mine,), (theirs,) = ours, others
    if (
        (mine.dimension == "bare") == (theirs.dimension == "bare")
        or mine.low != mine.high
        or theirs.low != theirs.high
    ):
        return
    if not same_value(mine.low / mine.scale, theirs.low / theirs.scale, TOLERANCE):
        yield Unlike((mine.start, mine.end), (theirs.start, theirs.end), is_hard=False)


def _is_article(item: Quantity) -> bool:
    return item.low == item.high == 1.0 and item.dimension.startswith("count ") and item.text[:1].isalpha()


def _comparable(left: Quantity, right: Quantity) -> bool:
    both_count = left.dimension.startswith(("count", "bare")) and right.dimension.startswith(("count", "bare"))
    return (both_count and left.per == right.per) or comparable(left, right)


def _only_count(items: list[Quantity]) -> list[Quantity]:
    """The one number that an answer to "how many" gives, whatever it counts."""
    found = [item for item in items if item.dimension.startswith(("count", "bare"))]
    return found if len(found) == 1 else []


def _is_given(item: Quantity, asked: list[Quantity]) -> bool:
    return any(item.dimension == other.dimension and item.low == other.low for other in asked)


def _with_free(answer: Answer, other: Answer) -> list[Quantity]:
    """The quantities, with a price of nothing where the other answer names one and this does not."""
    items = answer.quantities
    if any(item.dimension.startswith(MONEY) for item in items):
        return items
    priced = next((item for item in other.quantities if item.dimension.startswith(MONEY)), None)
    match = _FREE.search(answer.prose) if priced is not None else None
    if priced is None or match is None:
        return items
    return [*items, Quantity(priced.dimension, 0.0, 0.0, match.group(), *match.span())]


def _same_thing(
    left: Answer, mine: list[Quantity], right: Answer, theirs: list[Quantity], *, is_asked: bool
) -> Iterator[Unlike]:
    a, b = _around(left, mine), _around(right, theirs)
    spans = _span(mine), _span(theirs)
    is_other = not _lies_between(mine, theirs) and not _lies_between(theirs, mine)
    if not a or not b:
        yield Unlike(*spans, is_hard=is_other)  # an answer of nothing but the quantity
        return
    is_same = len(a & b) >= max(1.0, OVERLAP * min(len(a), len(b)))
    is_short = left.length <= SHORT and right.length <= SHORT
    if (not is_same and not (is_asked and is_short)) or _are_ends(left, a, right, b):
        return
    yield Unlike(*spans, is_hard=is_other and not _contrasted(left, mine, right, theirs) and (is_asked or is_short))


def _lies_between(items: list[Quantity], others: list[Quantity]) -> bool:
    """Whether one value lies between several: 8 minutes, and "10 minutes for a hard yolk, 6 for a soft one"."""
    if len(items) != 1 or len(others) == 1:
        return False
    return min(item.low for item in others) < items[0].low <= items[0].high < max(item.high for item in others)


def _are_ends(left: Answer, a: set[str], right: Answer, b: set[str]) -> bool:
    """Whether the quantities are of things that go together: when it opens and closes; "open until" is the latter."""
    if "until" in left.words | right.words:
        return False
    return any((one in a - b and other in b - a) or (one in b - a and other in a - b) for one, other in _ENDS)


def _around(answer: Answer, items: list[Quantity]) -> set[str]:
    """Stems of the words of content around the first of the quantities, without their own."""
    return set(_words_around(answer, items))


def _has_words_around(answer: Answer, item: Quantity) -> bool:
    """Whether there are any; more than the quantity has letters cannot all be its own, wherever they stand."""
    sentence = answer.sentence_at(item.start)
    names = sum(not name[0].isdigit() for name in sentence.content) if sentence is not None else 0
    return names > item.end - item.start or any(_words_around(answer, [item]))


def _words_around(answer: Answer, items: list[Quantity]) -> Iterator[str]:
    sentence = answer.sentence_at(items[0].start)
    if sentence is None:
        return
    for name, place in sentence.content.items():
        start = sentence.spans[place][0]
        if not name[0].isdigit() and not any(item.start <= start < item.end for item in items):
            yield name


def _contrasted(left: Answer, mine: list[Quantity], right: Answer, theirs: list[Quantity]) -> bool:
    """Whether the same word is qualified in two ways: "standard delivery", "express delivery"."""
    pairs = []
    for answer, items in ((left, mine), (right, theirs)):
        sentence = answer.sentence_at(items[0].start)
        stems = _stems_beside(sentence, items) if sentence else []
        pairs.append(({b: a for a, b in pairwise(stems) if a and b}, set(stems)))
    (before, all_mine), (other, all_theirs) = pairs
    return any(
        before[head] != other[head] and before[head] not in all_theirs and other[head] not in all_mine
        for head in before.keys() & other.keys()
    )


def _stems_beside(sentence: Sentence, items: list[Quantity]) -> list[str]:
    """The stems of a sentence, "" for those that belong to the quantities themselves: "2-year warranty"."""
    own = [(item.start, item.end) for item in items]
    return [
        "" if name[:1].isdigit() or any(first <= start < last for first, last in own) else name
        for name, (start, _) in zip(sentence.stems, sentence.spans, strict=True)
    ]


def _span(items: list[Quantity]) -> tuple[int, int]:
    return items[0].start, items[0].end


def _bare_year(answer: Answer) -> list[Date]:
    """The year that is all an answer to "when" says."""
    match = _YEAR.fullmatch(answer.text)
    return [Date(int(match[1]), None, None, match[1], *match.span(1))] if match else []


def unlike_dates(left: Answer, right: Answer, prompt: Prompt) -> Iterator[Unlike]:
    """Dates that disagree, where the prompt asks for one or the sentences around them are alike."""
    mine, theirs = left.dates, right.dates
    if prompt.asks_when:
        mine, theirs = mine or _bare_year(left), theirs or _bare_year(right)
    if not mine or not theirs or len(mine) > FOCUS or len(theirs) > FOCUS:
        return
    if any(a.agrees(b) for a in mine for b in theirs) or not mine[0].shares_a_part(theirs[0]):
        return
    a, b = left.sentence_at(mine[0].start), right.sentence_at(theirs[0].start)
    if a is None or b is None:
        return
    here, there = ({name for name in sentence.content if not name[0].isdigit()} for sentence in (a, b))
    is_same = len(here & there) >= SENTENCE_OVERLAP * min(len(here), len(there))
    is_short = left.length <= SHORT and right.length <= SHORT
    if is_same or (prompt.asks_when and is_short):
        spans = (mine[0].start, mine[0].end), (theirs[0].start, theirs[0].end)
        yield Unlike(*spans, is_hard=is_short)
