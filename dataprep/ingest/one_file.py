"""One opened file to batches of rows and rejects: which container it is, and the reader for that."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from dataprep.errors import InputError
from dataprep.ingest.columnar import read_columnar
from dataprep.ingest.inputs import SUFFIXES, data_suffix
from dataprep.ingest.json_document import read_document
from dataprep.ingest.json_lines import pieces, read_piece
from dataprep.ingest.parallel import WORTHWHILE, default_workers, read_parallel
from dataprep.ingest.recognise import all_formats
from dataprep.ingest.stream import ARROW_STREAM, SAMPLE, STDIN
from dataprep.ingest.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataprep.ingest.rows import Batch, RowReader
    from dataprep.ingest.stream import Opened

ROWS: Final = 50_000
TEXT: Final = 16 << 20
"""Rows, and bytes of text, after which a batch is handed on."""

GROWTH: Final = 20
"""Columnar files are packed files too: they may hold this many times their size, unless the user says more."""

_COLUMNAR: Final = {".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow"}


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads one file.

    Args:
        opened: the file.
        reader: what makes rows of its records.
        workers: processes for a large file; None means one for each core.
    """

    opened: Opened
    reader: RowReader
    workers: int | None

    def batches(self) -> Iterator[Batch]:
        """Rows and rejects in the order of the file.

        Raises:
            InputError: nothing in it can be read.
        """
        opened, reader = self.opened, self.reader
        suffix = data_suffix(Path(opened.name))
        if opened.kind != "text":
            yield from _taken(self._columnar(), reader)
            return
        blocks = opened.blocks()
        head = _head(blocks)
        text = chain((head,), blocks)
        if suffix in _COLUMNAR:
            yield from _taken(self._spooled(text, _columnar_kind(head)), reader)
            return
        container = _container(opened, suffix, head)
        if container == "table":
            yield from _taken(read_table(text, opened.name, reader, "\t" if suffix == ".tsv" else None), reader)
        elif container == "document":
            if suffix in {".jsonl", ".ndjson"}:
                reader.notes.add("holds a JSON document, not JSON Lines")
            yield from _taken(read_document(text, reader), reader)
        else:
            yield from self._lines(text, head)

    def _lines(self, text: Iterable[bytes], head: bytes) -> Iterator[Batch]:
        cut = pieces(text)
        opened = self.opened
        workers = self.workers if self.workers is not None else default_workers()
        size = opened.path.stat().st_size if opened.path else len(head)
        if workers > 1 and max(size, len(head)) * (4 if opened.packing else 1) >= WORTHWHILE:
            yield from read_parallel(cut, self.reader.settings, workers)
            return
        for piece in cut:
            read_piece(piece, self.reader)
            yield self.reader.take(piece.lines)

    def _columnar(self) -> Iterator[None]:
        opened = self.opened
        if opened.path is None:
            yield from self._spooled(opened.stored_blocks(), opened.kind)
            return
        for _ in opened.stored_blocks():
            pass
        yield from read_columnar(opened.path, opened.kind, self.reader, opened.limit(GROWTH), opened.name)

    def _spooled(self, blocks: Iterable[bytes], kind: str) -> Iterator[None]:
        """Columnar data from a stream: it is read from its end, so it has to be a file first."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "spooled"
            with path.open("wb") as handle:
                for block in blocks:
                    handle.write(block)
            yield from read_columnar(path, kind, self.reader, self.opened.limit(GROWTH), self.opened.name)


def _columnar_kind(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    return "arrow-stream" if head.startswith(ARROW_STREAM) else "arrow"


def _taken(stretches: Iterable[None], reader: RowReader) -> Iterator[Batch]:
    """Batches of what a reader collects on the way."""
    for _ in stretches:
        if reader.columns.height >= ROWS or reader.columns.text_bytes >= TEXT:
            yield reader.take()
    yield reader.take()


def _head(blocks: Iterator[bytes]) -> bytes:
    """The beginning of the text: enough to see what it is."""
    parts: list[bytes] = []
    length = 0
    while length < SAMPLE or not any(part.strip() for part in parts):
        block = next(blocks, None)
        if block is None:
            break
        parts.append(block)
        length += len(block)
    return b"".join(parts)


def _container(opened: Opened, suffix: str, head: bytes) -> str:
    """Which one: table, document or lines, by what the file is called and what it holds.

    Raises:
        InputError: it is blank, or nothing says how to read it.
    """
    start = head.lstrip()[:1]
    if not start:
        if opened.damage:
            raise InputError(f"{opened.name}: {opened.damage}", "Get the file again")
        raise InputError(f"{opened.name}: the file is empty", "Give a file with at least one record")
    if suffix in {".csv", ".tsv"}:
        return "table"
    if not suffix and start not in {b"{", b"["}:
        if opened.name == STDIN:
            return "table"
        kind = Path(opened.name).suffix
        raise InputError(f"{opened.name}: unknown kind of file {kind!r}", f"Give one of {', '.join(SUFFIXES)}")
    if start == b"[":
        return "lines" if _is_lines_of_arrays(head) else "document"
    if start == b"{" and _is_document(head):
        return "document"
    return "lines"


def _is_lines_of_arrays(head: bytes) -> bool:
    """Whether several lines hold one array each: broken JSON Lines, not one array."""
    lines = head.strip().split(b"\n", 2)
    return len(lines) > 1 and lines[0].rstrip().endswith(b"]") and lines[1].lstrip()[:1] == b"["


def _is_document(head: bytes) -> bool:
    """Whether an object at the beginning goes on over several lines, or holds the records under a key."""
    first, _, rest = head.strip().partition(b"\n")
    try:
        value = msgspec.json.decode(first)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    if not rest.strip():
        # One line: one record, or an object around all of them (which may be longer than what was looked at).
        if value is None:
            return len(head) >= SAMPLE
        known = any(fmt.claims(value.keys()) for fmt in all_formats().values())
        return not known and any(isinstance(item, list) for item in value.values())
    return value is None and first.rstrip().endswith((b"{", b"[", b","))
