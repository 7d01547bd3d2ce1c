"""Writing files so that a reader never sees half of one, and never onto an input."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dataprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def write_file(path: Path, content: str | bytes) -> None:
    """Write a whole file under a temporary name, then rename it into place."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    write_with(path, lambda partial: partial.write_bytes(data))


def write_with(path: Path, writer: Callable[[Path], object]) -> None:
    """Let `writer` fill a temporary file next to `path`, then rename it into place.

    Raises:
        InputError: the folder cannot be written, or the disk is full.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(partial)
        partial.replace(path)
    except OSError as err:
        with suppress(OSError):  # its folder may be a file
            partial.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written ({err.strerror})", "Choose another place with -o") from err
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _is_ours(mark: Path) -> bool:
    """Whether a file is there, and if it is JSON, written by this tool: others have a manifest.json, too."""
    if mark.suffix != ".json":
        return mark.exists()
    try:
        found = msgspec.json.decode(mark.read_bytes())
    except (OSError, msgspec.DecodeError):
        return False
    return isinstance(found, dict) and "tool_version" in found


def json_lines(records: Iterable[object]) -> bytes:
    """Records as JSON Lines, UTF-8."""
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def refuse_overwriting(inputs: Iterable[str], outputs: Iterable[Path], mark: Path | None = None) -> None:
    """Stop before an output would replace an input, or a file that somebody else made.

    Args:
        inputs: files that are read.
        outputs: files that will be written.
        mark: one of them that is there wherever all of them come from an earlier run; None: whatever is there is
            replaced.

    Raises:
        InputError: an output is an input, or is there without the mark.
    """
    taken = {os.path.realpath(path) for path in inputs}
    targets = list(outputs)
    for output in targets:
        if os.path.realpath(output) in taken:
            raise InputError(f"{output}: is one of the inputs and would be overwritten", "Choose another -o folder")
    for output in targets if mark is not None and not _is_ours(mark) else ():
        if output.exists():
            raise InputError(f"{output}: exists, and was not made here", "Choose another -o folder, or move it away")
