"""From verified pairs to decisions: which text is a duplicate of which kept one, and what belongs together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, compress
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from dataprep.command import no_collection
from dataprep.similarity.pairs import first_occurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.guard import Difference
    from dataprep.similarity.pairs import Pairs

KEPT_COMPARED: Final = 16
"""Kept texts, the most alike first, that one text is aligned with before it counts as a text of its own."""


class Duplicate(NamedTuple):
    """A text that repeats a kept one, verified against that very text.

    Attributes:
        position: of the duplicate.
        kept: position of the text that stays.
        score: their Jaccard similarity.
    """

    position: int
    kept: int
    score: float


@dataclass(frozen=True, slots=True)
class Variant:
    """Two texts above the threshold that differ in something that means something."""

    left: int
    right: int
    score: float
    difference: Difference


def resolve(
    texts: Sequence[str] | pl.Series,
    pairs: Pairs,
    differ: Callable[[int, int], Difference | None],
    whole: Sequence[str] | pl.Series | None = None,
) -> tuple[list[Duplicate], list[Variant]]:
    """Walk the texts in order and keep each one that repeats no kept one.

    A duplicate is always verified against the text that is kept, never through a chain of others. A text that
    resembles very many kept ones is compared with the most similar of them only.

    Args:
        texts: the normal forms that `pairs` was computed on, "" for those that are not to be looked at.
        pairs: from `self_pairs` over the same texts.
        differ: the meaningful difference between two positions, if any.
        whole: the normal forms of which `texts` are parts, where they are: a text is first compared with those that
            it equals as a whole.
    """
    company = _Company.of(texts, pairs, whole)
    with no_collection():  # of a tuple for each text, it would take as long as all the rest
        return _walk(company, differ)


def _walk(company: _Company, differ: Callable[[int, int], Difference | None]) -> tuple[list[Duplicate], list[Variant]]:
    kept_by_form: dict[int, dict[int, list[int]]] = {}  # and by whole form
    duplicates: list[Duplicate] = []
    variants: list[Variant] = []
    for position, form, whole_form, start, end in company:
        seen: list[Variant] = []
        same = kept_by_form.get(form, {}).get(whole_form, ())
        found = _compare(position, same, 1.0, differ, seen) if same else None
        if found is None and form in kept_by_form:
            others = chain.from_iterable(kept for whole, kept in kept_by_form[form].items() if whole != whole_form)
            found = _compare(position, others, 1.0, differ, seen)
        if found is None and start < end:
            is_kept = map(kept_by_form.__contains__, company.others[start:end])
            for place in compress(range(start, end), is_kept):
                kept = chain.from_iterable(kept_by_form[company.others[place]].values())
                found = _compare(position, kept, company.scores.item(place), differ, seen)
                if found or len(seen) >= KEPT_COMPARED:
                    break
        if found:
            duplicates.append(found)
        else:
            kept_by_form.setdefault(form, {}).setdefault(whole_form, []).append(position)
            variants += seen
    return duplicates, variants


def _compare(
    position: int,
    kept: Iterable[int],
    score: float,
    differ: Callable[[int, int], Difference | None],
    seen: list[Variant],
) -> Duplicate | None:
    """The first of some kept texts that a text repeats; those it differs from are added to `seen`."""
    for other in kept:
        if len(seen) == KEPT_COMPARED:
            return None
        difference = differ(other, position)
        if difference is None:
            return Duplicate(position, other, score)
        seen.append(Variant(other, position, score, difference))
    return None


@dataclass(frozen=True, slots=True)
class _Company:
    """The texts that are like any other, and the others: most texts of a data set are like none.

    Attributes:
        positions: of those texts, rising.
        forms: the first text that each of them equals.
        wholes: the first text that each of them equals as a whole.
        starts: where the partners of each form begin, the most alike first.
        ends: where they end.
        others: the partners' forms.
        scores: their similarities.
    """

    positions: list[int]
    forms: list[int]
    wholes: list[int]
    starts: list[int]
    ends: list[int]
    others: list[int]
    scores: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Sequence[str] | pl.Series, pairs: Pairs, whole: Sequence[str] | pl.Series | None) -> _Company:
        column = texts if isinstance(texts, pl.Series) else pl.Series(texts, dtype=pl.String)
        forms = first_occurrence(column)
        wholes = forms if whole is None else first_occurrence(whole)
        apart = forms[pairs.left] != forms[pairs.right]
        left, right, score = pairs.left[apart], pairs.right[apart], pairs.score[apart]
        alike, again = np.zeros(forms.size, dtype=np.bool_), np.zeros(forms.size, dtype=np.bool_)
        for first in (forms, wholes):
            moved = np.flatnonzero(first != np.arange(first.size))
            alike[moved] = alike[first[moved]] = True
        alike[left] = alike[right] = True
        # When it is a text's turn, only earlier ones are kept; one that stands again later meets those in between.
        again[forms[np.flatnonzero(forms != np.arange(forms.size))]] = True
        back = again[left]
        rows, others = np.concatenate([right, left[back]]), np.concatenate([left, right[back]])
        scores = np.concatenate([score, score[back]])
        # The pairs come sorted by their left texts, and the sort is stable.
        order = np.lexsort((others, -scores, rows) if back.any() else (-scores, rows))
        rows, others, scores = rows[order], others[order], scores[order]
        positions = np.flatnonzero(alike & (column != "").to_numpy())
        starts = np.searchsorted(rows, forms[positions])
        ends = np.searchsorted(rows, forms[positions], side="right")
        forms, wholes = forms[positions], wholes[positions]
        mine = positions.tolist(), forms.tolist(), wholes.tolist(), starts.tolist(), ends.tolist()
        return cls(*mine, others.tolist(), scores)

    def __iter__(self) -> Iterator[tuple[int, int, int, int, int]]:
        return zip(self.positions, self.forms, self.wholes, self.starts, self.ends, strict=True)


def blanked(texts: pl.Series, positions: Collection[int]) -> pl.Series:
    """The texts, with "" at some positions: those that `resolve` is not to look at."""
    return texts.clone().scatter(sorted(positions), "") if positions else texts


class UnionFind:
    """Connected components that grow link by link (path halving; the smallest member is the root)."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def find(self, node: int) -> int:
        """The root of a node's component."""
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, a: int, b: int) -> bool:
        """Connect two nodes; whether they were apart before."""
        root_a, root_b = self.find(a), self.find(b)
        if root_a == root_b:
            return False
        self._parent[max(root_a, root_b)] = min(root_a, root_b)
        return True


def components(count: int, links: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """The smallest position of each position's connected component, shape (count,)."""
    pairs = np.array(list(links), dtype=np.int64).reshape(-1, 2)
    roots = np.arange(count)
    tied, numbers = np.unique(pairs, return_inverse=True)
    union = UnionFind(tied.size)
    for a, b in numbers.reshape(-1, 2).tolist():
        union.join(a, b)
    roots[tied] = tied[[union.find(node) for node in range(tied.size)]]
    return roots
