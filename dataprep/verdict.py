"""From check results to the answer to 'can I train on this?'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dataprep.contract import FAILED, SEVERITIES, Verdict
from dataprep.text.masking import mask_secrets
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.contract import CheckResult


SHOWN: Final = 200
"""Characters of a failure that are told."""


def failures(checks: Sequence[CheckResult]) -> list[str]:
    """Each check that broke and so left its faults in the data unseen, with what happened."""
    return [_failure(check) for check in checks if check.has_failed]


def _failure(check: CheckResult) -> str:
    said = mask_secrets((check.reason or "").removeprefix(FAILED))
    told = said if len(said) <= SHOWN else said[: SHOWN - 1] + "…"
    return f"{check.name} ({check.code}) failed, its faults were not looked for: {told}"


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
    blind = failures(sorted(checks, key=lambda check: SEVERITIES.index(check.severity)))  # the gravest is told first
    reasons = [f"{check.counted()}: {check.name} ({check.code})" for check in (*errors, *warnings)]
    reasons += blind
    if idle:
        names = ", ".join(check.name for check in idle)
        reasons.append(f"not checked: {names}")
    if errors:
        headline = (
            f"Not ready to train: {faulty:,} of {counted(rows, 'record')} {'has' if faulty == 1 else 'have'} errors"
        )
    elif blind:
        headline = f"Not known to be ready to train: {blind[0]}"
    elif warnings:
        headline = f"Can be trained on after cleaning: no errors in {counted(rows, 'record')}, but warnings"
    elif not any(check.status == "ran" for check in checks):
        headline = "Nothing was checked"
    else:
        headline = f"Ready to train, as far as was checked: no faults in {counted(rows, 'record')}"
    ready = not errors and not blind and any(check.status == "ran" for check in checks)
    return Verdict(ready=ready, headline=headline, reasons=reasons)
