"""From a certified split folder to the files that other tools read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dataprep.contract import MANIFEST_NAME, SplitManifest
from dataprep.errors import ConfigError, InputError, SplitError
from dataprep.exports.export import Facts, Source, all_exports
from dataprep.exports.rows import read_split
from dataprep.files import json_lines, refuse_overwriting, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from dataprep.contract import SplitName
    from dataprep.exports.export import Refused, Rendered

REFUSED_NAME: Final = "refused.jsonl"


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export.

    Attributes:
        title: what people call the target.
        folder: where it was written.
        files: the paths written, inside `folder`.
        rows: rows written, by split.
        refused: every row that was left out, with file, line, row_id and reason, as in refused.jsonl.
        notes: what the user should know.
        next_step: a command to go on with; empty where there is none.
    """

    title: str
    folder: Path
    files: list[str]
    rows: dict[SplitName, int]
    refused: list[Refused]
    notes: list[str]
    next_step: str


def export_split(
    folder: Path,
    to: str,
    out: Path,
    *,
    license: str | None = None,  # noqa: A002 - the flag's name
    creator: str | None = None,
    url: str | None = None,
    name: str | None = None,
    allow_unverified: bool = False,
) -> Exported:
    """Write a split folder in the layout that another tool reads.

    Args:
        folder: a folder written by `dataprep split`.
        to: an export's name.
        out: the folder to write; its files are replaced, other files in it are left alone.
        license: the licence to publish under; what the manifest says where it is not given.
        creator: who made the data set.
        url: its home page.
        name: its name.
        allow_unverified: export a folder that is not as it was certified.

    Raises:
        ConfigError: no export has that name.
        SplitError: no split folder, an edited or leaking one, or no row that the target can hold.
        InputError: the output cannot be written or would overwrite an input.
    """
    exports = all_exports()
    if to not in exports:
        raise ConfigError(f"nothing can be exported to {to!r}", f"Choose one of {', '.join(exports)}")
    manifest = SplitManifest.load(folder)
    problems = _problems(folder, manifest, allowed=allow_unverified)
    source = Source(read_split(folder, manifest), manifest, Facts(name, license, creator, url))
    rendered = exports[to].render(source)
    rendered.notes += [f"Not verified: {problem}" for problem in problems]
    if not rendered.rows:
        raise SplitError(f"{folder}: {exports[to].title} can hold none of the rows{_first(rendered)}", "")
    _write(rendered, folder, out, manifest)
    return Exported(
        title=exports[to].title,
        folder=out,
        files=list(rendered.files),
        rows=rendered.rows,
        refused=rendered.refused,
        notes=rendered.notes,
        next_step=rendered.next_step,
    )


def _problems(folder: Path, manifest: SplitManifest, *, allowed: bool) -> list[str]:
    """Why not to trust the folder; an error unless that is allowed."""
    problems = manifest.problems(folder)
    if problems and not allowed:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise SplitError(
            f"{folder}: {problems[0]}{more}", "Make the split again with `dataprep split`, or pass --allow-unverified"
        )
    return problems


def _first(rendered: Rendered) -> str:
    if not rendered.refused:
        return ""
    refused = rendered.refused[0]
    return f"; {refused.file} line {refused.line}: {refused.reason}"


def _write(rendered: Rendered, folder: Path, out: Path, manifest: SplitManifest) -> None:
    """Write the files, each under a temporary name first, and the list of rows left out."""
    if os.path.realpath(out) == os.path.realpath(folder) or (out / MANIFEST_NAME).exists():
        raise InputError(f"{out}: is a split folder", "Choose another -o folder")
    if rendered.refused:
        rendered.files[REFUSED_NAME] = json_lines(refused._asdict() for refused in rendered.refused)
    inputs = [file.path for file in (*manifest.inputs, *manifest.eval_inputs)]
    inputs += [str(folder / file.name) for file in manifest.files]
    refuse_overwriting(inputs, [out / name for name in rendered.files])
    for name, content in rendered.files.items():
        write_file(out / name, content)
    if not rendered.refused:
        # Left from an earlier export into the same folder, it would tell of rows that are there now.
        (out / REFUSED_NAME).unlink(missing_ok=True)
