"""Nearest neighbours of unit vectors by cosine similarity, block by block: exact, and quadratic in the rows.

A million rows of 384 values are 10^12 products of vectors: hours on a laptop. Ten thousand take a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BLOCK: Final = 2_048
"""Rows of each side that are multiplied at once."""


def nearest(
    left: NDArray[np.float32], right: NDArray[np.float32], *, threshold: float, most: int
) -> list[tuple[int, int, float]]:
    """For each row of `left` the rows of `right` at or above the threshold, the nearest first, `most` at most.

    Args:
        left: unit vectors, shape (rows, values).
        right: unit vectors, shape (other rows, values).
        threshold: least cosine similarity.
        most: pairs for each row of `left`.
    """
    return list(_blocks(left, right, threshold, most, earlier_only=False))


def nearest_earlier(vectors: NDArray[np.float32], *, threshold: float, most: int) -> list[tuple[int, int, float]]:
    """The same within one set: for each row the nearest of those before it."""
    return list(_blocks(vectors, vectors, threshold, most, earlier_only=True))


def _blocks(
    left: NDArray[np.float32], right: NDArray[np.float32], threshold: float, most: int, *, earlier_only: bool
) -> Iterator[tuple[int, int, float]]:
    for first in range(0, len(left), BLOCK):
        part = left[first : first + BLOCK]
        found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]] = []
        for begin in range(0, min(first + BLOCK, len(right)) if earlier_only else len(right), BLOCK):
            scores = part @ right[begin : begin + BLOCK].T
            if earlier_only and begin + scores.shape[1] > first:
                before = np.arange(begin, begin + scores.shape[1]) < np.arange(first, first + len(part))[:, None]
                scores[~before] = -np.inf
            least = np.full(len(part), threshold, dtype=np.float32)
            if scores.shape[1] > most:
                # Each row's best of this block, and what is equal to the last of them.
                least = np.maximum(least, np.partition(scores, -most, axis=1)[:, -most])
            rows, others = np.nonzero(scores >= least[:, None])
            found.append((rows + first, others + begin, scores[rows, others]))
        if not found:
            continue
        rows, others, close = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.lexsort((others, -close, rows))
        rows, others, close = rows[order], others[order], close[order]
        rank = np.arange(rows.size) - np.searchsorted(rows, rows)
        taken = rank < most
        yield from zip(rows[taken].tolist(), others[taken].tolist(), close[taken].tolist(), strict=True)
