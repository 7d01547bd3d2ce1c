"""Where things lie: what a command is to write, and a base model as a run sees it."""

from __future__ import annotations

import os
from pathlib import Path

from dataprep.errors import InputError


def answer_files(output: Path) -> tuple[Path, Path, Path]:
    """The answers of a teacher, the record of how they were made, and the rows that got none."""
    return output, Path(f"{output}.json"), Path(f"{output}.left_out.jsonl")


def check_new(*files: Path) -> None:
    """Refuse files that are there already, or could not be written, before the work for them is done.

    Raises:
        InputError: one of them.
    """
    for file in files:
        if os.path.lexists(file):
            raise InputError(f"{file}: exists already", "Choose another file with -o")
        folder = next(parent for parent in file.absolute().parents if parent.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"{file}: cannot be written in {folder}", "Choose another place with -o")


def seen_from(folder: Path, place: Path) -> str:
    """The way from a folder to a place, which holds wherever both are moved together."""
    there = place.parent.resolve() / place.name  # what it is called counts, not what a link of a cache leads to
    try:
        return Path(os.path.relpath(there, folder.resolve())).as_posix()
    except ValueError:  # on another drive, of Windows
        return there.as_posix()
