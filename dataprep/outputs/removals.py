"""What cleaning and splitting say at the terminal: the files, where every record went, and the proof."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import click

from dataprep.outputs.output import printable
from dataprep.text.masking import mask_words
from dataprep.text.wording import short_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dataprep.contract import DroppedRow, SplitFile, SplitManifest

EXAMPLES: Final = 2
WIDTH: Final = 100
TOO_WIDE: Final = 0.1
"""Margin of an accuracy beyond which a test set tells little."""


def render_clean(
    kept: int, removed: Sequence[DroppedRow], folder: Path | None, notes: Sequence[str] = (), policy: str = "ask"
) -> str:
    """The account of a cleaning, for a person; `policy` is what decides contradictions."""
    waiting = sum(row.action == "needs_decision" for row in removed)
    counts = f"{kept:,} kept + {len(removed) - waiting:,} removed + {waiting:,} to decide"
    lines = [
        *_removed_lines(removed),
        "",
        f"records   {kept + len(removed):,} in = {counts}",
        *(f"note      {printable(note)}" for note in notes),
        *([_decide(policy, folder)] if waiting else []),
    ]
    if folder is None:
        return "\n".join([*lines, "", "Dry run: nothing was written."])
    return "\n".join([*lines, f"files     {folder / 'kept.jsonl'}, {folder / 'dropped.jsonl'}"])


def render_split(
    manifest: SplitManifest,
    removed: Sequence[DroppedRow],
    largest_group: int,
    folder: Path | None,
    folds: Sequence[SplitManifest] = (),
) -> str:
    """The account of a split, for a person."""
    account = manifest.account
    lines = []
    for one in folds or [manifest]:
        lines += [f"fold-{one.fold}"] if folds else []
        lines += [_file_line(file, account.kept) for file in one.files if file.split]
    lines += ["", *_removed_lines(removed)]
    lines += [
        "",
        f"records   {account.records_in:,} in = {account.kept:,} kept + {account.dropped:,} dropped + "
        f"{account.needs_decision:,} to decide",
        f"groups    {manifest.groups:,} of related rows, the largest {largest_group:,}; each whole in one split",
        *_certificate_lines(manifest),
    ]
    lines += [f"note      {printable(note)}" for note in manifest.notes]
    lines += [f"limit     {limit}" for limit in manifest.certificate.limits]
    share = min((ratio for ratio in manifest.config["ratios"] if ratio > 0), default=1.0)
    if largest_group > max(1, share * account.kept):
        lines.append(f"warning   one group holds {largest_group:,} rows, more than the smallest split should have")
    hollow = [file.name for file in manifest.files if file.split and not file.rows]
    if hollow and all(ratio > 0 for ratio in manifest.config["ratios"]):
        lines.append(f"warning   too few groups to fill {', '.join(hollow)}")
    if account.needs_decision:
        lines.append(_decide(manifest.config.get("resolve"), folder))
    if folder is None:
        return "\n".join([*lines, "", "Dry run: nothing was written."])
    lines += _small_lines(manifest)
    first = folder / f"fold-{manifest.fold}" if folds else folder
    lacking = [name for name in hollow if name != "test.jsonl"]
    then = f"Next: more rows; `trainer run` needs some in {' and '.join(lacking)}" if lacking else _next(first)
    return "\n".join([*lines, f"folder    {folder}", "", then])


def _decide(policy: object, folder: Path | None) -> str:
    if policy == "ask-file" and folder is not None:
        return (
            f"decide    write yes or no into {folder / 'decisions.csv'}, then run again with --decisions and that file"
        )
    return "decide    --resolve ask-file writes a list to fill in; majority, newest, drop-all and keep decide for you"


def _removed_lines(removed: Sequence[DroppedRow]) -> list[str]:
    if not removed:
        return ["nothing removed"]
    lines = ["removed, all of them in dropped.jsonl with reason and content:"]
    names = short_names({row.source for row in removed})
    by_code: dict[str, list[DroppedRow]] = {}
    for row in removed:
        by_code.setdefault(row.code, []).append(row)
    for code, own in sorted(by_code.items()):
        ask = ", needs your decision" if own[0].action == "needs_decision" else ""
        lines.append(f"  {code} {own[0].name}: {len(own):,}{ask}")
        for row in own[:EXAMPLES]:
            text = printable(f"{names[row.source]} line {row.line}: {mask_words(row.reason)}")
            lines.append("      " + (text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"))
    return lines


def _file_line(file: SplitFile, kept: int) -> str:
    line = f"{file.name:<18} {file.rows:>7,} rows  {file.rows / kept:>6.1%}"
    return line + (f"  an accuracy is known to +-{_points(file)} points" if file.accuracy_margin else "")


def _points(file: SplitFile) -> str:
    points = 100 * (file.accuracy_margin or 0.0)
    return f"{points:.0f}" if points >= 2 else f"{points:.1f}"


def _small_lines(manifest: SplitManifest) -> list[str]:
    """A warning where a split is too small to tell two models apart."""
    small = [file for file in manifest.files if file.rows and (file.accuracy_margin or 0.0) > TOO_WIDE]
    if not small:
        return []
    names = " and ".join(file.name for file in small)
    return [f"warning   {names}: too few rows to tell good from better; --min-eval 400 would buy +-5 points"]


def _certificate_lines(manifest: SplitManifest) -> list[str]:
    certificate = manifest.certificate
    crossings = sum(relation.crossings for relation in certificate.between_splits)
    mark = click.style("certified", fg="green" if certificate.passed else "red", bold=True)
    lines = [f"{mark} {crossings} pairs cross between the splits"]
    if certificate.against_eval:
        leaks = sum(relation.crossings for relation in certificate.against_eval)
        lines[0] += f", {leaks} rows stand in the evaluation data"
    recalls = [
        relation.expected_recall
        for relation in certificate.between_splits
        if relation.threshold and relation.expected_recall is not None
    ]
    if recalls:
        share = "every pair" if min(recalls) == 1 else f"{min(recalls):.2%} of pairs"
        lines[0] += f" (re-read from the files; {share} at the threshold looked at)"
    return lines


def _next(folder: Path) -> str:
    command = shlex.join(["trainer", "run", "--data", str(folder), "-o", "runs/first"])
    return f"Next: {click.style(command, bold=True)}"
