"""The result of an earlier run, which stays until the run that takes its place has come to its end."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from trainer.record import RUN_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME: Final = ".earlier"


def put_aside(output: Path, names: Sequence[str]) -> None:
    """Make room for a new run.

    A finished result is put aside, unless one is there already; what came to nothing is removed.

    Args:
        output: the run folder.
        names: of the files and folders of a run.
    """
    aside = output / NAME
    is_result = (output / RUN_NAME).is_file() and not aside.exists()
    for name in names:
        path = output / name
        if not is_result:
            _remove(path)
        elif os.path.lexists(path):
            aside.mkdir(exist_ok=True)
            path.rename(aside / name)


def put_back(output: Path, names: Sequence[str]) -> bool:
    """Give an earlier result its place back, where there is one, for a run that came to nothing."""
    aside = output / NAME
    if not aside.is_dir():
        return False
    for name in names:
        _remove(output / name)
    for path in aside.iterdir():
        path.rename(output / path.name)
    aside.rmdir()
    return True


def forget(output: Path) -> None:
    """Remove an earlier result: another one has its place."""
    shutil.rmtree(output / NAME, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
