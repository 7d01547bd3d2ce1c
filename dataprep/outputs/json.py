"""audit.json on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.outputs.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dataprep.contract import AuditReport


def render(report: AuditReport, findings: pl.DataFrame, files: Mapping[str, str]) -> str:  # noqa: ARG001
    """The report as it stands in audit.json."""
    return report.model_dump_json(indent=2)


OUTPUT = Output("json", render)
