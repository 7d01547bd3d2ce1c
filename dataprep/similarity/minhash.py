"""MinHash signatures (datasketch) and locality-sensitive banding with parameters chosen for recall.

Sources: A. Broder, "On the resemblance and containment of documents", 1997; P. Indyk and R. Motwani,
"Approximate nearest neighbors", 1998, for the banding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.shingles import Hashes

PERMUTATION_BUDGET: Final = 320
"""Permutations spent at most; more rows per band mean fewer useless candidates, at a higher cost per text."""

_LOW_BITS: Final = np.uint64(0xFFFFFFFF)


def choose_bands(threshold: float, recall: float) -> tuple[int, int]:
    """Bands and rows per band that find a pair at the threshold with at least the wanted probability.

    Takes the most rows per band (the fewest useless candidates) that the permutation budget allows.

    Raises:
        ConfigError: no choice within the budget reaches the recall.
    """
    if threshold >= 1:
        return 1, 8  # equal sets agree everywhere; eight rows keep others apart
    for rows in range(12, 0, -1):
        missed = 1 - threshold**rows  # by one band
        bands = math.ceil(math.log(1 - recall) / math.log(missed)) if missed < 1 else PERMUTATION_BUDGET + 1
        if bands * rows <= PERMUTATION_BUDGET:
            return bands, rows
    raise ConfigError(
        f"a recall of {recall} at threshold {threshold} needs more than {PERMUTATION_BUDGET} permutations",
        "Raise the threshold or lower the recall",
    )


def expected_recall(threshold: float, bands: int, rows: int) -> float:
    """Probability that a pair whose Jaccard similarity is exactly the threshold becomes a candidate."""
    return float(1 - (1 - threshold**rows) ** bands)


def signatures(sets: Sequence[Hashes], permutations: int, seed: int) -> NDArray[np.uint32]:
    """MinHash signatures of shape (texts, permutations) in datasketch's `affine32` scheme.

    Args:
        sets: non-empty shingle sets; their low 32 bits are what is permuted.
        permutations: number of hash functions.
        seed: of the permutations.
    """
    from datasketch import MinHash  # noqa: PLC0415 - half a second of import that only comparisons need

    result = np.empty((len(sets), permutations), dtype=np.uint32)
    blank = MinHash(num_perm=permutations, seed=seed, hashfunc=int)
    for index, hashes in enumerate(sets):
        sketch = blank.copy()
        sketch.update_batch((hashes & _LOW_BITS).tolist())
        result[index] = sketch.hashvalues
    return result


def buckets(signature: NDArray[np.uint32], bands: int, rows: int) -> list[NDArray[np.int64]]:
    """Groups of texts that agree on a whole band; each group has at least two members, in rising order."""
    groups = []
    for band in range(bands):
        part = np.ascontiguousarray(signature[:, band * rows : (band + 1) * rows])
        keys = part.view(np.dtype((np.void, part.dtype.itemsize * rows))).ravel()
        order = np.argsort(keys, kind="stable")
        sorted_keys = keys[order]
        starts = np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1])))
        ends = np.append(starts[1:], order.size)
        for start, end in zip(starts, ends, strict=True):
            if end - start > 1:
                groups.append(np.sort(order[start:end]))
    return groups
