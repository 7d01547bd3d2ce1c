"""Texts inside texts: items of one column of which a row of another holds a good part, and the reverse.

An item is cut into n-grams of words: of eight, of half its words where it has fewer than sixteen, of all where it has
fewer than eight. What counts is how much of it lies inside n-grams that one and the same row has, not that any n-gram
is shared: some are shared by chance. Words weigh less the more items and rows have the n-grams they stand in, so that
boilerplate proves nothing, and n-grams of very many items weigh nothing at all. In scripts without spaces a character
is a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dataprep.similarity.column import Column
from dataprep.similarity.items import Items
from dataprep.similarity.reworded import blocks

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


COVERAGE: Final = 0.5
"""Share of an item's weight that one row must have."""

SAMPLE: Final = 1 << 16
"""Rows from which it is learnt which n-grams are boilerplate."""

BLOCK: Final = 1 << 26
"""Bytes of items in one table; more items are searched one table after the other."""

_ALONE: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WORD: Final = rf"[{_ALONE}]|[^\s{_ALONE}]+"
"""A word, as a regular expression."""

_WORD: Final = re.compile(WORD)


@dataclass(frozen=True, slots=True)
class Contained:
    """Items and the rows that have a good part of them, or of which they have one; sorted by row and item.

    Attributes:
        row: positions of the rows.
        item: positions of the items.
        coverage: share of the weight of the item that the row has, or the reverse.
        item_inside: whether it is the item that lies inside the row.
        weight: how many words that stand nowhere else what the row has of the item is worth; 0 for the reverse.
        row_words: first word and the one behind the last, shape (pairs, 2), between which the shared words stand in
            the row.
        item_words: the same in the item.
        limits: what was left out, in words.
    """

    row: NDArray[np.int64]
    item: NDArray[np.int64]
    coverage: NDArray[np.float64]
    item_inside: NDArray[np.bool_]
    weight: NDArray[np.float64]
    row_words: NDArray[np.int64]
    item_words: NDArray[np.int64]
    limits: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return int(self.row.size)

    def where(self, chosen: NDArray[Any]) -> Contained:
        """Some of the pairs, by their places or a mask."""
        return Contained(
            self.row[chosen],
            self.item[chosen],
            self.coverage[chosen],
            self.item_inside[chosen],
            self.weight[chosen],
            self.row_words[chosen],
            self.item_words[chosen],
            self.limits,
        )


def contained(rows: pl.Series, items: pl.Series, *, coverage: float = COVERAGE, same: bool = False) -> Contained:
    """All items inside rows, and rows inside items.

    Args:
        rows: normalised texts, the many.
        items: normalised texts to be found in them.
        coverage: least share of the weight of the one that must stand in the other.
        same: whether the items are the rows; a text is then found in itself as well.
    """
    streamed = Column.of(rows)
    # Copies of a row say nothing about how common its words are.
    sample = Column.of(rows.gather_every(max(1, -(-rows.len() // SAMPLE))).unique(maintain_order=True))
    found, totals, short = [], [np.empty(0)], 0
    for first, part in blocks(items, BLOCK):
        table = Items.of(part, sample, rows.len(), of_rows=same)
        hits, shares = table.scan(streamed, coverage)
        hits[:, 0] += first
        found.append((hits, shares))
        totals.append(table.totals.astype(np.float64))
        short += table.unspecific
    hits = np.concatenate([np.empty((0, 7), dtype=np.int64), *(hits for hits, _ in found)])
    shares = np.concatenate([np.empty(0), *(shares for _, shares in found)])
    order = np.lexsort((hits[:, 0], hits[:, 1]))
    hits, shares = hits[order], shares[order]
    limits = [f"{short:,} short texts are not specific enough to be looked for inside others"] if short else []
    is_inside = hits[:, 2] == 1
    weight = np.where(is_inside, shares * np.concatenate(totals)[hits[:, 0]], 0.0)
    return Contained(hits[:, 1], hits[:, 0], shares, is_inside, weight, hits[:, 5:7], hits[:, 3:5], limits)


def word_places(text: str) -> list[tuple[int, int]]:
    """First character of each word of a text, and the one behind its last."""
    return [match.span() for match in _WORD.finditer(text)]
