"""What sets alike texts apart, worked out by several processes before it is asked for one pair at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataprep.processes import worked_out
from dataprep.similarity.guard import Difference, meaningful_difference
from dataprep.similarity.repeats import repeat_difference

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import NDArray

    from dataprep.similarity.pairs import Pairs
    from dataprep.similarity.relate import Texts

    Differ = Callable[[int, int], Difference | None]


def examples_ahead(texts: Texts, pairs: Pairs) -> Differ:
    """`texts.difference`, known already for the likeliest partner of each text."""
    left, right = likeliest(pairs)
    labels, rejected = texts.label, texts.rejected_text
    plain = (labels[left].eq_missing(labels[right]) & (rejected[left] == rejected[right])).to_numpy()
    left, right = left[plain], right[plain]
    sides = [zip(texts.prompt[one].to_list(), texts.answer[one].to_list(), strict=True) for one in (left, right)]
    found = worked_out(repeat_difference, list(zip(*sides, strict=True)), Difference | None)
    return _known(left, right, found, texts.difference)


def texts_ahead(texts: pl.Series, pairs: Pairs, *, words_matter: bool) -> Differ:
    """`meaningful_difference` of texts by their positions, likewise."""
    left, right = likeliest(pairs)
    calls = list(zip(texts[left].to_list(), texts[right].to_list(), strict=True))
    found = worked_out(meaningful_difference, calls, Difference | None, words_matter=words_matter)

    def differ(a: int, b: int) -> Difference | None:
        return meaningful_difference(texts[a], texts[b], words_matter=words_matter)

    return _known(left, right, found, differ)


def likeliest(pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each text that has earlier partners the one most like it, and the text itself."""
    order = np.lexsort((pairs.left, -pairs.score, pairs.right))
    right = pairs.right[order]
    first = np.flatnonzero(np.diff(right, prepend=-1))
    return pairs.left[order][first], right[first]


def _known(
    left: NDArray[np.int64], right: NDArray[np.int64], found: list[list[Difference | None]], differ: Differ
) -> Differ:
    positions = zip(left.tolist(), right.tolist(), strict=True)
    known = {pair: one[0] for pair, one in zip(positions, found, strict=True) if one}
    if not known:
        return differ

    def looked_up(a: int, b: int) -> Difference | None:
        pair = (a, b)
        return known[pair] if pair in known else differ(a, b)

    return looked_up
