"""From verified pairs to decisions: which text is a duplicate of which kept one, and what belongs together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dataprep.similarity.guard import Difference
    from dataprep.similarity.pairs import Pairs

KEPT_COMPARED: Final = 16
"""Kept texts, the most alike first, that one text is aligned with before it counts as a text of its own."""


@dataclass(frozen=True, slots=True)
class Duplicate:
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
    texts: Sequence[str],
    pairs: Pairs,
    differ: Callable[[int, int], Difference | None],
    whole: Sequence[str] | None = None,
) -> tuple[list[Duplicate], list[Variant]]:
    """Walk the texts in order and keep each one that repeats no kept one.

    A duplicate is always verified against the text that is kept, never through a chain of others. A text that
    resembles very many kept ones is compared with the most similar of them only.

    Args:
        texts: the normal forms that `pairs` was computed on.
        pairs: from `self_pairs` over the same texts.
        differ: the meaningful difference between two positions, if any.
        whole: the normal forms of which `texts` are parts, where they are: a text is first compared with those that
            it equals as a whole.
    """
    whole = whole or texts
    first: dict[str, int] = {}
    form_of = [first.setdefault(text, position) for position, text in enumerate(texts)]
    starts, partners, scores = _by_row(pairs, form_of)
    kept_by_form: dict[int, list[int]] = {}
    kept_by_whole: dict[str, list[int]] = {}
    duplicates: list[Duplicate] = []
    variants: list[Variant] = []
    for position, form in enumerate(form_of):
        if not texts[position]:
            continue
        found: Duplicate | None = None
        seen: list[Variant] = []
        same = kept_by_whole.get(whole[position], ())
        near = range(starts[form], starts[form + 1])
        groups: Iterator[tuple[Sequence[int], float]] = chain(
            ((same, 1.0), ([kept for kept in kept_by_form.get(form, ()) if kept not in same], 1.0)),
            ((kept_by_form.get(partners[place], ()), scores[place]) for place in near),
        )
        for group, score in groups:
            for kept in group[: KEPT_COMPARED - len(seen)]:
                difference = differ(kept, position)
                if difference is None:
                    found = Duplicate(position, kept, score)
                    break
                seen.append(Variant(kept, position, score, difference))
            if found or len(seen) >= KEPT_COMPARED:
                break
        if found:
            duplicates.append(found)
        else:
            kept_by_form.setdefault(form, []).append(position)
            kept_by_whole.setdefault(whole[position], []).append(position)
            variants += seen
    return duplicates, variants


def _by_row(pairs: Pairs, form_of: Sequence[int]) -> tuple[list[int], list[int], list[float]]:
    """The partners of each text and their scores, the most alike first: those of row i from starts[i] on."""
    forms = np.asarray(form_of, dtype=np.int64)
    apart = forms[pairs.left] != forms[pairs.right]
    left, right, score = pairs.left[apart], pairs.right[apart], pairs.score[apart]
    rows, partners, scores = np.concatenate([left, right]), np.concatenate([right, left]), np.tile(score, 2)
    order = np.lexsort((partners, -scores, rows))
    starts = np.searchsorted(rows[order], np.arange(forms.size + 1))
    return starts.tolist(), partners[order].tolist(), scores[order].tolist()


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


def components(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """The smallest position of each position's connected component."""
    union = UnionFind(count)
    for a, b in links:
        union.join(a, b)
    return [union.find(node) for node in range(count)]
