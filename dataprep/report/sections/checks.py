"""The table of checks: what found something, what did not run and why, and what is clean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.report.views import Section

if TYPE_CHECKING:
    from dataprep.report.views import Page


def view(page: Page) -> dict[str, Any]:
    """The variables of checks.html.j2."""
    records = page.report.rows + page.report.unreadable
    return {
        "found": page.with_findings,
        "not_run": page.not_run,
        "clean": sorted(page.clean, key=lambda check: check.code),
        "records": records,
    }


SECTION = Section(name="checks", title="Checks", order=20, view=view)
