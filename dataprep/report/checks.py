"""One view per check: its counts, its explanation and the cards of the findings that are shown."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import TYPE_CHECKING, Any

import polars as pl

from dataprep.contract import SEVERITIES, AuditReport, CheckResult
from dataprep.report.cards import CardMaker
from dataprep.report.lookup import Lookup, choose, with_rejects
from dataprep.report.texts import TextMaker, carried
from dataprep.report.views import CardView, CheckView, Limits, Page
from dataprep.text.wording import short_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dataprep.report.views import TextView


def make_page(
    report: AuditReport,
    frames: Mapping[str, pl.DataFrame],
    explanations: Mapping[str, str],
    mask: Callable[[str], str],
    limits: Limits,
) -> Page:
    """Everything the sections draw from.

    Args:
        report: the summary of the audit.
        frames: `findings`, `rows`, `rejects` and `eval_rows`.
        explanations: what each check is about, by code.
        mask: hides secrets in texts from the data.
        limits: how much is shown.
    """
    named = {check.code: check.name for check in report.checks}
    findings = with_rejects(frames["findings"], frames["rejects"], named)
    chosen = choose(findings, limits)
    names = short_names(file.path for file in (*report.inputs, *report.eval_inputs))
    lookup = Lookup(chosen, frames["rows"], frames["rejects"], frames["eval_rows"])
    maker = CardMaker(TextMaker(mask, limits), lookup, names, limits)
    results = _results(report.checks, findings)
    by_code = {str(key[0]): frame for key, frame in chosen.partition_by("code", as_dict=True).items()}
    places = _places(findings, names)
    checks = []
    for result, total in results:
        cards = _cards(by_code.get(result.code), maker, anchor(result.code), limits)
        checks.append(_check(result, total, cards, explanations.get(result.code, ""), places.get(result.code, ())))
    return Page(report, findings, tuple(checks), names, limits)


def anchor(code: str) -> str:
    """The id of a check's section."""
    return "check-" + re.sub(r"[^A-Za-z0-9]+", "-", code)


def _results(checks: Sequence[CheckResult], findings: pl.DataFrame) -> list[tuple[CheckResult, int]]:
    """Every check with its number of findings, the severest first; codes the summary forgot are added."""
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    totals = findings.group_by("code").agg(
        pl.len(),
        pl.col("name").sort().first(),
        rank=pl.col("severity").replace_strict(ranks, default=len(SEVERITIES) - 1).min(),
        rows=pl.struct("source", "line").n_unique(),
    )
    counted = {row["code"]: row for row in totals.iter_rows(named=True)}
    known = {check.code for check in checks}
    added = [
        CheckResult(
            code=code,
            name=row["name"],
            severity=SEVERITIES[row["rank"]],
            status="ran",
            findings=row["len"],
            rows=row["rows"],
        )
        for code, row in sorted(counted.items())
        if code not in known
    ]
    ordered = sorted([*checks, *added], key=lambda check: (SEVERITIES.index(check.severity), check.code))
    return [(check, counted.get(check.code, {"len": 0})["len"]) for check in ordered]


def _places(findings: pl.DataFrame, names: Mapping[str, str]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Findings per file, for checks that found something in more than one."""
    counts = findings.group_by("code", "source").len().sort("code", "source")
    places: dict[str, tuple[tuple[str, int], ...]] = {}
    for code, source, count in counts.iter_rows():
        places[code] = (*places.get(code, ()), (names.get(source, source), count))
    return {code: found for code, found in places.items() if len(found) > 1}


def _cards(chosen: pl.DataFrame | None, maker: CardMaker, base: str, limits: Limits) -> tuple[CardView, ...]:
    if chosen is None:
        return ()
    cards: list[CardView] = []
    left = limits.check_text
    for number, finding in enumerate(chosen.iter_rows(named=True), start=1):
        if left <= 0:
            break
        card = maker.card(finding, f"{base}-{number}", opened=number <= limits.opened)
        left -= sum(carried(text) for text in _texts(card))
        cards.append(card)
    return tuple(cards)


def _texts(card: CardView) -> Iterator[TextView]:
    yield card.message
    if card.raw is not None:
        yield card.raw
    yield from (text for _, text in card.evidence)
    for side in card.sides:
        yield from (text for _, text in side.facts)
    for turn in card.turns:
        for view in (turn.left, turn.right):
            if view is not None:
                yield view.text
                yield from (text for _, text in view.extras)


def _check(
    result: CheckResult,
    total: int,
    cards: tuple[CardView, ...],
    explanation: str,
    places: tuple[tuple[str, int], ...],
) -> CheckView:
    lead, paragraphs = _paragraphs(explanation)
    values: dict[str, Any] = {
        "code": result.code,
        "name": result.name,
        "anchor": anchor(result.code),
        "severity": result.severity,
        "findings": total,
        "rows": result.rows,
        "unit": result.unit,
        "reason": result.reason or "No reason was given.",
        "notes": tuple(result.notes),
        "lead": lead,
        "paragraphs": paragraphs,
        "places": places,
        "cards": cards,
    }
    if total:
        return CheckView(status="findings", shown=_shown(len(cards), total), **values)
    return CheckView(status="clean" if result.status == "ran" else "not_run", **values)


def _shown(cards: int, total: int) -> str:
    if cards == total:
        return "The only finding is shown." if total == 1 else f"All {total:,} findings are shown."
    return f"{cards:,} of {total:,} shown; all are in findings.parquet."


def _paragraphs(text: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
    """The first paragraph, and the others with a flag for those whose line breaks matter."""
    blocks = [block.rstrip() for block in re.split(r"\n\s*\n", inspect.cleandoc(text)) if block.strip()]
    if not blocks:
        return "", ()
    rest = tuple(
        (textwrap.dedent(block) if kept else _joined(block), kept)
        for block in blocks[1:]
        for kept in [any(line[:1].isspace() for line in block.splitlines())]
    )
    return _joined(blocks[0]), rest


def _joined(block: str) -> str:
    return " ".join(block.split())
