"""Texts as the compiled loops read them: one run of UTF-8 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """Texts as one run of UTF-8 bytes; text i is data[starts[i]:starts[i + 1]]."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: pl.Series) -> Column:
        """From a string column without nulls: one copy, made by polars, and no Python object for any text."""
        starts = np.zeros(texts.len() + 1, dtype=np.int64)
        np.cumsum(texts.str.len_bytes().to_numpy(), out=starts[1:])
        filled = texts.filter(texts != "")  # the empty list would become a null
        data = filled.cast(pl.Binary).cast(pl.List(pl.UInt8)).explode().to_numpy()
        return cls(np.ascontiguousarray(data), starts)

    def __len__(self) -> int:
        return self.starts.size - 1

    def texts(self) -> list[str]:
        """The texts as Python strings."""
        data, places = self.data.tobytes(), self.starts.tolist()
        return [data[first:last].decode() for first, last in pairwise(places)]
