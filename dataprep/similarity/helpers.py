"""Another process that compiles the longest loops while this one compiles the rest, once on a machine.

Numba compiles one loop at a time in a process. What the helper has compiled lies in numba's cache, from which this
process loads it; where the helper fails, this process compiles by itself.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from dataprep.processes import another_python, may_start

if TYPE_CHECKING:
    import subprocess

LONG: Final = (
    "kernels_features.whole_token",
    "kernels_features.features",
    "kernels_reworded.nearest",
    "kernels_contain.scan",
)
"""Loops that take half of the time of all, by module, in the order in which an audit calls them."""

_RUN: Final = """
import sys
from contextlib import suppress
from importlib import import_module
from dataprep import command
from dataprep.similarity import helpers
command.begin()
helpers.allowed = False
for name in sys.argv[1:]:
    module, _, function = name.partition(".")
    getattr(import_module("dataprep.similarity." + module), function).compile()
    with suppress(OSError):  # the process that started it may be through, but the next will want the loops
        print(name, flush=True)
"""

allowed = True
"""Whether a helper may be started: not where the cache cannot be shared, nor twice, nor by a helper."""

_helper: subprocess.Popen[bytes] | None = None
_compiled: set[str] = set()


def start() -> None:
    """Start the helper, if it is of use. Safe under the lock of `jit.Loop` only."""
    global allowed, _helper  # noqa: PLW0603 - a process has one helper
    if not allowed:
        return
    allowed = False
    with suppress(OSError):
        _helper = another_python(_RUN, *LONG, pipe=True) if may_start() else None


def wait_for(name: str) -> None:
    """Wait until the helper has compiled this loop, or has come to its end. Safe under the lock of `jit.Loop` only."""
    global _helper  # noqa: PLW0603
    while _helper is not None and _helper.stdout is not None and name in LONG and name not in _compiled:
        line = _helper.stdout.readline()
        if not line:
            _helper.wait()
            _helper = None
        _compiled.add(line.decode().strip())
