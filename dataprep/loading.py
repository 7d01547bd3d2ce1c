"""From paths to frames: training data, evaluation data, benchmarks, and the parts of an existing split."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.config import AuditConfig, ReadConfig
from dataprep.contract import SPLIT_NAMES, SplitName
from dataprep.errors import InputError
from dataprep.ingest import Ingested, input_files, read_inputs
from dataprep.splits.column import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD: Final = re.compile(r"[a-z]+")


def load(paths: Iterable[str | Path], config: ReadConfig | None = None) -> Ingested:
    """Read files, folders, patterns or standard input ("-") into the canonical frame.

    Broken records are set aside with their reason, not lost.
    """
    config = config or ReadConfig()
    data = read_inputs([Path(path) for path in paths], config.map, config.input_format, config.max_unpacked)
    files = [file.model_copy(update={"license": config.license_of(file.path)}) for file in data.files]
    return replace(data, files=files)


def load_eval(paths: Sequence[Path], config: AuditConfig) -> Ingested | None:
    """Read evaluation data and the benchmarks of the settings; None where there are neither.

    A benchmark is read as it is, since the settings say how the data under audit is to be read; only where that gives
    no row are they tried.

    Raises:
        InputError: a file cannot be used.
    """
    found = [load(paths, config)] if paths else []
    for name, path in config.benchmark.items():
        try:
            data = read_inputs([Path(path)], None, None, config.max_unpacked)
        except InputError:
            if not config.map:
                raise
            data = load([path], config)
        files = [file.model_copy(update={"benchmark": name}) for file in data.files]
        found.append(replace(data, files=files))
    if not found:
        return None
    files = [file for data in found for file in data.files]
    return Ingested(pl.concat([data.rows for data in found]), pl.concat([data.rejects for data in found]), files)


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of an existing split.

    Attributes:
        files: of each part that there is.
        other: files that belong to none.
    """

    files: dict[SplitName, list[Path]]
    other: list[Path]

    @property
    def paths(self) -> list[Path]:
        """All files of the parts, train first."""
        return [path for part in SPLIT_NAMES for path in self.files.get(part, [])]

    @property
    def held_out(self) -> list[Path]:
        """The files of validation and test."""
        return [path for part in SPLIT_NAMES[1:] for path in self.files.get(part, [])]


def find_parts(folder: Path) -> Parts:
    """Which files of a folder are train, validation and test, by the words in their names and folders.

    Raises:
        InputError: no such folder, or it has no train file or nothing to compare it with.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder", "Name a folder with train, validation and test files")
    files: dict[SplitName, list[Path]] = {}
    other = []
    for path in input_files([folder]):
        part = part_named(path.relative_to(folder))
        if part is None:
            other.append(path)
        else:
            files.setdefault(part, []).append(path)
    if "train" not in files or len(files) < 2:
        names = ", ".join(path.name for path in other[:3]) or "none"
        raise InputError(
            f"{folder}: needs a train file and a validation or test file; other data files: {names}",
            "Name them train.…, validation.… and test.…, or give them as DATA and --eval",
        )
    return Parts(files, other)


def part_named(path: Path) -> SplitName | None:
    """The part that a file name says it is, or else the folder nearest to it."""
    for name in (path.name.partition(".")[0], *reversed(path.parent.parts)):
        for word in _WORD.findall(name.casefold()):
            if word in NAMES:
                return NAMES[word]
    return None
