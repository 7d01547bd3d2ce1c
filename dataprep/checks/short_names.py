"""Names of files for a message, no longer than it takes to tell them apart."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """The last parts of each path, as few as no other path ends with."""
    parts = {path: PurePath(path).parts for path in paths}
    names: dict[str, str] = {}
    for length in range(1, max(map(len, parts.values()), default=0) + 1):
        ends = Counter(own[-length:] for own in parts.values())
        for path, own in parts.items():
            if path not in names and length < len(own) and ends[own[-length:]] == 1:
                names[path] = str(PurePath(*own[-length:]))
    return {path: names.get(path, path) for path in parts}
