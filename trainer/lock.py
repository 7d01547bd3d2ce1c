"""One process at a time in a run folder: two that write the same checkpoints would ruin both runs."""

from __future__ import annotations

import contextlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dataprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_NAME: Final = ".lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a run folder, made if need be, until the end; the system lets go of it when a process is killed.

    Raises:
        InputError: another process holds it.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on Windows, where nothing is held
    except ImportError:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK_NAME
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        os.close(handle)
        raise InputError(
            f"{folder}: another process is training there", "Wait for it, or choose another folder with -o"
        ) from err
    except OSError:  # a disk that knows no locks
        os.close(handle)
        yield
        return
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)
        with contextlib.suppress(OSError):
            folder.rmdir()  # if the run was refused before it wrote anything
