"""From any readable data to another format or to the canonical frame, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from dataprep.contract import DroppedRow
from dataprep.errors import ConfigError, InputError
from dataprep.exports.parquet import write_frames
from dataprep.exports.records import ENDINGS, PACKINGS, ending_of, record_writer
from dataprep.files import refuse_overwriting, write_with
from dataprep.frame import ROW_SCHEMA, conversation, plain_row, with_own_fields
from dataprep.ingest import InputReader, ShapeError, all_formats, input_files
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import IO

    from dataprep.config import ReadConfig
    from dataprep.contract import InputFile
    from dataprep.ingest import Format

FRAME: Final = "frame"
SHOWN: Final = 10
"""Left-out records that are kept for showing; all of them are in the file."""


@dataclass(slots=True)
class Converted:
    """The outcome of a conversion.

    Attributes:
        written: records written.
        left_out: records that are not in the output: unreadable ones, and rows that the format cannot hold.
        examples: the first of them.
        files: the account of each input.
        dropped: the file that holds all of them; None when there are none.
    """

    written: int = 0
    left_out: int = 0
    examples: list[DroppedRow] = field(default_factory=list)
    files: list[InputFile] = field(default_factory=list)
    dropped: Path | None = None


def convert(paths: Sequence[Path], to: str, out: Path, config: ReadConfig) -> Converted:
    """Write data in another format; a row the format cannot hold is left out and named, never bent.

    What is left out stands in a file beside the output, `NAME.dropped.jsonl`, with its reason and its content.

    Args:
        paths: the data: files, folders, patterns, or "-".
        to: a format's name, or "frame" for the canonical frame, in Parquet.
        out: the file to write; its ending decides the container.
        config: how to read.

    Raises:
        UserError: unusable input, unknown format or ending.
    """
    target = _target(to, out)
    dropped = dropped_path(out)
    refuse_overwriting((str(path) for path in input_files(paths)), [out, dropped])
    _refuse_foreign(dropped)
    reader = InputReader(config.map, config.input_format, config.max_unpacked)
    done = Converted()

    def write_out(partial: Path) -> None:
        def write_both(left_out: Path) -> None:
            with left_out.open("wb") as handle:
                _write(reader, paths, target, partial, out, _Account(done, handle))
            if not done.written:
                # A broken record says nothing about the format.
                first = next((one for one in done.examples if one.row_id is not None), done.examples[0])
                raise InputError(
                    f"{to} can hold none of {counted(done.left_out, 'record')}; "
                    f"{first.source} line {first.line}: {first.reason}",
                    "Choose another --to",
                )

        write_with(dropped, write_both)

    write_with(out, write_out)
    done.files = reader.files
    if done.left_out:
        done.dropped = dropped
    else:
        dropped.unlink(missing_ok=True)
    return done


def _refuse_foreign(dropped: Path) -> None:
    """Stop where somebody else has a file of that name, which nobody named: it is written over, or removed.

    Raises:
        InputError: it is there, and holds no removed records.
    """
    if not dropped.exists():
        return
    try:
        with dropped.open("rb") as handle:
            first = msgspec.json.decode(handle.readline() or b"{}")
    except (OSError, msgspec.DecodeError, RecursionError):
        first = None
    is_empty = dropped.stat().st_size == 0
    if not isinstance(first, dict) or (not is_empty and not first.keys() >= {"source", "action", "reason"}):
        raise InputError(f"{dropped}: exists, and was not made here", "Move it away, or choose another name with -o")


def dropped_path(out: Path) -> Path:
    """Where the records stand that are not in `out`."""
    name = out.name
    for endings in (PACKINGS, ENDINGS):
        name = next((name.removesuffix(ending) for ending in endings if name.lower().endswith(ending)), name)
    return out.with_name(f"{name}.dropped.jsonl")


def _target(to: str, out: Path) -> Format | None:
    """The format to write; None for the frame itself."""
    ending = ending_of(out)[0]
    if to == FRAME:
        if ending != ".parquet":
            raise ConfigError("the canonical frame is written to Parquet", "Name the output .parquet")
        return None
    writable = {name: fmt for name, fmt in all_formats().items() if fmt.write is not None}
    if to not in writable:
        raise ConfigError(f"unknown format {to!r}", f"Choose one of {', '.join([*writable, FRAME])}")
    return writable[to]


@dataclass(slots=True)
class _Account:
    """Counts what is written and keeps what is not."""

    done: Converted
    handle: IO[bytes]

    def leave_out(self, row: DroppedRow) -> None:
        self.done.left_out += 1
        if len(self.done.examples) < SHOWN:
            self.done.examples.append(row)
        self.handle.write(msgspec.json.encode(row.model_dump(exclude_none=True)) + b"\n")

    def unreadable(self, rejects: pl.DataFrame) -> None:
        names = {"FMT001": "unreadable-record", "FMT002": "unknown-shape"}
        for reject in rejects.iter_rows(named=True):
            self.leave_out(
                DroppedRow(
                    row_id=None,
                    source=reject["source"],
                    line=reject["line"],
                    code=reject["code"],
                    name=names[reject["code"]],
                    action="dropped",
                    reason=reject["message"],
                    raw=reject["raw"],
                )
            )

    def refused(self, row: Mapping[str, Any], err: ShapeError) -> None:
        reason = f"{err.field}: {err.problem}" if err.field else err.problem
        self.leave_out(
            DroppedRow(
                row_id=row["row_id"],
                source=row["source"],
                line=row["line"],
                code="CONVERT",
                name="cannot-be-converted",
                action="dropped",
                reason=reason,
                record=plain_row(row),
            )
        )


def _write(
    reader: InputReader, paths: Sequence[Path], target: Format | None, partial: Path, named: Path, account: _Account
) -> None:
    if target is None or target.write is None:
        write_frames(partial, _frames(reader, paths, account), ROW_SCHEMA)
        return
    with record_writer(partial, named, columns=target.columns) as writer:
        for rows, rejects in reader.batches(paths):
            account.unreadable(rejects)
            for row in rows.iter_rows(named=True):
                try:
                    record = target.write(conversation(row))
                except ShapeError as err:
                    account.refused(row, err)
                    continue
                writer.add(with_own_fields(record, row))
                account.done.written += 1


def _frames(reader: InputReader, paths: Sequence[Path], account: _Account) -> Iterator[pl.DataFrame]:
    for rows, rejects in reader.batches(paths):
        account.unreadable(rejects)
        account.done.written += rows.height
        yield rows
