"""The files of an index folder: what is in it, and how it changes without ever being half written."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

import msgspec
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
    again = "Use another folder, or delete it and audit the earlier files again"
    if not path.is_file():
        if folder.is_dir() and any(one.name != LOCK and one.suffix != ".parquet" for one in folder.iterdir()):
            raise InputError(f"{folder}: holds other files and no {NAME}", "Choose an empty folder for --index")
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: is no folder", "Choose an empty folder for --index")
        return None
    try:
        raw = msgspec.json.decode(path.read_bytes())
        version = raw.get("version") if isinstance(raw, dict) else None
        if version != VERSION:
            raise InputError(f"{path}: version {version!r}, and this tool reads {VERSION!r}", again)
        return State.model_validate(raw)
    except OSError as err:
        raise InputError(f"{path}: cannot be read ({err.strerror})", again) from err
    except (msgspec.DecodeError, ValidationError) as err:
        raise InputError(f"{path}: is damaged", again) from err


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a lock file with the number of this process; one that a dead process left is taken over."""
    path, until = folder / LOCK, time.monotonic() + PATIENCE
    while True:
        try:
            with path.open("x", encoding="ascii") as handle:
                handle.write(str(os.getpid()))
            break
        except FileExistsError:
            if not _alive(path):
                path.unlink(missing_ok=True)
            elif time.monotonic() > until:
                raise InputError(
                    f"{path}: another process is writing this index", "Try again, or delete the file if there is none"
                ) from None
            else:
                time.sleep(0.05)
        except OSError as err:
            raise InputError(f"{path}: cannot be written ({err.strerror})", "Choose another --index folder") from err
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _alive(path: Path) -> bool:
    try:
        os.kill(int(path.read_text(encoding="ascii")), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        # A file that is still empty was made a moment ago.
        return path.is_file() and time.time() - path.stat().st_mtime < 1
    return True
