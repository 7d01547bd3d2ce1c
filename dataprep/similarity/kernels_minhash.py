"""Compiled MinHash: signatures and band keys.

The permutations are those of datasketch's `affine32` scheme: first the MurmurHash3 finaliser, then a * h + b modulo
2^32. All loops release the GIL and work on a stretch of rows, so that threads can share the work.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, loop, part
from dataprep.similarity.kernels_shingles import longest_of, shingle

_VECTORS = 32
"""Values that a processor permutes in one go: four vectors of eight."""

_FMIX1 = np.uint32(0x85EBCA6B)
_FMIX2 = np.uint32(0xC2B2AE35)
_MOST32 = np.uint32(0xFFFFFFFF)
_GOLDEN32 = np.uint32(0x9E3779B1)


@part()
def minhash(hashes: Any, count: Any, permutations: Any, scratch: Any, out: Any) -> None:
    """The signature of a set of hashes, of which the low 32 bits are permuted; `scratch` needs a vector more."""
    factors, offsets = permutations[0], permutations[1]
    for place in range(count):
        value = np.uint32(hashes[place] & np.uint64(0xFFFFFFFF))
        # Products of 32-bit numbers have 64 bits here; the cast is the modulo.
        value = np.uint32((value ^ (value >> np.uint32(16))) * _FMIX1)
        value = np.uint32((value ^ (value >> np.uint32(13))) * _FMIX2)
        scratch[place] = np.uint32(value ^ (value >> np.uint32(16)))
    if count < 2 * _VECTORS:
        out[:] = _MOST32
        for place in range(count, count + 3):
            scratch[place] = scratch[count - 1]
        for place in range(0, count, 4):  # one would have to wait for the last to be written
            one, two, three, four = scratch[place], scratch[place + 1], scratch[place + 2], scratch[place + 3]
            for number in range(out.size):
                factor, offset = factors[number], offsets[number]
                some = min(np.uint32(factor * one + offset), np.uint32(factor * two + offset))
                others = min(np.uint32(factor * three + offset), np.uint32(factor * four + offset))
                out[number] = min(out[number], some, others)
        return
    # Whole vectors are quicker than a remainder, and a repeated value changes no minimum.
    full = (count + _VECTORS - 1) // _VECTORS * _VECTORS
    for place in range(count, full):
        scratch[place] = scratch[count - 1]
    for number in range(out.size):
        factor, offset, least = factors[number], offsets[number], _MOST32
        for place in range(full):
            least = min(least, np.uint32(factor * scratch[place] + offset))
        out[number] = least


@loop(f"void({BYTES}, i8[::1], i8[::1], i8, i8, i8, b1, u4[:, ::1], u4[:, ::1])")
def signatures(
    data: Any,
    starts: Any,
    ends: Any,
    first: Any,
    last: Any,
    size: Any,
    words: Any,
    permutations: Any,
    out: Any,
) -> None:
    """MinHash signatures of the texts first to last."""
    longest = longest_of(starts, ends, first, last)
    hashes, scratch = np.empty(longest, dtype=np.uint64), np.empty(longest + _VECTORS, dtype=np.uint32)
    for row in range(first, last):
        count = shingle(data, starts[row], ends[row], size, words, hashes)
        minhash(hashes, count, permutations, scratch, out[row])


@loop(f"void({BYTES}, i8[::1], i8[::1], i8, i8, i8, b1, u4[:, ::1], u4[:, ::1], u1[:, ::1], i4[::1])")
def sketch(
    data: Any,
    starts: Any,
    ends: Any,
    first: Any,
    last: Any,
    size: Any,
    words: Any,
    permutations: Any,
    keys: Any,
    low: Any,
    sizes: Any,
) -> None:
    """One key for each band of the texts first to last, the lowest bytes of the first signature values, and sizes.

    A size is the number of the shingles, those that a text repeats as well.
    """
    longest = longest_of(starts, ends, first, last)
    hashes, scratch = np.empty(longest, dtype=np.uint64), np.empty(longest + _VECTORS, dtype=np.uint32)
    rows = permutations.shape[1] // keys.shape[0]
    signature = np.empty(permutations.shape[1], dtype=np.uint32)
    for row in range(first, last):
        count = shingle(data, starts[row], ends[row], size, words, hashes)
        sizes[row] = count
        minhash(hashes, count, permutations, scratch, signature)
        for number in range(low.shape[1]):
            low[row, number] = np.uint8(signature[number] & np.uint32(0xFF))
        for band in range(keys.shape[0]):
            key = np.uint32(band)
            for number in range(band * rows, (band + 1) * rows):
                key = np.uint32((key ^ signature[number]) * _GOLDEN32)
                key = np.uint32(key ^ (key >> np.uint32(15)))
            keys[band, row] = key
