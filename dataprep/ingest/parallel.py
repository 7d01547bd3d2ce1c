"""Reading JSON Lines with several processes, in the order of the file."""

from __future__ import annotations

import queue
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.errors import InputError
from dataprep.ingest.rows import Batch
from dataprep.ingest.worker import Job, Reply, receive, send
from dataprep.processes import another_python, threads

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator

    from dataprep.ingest.json_lines import Piece
    from dataprep.ingest.rows import Settings

WORTHWHILE: Final = 32 << 20
"""Bytes from which starting processes (0.4 s each) pays."""

MOST: Final = 8

_WORKER: Final = "from dataprep.ingest.worker import main; main()"

ENVIRONMENT: Final = {
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # glibc would hand the memory of each piece back, and clear fresh pages for the next: 7 % of the time.
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
}


def default_workers() -> int:
    """One process for each core this one may use, up to `MOST`."""
    return min(threads(), MOST)


def read_parallel(pieces: Iterable[Piece], settings: Settings, workers: int) -> Iterator[Batch]:
    """The batches of the pieces, in their order; at most two pieces wait for each process, so memory is bounded.

    Not `multiprocessing`: its spawn imports the caller's script again, and a script without a main guard would
    start itself over and over; its fork copies polars' threads in whatever state they are.

    Raises:
        InputError: a process ended early, as for want of memory.
    """
    processes = [another_python(_WORKER, pipe=True, quiet=False, settings=ENVIRONMENT) for _ in range(workers)]
    idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
    waiting: deque[Future[Batch]] = deque()
    try:
        for process in processes:
            send(process.stdin, settings, [])  # type: ignore[arg-type]
            idle.put(process)
        with ThreadPoolExecutor(workers) as threads:
            try:
                for piece in pieces:
                    waiting.append(threads.submit(_read, idle, piece))
                    if len(waiting) >= 2 * workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _read(idle: queue.SimpleQueue[subprocess.Popen[bytes]], piece: Piece) -> Batch:
    process = idle.get()
    try:
        send(process.stdin, Job(piece.first_line, piece.lines, piece.overlong), piece.parts)  # type: ignore[arg-type]
        received = receive(process.stdout, Reply)  # type: ignore[arg-type]
    except OSError as err:
        raise InputError("a reader process ended early", "It may have run out of memory: give fewer files") from err
    finally:
        idle.put(process)
    if received is None:
        raise InputError("a reader process ended early", "It may have run out of memory: give fewer files")
    reply, frame = received
    rows = pl.read_ipc(frame)
    return Batch(rows, reply.rejects, reply.turns, Counter(reply.formats), set(reply.notes), reply.lines)
