"""Pure functions of texts, worked out for many texts by several processes: Python itself runs on one core.

Calls and results travel as JSON, and nothing else does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ENOUGH: Final = 5_000
"""Calls below which starting processes takes longer than they save."""

CHUNK: Final = 250
"""Calls that a process is given at a time."""

PIPE: Final = 1 << 20
"""Bytes that wait in a pipe, where the system lets us say so: 16 times the usual."""

_QUIET: Final = subprocess.DEVNULL

_SERVE: Final = "from dataprep import command; from dataprep.processes import serve; command.begin(); serve()"


def threads() -> int:
    """Cores that this process may use, 16 at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 16)


def may_start() -> bool:
    """Whether another Python can be started, and would find a core."""
    return threads() > 1 and bool(sys.executable) and not getattr(sys, "frozen", False)


def another_python(
    code: str, *arguments: str, pipe: bool = False, quiet: bool = True, settings: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a Python that has this very package.

    Args:
        code: what it runs.
        arguments: from `sys.argv[1]` on.
        pipe: whether it is spoken to through standard input and output.
        quiet: whether what it says on standard error is dropped.
        settings: environment variables beside our own.

    Raises:
        OSError: it cannot be started.
    """
    path = os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]))
    ends = subprocess.PIPE if pipe else _QUIET
    # -P: a folder of data may hold a file that is named as one of Python's modules.
    command = [sys.executable, "-P", "-c", code, *arguments]
    environment = {**os.environ, **(settings or {}), "PYTHONPATH": path}
    said = _QUIET if quiet else None
    return subprocess.Popen(  # noqa: S603
        command, stdin=ends, stdout=ends, stderr=said, env=environment, pipesize=PIPE
    )


def worked_out(
    function: Callable[..., Any], calls: Sequence[Sequence[Any]], result: object, **options: Any
) -> list[list[Any]]:
    """Results of a function that lies at the top of a module, in the order of the calls.

    Args:
        function: what it gives depends on its arguments alone. A class is called with the options, once in a process,
            and what that gives with the arguments.
        calls: the arguments of each call: strings, and lists of strings.
        result: the type of its results.
        options: further arguments, the same for all calls: what JSON has.

    Returns:
        For each call the result in a list, or an empty one where it is left to the caller: where there are few calls,
        one core, or no other process to be had, and where the function raised.
    """
    out: list[list[Any]] = [[] for _ in calls]
    if len(calls) < ENOUGH or not may_start():
        return out
    name, given = f"{function.__module__}:{function.__qualname__}", msgspec.json.encode(options) + b"\n"
    decoder = msgspec.json.Decoder(list[list[result]])  # type: ignore[valid-type]
    starts = iter(range(0, len(calls), CHUNK))
    stopped = threading.Event()

    def feed(_: int) -> None:
        try:
            with another_python(_SERVE, name, pipe=True) as server:
                assert server.stdin is not None  # noqa: S101 - both are pipes
                assert server.stdout is not None  # noqa: S101
                server.stdin.write(given)
                for start in starts:
                    if stopped.is_set():
                        return
                    some = calls[start : start + CHUNK]
                    server.stdin.write(msgspec.json.encode(some) + b"\n")
                    server.stdin.flush()
                    found = decoder.decode(server.stdout.readline())
                    if len(found) == len(some):
                        out[start : start + CHUNK] = found
        except (OSError, ValueError):
            return  # it broke off: what it has not worked out stays empty

    with ThreadPoolExecutor(threads()) as pool:
        try:
            list(pool.map(feed, range(threads())))
        finally:
            stopped.set()  # after Ctrl-C nobody waits for the rest
    return out


def serve() -> None:
    """Answer every line of calls on standard input, of which the first has the options, with a line of results."""
    module, _, name = sys.argv[1].partition(":")
    made, options = getattr(import_module(module), name), msgspec.json.decode(sys.stdin.buffer.readline())
    function = made(**options) if isinstance(made, type) else partial(made, **options)
    for line in sys.stdin.buffer:
        results = [_tried(function, call) for call in msgspec.json.decode(line)]
        sys.stdout.buffer.write(msgspec.json.encode(results) + b"\n")
        sys.stdout.buffer.flush()


def _tried(function: Callable[..., Any], call: Sequence[Any]) -> list[Any]:
    try:
        return [function(*call)]
    except Exception:  # noqa: BLE001 - the caller calls it again, and tells
        return []
