"""Numba's compiler, set up for the loops of this package: cached on disk, without the GIL, loaded when first called.

A module of loops has some twenty functions, and a comparison calls five of them: loading them all takes 0.7 s.
"""

from __future__ import annotations

import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

BYTES: Final = "Array(u1, 1, 'C', True)"
"""Numba's type of bytes that are not written to."""

HASHES: Final = "Array(u8, 1, 'C', True)"
"""The same of 64-bit hashes."""

VIEWS: Final = "Array(u4, 2, 'C', True)"
"""The same of string views."""

SAY_AFTER: Final = 1.5
"""Seconds of compiling after which a person is told what takes so long."""

part = partial(njit, nogil=True)
"""Marks what only other loops call; it is compiled into them."""


class Loop:
    """A function that is compiled for one signature, or loaded from the cache, when it is called first."""

    _compiling = threading.Lock()
    _spent = 0.0
    _told = False

    def __init__(self, function: Callable[..., Any], signature: str) -> None:
        self._dispatcher = njit(cache=True, nogil=True)(function)
        self._signature = signature
        self._ready = False

    def __call__(self, *args: Any) -> Any:
        """Call the compiled function."""
        if not self._ready:
            self._compile()
        return self._dispatcher(*args)

    def _compile(self) -> None:
        with Loop._compiling:
            if self._ready:
                return
            telling = threading.Timer(max(0.0, SAY_AFTER - Loop._spent), self._say)
            telling.daemon = True
            telling.start()
            began = time.monotonic()
            try:
                self._dispatcher.compile(self._signature)
                self._dispatcher.disable_compile()
            finally:
                telling.cancel()
                Loop._spent += time.monotonic() - began
            self._ready = True

    @classmethod
    def _say(cls) -> None:
        if not cls._told and sys.stderr is not None and sys.stderr.isatty():
            cls._told = True
            sys.stderr.write("Compiling the duplicate engine for this machine, once…\n")


def loop(signature: str) -> Callable[[Callable[..., Any]], Loop]:
    """Compile a function for this signature only."""
    return partial(Loop, signature=signature)
