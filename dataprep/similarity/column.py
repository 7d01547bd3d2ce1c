"""Texts as the compiled loops read them: one run of UTF-8 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dataprep.similarity.arrow import chunks
from dataprep.similarity.compiled import loops

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """Texts as places in one run of UTF-8 bytes; text i is data[starts[i]:ends[i]]."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, texts: pl.Series) -> Column:
        """From a string column without nulls: one copy, and no Python object for any text."""
        places = np.zeros(texts.len() + 1, dtype=np.int64)
        np.cumsum(texts.str.len_bytes().to_numpy(), out=places[1:])
        return cls(_gathered(texts, places), places[:-1], places[1:])

    def __len__(self) -> int:
        return self.starts.size

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each text."""
        return self.ends - self.starts

    def take(self, rows: NDArray[np.int64]) -> Column:
        """Some of the texts, without copying them."""
        return Column(self.data, self.starts[rows], self.ends[rows])

    def texts(self) -> list[str]:
        """The texts as Python strings."""
        data = self.data.tobytes()
        return [
            data[first:last].decode() for first, last in zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        ]

    def first_equal(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The position at which each text stands for the first time; equal texts have equal hashes."""
        table = np.full(1 << max(1, (2 * len(self)).bit_length()), -1, dtype=np.int32)
        out = np.empty(len(self), dtype=np.int64)
        loops("kernels_texts").first_equal(hashes, self.data, self.starts, self.ends, table, out)
        return out


def _gathered(texts: pl.Series, places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """All bytes in a row, text i at places[i]."""
    out = np.empty(int(places[-1]), dtype=np.uint8)
    run = loops("kernels_texts")
    done = 0
    with chunks(texts) as found:
        if found is None:  # another layout than polars has today
            filled = texts.filter(texts != "")  # the empty list would become a null
            return np.ascontiguousarray(filled.cast(pl.Binary).cast(pl.List(pl.UInt8)).explode().to_numpy())
        for views, buffers in found:
            own = places[done : done + len(views)]
            lows, highs = np.empty((2, len(buffers)), dtype=np.int64)
            run.viewed(views, lows, highs)
            run.gather_inline(views, 0, len(views), own, out)
            for number, buffer in enumerate(buffers):
                run.gather_viewed(views, lows[number], highs[number], number, buffer, own, out)
            done += len(views)
    return out
