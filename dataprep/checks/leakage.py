"""What of the evaluation data stands in the rows: the searches that the LEAK checks share, each run once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial, reduce
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from dataprep.similarity import (
    Difference,
    Inside,
    Insides,
    Match,
    Matched,
    MatchKind,
    Pairs,
    Reworded,
    Reworders,
    SimilarityParams,
    Texts,
    insides,
    matches,
    reworders,
    variants,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

Across = TypeVar("Across", Insides, Reworders)

EVERY: Final[frozenset[MatchKind]] = frozenset(["exact", "near", "same-prompt", "contained", "paraphrase"])
"""Kinds of matches that the checks report."""


@dataclass
class Leakage:
    """Rows and evaluation rows, and which of them must not meet.

    Attributes:
        texts: of the rows.
        eval_texts: of the evaluation rows.
        sides: for each boundary the positions of the rows, and of the evaluation rows they must not occur in.
        params: how alike is near.
        semantic: the embedding model, where one is given.
        kinds: kinds of matches that are reported; one of another kind hides nothing.
    """

    texts: Texts
    eval_texts: Texts
    sides: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
    params: SimilarityParams
    semantic: str | None
    kinds: frozenset[MatchKind] = EVERY

    @cached_property
    def matches(self) -> list[Match]:
        """Rows that stand in the evaluation data, or nearly; every row and every evaluation row that does."""
        found = (
            match
            for matched, mine, theirs in self._matched
            for match in moved([*matched.found, *matched.others], mine, theirs)
        )
        return sorted(found, key=lambda match: (match.left, match.right))

    @property
    def pairs(self) -> Pairs:
        """The pairs that were looked at for it."""
        return self._matched[0][0].pairs

    @cached_property
    def insides(self) -> Insides:
        """Rows that have an evaluation item inside them or lie in one; those of `matches` are left out."""
        return self._across(insides)

    @cached_property
    def reworders(self) -> Reworders:
        """Rows that reword an evaluation item; those of `matches`, and what `insides` says as surely, are left out."""
        reported = "contained" in self.kinds
        certain = {one.left: one.is_certain for one in self.insides.found if reported}
        whole = {(one.left, one.right) for one in self.insides.found if one.is_certain and not reported}

        def search(mine: Texts, theirs: Texts, known: list[int]) -> Reworders:
            if self.semantic is None:
                return reworders(mine, theirs, known)
            from dataprep.text.embeddings import embed  # noqa: PLC0415 - few audits embed

            return reworders(mine, theirs, known, partial(embed, self.semantic))

        every = self._across(search)
        news = [
            one
            for one in every.found
            if (one.left not in certain or (one.is_proved and not certain[one.left]))
            and (one.left, one.right) not in whole
        ]
        return replace(every, found=news)

    @cached_property
    def variants(self) -> list[tuple[Match, Difference]]:
        """Rows that ask what an evaluation item asks but for a word or a number; all of the above are left out."""
        known: list[Match | Inside | Reworded] = [*self.matches, *self.insides.found, *self.reworders.found]
        rows, items = [one.left for one in known], [one.right for one in known]
        found = []
        for matched, mine, theirs in self._matched:
            own = [np.flatnonzero(np.isin(side, some)).tolist() for side, some in ((mine, rows), (theirs, items))]
            texts = self.texts.take(mine), self.eval_texts.take(theirs)
            pairs = variants(*texts, matched.prompt_pairs, *own)
            matching = moved((match for match, _ in pairs), mine, theirs)
            found += list(zip(matching, (difference for _, difference in pairs), strict=True))
        return sorted(found, key=lambda one: (one[0].left, one[0].right))

    @cached_property
    def _matched(self) -> list[tuple[Matched, NDArray[np.int64], NDArray[np.int64]]]:
        return [
            (matches(self.texts.take(mine), self.eval_texts.take(theirs), self.params, self.kinds), mine, theirs)
            for mine, theirs in self.sides
        ]

    def _across(self, search: Callable[[Texts, Texts, list[int]], Across]) -> Across:
        """A search on both sides of every boundary, for rows that are not known to leak."""
        matched = [match.left for match in self.matches]
        parts = []
        for mine, theirs in self.sides:
            known = np.flatnonzero(np.isin(mine, matched)).tolist()
            found = search(self.texts.take(mine), self.eval_texts.take(theirs), known)
            parts.append(found.moved(mine.tolist(), theirs.tolist()))
        return reduce(lambda one, other: one.joined(other), parts)


def moved(found: Iterable[Match], left: NDArray[np.int64], right: NDArray[np.int64]) -> Iterator[Match]:
    """Matches by other positions."""
    for match in found:
        yield replace(match, left=int(left[match.left]), right=int(right[match.right]))
