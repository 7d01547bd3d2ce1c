"""The files of an index folder: what is in it, and how it changes without ever being half written."""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import polars as pl
from pydantic import ValidationError

from dataprep.contract import Model
from dataprep.errors import InputError
from dataprep.similarity.plan import Plan, choose_bands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataprep.similarity.plan import SimilarityParams

VERSION: Final = "1"
NAME: Final = "index.json"
LOCK: Final = "lock"
SEGMENT: Final = re.compile(r"[0-9a-f]{16}\.parquet")
"""Names of the files of texts."""

_PARTIAL: Final = re.compile(rf"\.?(?:{SEGMENT.pattern}|{re.escape(NAME)})(?:\.partial)?")
"""What a run that was killed may leave, before there is an index."""

AGAIN: Final = "Use another folder, or delete it and audit the earlier files again"

PATIENCE: Final = 30.0
"""Seconds to wait for another process that is writing."""


class Parameters(Model):
    """What all segments of an index were made with."""

    threshold: float
    shingle: int
    unit: Literal["char", "word"]
    recall: float
    bands: int
    rows: int
    seed: int

    @classmethod
    def of(cls, params: SimilarityParams) -> Parameters:
        """Bands that suit a million texts, however many there are yet."""
        bands, rows = choose_bands(params.threshold, params.recall, shingle=params.shingle, unit=params.unit)
        given = {name: getattr(params, name) for name in ("threshold", "shingle", "unit", "recall", "seed")}
        return cls(**given, bands=bands, rows=rows)

    def plan(self) -> Plan:
        """How to search."""
        return Plan("minhash", self.shingle, self.unit == "word", self.threshold, self.bands, self.rows, self.seed)


class Segment(Model):
    """The texts of one file."""

    file: str
    source: str
    key: str
    sha256: str
    rows: int


class State(Model):
    """index.json."""

    version: Literal["1"] = VERSION
    parameters: Parameters
    segments: list[Segment]


def key_of(source: str) -> str:
    """What tells files apart: where a path leads; standard input has no identity."""
    return source if source in {"-", "standard input"} else os.path.realpath(source)


def read_state(folder: Path) -> State | None:
    """The state of an index folder; None where there is none yet."""
    path = folder / NAME
    if not path.is_file():
        if folder.is_dir() and not all(one.name == LOCK or _PARTIAL.fullmatch(one.name) for one in folder.iterdir()):
            raise InputError(f"{folder}: holds other files and no {NAME}", "Choose an empty folder for --index")
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: is no folder", "Choose an empty folder for --index")
        return None
    try:
        raw = msgspec.json.decode(path.read_bytes())
        version = raw.get("version") if isinstance(raw, dict) else None
        if version != VERSION:
            raise InputError(f"{path}: version {version!r}, and this tool reads {VERSION!r}", AGAIN)
        return State.model_validate(raw)
    except OSError as err:
        raise InputError(f"{path}: cannot be read ({err.strerror})", AGAIN) from err
    except (msgspec.DecodeError, ValidationError) as err:
        raise InputError(f"{path}: is damaged", AGAIN) from err


@contextmanager
def read_whole(path: Path) -> Iterator[None]:
    """Say so when a segment cannot be read."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as err:
        raise InputError(f"{path}: is damaged", AGAIN) from err


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of an index folder; the system takes it from a process that ends. Its file stays."""
    path, until = folder / LOCK, time.monotonic() + PATIENCE
    try:
        handle = path.open("ab")
    except OSError as err:
        raise InputError(f"{path}: cannot be written ({err.strerror})", "Choose another --index folder") from err
    with handle:
        while not _taken(handle.fileno()):
            if time.monotonic() > until:
                raise InputError(f"{path}: another process is writing this index", "Try again when it has ended")
            time.sleep(0.05)
        yield


if sys.platform == "win32":
    import msvcrt

    def _taken(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
