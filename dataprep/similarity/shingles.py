"""Texts to sets of hashed character shingles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Hashes: TypeAlias = NDArray[np.uint64]

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX1: Final = np.uint64(0xFF51AFD7ED558CCD)
_MIX2: Final = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT: Final = np.uint64(33)


def shingle_sets(texts: Sequence[str], size: int) -> list[Hashes]:
    """The sorted distinct 64-bit hashes of each text's character n-grams.

    Shingles are taken over code points. A text shorter than `size` is one shingle, the whole of it; the empty
    text has none.

    Args:
        texts: normalised texts.
        size: characters per shingle, at least 1.
    """
    return [_shingles(text, size) for text in texts]


def _shingles(text: str, size: int) -> Hashes:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if not points.size:
        return points
    width = min(size, points.size)
    count = points.size - width + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(width):
        hashes = hashes * _BASE + points[offset : offset + count] + np.uint64(1)
    return np.unique(_mixed(hashes))


def _mixed(hashes: Hashes) -> Hashes:
    """The finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit."""
    hashes = (hashes ^ (hashes >> _SHIFT)) * _MIX1
    hashes = (hashes ^ (hashes >> _SHIFT)) * _MIX2
    return hashes ^ (hashes >> _SHIFT)


def jaccard(left: Hashes, right: Hashes) -> float:
    """Size of the intersection over size of the union of two shingle sets; 0.0 if either is empty."""
    if not left.size or not right.size:
        return 0.0
    shared = np.intersect1d(left, right, assume_unique=True).size
    return float(shared / (left.size + right.size - shared))
