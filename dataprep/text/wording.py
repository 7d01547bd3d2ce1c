"""How numbers and files are said in messages."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def counted(value: int, noun: str, plural: str = "") -> str:
    """A number with its noun: 1 line, 2,000 lines."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Each path by its last parts, as few as no other path ends with."""
    parts = {path: PurePath(path).parts for path in paths}
    names: dict[str, str] = {}
    for length in range(1, max(map(len, parts.values()), default=0) + 1):
        ends = Counter(own[-length:] for own in parts.values())
        for path, own in parts.items():
            if path not in names and length < len(own) and ends[own[-length:]] == 1:
                names[path] = str(PurePath(*own[-length:]))
    return {path: names.get(path, path) for path in parts}
