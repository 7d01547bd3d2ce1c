"""Verified pairs: which texts have a Jaccard similarity of at least the threshold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from dataprep.similarity.minhash import buckets, choose_bands, expected_recall, signatures
from dataprep.similarity.shingles import jaccard, shingle_sets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.shingles import Hashes

RIGHT_COPIES: Final = 4
"""Equal texts on the right side of a cross comparison that are linked to each partner."""

BUCKET_LIMIT: Final = 400
"""Distinct texts of one bucket that are compared with each other; more would be quadratic work."""


PENDING_LIMIT: Final = 20_000_000
"""Candidate pairs held before repeated ones are folded."""

CHUNK: Final = 50_000
"""Pairs whose signatures are compared at once."""


@dataclass(frozen=True, slots=True)
class SimilarityParams:
    """How alike two texts must be, and how surely such a pair must be found.

    Attributes:
        threshold: least Jaccard similarity of a pair, in (0, 1].
        shingle: characters per shingle.
        recall: least probability that a pair at the threshold is looked at.
        seed: of the hash functions.
    """

    threshold: float = 0.7
    shingle: int = 5
    recall: float = 0.995
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Pairs:
    """Verified pairs of positions.

    Attributes:
        left: positions in the first column of texts.
        right: positions in the second column; in the same column, right > left.
        score: exact Jaccard similarity of the shingle sets.
        expected_recall: probability that a pair exactly at the threshold was looked at.
        method: the engine and its parameters, for people.
        limits: what was not compared, in words; empty when nothing was left out.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    score: NDArray[np.float64]
    expected_recall: float
    method: str
    limits: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return int(self.left.size)

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        return zip(self.left.tolist(), self.right.tolist(), self.score.tolist(), strict=True)


def self_pairs(texts: Sequence[str], params: SimilarityParams) -> Pairs:
    """Pairs within one column of texts.

    Equal texts are linked to their first occurrence only, so that a thousand copies give 999 pairs and not
    half a million; the texts of all other pairs are distinct, each standing for its first occurrence.
    """
    first_of = _first_occurrence(texts)
    distinct = [position for position, first in enumerate(first_of) if first == position and texts[position]]
    copies = [
        (first, position, 1.0) for position, first in enumerate(first_of) if first != position and texts[position]
    ]
    sides = np.zeros(len(distinct), dtype=np.int8)
    found, method, recall, limits = _search([texts[position] for position in distinct], sides, params)
    verified = [(distinct[a], distinct[b], score) for a, b, score in found]
    return _as_pairs(copies + verified, recall, method, limits)


def cross_pairs(left: Sequence[str], right: Sequence[str], params: SimilarityParams) -> Pairs:
    """Pairs with one text in each column.

    Every copy on the left is linked; of equal texts on the right only the first few, so that a prompt that stands
    a thousand times on both sides does not give a million pairs.
    """
    left_places, right_places = _places(left), _places(right)
    texts = list(left_places) + [text for text in right_places if text not in left_places]
    # 1 = only left, 2 = only right, 3 = both: the bits say which columns a distinct text occurs in.
    sides = np.array([(text in left_places) + 2 * (text in right_places) for text in texts], dtype=np.int8)
    found, method, recall, limits = _search(texts, sides, params)
    found += [(index, index, 1.0) for index in np.flatnonzero(sides == 3).tolist()]
    result = []
    for a, b, score in found:
        for x, y in {(a, b), (b, a)}:
            result += [
                (i, j, score)
                for i in left_places.get(texts[x], ())
                for j in right_places.get(texts[y], ())[:RIGHT_COPIES]
            ]
    return _as_pairs(result, recall, method, limits)


def _search(
    texts: Sequence[str], sides: NDArray[np.int8], params: SimilarityParams
) -> tuple[list[tuple[int, int, float]], str, float, list[str]]:
    """Verified pairs of distinct texts that can lie on different sides (all can where sides are 0)."""
    bands, rows = choose_bands(params.threshold, params.recall)
    recall = expected_recall(params.threshold, bands, rows)
    method = (
        f"MinHash LSH on character {params.shingle}-grams, {bands} bands of {rows} rows, every candidate "
        f"verified by exact Jaccard >= {params.threshold:g}; finds {recall:.1%} of the pairs at the threshold, "
        "more above it"
    )
    if len(texts) < 2:
        return [], method, recall, []
    sets = shingle_sets(texts, params.shingle)
    signature = signatures(sets, bands * rows, params.seed)
    groups = buckets(signature, bands, rows)
    large = sum(group.size > BUCKET_LIMIT for group in groups)
    limits = []
    if large:
        limits.append(
            f"{large} buckets held more than {BUCKET_LIMIT} distinct texts; there each text was compared with "
            f"the {BUCKET_LIMIT} before it only"
        )
    candidates = _candidates(groups, len(texts))
    candidates = _worth_verifying(candidates, signature, sets, sides, params.threshold)
    found = [(a, b, jaccard(sets[a], sets[b])) for a, b in candidates.tolist()]
    return [pair for pair in found if pair[2] >= params.threshold], method, recall, limits


def _candidates(groups: Sequence[NDArray[np.int64]], count: int) -> NDArray[np.int64]:
    """Distinct pairs (a < b) that share a bucket, shape (pairs, 2)."""
    keys = np.empty(0, dtype=np.int64)
    pending: list[NDArray[np.int64]] = []
    held = 0
    for group in groups:
        for step in range(1, min(group.size, BUCKET_LIMIT + 1)):
            pending.append(group[:-step] * count + group[step:])
            held += group.size - step
        if held > PENDING_LIMIT:
            keys, pending, held = np.unique(np.concatenate([keys, *pending])), [], 0
    keys = np.unique(np.concatenate([keys, *pending]))
    return np.stack([keys // count, keys % count], axis=1)


def _worth_verifying(
    candidates: NDArray[np.int64],
    signature: NDArray[np.uint32],
    sets: Sequence[Hashes],
    sides: NDArray[np.int8],
    threshold: float,
) -> NDArray[np.int64]:
    """Candidates that may reach the threshold: on two sides, of fitting sizes, and alike by their signatures.

    The estimate from the signatures must be at least five standard deviations below the threshold to rule a pair
    out, which happens to fewer than one in three million pairs that reach it.
    """
    sizes = np.array([item.size for item in sets])
    a, b = candidates.T
    same_side = (sides[a] == sides[b]) & (sides[a] != 0) & (sides[a] != 3)
    small, large = np.minimum(sizes[a], sizes[b]), np.maximum(sizes[a], sizes[b])
    candidates = candidates[~same_side & (small >= threshold * large)]
    length = signature.shape[1]
    least = threshold - 5 * np.sqrt(threshold * (1 - threshold) / length)
    kept = []
    for start in range(0, len(candidates), CHUNK):
        part = candidates[start : start + CHUNK]
        estimate = (signature[part[:, 0]] == signature[part[:, 1]]).mean(axis=1)
        kept.append(part[estimate >= least])
    return np.concatenate(kept) if kept else candidates


def _first_occurrence(texts: Sequence[str]) -> list[int]:
    first: dict[str, int] = {}
    return [first.setdefault(text, position) for position, text in enumerate(texts)]


def _places(texts: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        if text:
            places.setdefault(text, []).append(position)
    return places


def _as_pairs(found: list[tuple[int, int, float]], recall: float, method: str, limits: list[str]) -> Pairs:
    found.sort()
    left = np.array([pair[0] for pair in found], dtype=np.int64)
    right = np.array([pair[1] for pair in found], dtype=np.int64)
    score = np.array([pair[2] for pair in found], dtype=np.float64)
    return Pairs(left, right, score, recall, method, limits)
