"""The findings, check by check, with the rows they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.report.views import Section

if TYPE_CHECKING:
    from dataprep.report.views import Page


def view(page: Page) -> dict[str, Any]:
    """The variables of findings.html.j2."""
    cards = sum(len(check.cards) for check in page.with_findings)
    return {"found": page.with_findings, "cards": cards, "total": page.findings.height}


SECTION = Section(name="findings", title="Findings", order=30, view=view)
