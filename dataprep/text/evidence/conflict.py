"""Evidence that two answers to one question cannot both be right.

A different wording, order or length is no conflict, and answers to an open-ended task never conflict. What counts is
hard evidence (another conclusion, quantity, date, option or label; yes against no; a statement against its negation),
reported as an error, and what only a reader or an NLI model can settle, reported as a note.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from dataprep.text.evidence.agreement import same_value
from dataprep.text.evidence.answer import Answer, read
from dataprep.text.evidence.chosen import chosen_option, named_values
from dataprep.text.evidence.code_result import bare_result
from dataprep.text.evidence.final_answer import Conclusion, possible_results
from dataprep.text.evidence.polarity import condition
from dataprep.text.evidence.prompt import Prompt, read_prompt
from dataprep.text.evidence.refusal import SHORT_WORDS, refusal
from dataprep.text.evidence.statements import opposed_statements
from dataprep.text.evidence.structured import unequal_fields
from dataprep.text.evidence.unspaced import is_denied
from dataprep.text.evidence.values import unlike_dates, unlike_quantities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataprep.text.evidence.polarity import Polarity
    from dataprep.text.evidence.quantity import Quantity
    from dataprep.text.evidence.yes_no import Question

Kind = Literal[
    "final-answer",
    "option",
    "code-result",
    "yes-no",
    "quantity",
    "date",
    "label",
    "value",
    "negation",
    "opposite",
    "exclusive",
    "prose",
]
Severity = Literal["error", "note"]

PLAIN: Final = 0.5
"""Least share of a yes-no question that both answers must speak of for their sides to be an error, not a note."""

LONG: Final = 150
"""Words and marks from which prose says too much for its side to be read with certainty."""

_ARTICLES: Final = frozenset(["a", "an"])
CLEAR: Final = 0.6
"""Least balance of yes and no in both, likewise."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why two answers exclude one another.

    Attributes:
        kind: what the evidence is.
        left: its words in the first answer.
        right: its words in the second.
        left_span: where those stand in the first answer, in characters.
        right_span: where those stand in the second.
        severity: "error" for hard evidence, "note" for what should be reviewed.
        probability: that they contradict each other, where a model was asked.
    """

    kind: Kind
    left: str
    right: str
    left_span: tuple[int, int] = (0, 0)
    right_span: tuple[int, int] = (0, 0)
    severity: Severity = "error"
    probability: float | None = None

    def describe(self) -> str:
        """For a message: `14 days vs 30 days`."""
        return f"{self.left} vs {self.right}"

    def swapped(self) -> Conflict:
        """The same evidence seen from the other answer."""
        return replace(self, left=self.right, right=self.left, left_span=self.right_span, right_span=self.left_span)


Compare = Callable[[str, str, str], Conflict | None]
"""What excludes an answer from another: their evidence, given both and the prompt."""


def conflict(left: str, right: str, prompt: str = "") -> Conflict | None:
    """The strongest evidence that two answers to one question contradict each other, or None.

    Args:
        left: an answer, as written.
        right: another answer to the same question, as written.
        prompt: the question; what it asks for decides which differences matter.
    """
    if not left.strip() or not right.strip() or left.casefold().split() == right.casefold().split():
        return None
    asked = read_prompt(prompt)
    if asked.is_open and not asked.is_rewording:
        return None
    note = None
    for found in _evidence(read(left), read(right), asked):
        if found.severity == "error":
            return found
        note = note or found
    return note


def _evidence(left: Answer, right: Answer, prompt: Prompt) -> Iterator[Conflict]:
    if prompt.is_rewording:
        # Any wording will do there, but not another number.
        for unlike in unlike_quantities(left, right, prompt):
            yield _conflict("quantity", left, right, unlike.left, unlike.right, is_hard=False)
        return
    concluded, is_settled = _conclusions(left, right, prompt)
    yield from concluded
    if is_settled:
        return  # working is judged by its conclusion
    fields = list(unequal_fields(left, right))
    for unequal in fields:
        yield _conflict("value", left, right, unequal.left, unequal.right, is_hard=unequal.is_hard)
    if fields:
        return
    if is_denied(left, right):
        yield _conflict("yes-no", left, right, (0, len(left.text)), (0, len(right.text)))
        return
    opposed_sides, is_agreed = _sides(left, right, prompt)
    yield from opposed_sides
    for unlike in unlike_quantities(left, right, prompt):
        yield _conflict("quantity", left, right, unlike.left, unlike.right, is_hard=unlike.is_hard)
    for unlike in unlike_dates(left, right, prompt):
        yield _conflict("date", left, right, unlike.left, unlike.right, is_hard=unlike.is_hard)
    for kind, unlike in named_values(left, right, prompt):
        yield _conflict(kind, left, right, unlike.left, unlike.right, is_hard=unlike.is_hard)
    for opposed in opposed_statements(left, right):
        if opposed.kind == "negation" and is_agreed:
            continue
        # Of a yes-no question the sides decide; a negation that takes none may be of something else.
        is_hard = opposed.is_hard and (opposed.kind != "negation" or prompt.question is None)
        yield _conflict(opposed.kind, left, right, opposed.left, opposed.right, is_hard=is_hard)


def _conflict(
    kind: Kind,
    left: Answer,
    right: Answer,
    left_span: tuple[int, int],
    right_span: tuple[int, int],
    *,
    is_hard: bool = True,
) -> Conflict:
    words = left.shown(*left_span), right.shown(*right_span)
    return Conflict(kind, *words, left_span, right_span, "error" if is_hard else "note")


def _conclusions(left: Answer, right: Answer, prompt: Prompt) -> tuple[list[Conflict], bool]:
    """Evidence in what the answers come to, and whether that settles it."""
    options = chosen_option(left, prompt), chosen_option(right, prompt)
    if options[0] is not None and options[1] is not None:
        return _unlike("option", left, right, options[0], options[1]), True
    results = code_result(left, prompt), code_result(right, prompt)
    if results[0] is not None and results[1] is not None:
        return _unlike("code-result", left, right, results[0], results[1]), True
    mine, theirs = left.conclusion, right.conclusion
    if mine is None or theirs is None:
        return _against_working(left, right, mine, theirs, prompt)
    found = _unlike("final-answer", left, right, mine, theirs)
    are_comparable = mine.agrees(theirs) is not None or {mine.kind, theirs.kind} <= {"number", "formula"}
    return found, are_comparable


def _unlike(kind: Kind, left: Answer, right: Answer, mine: Conclusion, theirs: Conclusion) -> list[Conflict]:
    agrees = mine.agrees(theirs)
    if agrees or (agrees is None and not mine.kind == theirs.kind == "formula"):
        return []
    # One formula may be the other rewritten.
    spans = (mine.start, mine.end), (theirs.start, theirs.end)
    return [_conflict(kind, left, right, *spans, is_hard=agrees is False)]


def code_result(answer: Answer, prompt: Prompt) -> Conclusion | None:
    """What a program gives; where a program is asked for, only what it returns itself counts."""
    is_told = prompt.asks_result and not prompt.asks_code
    told = answer.said_result or _bare(answer) or bare_result(answer.text) if is_told else None
    return told or answer.returned_result


def _against_working(
    left: Answer, right: Answer, mine: Conclusion | None, theirs: Conclusion | None, prompt: Prompt
) -> tuple[list[Conflict], bool]:
    """A marked number against the result of a calculation, or two such results."""
    a, b = mine or left.computed, theirs or right.computed
    if a is None and b is None:
        return [], False
    a, b = a or _only_number(left, prompt), b or _only_number(right, prompt)
    if a is None or b is None or a.kind != "number" or b.kind != "number":
        return [], False
    # An unmarked result may be any number of its last line.
    for unmarked, answer, other in ((mine is None, left, b), (theirs is None, right, a)):
        if unmarked and any(same_value(value, float(other.value), 1e-6) for value in possible_results(answer.prose)):
            return [], True
    return _unlike("final-answer", left, right, a, b), True


def _bare(answer: Answer) -> Conclusion | None:
    """An answer that is nothing but a number."""
    items = answer.quantities
    if len(items) != 1 or answer.prose.strip(" .$€£%*\n") != items[0].text.strip(" .$€£%"):
        return None
    return _of_quantity(items[0])


def _only_number(answer: Answer, prompt: Prompt) -> Conclusion | None:
    """The one number of a short answer that the prompt has not."""
    given = {item.low for item in prompt.given}
    items = [item for item in answer.quantities if item.low not in given] or answer.quantities
    return _of_quantity(items[0]) if len(items) == 1 and answer.length <= SHORT_WORDS else None


def _of_quantity(item: Quantity) -> Conclusion | None:
    if item.low != item.high:
        return None
    value = item.low / item.scale if item.scale else item.low
    return Conclusion("number", value, item.text, item.start, item.end, item if item.dimension != "bare" else None)


def _sides(left: Answer, right: Answer, prompt: Prompt) -> tuple[list[Conflict], bool]:
    """Yes against no, and whether both take the same side."""
    a, b = left.opening, right.opening
    if prompt.question is not None and prompt.question.is_negative:
        return [], False  # "don't you ship there?" - "yes" and "no" may say the same
    if a is not None and b is not None:
        conditions = condition(left.text, a[2]), condition(right.text, b[2])
        # "Yes, if it is open" and "no, unless it is open" may well say the same.
        is_hard = None in conditions or conditions[0] == conditions[1]
        opposed = [_conflict("yes-no", left, right, a[1:], b[1:], is_hard=is_hard)]
        return ([] if a[0] == b[0] else opposed), a[0] == b[0]
    if prompt.question is None:
        return ([] if prompt.text else _against_yes(left, right, prompt)), False
    mine, theirs = left.side(prompt.question), right.side(prompt.question)
    if not mine.side or not theirs.side:
        return _against_yes(left, right, prompt, is_hard=False), False
    if mine.side == theirs.side:
        return [], True
    is_clear = min(mine.match, theirs.match) >= PLAIN and min(abs(mine.score), abs(theirs.score)) >= CLEAR
    is_hard = (
        is_clear and max(left.length, right.length) <= LONG and _is_denied_what_is_said(mine, theirs, prompt.question)
    )
    told = (refusal(answer, prompt.lower, prompt.content) for answer in (left, right))
    is_hard = is_hard and all(found is None or found.is_general for found in told)
    is_hard = is_hard or any(found.severity == "error" for found in _against_yes(left, right, prompt))
    return [_conflict("yes-no", left, right, mine.span, theirs.span, is_hard=is_hard)], False


def _against_yes(left: Answer, right: Answer, prompt: Prompt, *, is_hard: bool = True) -> list[Conflict]:
    """An answer that opens with yes against a short one whose verb is negated."""
    for opened, told, other in ((left.opening, left, right), (right.opening, right, left)):
        if opened is None or opened[0] != 1:
            continue
        known = prompt.content or {name for sentence in told.sentences for name in sentence.content}
        if denied := refusal(other, prompt.lower, known):
            spans = opened[1:], (denied.start, denied.end)
            sides = spans if other is right else spans[::-1]
            return [_conflict("yes-no", left, right, *sides, is_hard=is_hard and denied.is_general)]
    return []


def _is_denied_what_is_said(left: Polarity, right: Polarity, question: Question) -> bool:
    """Whether what one side denies is what the other affirms.

    "An interpreted language" does not affirm that it is compiled, nor "a dwarf planet" that it is a planet.
    """
    yes, no = (left, right) if left.score > 0 else (right, left)
    if yes.sentence is None:
        return True
    stems, words = yes.sentence.stems, yes.sentence.words
    is_narrowed = any(
        name in no.denied and words[place - 2] in _ARTICLES and stems[place - 1] not in {"", *question.weights}
        for place, name in enumerate(stems)
        if place > 1
    )
    return no.denied <= yes.met and not is_narrowed
