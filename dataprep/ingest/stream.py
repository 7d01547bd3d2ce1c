"""Files to blocks of UTF-8 bytes: what they are by their first bytes, unpacked within a limit, in any encoding."""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import sys
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from dataprep.errors import InputError
from dataprep.ingest.encoding import Transcoder, detect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STDIN: Final = "-"
BLOCK: Final = 4 << 20
UNPACKED: Final = 1 << 20
"""Bytes that are unpacked at a time, whatever the packed data claims."""
ZSTD_STEP: Final = 8 << 10
"""Packed bytes that zstd is given at a time: they cannot become more than 256 MB."""
SAMPLE: Final = 4 << 20
RATIO: Final = 100
FLOOR: Final = 1_000_000_000
"""A packed file may unpack to RATIO times its size, and to FLOOR bytes in any case, unless the user says more."""

ARROW_STREAM: Final = b"\xff\xff\xff\xff"
COLUMNAR: Final = (b"PAR1", b"ARROW1", ARROW_STREAM)
"""How columnar data begins."""
PACKED_SUFFIXES: Final = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz"}
_MAGIC: Final = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"FEA1": "feather1",
    b"PK\x03\x04": "zip",
    b"SQLite format 3": "sqlite",
    b"%PDF": "pdf",
}
_FOREIGN: Final = {
    "zip": "an archive or a spreadsheet: unpack it, or save the sheet as CSV",
    "feather1": "Feather version 1: write it again as Arrow, Parquet or CSV",
    "sqlite": "a database: export the table as CSV or JSON Lines",
    "pdf": "a PDF: give the examples as JSON Lines or CSV",
}


@dataclass(slots=True)
class Opened:
    """A file being read.

    Attributes:
        name: the path as the user gave it, or "-".
        kind: "parquet", "arrow" or "text" by content.
        packing: how it is packed, if it is.
        notes: what the reader had to adapt to.
        digest: of the bytes as stored; complete once all blocks were taken.
        stored: bytes as stored, so far.
        max_unpacked: bytes it may unpack to; None for a limit by its size.
        damage: why the packed data ended before its end; what came before is good. None while all is well.
    """

    name: str
    kind: str
    packing: str | None
    raw: IO[bytes]
    max_unpacked: int | None
    path: Path | None
    notes: set[str] = field(default_factory=set)
    digest: Any = field(default_factory=hashlib.sha256)
    stored: int = 0
    damage: str | None = None

    def limit(self, ratio: int = RATIO) -> int:
        """Bytes it may unpack to, by what was read of it so far."""
        return self.max_unpacked if self.max_unpacked is not None else max(ratio * self.stored, FLOOR)

    def stored_blocks(self) -> Iterator[bytes]:
        """The bytes as they are stored."""
        while block := self.raw.read(BLOCK):
            self.digest.update(block)
            self.stored += len(block)
            yield block

    def blocks(self) -> Iterator[bytes]:
        """The file's text as UTF-8, in blocks that end anywhere; bytes that are no UTF-8 stay where they are.

        Raises:
            InputError: it unpacks to more than its limit, or is in no encoding that can be read.
        """
        blocks = self._unpacked() if self.packing else self.stored_blocks()
        sample = bytearray()
        held = []
        for block in blocks:
            held.append(block)
            sample += block
            if len(sample) >= SAMPLE:
                break
        columnar = sample.startswith(COLUMNAR)  # packed: it is no text
        codec = None if columnar else detect(bytes(sample), self.path if self.packing is None else None, self.notes)
        transcode = Transcoder(codec, self.name, self.notes) if codec else None
        for block in held:
            yield transcode.feed(block) if transcode else block
        held.clear()
        for block in blocks:
            yield transcode.feed(block) if transcode else block
        if transcode:
            yield transcode.end()

    def _unpacked(self) -> Iterator[bytes]:
        total = 0
        blocks = _unpack(str(self.packing), self)
        while True:
            try:
                block = next(blocks, None)
            except Exception as err:
                # zstandard's error class is not known before the library is loaded.
                known = isinstance(err, EOFError | OSError | zlib.error | lzma.LZMAError | ValueError)
                if not known and type(err).__name__ != "ZstdError":
                    raise
                self.damage = f"the {self.packing} data is damaged here ({err}): what followed is missing"
                return
            if block is None:
                return
            total += len(block)
            if total > self.limit():
                times = total // max(self.stored, 1)
                raise InputError(
                    f"{self.name}: unpacks to more than {self.limit():,} bytes, {times} times its size",
                    "If you trust the file, raise the limit with --max-unpacked SIZE",
                )
            yield block


class _Tee(io.RawIOBase):
    """The stored bytes as a file object, counted and hashed on the way."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.opened.raw.read(len(buffer))
        self.opened.digest.update(data)
        self.opened.stored += len(data)
        buffer[: len(data)] = data
        return len(data)


def _unpack(packing: str, opened: Opened) -> Iterator[bytes]:
    """Unpacked blocks as they become available, so that all of them are there when a fault is met."""
    if packing in {"gzip", "zstd"}:
        yield from (_gunzip if packing == "gzip" else _unzstd)(opened)
        return
    buffered = io.BufferedReader(_Tee(opened), 1 << 20)
    with bz2.BZ2File(buffered) if packing == "bzip2" else lzma.LZMAFile(buffered) as reader:
        while block := reader.read1(UNPACKED):
            yield block


def _unzstd(opened: Opened) -> Iterator[bytes]:
    """The frames of a zstd stream; the library's own reader takes one that is cut off for a whole one."""
    import zstandard  # noqa: PLC0415 - only packed files need it

    context = zstandard.ZstdDecompressor(max_window_size=1 << 31)
    frame, fresh = context.decompressobj(), True
    for stored in opened.stored_blocks():
        for start in range(0, len(stored), ZSTD_STEP):
            rest = stored[start : start + ZSTD_STEP]
            while rest:
                yield frame.decompress(rest)
                fresh, rest = False, frame.unused_data if frame.eof else b""
                if frame.eof:
                    frame, fresh = context.decompressobj(), True
    if not fresh:
        raise EOFError("it ends in the middle")


def _gunzip(opened: Opened) -> Iterator[bytes]:
    """The members of a gzip stream, one after the other; `gzip` itself would drop what comes before a fault."""
    member = zlib.decompressobj(wbits=31)
    fresh = True
    for stored in opened.stored_blocks():
        rest = stored
        while rest:
            if fresh:
                # Some tools fill the last block up with zeros.
                rest = rest.lstrip(b"\x00")
            block = member.decompress(rest, UNPACKED)
            fresh = fresh and not rest
            if block:
                yield block
            rest = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof:
                member, fresh = zlib.decompressobj(wbits=31), True
    while block := member.decompress(member.unconsumed_tail, UNPACKED):
        yield block
    if not fresh and not member.eof:
        raise EOFError("it ends in the middle")


def open_input(path: Path, max_unpacked: int | None = None) -> Opened:
    """Open a file, or standard input for "-".

    Args:
        path: what to read.
        max_unpacked: bytes a packed file may unpack to; None means `RATIO` times its size, at least `FLOOR`.

    Raises:
        InputError: it cannot be read, is empty, or is of a kind that holds no examples.
    """
    name = path.as_posix()
    try:
        raw: Any = sys.stdin.buffer if name == STDIN else path.open("rb")
        head = bytes(raw.peek(16)[:16])
    except OSError as err:
        raise InputError(f"{name}: cannot be read ({err.strerror})", "Check the path and its permissions") from err
    if not head:
        raise InputError(f"{name}: the file is empty", "Give a file with at least one record")
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "text")
    if kind in _FOREIGN:
        raise InputError(
            f"{name}: is {_FOREIGN[kind].partition(':')[0]}", _FOREIGN[kind].partition(": ")[2].capitalize()
        )
    packing = kind if kind in PACKED_SUFFIXES.values() else None
    if packing is None and head.startswith(ARROW_STREAM) and path.suffix.lower() in {".arrow", ".ipc", ".feather"}:
        kind = "arrow-stream"
    regular = name != STDIN and path.is_file()
    opened = Opened(name, "text" if packing else kind, packing, raw, max_unpacked, path if regular else None)
    expected = PACKED_SUFFIXES.get(path.suffix.lower())
    if packing and packing != expected:
        opened.notes.add(f"holds {packing} data")
    return opened
