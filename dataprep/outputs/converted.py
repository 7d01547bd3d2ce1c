"""What a conversion says at the terminal: what was understood, what was written, what was left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dataprep.outputs.output import printable
from dataprep.outputs.text import input_line
from dataprep.text.masking import mask_secrets
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dataprep.contract import DroppedRow, InputFile

WIDTH: Final = 119


def render_converted(
    out: Path,
    files: Sequence[InputFile],
    written: int,
    left_out: int,
    examples: Sequence[DroppedRow],
    dropped: Path | None,
) -> str:
    """The account of a conversion, for a person.

    Args:
        out: the file written.
        files: the account of each input.
        written: records written.
        left_out: records that are not in it.
        examples: the first of those.
        dropped: where all of those stand.
    """
    lines = [input_line(file, "") for file in files]
    lines += ["", f"{out}: {counted(written, 'row')} written, {left_out:,} left out"]
    for row in examples:
        text = printable(f"{row.source} line {row.line}: {mask_secrets(row.reason)}")
        lines.append("  " + (text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"))
    if left_out > len(examples):
        lines.append(f"  … and {left_out - len(examples):,} more")
    if dropped is not None:
        lines += ["", f"left out  {dropped}"]
    return "\n".join(lines)
