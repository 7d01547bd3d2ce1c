"""Rows to groups: everything that must stay on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from dataprep.errors import ConfigError
from dataprep.similarity import Link, components

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl


def key_links(rows: pl.DataFrame, column: str | None) -> list[Link]:
    """Links between rows that share a value in one of their own fields.

    Args:
        rows: the row frame.
        column: a field the rows carried; None gives no links.

    Raises:
        ConfigError: no row carries the column.
    """
    if column is None:
        return []
    metas = [msgspec.json.decode(meta) if meta else {} for meta in rows["meta"].to_list()]
    values = [meta.get(column) for meta in metas]
    if all(value is None for value in values):
        known = sorted({key for meta in metas[:1000] for key in meta})
        have = f"Rows carry: {', '.join(known)}" if known else "Rows carry no fields beside the conversation"
        raise ConfigError(f"cannot group by {column!r}: no row has that field", have)
    first: dict[bytes, int] = {}
    links = []
    for position, value in enumerate(values):
        if value is not None:
            kept = first.setdefault(msgspec.json.encode(value), position)
            if kept != position:
                links.append(Link(f"same {column}", kept, position, 1.0))
    return links


def grouped(count: int, links: Iterable[Link]) -> list[list[int]]:
    """Positions of each group, groups and members in rising order."""
    roots = components(count, ((link.left, link.right) for link in links))
    order = np.argsort(roots, kind="stable")
    starts = np.flatnonzero(np.diff(roots[order], prepend=-1))
    return [members.tolist() for members in np.split(order, starts[1:])] if count else []
