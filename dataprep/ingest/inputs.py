"""What the given paths mean: files, folders, patterns, standard input, data sets saved by other tools."""

from __future__ import annotations

import glob
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dataprep.errors import InputError
from dataprep.ingest.stream import PACKED_SUFFIXES, STDIN

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIXES: Final = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".feather", ".ipc")
ABOUT: Final = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
"""Files that describe a data set rather than hold it; passed over in folders, read where they are named."""


def data_suffix(path: Path) -> str:
    """The ending that says what a file holds, packed or not: ".jsonl" of "a.jsonl.gz"; "" if it is not known."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED_SUFFIXES:
        suffixes.pop()
    return suffixes[-1] if suffixes and suffixes[-1] in SUFFIXES else ""


def input_files(paths: Iterable[Path]) -> list[Path]:
    """The files meant by the given paths, each once, in the order given.

    A folder stands for the data files below it in order of name, hidden ones left out; one that `dataprep split` or
    `datasets.save_to_disk` wrote stands for the files its own description names.

    Raises:
        InputError: nothing is there.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.as_posix() == STDIN:
            found[path] = None
        elif path.is_dir():
            found.update(dict.fromkeys(_inside(path)))
        elif _exists(path):
            found[path] = None
        elif glob.has_magic(str(path)):
            found.update(dict.fromkeys(_matching(str(path))))
        else:
            raise InputError(f"{path}: no such file or folder", "Check the path")
    if not found:
        raise InputError("no input given", "Name at least one data file")
    return list(found)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError as err:
        raise _forbidden(err, path) from err


def _matching(pattern: str) -> list[Path]:
    # Path.glob takes no absolute patterns.
    files = [Path(name) for name in sorted(glob.glob(pattern, recursive=True)) if Path(name).is_file()]  # noqa: PTH207
    if not files:
        raise InputError(f"{pattern}: no file matches", "Check the pattern; ** reaches into folders")
    return files


def _inside(folder: Path) -> list[Path]:
    files = _described(folder)
    if files is None:
        files = [
            file
            for file in _below(folder)
            if file.is_file()
            and data_suffix(file)
            and file.name not in ABOUT
            and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        ]
    if not files:
        known = ", ".join(SUFFIXES)
        raise InputError(
            f"{folder}: the folder holds no data files", f"It needs at least one of {known}, packed or not"
        )
    return files


def _below(folder: Path) -> list[Path]:
    """Every file below a folder; one that cannot be looked into is an error, for its data would be missing."""

    def stop(err: OSError) -> None:
        raise _forbidden(err, folder) from err

    return sorted(Path(place) / name for place, _, names in os.walk(folder, onerror=stop) for name in names)


def _forbidden(err: OSError, path: Path) -> InputError:
    return InputError(f"{err.filename or path}: cannot be read ({err.strerror})", "Check who may read it")


def _described(folder: Path) -> list[Path] | None:
    """The files that a folder's own description names; None if it has none."""
    splits = _json(folder / "dataset_dict.json").get("splits")
    if isinstance(splits, list):
        return [file for split in splits for file in _inside(folder / str(split)) if (folder / str(split)).is_dir()]
    saved = _json(folder / "state.json").get("_data_files")
    if isinstance(saved, list):
        return _named(folder, [item.get("filename") for item in saved if isinstance(item, dict)])
    manifest = _json(folder / "manifest.json")
    files = manifest.get("files")
    if isinstance(files, list) and "certificate" in manifest:
        return _named(folder, [item.get("name") for item in files if isinstance(item, dict) and item.get("split")])
    return None


def _named(folder: Path, names: Iterable[object]) -> list[Path]:
    """Those files of the folder itself that have something in them; a name cannot lead elsewhere."""
    files = [folder / Path(str(name)).name for name in names]
    return [file for file in files if file.is_file() and file.stat().st_size]


def _json(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
