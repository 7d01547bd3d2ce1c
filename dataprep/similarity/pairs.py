"""Verified pairs: which texts have a Jaccard similarity of at least the threshold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from dataprep.similarity.datasketch_engine import search as datasketch_search
from dataprep.similarity.engine import ROOM, Column, Plan, search
from dataprep.similarity.minhash import choose_bands, expected_recall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Engine = Literal["minhash", "datasketch"]

RIGHT_COPIES: Final = 4
"""Equal texts on the right side of a cross comparison that are linked to each partner."""


@dataclass(frozen=True, slots=True)
class SimilarityParams:
    """How alike two texts must be, and how surely such a pair must be found.

    Attributes:
        threshold: least Jaccard similarity of a pair, in (0, 1].
        shingle: characters per shingle.
        recall: least probability that a pair at the threshold is looked at.
        seed: of the hash functions.
        engine: "minhash" for the compiled one, "datasketch" to check it.
    """

    threshold: float = 0.7
    shingle: int = 5
    recall: float = 0.995
    seed: int = 1
    engine: Engine = "minhash"


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
    # Those of the right come first: a text is compared with a bounded number of earlier ones, and every text on the
    # left is to be found, however many others are like its partner.
    texts = list(right_places) + [text for text in left_places if text not in right_places]
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
    plan = Plan(params.shingle, params.threshold, bands, rows, params.seed)
    if params.engine == "datasketch":
        method = f"datasketch: {method}"
        found = datasketch_search(texts, sides, plan)
    else:
        found = search(Column.of(texts), sides, plan)
    limits = []
    if found.crowded:
        limits.append(
            f"{found.crowded:,} texts may be like more than {ROOM} earlier ones; each of them was compared with "
            f"{ROOM} of those and the most similar one"
        )
    pairs = zip(found.pairs[:, 0].tolist(), found.pairs[:, 1].tolist(), found.scores.tolist(), strict=True)
    return list(pairs), method, recall, limits


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
