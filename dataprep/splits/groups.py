"""Rows to groups: everything that must stay on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from dataprep.fields import is_key, key_text, own_fields, plain_name, telling_keys, values_of
from dataprep.similarity import Link, components

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

NO_KEYS: Final = "none"
"""As a column to group by: no field ties rows together."""


def key_columns(rows: pl.DataFrame, asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """The fields whose equal values keep rows together, and what the user should know about them.

    Args:
        rows: the row frame.
        asked: fields to go by; without any, those with a name that conversations, documents and users go by.
    """
    if asked:
        return [name for name in asked if name != NO_KEYS], []
    keys = telling_keys(own_fields(rows))
    notes = [
        f"{name} does not keep rows together: {most:,} rows have one value (--group-by {name} does it)"
        for name, most in keys.common.items()
    ]
    return keys.telling, notes


def key_links(rows: pl.DataFrame, columns: Sequence[str]) -> list[Link]:
    """Links between rows that share a value in one of their own fields, however a file spells its name.

    Args:
        rows: the row frame.
        columns: fields the rows carried.

    Raises:
        ConfigError: no row carries a column.
    """
    links = []
    seen: dict[str, dict[str | bytes, int]] = {}
    for column in columns:
        first = seen.setdefault(plain_name(column), {})  # "user_id" of one file is "userId" of another
        for position, value in enumerate(values_of(rows, column, "cannot group by")):
            if value is None or value == "":
                continue
            key = key_text(value) if is_key(value) else msgspec.json.encode(value)
            kept = first.setdefault(key, position)
            if kept != position:
                links.append(Link(key_relation(column), kept, position, 1.0))
    return links


def key_relation(column: str) -> str:
    """What the relation of rows with one value in a field is called."""
    return f"same {column}"


def grouped(count: int, links: Iterable[Link]) -> list[list[int]]:
    """Positions of each group, groups and members in rising order."""
    if not count:
        return []
    roots = components(count, ((link.left, link.right) for link in links))
    order = np.argsort(roots, kind="stable")
    starts = np.flatnonzero(np.diff(roots[order], prepend=-1))
    return [members.tolist() for members in np.split(order, starts[1:])]
