"""Numba's compiler, set up for the loops of this package: cached on disk, without the GIL, loaded when first called.

A module of loops has some twenty functions, and a comparison calls five of them: loading them all takes 0.7 s.
"""

from __future__ import annotations

import sys
import threading
import time
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from numba import njit
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys

from dataprep import command
from dataprep.similarity import helpers

if TYPE_CHECKING:
    from collections.abc import Callable

BYTES: Final = "Array(u1, 1, 'C', True)"
"""Numba's type of bytes that are not written to."""

HASHES: Final = "Array(u8, 1, 'C', True)"
"""The same of 64-bit hashes."""

VIEWS: Final = "Array(u4, 2, 'C', True)"
"""The same of string views."""

_ARRAYS: Final = "numba.np.arraymath"
_BLAS: Final = "scipy.linalg.cython_blas"

SAY_AFTER: Final = 1.5
"""Seconds of compiling after which a person is told what takes so long."""

part = partial(njit, nogil=True, no_cfunc_wrapper=True)
"""Marks what only other loops call; it is compiled into them.

A variable that is passed on begins as `np.int64(0)`: after a plain 0, the part is compiled for the constant as well.
"""


class _Cache(FunctionCache):  # type: ignore[misc]  # numba has no types
    """Loads a loop without what numba needs to compile one: its knowledge of all types and functions takes 0.25 s."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        target_context.refresh = partial(rtsys.initialize, target_context)  # of this instance, under numba's lock
        try:
            found = super().load_overload(sig, target_context)
        finally:
            del target_context.refresh
        if found is None:
            _spare_blas()  # it will be compiled
        return found


class Loop:
    """A function that is compiled for one signature, or loaded from the cache, when it is called first."""

    _compiling = threading.Lock()
    _spent = 0.0
    _told = False

    def __init__(self, function: Callable[..., Any], signature: str) -> None:
        self._dispatcher = njit(nogil=True, no_cfunc_wrapper=True)(function)
        self._dispatcher._cache = _Cache(function)  # noqa: SLF001 - what enable_caching() sets
        self._signature = signature
        self._name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self._ready = False

    def __call__(self, *args: Any) -> Any:
        """Call the compiled function."""
        if not self._ready:
            self.compile()
        return self._dispatcher(*args)

    def compile(self) -> None:
        """Compile it, or load it from the cache."""
        with Loop._compiling:
            if self._ready:
                return
            telling = threading.Timer(max(0.0, SAY_AFTER - Loop._spent), self._say)
            telling.daemon = True
            telling.start()
            began = time.monotonic()
            try:
                helpers.wait_for(self._name)
                with command.no_collection():  # it would take a fifth of the time
                    self._dispatcher.compile(self._signature)
                self._dispatcher.disable_compile()
            finally:
                telling.cancel()
                Loop._spent += time.monotonic() - began
            if self._dispatcher.stats.cache_misses:
                helpers.start()
            self._ready = True

    @classmethod
    def _say(cls) -> None:
        if not cls._told and sys.stderr is not None and sys.stderr.isatty():
            cls._told = True
            sys.stderr.write("Compiling the duplicate engine for this machine, once…\n")


def _spare_blas() -> None:
    """Load numba's arrays without scipy's BLAS: it takes 0.2 s, and serves matrix products, of which we have none.

    Only where no loop of anybody else may want it.
    """
    if command.alone and _ARRAYS not in sys.modules and _BLAS not in sys.modules:
        sys.modules[_BLAS] = None  # type: ignore[assignment]  # documented to make its import fail
        try:
            import_module(_ARRAYS)
        finally:
            del sys.modules[_BLAS]


def loop(signature: str) -> Callable[[Callable[..., Any]], Loop]:
    """Compile a function for this signature only."""
    return partial(Loop, signature=signature)
