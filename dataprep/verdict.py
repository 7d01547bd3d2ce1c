"""From check results to the answer to 'can I train on this?'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.contract import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.contract import CheckResult


def verdict(checks: Sequence[CheckResult], rows: int, faulty: int) -> Verdict:
    """Judge an audit.

    Args:
        checks: what every check did.
        rows: readable rows and unreadable records together.
        faulty: rows and records with an error.
    """
    errors = [check for check in checks if check.findings and check.severity == "error"]
    warnings = [check for check in checks if check.findings and check.severity == "warning"]
    idle = [check for check in checks if check.status == "not_run"]
    reasons = [f"{check.counted()}: {check.name} ({check.code})" for check in (*errors, *warnings)]
    if idle:
        names = ", ".join(check.name for check in idle)
        reasons.append(f"not checked: {names}")
    if errors:
        headline = f"Not ready to train: {faulty:,} of {rows:,} records have errors"
    elif warnings:
        headline = f"Can be trained on after cleaning: no errors in {rows:,} records, but warnings"
    elif not any(check.status == "ran" for check in checks):
        headline = "Nothing was checked"
    else:
        headline = f"Ready to train, as far as was checked: no faults in {rows:,} records"
    ready = not errors and any(check.status == "ran" for check in checks)
    return Verdict(ready=ready, headline=headline, reasons=reasons)
