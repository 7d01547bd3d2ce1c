"""The compiled loops: loaded on first use, and run on all cores."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

STRETCH: Final = 2_000
"""Texts, or pairs, that a thread takes at a time."""

SAY_AFTER: Final = 1.5
"""Seconds of compiling after which a person is told what takes so long."""


@cache
def loops(name: str) -> Any:
    """A module of compiled loops; the first time on a machine they are compiled, which a person is told."""
    told = threading.Timer(SAY_AFTER, _say_compiling)
    told.daemon = True
    told.start()
    try:
        return _load(f"dataprep.similarity.{name}")
    finally:
        told.cancel()


def _load(module: str) -> Any:
    try:
        return import_module(module)
    except RuntimeError as err:
        if "cannot cache" not in str(err):
            raise
        # Neither the package nor the home folder can be written to: compile for this process alone.
        import numba  # noqa: PLC0415 - a second of import that only comparisons need

        numba.config.CACHE_DIR = tempfile.mkdtemp(prefix="dataprep-compiled-")
        return import_module(module)


def _say_compiling() -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write("Compiling the duplicate engine for this machine, once…\n")


def share(work: Callable[[int, int], None], count: int) -> None:
    """Run work(first, last) over all stretches of `count`, on all threads."""
    if count <= STRETCH:
        work(0, count)
        return
    with ThreadPoolExecutor(threads()) as pool:
        list(pool.map(lambda first: work(first, min(first + STRETCH, count)), range(0, count, STRETCH)))


def threads() -> int:
    """Cores that this process may use, 16 at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 16)
