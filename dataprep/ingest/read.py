"""Inputs to the canonical frame: every record becomes a row or a named reject."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl

from dataprep.contract import InputFile
from dataprep.errors import InputError
from dataprep.frame import REJECT_SCHEMA, ROW_SCHEMA
from dataprep.ingest.inputs import input_files
from dataprep.ingest.occurrences import Occurrences
from dataprep.ingest.one_file import FileReader
from dataprep.ingest.recognise import all_formats
from dataprep.ingest.rows import RowReader
from dataprep.ingest.stream import STDIN, open_input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dataprep.ingest.rows import Batch
    from dataprep.ingest.stream import Opened


@dataclass(frozen=True, slots=True)
class Ingested:
    """What the inputs hold.

    Attributes:
        rows: the canonical frame (`frame.ROW_SCHEMA`).
        rejects: records that could not become rows (`frame.REJECT_SCHEMA`).
        files: the account of each file; records == rows + unreadable.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    files: list[InputFile]


@dataclass(slots=True)
class InputReader:
    """Reads inputs batch by batch, so that they may be larger than memory.

    Args:
        column_map: which columns hold what, for records no format knows: {"prompt": "text", "answer": "label"}.
        input_format: read every record as this format instead of recognising it.
        max_unpacked: bytes a packed file may unpack to; None for a limit by its size.
        workers: processes for large files; None means one for each core.

    Attributes:
        files: the account of each file that was read to its end.
    """

    column_map: Mapping[str, str] | None = None
    input_format: str | None = None
    max_unpacked: int | None = None
    workers: int | None = None
    files: list[InputFile] = field(default_factory=list)
    _occurrences: Occurrences = field(default_factory=Occurrences)
    _first_reject: Mapping[str, Any] | None = None
    _rejected: int = 0
    _unknown: bool = False

    def batches(self, paths: Iterable[Path]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Rows and rejects, a stretch at a time, in the order of the inputs.

        Raises:
            InputError: a path is missing, empty or of an unknown kind, or no record at all is usable.
            ConfigError: the column map or the format name is not one.
        """
        reader = RowReader(self.column_map, self.input_format)
        files = input_files(paths)
        for path in files:
            yield from self._file(path, reader)
        if not any(file.rows for file in self.files):
            raise self._nothing_usable()

    def _file(self, path: Path, reader: RowReader) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        opened = open_input(path, self.max_unpacked)
        account = _Account()
        reader.begin(opened.name)
        with opened.raw if opened.name != STDIN else ExitStack():
            batches = FileReader(opened, reader, self.workers).batches()
            for batch in chain(batches, _ending(opened, account, reader)):
                account.add(batch)
                if batch.rows.height or batch.rejects:
                    yield self._finished(opened.name, batch)
            for _ in opened.stored_blocks():
                pass
        self.files.append(account.of(opened))

    def _finished(self, name: str, batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
        rows = self._occurrences.number(batch.rows)
        rejects = pl.DataFrame([(name, *reject) for reject in batch.rejects], schema=REJECT_SCHEMA, orient="row")
        if rejects.height:
            self._rejected += rejects.height
            self._unknown |= rejects["code"].eq("FMT002").any()
            if self._first_reject is None:
                self._first_reject = rejects.row(0, named=True)
        return rows, rejects

    def _nothing_usable(self) -> InputError:
        names = ", ".join(file.path for file in self.files)
        first = self._first_reject
        if first is None:
            return InputError(f"{names}: no records in it", "Give a file with at least one record")
        one = self._rejected == 1
        whole = "its one record is not usable" if one else f"none of {self._rejected:,} records is usable"
        problem = f"{names}: {whole}; line {first['line']}: {first['message']}"
        if self._unknown:
            known = ", ".join(fmt.title for fmt in all_formats().values() if fmt.name != "frame")
            return InputError(problem, f"Known formats: {known}. For other columns: --map prompt=COLUMN,answer=COLUMN")
        return InputError(problem, "Mend or export the file again")


def read_inputs(
    paths: Iterable[Path],
    column_map: Mapping[str, str] | None = None,
    input_format: str | None = None,
    max_unpacked: int | None = None,
    workers: int | None = None,
) -> Ingested:
    """Read files and folders into one frame in memory; the arguments and errors are those of `InputReader`."""
    reader = InputReader(column_map, input_format, max_unpacked, workers)
    rows, rejects = [pl.DataFrame(schema=ROW_SCHEMA)], [pl.DataFrame(schema=REJECT_SCHEMA)]
    for found, rejected in reader.batches(paths):
        rows.append(found)
        rejects.append(rejected)
    return Ingested(pl.concat(rows, rechunk=True), pl.concat(rejects), reader.files)


@dataclass(slots=True)
class _Account:
    """What was met in a file so far."""

    formats: Counter[str] = field(default_factory=Counter)
    notes: set[str] = field(default_factory=set)
    turns: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    unreadable: int = 0
    unknown: int = 0
    lines: int = 0

    def add(self, batch: Batch) -> None:
        self.lines += batch.lines
        self.turns += batch.turns
        self.formats += batch.formats
        self.notes |= batch.notes
        self.unreadable += len(batch.rejects)
        self.unknown += sum(code == "FMT002" for _, code, *_ in batch.rejects)

    def of(self, opened: Opened) -> InputFile:
        rows = self.formats.total()
        return InputFile(
            path=opened.name,
            sha256=opened.digest.hexdigest(),
            bytes=opened.stored,
            records=self.unreadable + rows,
            rows=rows,
            unreadable=self.unreadable,
            unknown=self.unknown,
            formats=dict(sorted(self.formats.items())),
            notes=sorted(self.notes | opened.notes),
        )


def _ending(opened: Opened, account: _Account, reader: RowReader) -> Iterator[Batch]:
    """What can only be said at the end of a file: conversations that stood one turn per line, and damage."""
    if account.turns:
        reader.assemble(account.turns)
    if opened.damage:
        reader.reject(max(account.lines, reader.last_line, 1), "FMT001", None, opened.damage, "")
    yield reader.take()
