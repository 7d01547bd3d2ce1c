"""Which encoding a text is in, and how it becomes UTF-8."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from dataprep.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "byte order mark removed"),
    (codecs.BOM_UTF32_LE, "utf-32", "converted from UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "converted from UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "converted from UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "converted from UTF-16"),
)
_HIGH: Final = bytes(range(128, 256))
_STRAY: Final = re.compile("[\udc80-\udcff]+")
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_ENOUGH: Final = 1_000
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_SCAN: Final = 8 << 20


def detect(sample: bytes, path: Path | None, notes: set[str]) -> str | None:
    """The codec that makes text of a file; None for UTF-8, broken lines or not.

    A file is taken for Windows-1252 (or Latin-1, where it uses bytes that Windows-1252 leaves undefined) when
    almost all of its bytes beyond ASCII stand alone between letters: text of one language with accents. In UTF-8
    they never stand alone, and a file that holds both is UTF-8 with broken lines.

    Args:
        sample: the beginning of the text.
        path: where the whole of it can be looked at, so that a late accent is not mistaken for damage.
        notes: receives what was found.
    """
    for mark, codec, note in _BOMS:
        if sample.startswith(mark):
            notes.add(note)
            return codec
    if b"\x00" in sample[:1000]:
        pairs = sample[: len(sample[:1000]) & ~1]
        zeros = (pairs[0::2].count(0), pairs[1::2].count(0))
        if max(zeros) > len(pairs) * 0.3 and min(zeros) < len(pairs) * 0.05:
            codec = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
            notes.add("converted from UTF-16 without a byte order mark")
            return codec
    counts = _counts(sample)
    if path is not None and not _settled(counts):
        counts = _count_file(path)
    lone, paired, undefined = counts
    if lone < 2 or paired * 20 > lone:
        # One strange byte is more likely damage than a language: its line is set aside, not guessed at.
        return None
    codec, title = ("latin-1", "Latin-1") if undefined else ("cp1252", "Windows-1252")
    notes.add(f"converted from {title}")
    return codec


def _settled(counts: tuple[int, int, int]) -> bool:
    """Whether there is so much UTF-8 that nothing further on can change the verdict."""
    return counts[1] >= _ENOUGH and counts[1] * 20 > counts[0]


def _count_file(path: Path) -> tuple[int, int, int]:
    total = (0, 0, 0)
    with path.open("rb") as handle:
        while block := handle.read(_SCAN):
            if not block.isascii():
                # A character cut by the block's end would look like damage.
                lone, paired, undefined = _counts(block + handle.readline())
                total = (total[0] + lone, total[1] + paired, total[2] + undefined)
                if _settled(total):
                    break
    return total


def _counts(data: bytes) -> tuple[int, int, int]:
    """Bytes beyond ASCII: those that stand alone as in Latin text, those that do not, and Windows' undefined ones."""
    if data.isascii():
        return 0, 0, 0
    high = len(data) - len(data.translate(None, _HIGH))
    lone = undefined = 0
    text = data.decode("utf-8", "surrogateescape")
    for run in _STRAY.finditer(text):
        found = run[0].encode("utf-8", "surrogateescape")
        beside = {text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]}
        # A single one may be a sign or a word by itself, as in Italian.
        if len(found) == 1 or (len(found) == 2 and not beside.isdisjoint(_LETTERS)):
            lone += len(found)
            undefined += len(_UNDEFINED.findall(found))
    return lone, high - lone, undefined


class Transcoder:
    """Turns blocks of one encoding into blocks of UTF-8.

    Args:
        codec: Python's name of the encoding.
        name: of the file, for messages.
        notes: receives that characters had to be replaced.
    """

    def __init__(self, codec: str, name: str, notes: set[str]) -> None:
        self.codec = codec
        self.name = name
        self.notes = notes
        # Broken bytes of a UTF-8 file are judged line by line; elsewhere a broken unit becomes U+FFFD and is told.
        self.decoder = codecs.getincrementaldecoder(codec)("surrogateescape" if codec == "utf-8-sig" else "replace")

    def feed(self, block: bytes, *, final: bool = False) -> bytes:
        """The next block as UTF-8."""
        try:
            text = self.decoder.decode(block, final)
        except UnicodeError as err:
            raise InputError(f"{self.name}: starts as {self.codec} but is not", "Save it as UTF-8") from err
        if self.codec == "utf-8-sig":
            return text.encode("utf-8", "surrogateescape")
        if "\ufffd" in text:
            self.notes.add(f"what is no {self.codec.upper()} replaced by U+FFFD")
        return text.encode("utf-8", "replace")

    def end(self) -> bytes:
        """What was held back at the end."""
        return self.feed(b"", final=True)
