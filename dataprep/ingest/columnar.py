"""Parquet, Arrow and Feather files: records by number, a bounded stretch of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dataprep.errors import InputError
from dataprep.ingest.decode import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataprep.ingest.rows import RowReader

ROWS: Final = 5_000


def read_columnar(path: Path, kind: str, reader: RowReader, limit: int, name: str) -> Iterator[None]:
    """Read a columnar file into a reader; hands over after each stretch, so that rows can be taken.

    Args:
        path: the file.
        kind: "parquet", "arrow" (also Feather 2) or "arrow-stream".
        reader: receives the records; their number, from 1, stands for a line.
        limit: bytes that may come out of it.
        name: what the user calls it, for errors.

    Raises:
        InputError: it is damaged, or holds more than the limit.
    """
    number, total = 1, 0
    try:
        for frame in _frames(path, kind):
            total += int(frame.estimated_size())
            if total > limit:
                raise InputError(
                    f"{name}: unpacks to more than {limit:,} bytes",
                    "If you trust the file, raise the limit with --max-unpacked SIZE",
                )
            for start in range(0, frame.height, ROWS):
                for record in frame[start : start + ROWS].iter_rows(named=True):
                    reader.add_value(number, {key: _plain(value, reader.notes) for key, value in record.items()})
                    number += 1
                yield
    except (pl.exceptions.PolarsError, OSError, BaseException) as err:
        if isinstance(err, pl.exceptions.PolarsError | OSError) or type(err).__name__ == "PanicException":
            words = str(err).splitlines()[0][:200] if str(err) else type(err).__name__
            raise InputError(f"{name}: damaged after record {number - 1:,} ({words})", "Write the file again") from err
        raise


def _frames(path: Path, kind: str) -> Iterator[pl.DataFrame]:
    if kind == "arrow-stream":
        yield pl.read_ipc_stream(path, use_pyarrow=False)
        return
    # A name may hold signs that polars would take for a pattern.
    if kind == "parquet":
        lazy = pl.scan_parquet(path, hive_partitioning=False, glob=False)
    else:
        lazy = pl.scan_ipc(path, hive_partitioning=False, glob=False)
    yield from lazy.collect_batches(maintain_order=True, chunk_size=ROWS * 4)


def _plain(value: Any, notes: set[str]) -> Any:
    """A value as JSON knows it; fields of a struct that have no value are the same as absent ones."""
    if isinstance(value, str):
        return scrub(value, notes) if "\x00" in value else value
    if isinstance(value, dict):
        return {key: _plain(item, notes) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item, notes) for item in value]
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - the shortest test for NaN
        return None
    if isinstance(value, bytes):
        notes.add("binary values read as text")
        return value.decode("utf-8", "replace")
    return value
