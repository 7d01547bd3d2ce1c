"""Being asked to stop: Ctrl-C and SIGTERM, which schedulers send before they take a machine away."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class StoppedError(Exception):
    """Somebody asked the run to stop, and it did, after saving what it needs to go on."""


@dataclass
class StopRequest:
    """Whether somebody wants the run to stop; `signal` is the number of the signal."""

    signal: int | None = None

    @property
    def asked(self) -> bool:
        """Whether there was one."""
        return self.signal is not None


@contextmanager
def stop_requests(tell: Callable[[str], None]) -> Iterator[StopRequest]:
    """Within this context the first Ctrl-C or SIGTERM is noted, and the second one stops at once.

    Args:
        tell: is told that the run will stop.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():  # only there can signals be received
        yield request
        return

    def note(number: int, _frame: FrameType | None) -> None:
        if request.asked:
            raise KeyboardInterrupt
        request.signal = number
        tell(f"{signal.Signals(number).name}: saving after this step; once more stops at once")

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
