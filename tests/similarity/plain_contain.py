"""The search for texts inside texts as it is defined, without hashes, tables or compiled loops."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence

from dataprep.similarity.items import EVIDENCE, FREQUENT, LONGEST, REPEATS, SHARED, SHORTEST, SURPRISE

_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_ALONE}]|[^\s{_ALONE}]+")

Gram = tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Words, or characters in scripts without spaces."""
    return _WORD.findall(text)


def grams_of(words: Sequence[str], width: int) -> list[Gram]:
    """All n-grams, repeated ones too."""
    return [tuple(words[place : place + width]) for place in range(len(words) - width + 1)] if width else []


def rarity(count: int, total: int) -> float:
    """1 for what one of all has, 0 for what all have."""
    return 1.0 if total <= 1 else math.log(total / min(max(count, 1), total)) / math.log(total)


class Plain:
    """Rows and items, and what their n-grams weigh."""

    def __init__(self, rows: Sequence[str], items: Sequence[str]) -> None:
        self.rows, self.items = [words_of(row) for row in rows], [words_of(item) for item in items]
        self.distinct = [words_of(row) for row in dict.fromkeys(rows)]
        self.widths = [self.width(item) for item in self.items]
        self.having: dict[Gram, set[str]] = defaultdict(set)
        for text, words, width in zip(items, self.items, self.widths, strict=True):
            for gram in grams_of(words, width):
                self.having[gram].add(text)

    def width(self, item: list[str]) -> int:
        """Words of its n-grams, 0 where it is not looked for."""
        if len(item) < SHORTEST:
            return 0
        if len(item) >= LONGEST:
            return min(LONGEST, -(-len(item) // 2))
        rare = sum(math.log((len(self.distinct) + 1) / (self.rows_with((word,)) + 0.5)) for word in item)
        return 0 if rare < math.log(max(len(self.rows), 1)) + SURPRISE else len(item)

    def rows_with(self, gram: Gram) -> int:
        """In how many distinct rows it stands."""
        return sum(gram in grams_of(row, len(gram)) for row in self.distinct)

    def weight(self, gram: Gram) -> float:
        """What it proves."""
        others = len(self.having[gram])
        return rarity(self.rows_with(gram), len(self.distinct)) / others if others <= SHARED else 0.0

    def counts(self, grams: Sequence[Gram], place: int) -> bool:
        """Whether an n-gram of an item does not stand there too often already."""
        most = min(REPEATS, SHARED // len(self.having[grams[place]]))
        return grams[:place].count(grams[place]) < most

    def found(self, number: int, row: list[str], coverage: float) -> tuple[float, bool] | None:
        """How much of the item, or of the row, is covered, and whether it is the item."""
        item, width = self.items[number], self.widths[number]
        if not width:
            return None
        grams = grams_of(item, width)
        by_word: list[list[float]] = [[] for _ in item]
        for place, gram in enumerate(grams):
            for step in range(width):
                by_word[place + step].append(self.weight(gram) if self.counts(grams, place) else 0.0)
        weights = [sum(values) / len(values) for values in by_word]
        mine: set[int] = set()
        theirs: dict[int, float] = {}
        for place, gram in enumerate(grams_of(row, width)):
            for begin, other in enumerate(grams):
                if other == gram and self.weight(gram) > 0 and self.counts(grams, begin):
                    for step in range(width):
                        mine.add(begin + step)
                        theirs.setdefault(place + step, weights[begin + step])
        covered, shared = sum(weights[place] for place in mine), sum(theirs.values())
        share = covered / sum(weights) if sum(weights) > 0 else 0.0
        if share >= coverage and covered >= EVIDENCE:
            return share, True
        row_share = shared / (shared + len(row) - len(theirs)) if shared > 0 else 0.0
        if row_share >= coverage and shared >= EVIDENCE:
            return row_share, False
        is_common = min(self.rows_with(gram) for gram in grams) > max(FREQUENT * len(self.distinct), 1)
        return (1.0, True) if mine and tuple(item) in grams_of(row, len(item)) and not is_common else None
