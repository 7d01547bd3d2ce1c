"""A process that runs a command of ours, and nobody else's code: what may be set for all of it, or for a while."""

from __future__ import annotations

import atexit
import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

alone = False
"""Whether this is such a process."""


def begin() -> None:
    """Make it one."""
    global alone  # noqa: PLW0603 - it is the process that is described
    alone = True
    gc.set_threshold(100_000, 50, 100)  # a million rows make no cycles; looking for them took a tenth of the time
    atexit.register(gc.freeze)  # nor are they looked for at the end, which took half a second
    # Numba colours, with colorama, the messages of all types it tries and drops, which nobody sees.
    os.environ.setdefault("NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING", "1")


@contextmanager
def no_collection() -> Iterator[None]:
    """Look for no cycles meanwhile: for what makes very many objects without any."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
