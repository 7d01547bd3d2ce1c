"""The compiled loops: loaded on first use, and run on all cores."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from dataprep.processes import threads

if TYPE_CHECKING:
    from collections.abc import Callable

STRETCH: Final = 2_000
"""Texts, or pairs, that a thread takes at a time, at least."""

TURNS: Final = 16
"""Times that a thread is given work, at most: often enough that none waits long for another at the end."""


@cache
def loops(name: str) -> Any:
    """A module of compiled loops, each of which is compiled or loaded from numba's cache when it is called first."""
    module = f"dataprep.similarity.{name}"
    try:
        return import_module(module)
    except RuntimeError as err:
        if "cannot cache" not in str(err):
            raise
        # Neither the package nor the home folder can be written to: compile for this process alone.
        import numba  # noqa: PLC0415 - a second of import that only comparisons need

        from dataprep.similarity import helpers  # noqa: PLC0415 - imports this module

        helpers.allowed = False
        numba.config.CACHE_DIR = tempfile.mkdtemp(prefix="dataprep-compiled-")
        return import_module(module)


def share(work: Callable[[int, int], None], count: int, least: int = STRETCH, stretch: int = STRETCH) -> None:
    """Run work(first, last) over all stretches of `count`, on all threads.

    Args:
        work: what to run.
        count: of things to be worked on.
        least: if there are not more, this thread does it all.
        stretch: how many a thread takes at a time, at least.
    """
    if count <= least:
        work(0, count)
        return
    workers = threads()
    stretch = max(stretch, -(-count // (workers * TURNS)))
    starts = iter(range(0, count, stretch))

    def take_turns(_: int = 0) -> None:
        for first in starts:
            work(first, min(first + stretch, count))

    if workers == 1:
        take_turns()
        return
    with ThreadPoolExecutor(workers - 1) as pool:
        try:
            others = pool.map(take_turns, range(workers - 1))
            take_turns()
            list(others)
        finally:
            for _ in starts:  # after an error, or Ctrl-C, nobody waits for the rest
                pass
