"""A process that runs a command of ours, and nobody else's code: what may be set for all of it."""

from __future__ import annotations

import atexit
import gc

alone = False
"""Whether this is such a process."""


def begin() -> None:
    """Make it one."""
    global alone  # noqa: PLW0603 - it is the process that is described
    alone = True
    gc.set_threshold(100_000, 50, 100)  # a million rows make no cycles; looking for them took a tenth of the time
    atexit.register(gc.freeze)  # nor are they looked for at the end, which took half a second
