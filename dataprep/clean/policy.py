"""Findings and a policy to kept rows and removed rows, each removed row with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dataprep.clean.book import COPIES, Book, removes
from dataprep.clean.conflicts import Question, settle_conflicts
from dataprep.clean.copies import settle_copies, with_copies
from dataprep.contract import DroppedRow, RowRef
from dataprep.frame import plain_row

if TYPE_CHECKING:
    from dataprep.config import SplitConfig

FAMILY_ORDER: Final = ("FMT", "LEAK", "CON", "PII", "LIC", "TXT", "LNG", "TOK", "DYN", "BAL", "DUP")
"""Which family decides when several would remove a row: what is wrong with the row itself, before its copies."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The outcome of cleaning.

    Attributes:
        kept: rows in their order.
        removed: the account of all other records, in theirs.
        undecided: questions whose answers contradict each other and that nobody has decided.
        notes: what the user should know.
    """

    kept: pl.DataFrame
    removed: list[DroppedRow]
    undecided: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def clean(rows: pl.DataFrame, rejects: pl.DataFrame, findings: pl.DataFrame, config: SplitConfig) -> Cleaned:
    """Apply the policy: every record is kept or removed with one deciding finding.

    Of copies, the row that `config.keep` prefers stays. One that is removed for a fault of its own cannot be it, so
    that no example is lost because its first copy was bad.

    Raises:
        ConfigError: `config.keep` is neither a policy nor a field of the rows, or decisions cannot be read.
    """
    settled = settle_conflicts(rows, findings, config)
    # Only contradictions that are errors are settled; of all others the policy decides.
    book = _read(findings.filter(~pl.col("code").str.starts_with("CON") | (pl.col("severity") != "error")), config)
    for finding in with_copies(findings, settled.findings):
        place = (finding["source"], finding["line"])
        book.note(finding)
        if finding["outcome"] != "keep" and not _decided_earlier(book, place, finding):
            book.deciding[place] = finding
            book.copies.pop(place, None)
    book.deciding |= settle_copies(rows, book, config)
    kept, removed = _account(rows, rejects, book)
    return Cleaned(kept, removed, settled.undecided, settled.notes)


def _decided_earlier(book: Book, place: tuple[str, int], finding: dict[str, Any]) -> bool:
    return place in book.deciding and _rank(book.deciding[place]) <= _rank(finding)


def _read(findings: pl.DataFrame, config: SplitConfig) -> Book:
    book = Book()
    # Findings on files and on unreadable records concern no row.
    for finding in findings.filter(pl.col("row_id").is_not_null()).iter_rows(named=True):
        place = (finding["source"], finding["line"])
        book.note(finding)
        if not removes(finding, config):
            continue
        chosen = book.copies if finding["code"] in COPIES else book.deciding
        if place not in chosen or _rank(finding) < _rank(chosen[place]):
            chosen[place] = finding
    for place in book.deciding:
        book.copies.pop(place, None)
    return book


def _rank(finding: dict[str, Any]) -> tuple[int, str]:
    family = finding["code"].rstrip("0123456789")
    return (FAMILY_ORDER.index(family) if family in FAMILY_ORDER else len(FAMILY_ORDER), finding["code"])


def _account(rows: pl.DataFrame, rejects: pl.DataFrame, book: Book) -> tuple[pl.DataFrame, list[DroppedRow]]:
    keep, removed = [], []
    for row in rows.iter_rows(named=True):
        place = (row["source"], row["line"])
        finding = book.deciding.get(place)
        keep.append(finding is None)
        if finding is not None:
            removed.append(_dropped(finding, [finding["code"], *book.codes.get(place, [])], record=plain_row(row)))
    names = {"FMT001": "unreadable-record", "FMT002": "unknown-shape"}
    for reject in rejects.iter_rows(named=True):
        finding = reject | {"name": names[reject["code"]], "row_id": None}
        removed.append(_dropped(finding, [reject["code"]], raw=reject["raw"]))
    removed.sort(key=lambda row: (row.source, row.line))
    return rows.filter(keep), removed


def _dropped(
    finding: dict[str, Any],
    codes: list[str],
    record: dict[str, Any] | None = None,
    raw: str | None = None,
) -> DroppedRow:
    matched = None
    if finding.get("related_line") is not None:
        matched = RowRef(
            row_id=finding["related_row_id"], source=finding["related_source"], line=finding["related_line"]
        )
    return DroppedRow(
        row_id=finding["row_id"],
        source=finding["source"],
        line=finding["line"],
        code=finding["code"],
        name=finding["name"],
        action="needs_decision" if finding.get("outcome") == "ask" else "dropped",
        reason=finding["message"],
        matched=matched,
        score=finding.get("score"),
        all_codes=sorted(set(codes)),
        record=record,
        raw=raw,
    )
