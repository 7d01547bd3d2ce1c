"""The first screen: can I train on this, why (not), what happened to every record, and what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dataprep.contract import SEVERITIES
from dataprep.report.views import Section

if TYPE_CHECKING:
    from dataprep.report.views import CheckView, Page

BAR: Final = 1000
"""Width of the bar in its own units."""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the row account."""

    kind: str
    label: str
    count: int
    start: float
    width: float


def view(page: Page) -> dict[str, Any]:
    """The variables of summary.html.j2."""
    report = page.report
    records = report.rows + report.unreadable
    counts = dict(page.findings.group_by("severity").agg(pl.len()).iter_rows())
    ready = report.verdict.ready
    return {
        "mood": "ok" if ready and not report.flagged_rows else "warning" if ready else "error",
        "records": records,
        "parts": _parts(report.clean_rows, report.flagged_rows, report.unreadable),
        "balanced": report.clean_rows + report.flagged_rows == report.rows,
        "counts": [(severity, counts.get(severity, 0)) for severity in SEVERITIES],
        "reasons": [_linked(reason, page.checks) for reason in report.verdict.reasons],
        "files": [("", file) for file in report.inputs] + [("eval set", file) for file in report.eval_inputs],
    }


def _parts(clean: int, flagged: int, unreadable: int) -> list[Share]:
    """The account as stretches of the bar; whatever is there is at least a hairline wide."""
    whole = max(1, clean + flagged + unreadable)
    parts = []
    start = 0.0
    for kind, label, count in (
        ("clean", "clean", clean),
        ("flagged", "flagged", flagged),
        ("unreadable", "unreadable", unreadable),
    ):
        width = max(BAR * count / whole, 4.0) if count else 0.0
        parts.append(Share(kind, label, count, round(start, 1), round(width, 1)))
        start += width
    # Hairlines may have made the bar longer than it is: the scale gives the room back.
    scale = BAR / max(start, BAR)
    return [
        Share(part.kind, part.label, part.count, round(part.start * scale, 1), round(part.width * scale, 1))
        for part in parts
    ]


def _linked(reason: str, checks: tuple[CheckView, ...]) -> tuple[list[tuple[str, str]], str]:
    """A reason as stretches of text with link targets, one per check it names, and the icon that fits."""
    known = {name: check for check in checks if check.status != "clean" for name in (check.code, check.name)}
    if not known:
        return [(reason, "")], ""
    names = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    linked: list[tuple[str, str]] = []
    seen: list[CheckView] = []
    for part in re.split(rf"(?<![\w-])({names})(?![\w-])", reason):
        check = known.get(part)
        first = check is not None and check not in seen
        linked.append((part, f"#{check.anchor}" if check is not None and first else ""))
        seen += [check] if check is not None else []
    kind = "" if not seen else "skipped" if seen[0].status == "not_run" else seen[0].severity
    return [(part, link) for part, link in linked if part], kind


SECTION = Section(name="summary", title="Summary", order=10, view=view)
