"""An answer read once: the parts of it that evidence is looked for in."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import Final

from dataprep.text.evidence.code_result import returned_result, said_result
from dataprep.text.evidence.dates import Date, dates_among
from dataprep.text.evidence.final_answer import (
    Conclusion,
    computed_result,
    final_answer,
    may_conclude,
    without_calculator_marks,
)
from dataprep.text.evidence.lazy import lazy
from dataprep.text.evidence.polarity import Polarity, opening_side, side_of
from dataprep.text.evidence.quantities import quantities_among
from dataprep.text.evidence.quantity import Quantity
from dataprep.text.evidence.task_kind import is_label
from dataprep.text.evidence.words import Sentence, sentences
from dataprep.text.evidence.yes_no import Question

_CODE: Final = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_NOT_PROSE: Final = re.compile(
    r"\{\{[^{}\n]*\}\}|\b[a-z_]\w*\((?:'[^'\n]*'|\"[^\"\n]*\")\)|https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.\w{2,24}){1,4}|"
    r"\+\d[\d\s().-]{6,}\d|(?<![\w.,])(?:1[\s.-])?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\d)"
)
_CODE_LINE: Final = re.compile(
    r"(?: {4,}|\t+)[a-z_]\w*\s?=\s|"
    r"\s*(?:def |class |import |from \w+ import|return\b|for .*:\s*$|while .*:\s*$|#include|public |private |"
    r"static |function\b|const |let |var |SELECT\b|<\w+[^>]*>|[}\])];?\s*$|[a-z_]{2}\w{0,60}\s?=\s?[^\s\d]|"
    r"print\(|console\.|System\.out|"
    r"(?:if|elif) .*:\s*$|(?:else|try):\s*$|>>> |\"{3}|'{3}|[a-z_]\w*\s?[-+*/|&]=\s)"
)
_LONG_NUMBER: Final = re.compile(r"\+\d|\d{3}\)?[\s.-]\d{3}")
MOST_CODE_LINES: Final = 0.4
"""Share of lines that look like code from which an answer is a program and no prose."""


class Answer:
    """What an answer says; each part is read when it is first asked for.

    Args:
        text: the answer, as written.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._read = _ends(text)
        self._side: tuple[Question, Polarity] | None = None

    @lazy
    def prose(self) -> str:
        """The text with code, placeholders, addresses and calculator marks blanked out, every place kept."""
        text = without_calculator_marks(self._read)
        if "```" in text or "~~~" in text:
            text = _CODE.sub(_blank, text)
        if any(mark in text for mark in ("{{", "://", "www.", "@", "('", '("')) or _LONG_NUMBER.search(text):
            text = _NOT_PROSE.sub(_blank, text)
        if "\n" not in text:
            return text
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and sum(bool(_CODE_LINE.match(line)) for line in lines) >= MOST_CODE_LINES * len(lines):
            return " " * len(text)
        return text

    @lazy
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the prose."""
        return sentences(self.prose)

    @lazy
    def words(self) -> frozenset[str]:
        """All its words."""
        return frozenset(chain.from_iterable(sentence.words for sentence in self.sentences))

    @lazy
    def is_label(self) -> bool:
        """Whether it is a label, not a sentence."""
        return is_label(self.text)

    @lazy
    def length(self) -> int:
        """How many words and marks it has."""
        return sum(len(sentence.words) for sentence in self.sentences)

    def side(self, question: Question) -> Polarity:
        """The side it takes on a yes-no question; that on the last one asked is kept."""
        if self._side is None or self._side[0] is not question:
            self._side = (question, side_of(self.text, self.sentences, question))
        return self._side[1]

    @lazy
    def conclusion(self) -> Conclusion | None:
        """The conclusion it marks as one."""
        return final_answer(self._read) if may_conclude(self._read, self.words) else None

    @lazy
    def computed(self) -> Conclusion | None:
        """The result of its calculation, where it calculates."""
        return computed_result(self.prose) if "=" in self.text else None

    @lazy
    def said_result(self) -> Conclusion | None:
        """The literal it says a program gives."""
        return said_result(self._read)

    @lazy
    def returned_result(self) -> Conclusion | None:
        """The literal that its program gives."""
        return returned_result(self._read)

    @lazy
    def dates(self) -> list[Date]:
        """The dates it gives."""
        return dates_among(self.prose, self.words)

    @lazy
    def quantities(self) -> list[Quantity]:
        """The quantities it gives, dates left out."""
        return quantities_among(self.prose, self.words, [(date.start, date.end) for date in self.dates])

    @lazy
    def opening(self) -> tuple[int, int, int] | None:
        """The yes (1) or no (-1) it opens with or marks as its conclusion, and where."""
        ended = self.conclusion
        if ended is not None and ended.kind == "yes-no":
            return 1 if ended.value == "yes" else -1, ended.start, ended.end
        return opening_side(self.text)

    def sentence_at(self, place: int) -> Sentence | None:
        """The sentence that holds a place of the text."""
        return next((sentence for sentence in self.sentences if sentence.start <= place < sentence.end), None)

    def shown(self, start: int, end: int) -> str:
        """A stretch of the text as a message shows it: on one line, cut behind 80 characters."""
        text = " ".join(self.text[start:end].split())
        return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1].rstrip() + "…"


LONGEST_SHOWN: Final = 80

READ: Final = 10_000
"""Characters at either end of an answer that are read: nobody states a conclusion in the middle of a book."""


def _ends(text: str) -> str:
    """The text with its middle blanked out where it is long, every place kept."""
    if len(text) <= 2 * READ:
        return text
    return text[:READ] + "\n" + "\0" * (len(text) - 2 * READ - 1) + text[-READ:]


def _blank(match: re.Match[str]) -> str:
    return "".join("\n" if character == "\n" else " " for character in match.group())


@lru_cache(maxsize=2048)
def read(text: str) -> Answer:
    """The parsed form of an answer; the last ones are kept, since each is compared with several others."""
    return Answer(text)
