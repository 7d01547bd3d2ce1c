"""Telling copies apart: the occurrence number behind a row's content hash, without holding the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RUNS: Final = 16


class Occurrences:
    """Counts how often each content hash was seen, over any number of batches: 8 bytes for each distinct row.

    Hashes seen once stand in sorted runs that are merged now and then; only repeated ones have a counter.
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []
        self._repeated: dict[int, int] = {}

    def number(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Correct the occurrence numbers in `row_id`, which count from the batch's own beginning: `…-0`, `…-1`."""
        if not rows.height:
            return rows
        identity = rows["row_id"].str.head(16)
        hashes = identity.str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
        distinct, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        before = self._seen(distinct)
        for place in np.flatnonzero(before + counts > 1):
            self._repeated[int(distinct[place])] = int(before[place] + counts[place])
        fresh = distinct[before == 0]
        if len(fresh):
            self._runs.append(fresh)
        if len(self._runs) > _RUNS:
            self._runs = [np.sort(np.concatenate(self._runs))]
        if len(fresh) == len(distinct):
            return rows
        within = rows["row_id"].str.slice(17).cast(pl.Int64)
        number = within + pl.Series("before", before[inverse].astype(np.int64))
        return rows.with_columns(row_id=identity + "-" + number.cast(pl.String))

    def _seen(self, distinct: NDArray[np.uint64]) -> NDArray[np.int64]:
        counts = np.zeros(len(distinct), dtype=np.int64)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, distinct), len(run) - 1)
            counts[run[places] == distinct] = 1
        for place in np.flatnonzero(counts):
            counts[place] = self._repeated.get(int(distinct[place]), 1)
        return counts
