"""SARIF 2.1.0 (OASIS), which code-scanning services read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dataprep.outputs.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dataprep.contract import AuditReport


def render(report: AuditReport, findings: pl.DataFrame, files: Mapping[str, str]) -> str:  # noqa: ARG001
    """One run with a rule per check and a result per finding."""
    rules = [
        {"id": check.code, "name": check.name, "shortDescription": {"text": check.name}} for check in report.checks
    ]
    idle = [
        {"level": "note", "message": {"text": f"{check.code} {check.name} did not run: {check.reason}"}}
        for check in report.checks
        if check.status == "not_run"
    ]
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "tuneprep", "version": report.tool_version, "rules": rules}},
        "results": [_result(finding) for finding in findings.iter_rows(named=True)],
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": idle}],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(finding: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding["code"],
        "level": finding["severity"],
        "message": {"text": finding["message"]},
        "locations": [_location(finding["source"], finding["line"])],
    }
    if finding["related_source"] is not None:
        result["relatedLocations"] = [_location(finding["related_source"], finding["related_line"])]
    return result


def _location(source: str, line: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(source)}, "region": {"startLine": line}}}


OUTPUT = Output("sarif", render)
