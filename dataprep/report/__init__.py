"""The HTML report: one self-contained file that answers "can I train on this?" with proof for every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.report.views import Limits
from dataprep.text.masking import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from dataprep.contract import AuditReport

__all__ = ["Limits", "render"]


def render(
    report: AuditReport,
    findings: pl.DataFrame,
    rows: pl.DataFrame,
    rejects: pl.DataFrame,
    eval_rows: pl.DataFrame,
    *,
    explanations: Mapping[str, str] | None = None,
    mask: Callable[[str], str] = mask_secrets,
    limits: Limits | None = None,
) -> str:
    """The report of an audit as one HTML text; the same arguments give the same bytes.

    Args:
        report: the summary of the audit.
        findings: frame with `FINDING_SCHEMA`.
        rows: the rows that were checked, frame with `ROW_SCHEMA`.
        rejects: the records that could not be read, frame with `REJECT_SCHEMA`.
        eval_rows: the rows of the eval set, frame with `ROW_SCHEMA`; may be empty.
        explanations: what each check is about, by code: plain paragraphs, the first one short.
        mask: hides secrets; applied to every text that comes from the data.
        limits: how much is shown; what is left out is stated on the page.
    """
    # Jinja is loaded only when a report is made.
    from dataprep.report.checks import make_page  # noqa: PLC0415
    from dataprep.report.page import to_html  # noqa: PLC0415

    frames = {"findings": findings, "rows": rows, "rejects": rejects, "eval_rows": eval_rows}
    return to_html(make_page(report, frames, explanations or {}, mask, limits or Limits()))
