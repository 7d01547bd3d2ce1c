"""MinHash search through datasketch: slow, quadratic in crowds, and there to check the compiled engine against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from dataprep.similarity.arrays import sorted_distinct
from dataprep.similarity.minhash_engine import Found, least_equal
from dataprep.similarity.shingles import jaccard, shingle_sets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.column import Column
    from dataprep.similarity.plan import Plan
    from dataprep.similarity.shingles import Hashes

_LOW_BITS: Final = np.uint64(0xFFFFFFFF)

PENDING_LIMIT: Final = 20_000_000
"""Candidate pairs held before repeated ones are folded."""

CHUNK: Final = 50_000
"""Pairs whose signatures are compared at once."""


def search(column: Column, sides: NDArray[np.int8], plan: Plan) -> Found:
    """Verified pairs of distinct, non-empty texts; the arguments are those of `minhash_engine.search`."""
    sets = shingle_sets(column.texts(), plan.size, words=plan.words)
    signature = signatures(sets, plan.length, plan.seed)
    groups = buckets(signature, plan.bands, plan.rows)
    candidates = _candidates(groups, len(column))
    candidates = _worth_verifying(candidates, signature, sets, sides, plan.threshold)
    scores = np.array([jaccard(sets[a], sets[b]) for a, b in candidates.tolist()], dtype=np.float64)
    good = scores >= plan.threshold
    return Found(candidates[good], scores[good], 0)


def _candidates(groups: Sequence[NDArray[np.int64]], count: int) -> NDArray[np.int64]:
    """Distinct pairs (a < b) that share a bucket, shape (pairs, 2)."""
    keys = np.empty(0, dtype=np.int64)
    pending: list[NDArray[np.int64]] = []
    held = 0
    for group in groups:
        for step in range(1, group.size):
            pending.append(group[:-step] * count + group[step:])
            held += group.size - step
        if held > PENDING_LIMIT:
            keys, pending, held = sorted_distinct(np.concatenate([keys, *pending])), [], 0
    keys = sorted_distinct(np.concatenate([keys, *pending]))
    return np.stack([keys // count, keys % count], axis=1)


def _worth_verifying(
    candidates: NDArray[np.int64],
    signature: NDArray[np.uint32],
    sets: Sequence[Hashes],
    sides: NDArray[np.int8],
    threshold: float,
) -> NDArray[np.int64]:
    """Candidates that may reach the threshold: on two sides, of fitting sizes, and alike by their signatures.

    What `minhash_engine.least_equal` asks of the signatures rules a pair out.
    """
    sizes = np.array([item.size for item in sets])
    a, b = candidates.T
    same_side = (sides[a] == sides[b]) & (sides[a] != 0) & (sides[a] != 3)
    small, large = np.minimum(sizes[a], sizes[b]), np.maximum(sizes[a], sizes[b])
    candidates = candidates[~same_side & (small >= threshold * large)]
    least = least_equal(threshold, signature.shape[1])
    kept = []
    for start in range(0, len(candidates), CHUNK):
        part = candidates[start : start + CHUNK]
        estimate = (signature[part[:, 0]] == signature[part[:, 1]]).sum(axis=1)
        kept.append(part[estimate >= least])
    return np.concatenate(kept) if kept else candidates


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
