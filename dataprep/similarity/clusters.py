"""From verified pairs to decisions: which text is a duplicate of which kept one, and what belongs together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dataprep.similarity.guard import Difference
    from dataprep.similarity.pairs import Pairs

VARIANTS_COMPARED: Final = 16
"""Kept texts of one normal form that a further copy is compared with, raw against raw."""


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
    texts: Sequence[str], pairs: Pairs, differ: Callable[[int, int], Difference | None]
) -> tuple[list[Duplicate], list[Variant]]:
    """Walk the texts in order and keep each one that repeats no kept one.

    A duplicate is always verified against the text that is kept, never through a chain of others.

    Args:
        texts: the normal forms that `pairs` was computed on.
        pairs: from `self_pairs` over the same texts.
        differ: the meaningful difference between two positions, if any.
    """
    first: dict[str, int] = {}
    form_of = [first.setdefault(text, position) for position, text in enumerate(texts)]
    near: dict[int, list[tuple[float, int]]] = {}
    for a, b, score in pairs:
        if form_of[a] != form_of[b]:
            near.setdefault(a, []).append((-score, b))
            near.setdefault(b, []).append((-score, a))
    kept_by_form: dict[int, list[int]] = {}
    duplicates, variants = [], []
    for position, form in enumerate(form_of):
        if not texts[position]:
            continue
        found, seen = None, []
        for score, other in [(-1.0, form), *sorted(near.get(form, ()))]:
            for kept in kept_by_form.get(other, ())[:VARIANTS_COMPARED]:
                difference = differ(kept, position)
                if difference is None:
                    found = Duplicate(position, kept, -score)
                    break
                seen.append(Variant(kept, position, -score, difference))
            if found:
                break
        if found:
            duplicates.append(found)
        else:
            kept_by_form.setdefault(form, []).append(position)
            variants += seen
    return duplicates, variants


def components(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """The smallest position of each position's connected component (union-find with path halving)."""
    parent = list(range(count))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in links:
        root_a, root_b = find(a), find(b)
        if root_a != root_b:
            parent[max(root_a, root_b)] = min(root_a, root_b)
    return [find(node) for node in range(count)]
