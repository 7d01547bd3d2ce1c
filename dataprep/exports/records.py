"""Records to a data file, one after the other: JSON Lines, a JSON array, a table or Parquet, by the file's ending."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from abc import ABC, abstractmethod
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from dataprep.errors import ConfigError
from dataprep.exports.columns import ColumnTypes, Type
from dataprep.exports.parquet import write_frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TABLES: Final = {".csv": ",", ".tsv": "\t"}
ENDINGS: Final = (".jsonl", ".json", *TABLES, ".parquet")
PACKINGS: Final = (".gz", ".zst")
BATCH: Final = 5_000

_DTYPES: Final[Mapping[Type, Any]] = {
    "string": pl.String,
    "int64": pl.Int64,
    "float64": pl.Float64,
    "bool": pl.Boolean,
    "strings": pl.List(pl.String),
    "turns": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
}


class RecordWriter(ABC):
    """Takes records one by one; nothing is kept in memory."""

    @abstractmethod
    def add(self, record: Mapping[str, Any]) -> None:
        """Write one record, or put it by."""

    @abstractmethod
    def finish(self) -> None:
        """Write what can only be written at the end."""


def ending_of(path: Path) -> tuple[str, str]:
    """The ending that decides the container, and the one that packs it or "".

    Raises:
        ConfigError: nothing can be written under that ending.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packing = suffixes.pop() if suffixes and suffixes[-1] in PACKINGS else ""
    ending = suffixes[-1] if suffixes else ""
    if ending not in ENDINGS or (packing and ending == ".parquet"):
        choices = f"Choose one of {', '.join(ENDINGS)}; all but the last also with .gz or .zst"
        raise ConfigError(f"cannot write a {ending + packing or 'file without ending'}", choices)
    return ending, packing


@contextmanager
def record_writer(path: Path, named: Path, *, columns: bool) -> Iterator[RecordWriter]:
    """A writer to `path`.

    Args:
        path: where to write.
        named: the path whose ending decides the container.
        columns: whether the conversation fits text columns, as a table needs.

    Raises:
        ConfigError: the ending is unknown, or a table cannot hold the format.
    """
    ending, packing = ending_of(named)
    if ending in TABLES and not columns:
        raise ConfigError("a table cannot hold this format", "Write .jsonl, or choose --to prompt-completion")
    with ExitStack() as stack:
        if ending == ".parquet":
            spool = stack.enter_context(tempfile.TemporaryFile(dir=path.parent))
            writer: RecordWriter = _Parquet(path, spool)
        else:
            handle = stack.enter_context(_packed(path, packing))
            if ending in TABLES:
                spool = stack.enter_context(tempfile.TemporaryFile(dir=path.parent))
                writer = _Table(handle, spool, TABLES[ending])
            else:
                writer = _JsonLines(handle) if ending == ".jsonl" else _JsonArray(handle)
        yield writer
        writer.finish()


def _packed(path: Path, packing: str) -> IO[bytes]:
    if packing == ".gz":
        # No time in the header: the same rows give the same bytes.
        return gzip.GzipFile(path, "wb", compresslevel=6, mtime=0)  # type: ignore[return-value]
    if packing == ".zst":
        import zstandard  # noqa: PLC0415 - only packed files need it

        return zstandard.open(path, "wb", cctx=zstandard.ZstdCompressor(level=6))  # type: ignore[no-any-return]
    return path.open("wb")


class _JsonLines(RecordWriter):
    def __init__(self, handle: IO[bytes]) -> None:
        self.handle = handle

    def add(self, record: Mapping[str, Any]) -> None:
        self.handle.write(msgspec.json.encode(record) + b"\n")

    def finish(self) -> None:
        pass


class _JsonArray(RecordWriter):
    """One record per line, so that the file can be compared and cut by line tools."""

    def __init__(self, handle: IO[bytes]) -> None:
        self.handle = handle
        self.before = b"[\n"

    def add(self, record: Mapping[str, Any]) -> None:
        self.handle.write(self.before + msgspec.json.encode(record))
        self.before = b",\n"

    def finish(self) -> None:
        self.handle.write(b"[]\n" if self.before == b"[\n" else b"\n]\n")


class _Spooled(RecordWriter):
    """Puts the records by until all columns are known."""

    def __init__(self, spool: IO[bytes]) -> None:
        self.spool = spool
        self.columns = ColumnTypes()

    def add(self, record: Mapping[str, Any]) -> None:
        self.columns.add(record)
        self.spool.write(msgspec.json.encode(record) + b"\n")

    def records(self) -> Iterator[dict[str, Any]]:
        self.spool.seek(0)
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        return (decode(line) for line in self.spool)


class _Table(_Spooled):
    def __init__(self, handle: IO[bytes], spool: IO[bytes], delimiter: str) -> None:
        super().__init__(spool)
        self.text = io.TextIOWrapper(handle, "utf-8", newline="", write_through=True)
        self.delimiter = delimiter

    def finish(self) -> None:
        names = list(self.columns.types())
        writer = csv.writer(self.text, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow(names)
        for record in self.records():
            writer.writerow([_cell(record.get(name)) for name in names])
        self.text.detach()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


class _Parquet(_Spooled):
    """Columns whose values differ in kind hold JSON text: Parquet has one type per column."""

    def __init__(self, path: Path, spool: IO[bytes]) -> None:
        super().__init__(spool)
        self.path = path

    def finish(self) -> None:
        types = self.columns.types()
        schema = {name: _DTYPES.get(kind, pl.String) for name, kind in types.items()}
        write_frames(self.path, self._frames(types, schema), schema)

    def _frames(self, types: Mapping[str, Type], schema: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
        records = self.records()
        as_json = {name for name, kind in types.items() if kind not in _DTYPES}
        while batch := list(islice(records, BATCH)):
            values = {
                name: [_json_cell(record.get(name)) if name in as_json else record.get(name) for record in batch]
                for name in types
            }
            yield pl.DataFrame(values, schema=dict(schema))


def _json_cell(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
