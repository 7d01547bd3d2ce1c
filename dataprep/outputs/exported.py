"""What an export says at the terminal: the files, the rows left out and why, and how to go on."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import click

from dataprep.outputs.output import printable
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dataprep.contract import SplitName

EXAMPLES: Final = 5
WIDTH: Final = 119


def render_exported(
    title: str,
    folder: Path,
    files: Sequence[str],
    rows: Mapping[SplitName, int],
    refused: Sequence[tuple[str, int, str, str]],
    notes: Sequence[str],
    next_step: str,
) -> str:
    """The account of an export, for a person.

    Args:
        title: what people call the target.
        folder: where it was written.
        files: the paths written, inside the folder.
        rows: rows written, by split.
        refused: file, line, row_id and reason of every row left out.
        notes: what the user should know.
        next_step: a command, with `{folder}` in the folder's place; may be empty.
    """
    counts = ", ".join(f"{count:,} {split}" for split, count in rows.items())
    total = sum(rows.values())
    lines = [
        f"{title}: {counted(total, 'row')} ({counts}), {len(refused):,} left out",
        *_refused_lines(refused),
        "",
        f"folder    {folder}",
        *(f"          {name}" for name in files),
        *(f"note      {_cut(note)}" for note in notes),
    ]
    if next_step:
        command = next_step.replace("{folder}", shlex.quote(str(folder)))
        lines += ["", f"Next: {click.style(command, bold=True)}"]
    return "\n".join(lines)


def _refused_lines(refused: Sequence[tuple[str, int, str, str]]) -> list[str]:
    if not refused:
        return []
    lines = ["", "left out, all of them in refused.jsonl:"]
    for file, line, row_id, reason in refused[:EXAMPLES]:
        text = printable(f"{file} line {line} ({row_id}): {reason}")
        lines.append("  " + (text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"))
    if len(refused) > EXAMPLES:
        lines.append(f"  … and {len(refused) - EXAMPLES:,} more")
    return lines


def _cut(text: str) -> str:
    return printable(text)
