"""The audit for a person at a terminal: the answer first, then the rows that prove it."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

import click
import polars as pl

from dataprep.contract import SEVERITIES
from dataprep.outputs.output import Output, printable
from dataprep.text.wording import counted, short_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataprep.contract import AuditReport, CheckResult, InputFile

COLORS: Final = {"error": "red", "warning": "yellow", "note": "blue"}
EXAMPLES: Final = 3
WIDTH: Final = 108


def render(report: AuditReport, findings: pl.DataFrame, files: Mapping[str, str]) -> str:
    """Inputs, verdict, each check's rows, the account, and the next command."""
    lines = [input_line(file, "") for file in report.inputs]
    names = short_names(file.path for file in report.inputs)  # beside a whole path there is no room for the message
    known = names.keys()  # of a split folder, all parts are audited
    for file in report.eval_inputs:
        role = f"benchmark {file.benchmark}, " if file.benchmark else "evaluation data, "
        lines += [input_line(file, role)] if file.path not in known else []
    color = "green" if report.verdict.ready else "red"
    lines += ["", click.style(report.verdict.headline, fg=color, bold=True)]
    lines += [f"  {reason}" for reason in report.verdict.reasons]
    flagged = sorted(
        (check for check in report.checks if check.findings),
        key=lambda check: SEVERITIES.index(check.severity),
    )
    for check in flagged:
        lines += ["", *_check_lines(check, findings, names if len(names) > 1 else {})]
    lines += ["", *_quiet_lines(report)]
    total = report.rows + report.unreadable
    lines += [
        f"{'records':<9} {total:,} in = {report.clean_rows:,} clean + {report.flagged_rows:,} flagged + "
        f"{report.unreadable:,} unreadable"
    ]
    lines += [f"{title:<9} {path}" for title, path in files.items()]
    lines += ["", f"Next: {click.style(report.next_command, bold=True)}"]
    return "\n".join(lines)


def input_line(file: InputFile, role: str) -> str:
    """What was understood of a file: rows by format, what was set aside, and what had to be adapted."""
    formats = ", ".join(f"{count:,} {name}" for name, count in file.formats.items())
    unreadable = file.unreadable - file.unknown
    aside = [
        f", {count:,} {title}" for title, count in (("unknown", file.unknown), ("unreadable", unreadable)) if count
    ]
    notes = f" ({'; '.join(file.notes)})" if file.notes else ""
    return f"{printable(file.path)}: {role}{counted(file.rows, 'row')} ({formats or 'none'}){''.join(aside)}{notes}"


def _check_lines(check: CheckResult, findings: pl.DataFrame, names: Mapping[str, str]) -> list[str]:
    own = findings.filter(pl.col("code") == check.code)
    own = own.sort(pl.col("severity").cast(pl.Enum(SEVERITIES)), maintain_order=True)
    severity = click.style(f"{check.severity:<8}", fg=COLORS[check.severity], bold=True)
    lines = [f"{severity} {check.code} {check.name}: {check.counted()}"]
    for finding in own.head(EXAMPLES).iter_rows(named=True):
        source = finding["source"]
        where = f"{names.get(source, source)} line {finding['line']}" if names else f"line {finding['line']}"
        where = names.get(source, source) if check.unit == "file" else where
        text = printable(f"{where}: {finding['message']}")
        lines.append("         " + (text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"))
    if own.height > EXAMPLES:
        lines.append(click.style(f"         … and {own.height - EXAMPLES:,} more", dim=True))
    # What is found only with some probability says with which; an option that would help is named.
    for note in check.notes:
        if note.startswith("--"):
            lines.append(click.style(f"         {note}", dim=True))
        if "recall" in note and check.severity != "note":
            lines += [click.style(f"         {part}", dim=True) for part in wrap(f"by {note}", WIDTH)]
    return lines


def _quiet_lines(report: AuditReport) -> list[str]:
    lines = []
    for check in report.checks:
        if check.status == "not_run":
            mark = click.style("not run ", fg="magenta", bold=True)
            lines.append(f"{mark} {check.code} {check.name}: {printable(check.reason or '')}")
    fine = [check for check in report.checks if check.status == "ran" and not check.findings]
    if fine:
        mark = click.style("clean   ", fg="green", bold=True)
        lines.append(f"{mark} " + ", ".join(f"{check.code} {check.name}" for check in fine))
    return [*lines, ""] if lines else []


OUTPUT = Output("text", render)
