"""Frames to one Parquet file, a batch at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from polars.io.plugins import register_io_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

ROW_GROUP: Final = 10_000
"""Rows per group. polars would gather 122,880, hundreds of megabytes of long texts, and take longer."""


def write_frames(path: Path, frames: Iterable[pl.DataFrame], schema: Mapping[str, Any]) -> None:
    """Write frames of one schema below each other; memory holds a few of them at a time.

    Args:
        path: the file to write.
        frames: what to write; taken once.
        schema: of every frame.
    """
    failed: list[BaseException] = []

    def source(
        _columns: list[str] | None, _predicate: pl.Expr | None, _rows: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        try:
            yield from frames
        except BaseException as err:  # noqa: BLE001 - polars would replace it by an error of its own
            failed.append(err)

    plan = register_io_source(source, schema=dict(schema))
    plan.sink_parquet(path, compression="zstd", compression_level=1, statistics=False, row_group_size=ROW_GROUP)
    if failed:
        raise failed[0]
