"""The licences of the files under audit: declared for a file, or standing in its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

if TYPE_CHECKING:
    from dataprep.checks.context import AuditContext

FIELDS: Final = ("license", "licence")


@dataclass(slots=True)
class Declared:
    """The licences of one file.

    Attributes:
        position: of the file among the context's files.
        path: the file.
        whole: the licence declared for all of it.
        of_rows: licences that rows name themselves: how many rows, and the first line.
        bare: rows that name none.
    """

    position: int
    path: str
    whole: str | None
    of_rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    bare: int = 0

    def names(self) -> list[str]:
        """All of them, without repetition."""
        return list(dict.fromkeys(([self.whole] if self.whole else []) + list(self.of_rows)))


def declared_licences(context: AuditContext) -> list[Declared]:
    """The licences of every file."""
    found = [Declared(position, file.path, file.license) for position, file in enumerate(context.files)]
    by_path = {one.path: one for one in found}
    named = pl.col("meta").str.contains_any([f'"{name}":' for name in FIELDS]).fill_null(value=False)
    rows = context.raw_rows.select("source", "line", "meta")
    for source, line, meta in rows.filter(named).iter_rows():
        name = _own(msgspec.json.decode(meta))
        if name is not None and source in by_path:
            count, first = by_path[source].of_rows.get(name, (0, line))
            by_path[source].of_rows[name] = (count + 1, first)
    for one in found:
        one.bare = context.files[one.position].rows - sum(count for count, _ in one.of_rows.values())
    return found


def _own(fields: Any) -> str | None:
    for name in FIELDS:
        value = fields.get(name) if isinstance(fields, dict) else None
        if isinstance(value, str) and value.strip():
            return value.strip()[:80]
    return None
