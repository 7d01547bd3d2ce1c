"""Texts as the compiled loops read them: places in memory that holds UTF-8 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dataprep.similarity.arrow import chunks, memory
from dataprep.similarity.compiled import loops

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """Texts as places among bytes of UTF-8; text i is data[starts[i]:ends[i]].

    `data` reaches from the first to the last byte of all of them, over whatever lies in between: only texts may be
    read.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, texts: pl.Series) -> Column:
        """From a string column without nulls: its own memory, and no Python object for any text."""
        found = chunks(texts)
        if found is None:  # another layout than polars has today
            filled = texts.filter(texts != "")  # the empty list would become a null
            data = np.ascontiguousarray(filled.cast(pl.Binary).cast(pl.List(pl.UInt8)).explode().to_numpy())
            places = np.zeros(texts.len() + 1, dtype=np.int64)
            np.cumsum(texts.str.len_bytes().to_numpy(), out=places[1:])
            return cls(data, places[:-1], places[1:])
        starts, ends = np.empty((2, texts.len()), dtype=np.int64)
        low, high = min((one.low for one in found), default=0), max((one.high for one in found), default=0)
        done = 0
        for one in found:
            rows = slice(done, done + len(one.views))
            buffers = np.array(one.buffers, dtype=np.int64) - low
            loops("kernels_texts").find(one.views, one.at - low, buffers, starts[rows], ends[rows])
            done = rows.stop
        return cls(memory(low, high - low, found), starts, ends)

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
        places = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return [self.data[first:last].tobytes().decode() for first, last in places]

    def first_equal(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The position at which each text stands for the first time; equal texts have equal hashes."""
        table = np.full(1 << max(1, (2 * len(self)).bit_length()), -1, dtype=np.int32)
        out = np.empty(len(self), dtype=np.int64)
        loops("kernels_texts").first_equal(hashes, self.data, self.starts, self.ends, table, out)
        return out
