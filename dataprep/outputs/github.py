"""Workflow commands that GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dataprep.outputs.output import Output, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dataprep.contract import AuditReport

LEVELS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: AuditReport, findings: pl.DataFrame, files: Mapping[str, str]) -> str:  # noqa: ARG001
    """One annotation per finding, and one for each check that did not run."""
    lines = [
        f"::{LEVELS[finding['severity']]} file={_property(finding['source'])},line={finding['line']},"
        f"title={_property(finding['code'] + ' ' + finding['name'])}::{_data(finding['message'])}"
        for finding in findings.iter_rows(named=True)
    ]
    lines += [
        f"::notice title={_property(check.code + ' not run')}::{_data(check.reason or '')}"
        for check in report.checks
        if check.status == "not_run"
    ]
    return "\n".join(lines)


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


OUTPUT = Output("github", render)
