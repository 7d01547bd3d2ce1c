"""Texts to sets of hashed shingles, the plain way; the compiled loops must give the same hashes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from dataprep.similarity.arrays import sorted_distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Hashes: TypeAlias = NDArray[np.uint64]

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX1: Final = np.uint64(0xFF51AFD7ED558CCD)
_MIX2: Final = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT: Final = np.uint64(33)

# Thai to Tibetan, Myanmar, Khmer, kana, ideographs: scripts without spaces, in which a character counts as a word.
_ALONE: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)


def shingle_sets(texts: Sequence[str], size: int, *, words: bool = False) -> list[Hashes]:
    """The sorted distinct 64-bit hashes of each text's n-grams, of characters or of words.

    Shingles are taken over code points. A text shorter than `size` is one shingle, the whole of it; the empty
    text has none.

    Args:
        texts: normalised texts.
        size: characters or words per shingle, at least 1.
        words: words are what `str.split` gives, and single characters of scripts without spaces.
    """
    if words:
        return [_grams(_word_hashes(text), size) for text in texts]
    return [_grams(_code_points(text), size) for text in texts]


def _code_points(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)


def _word_hashes(text: str) -> Hashes:
    split = (part for word in text.split() for part in _ALONE.split(word) if part)
    return np.array([_grams(_code_points(word), len(word))[0] for word in split], dtype=np.uint64)


def _grams(items: Hashes, size: int) -> Hashes:
    if not items.size:
        return items
    width = min(size, items.size)
    count = items.size - width + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(width):
        hashes = hashes * _BASE + items[offset : offset + count] + np.uint64(1)
    return sorted_distinct(_mixed(hashes))


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
