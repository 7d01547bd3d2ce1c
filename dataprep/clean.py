"""Findings and a policy to kept rows and removed rows, each removed row with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dataprep.contract import DroppedRow, RowRef
from dataprep.frame import plain_row
from dataprep.similarity import SimilarityParams, Texts, resolve, self_pairs
from dataprep.text.views import with_texts

if TYPE_CHECKING:
    from dataprep.config import SplitConfig

FAMILY_ORDER: Final = ("FMT", "LEAK", "CON", "PII", "LIC", "TXT", "LNG", "TOK", "DYN", "BAL", "DUP")
"""Which family decides when several would remove a row: what is wrong with the row itself, before its copies."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The outcome of cleaning: `kept` rows in their order, and the account of all others, in theirs."""

    kept: pl.DataFrame
    removed: list[DroppedRow]


def clean(rows: pl.DataFrame, rejects: pl.DataFrame, findings: pl.DataFrame, config: SplitConfig) -> Cleaned:
    """Apply the policy: every record is kept or removed with one deciding finding.

    A duplicate whose kept row is removed for a fault of its own is looked at again, so that no example is lost
    because its first copy was bad.
    """
    codes_of: dict[Place, list[str]] = {}
    deciding: dict[Place, dict[str, Any]] = {}
    duplicates: dict[Place, dict[str, Any]] = {}
    # Findings on files and on unreadable records concern no row.
    for finding in findings.filter(pl.col("row_id").is_not_null()).iter_rows(named=True):
        place = (finding["source"], finding["line"])
        codes_of.setdefault(place, []).append(finding["code"])
        if not removes(finding, config):
            continue
        chosen = duplicates if finding["code"].startswith("DUP") else deciding
        if place not in chosen or _rank(finding) < _rank(chosen[place]):
            chosen[place] = finding
    for place in deciding:
        duplicates.pop(place, None)
    deciding |= _settle_duplicates(rows, deciding, duplicates, config)
    return _account(rows, rejects, deciding, codes_of, config)


def removes(finding: dict[str, Any], config: SplitConfig) -> bool:
    """Whether the policy takes a row out because of this finding."""
    code, name, severity = finding["code"], finding["name"], finding["severity"]
    if code.startswith("CON"):
        return config.conflicts != "keep"
    return any(item in {severity, name} or code.startswith(item.upper()) for item in config.drop)


def _rank(finding: dict[str, Any]) -> tuple[int, str]:
    family = finding["code"].rstrip("0123456789")
    return (FAMILY_ORDER.index(family) if family in FAMILY_ORDER else len(FAMILY_ORDER), finding["code"])


def _settle_duplicates(
    rows: pl.DataFrame,
    deciding: dict[Place, Any],
    duplicates: dict[Place, dict[str, Any]],
    config: SplitConfig,
) -> dict[Place, dict[str, Any]]:
    """The duplicates that stay removed once the rows they repeat may be gone themselves."""
    settled: dict[Place, dict[str, Any]] = {}
    orphans: dict[Place, dict[str, Any]] = {}
    for place, finding in duplicates.items():
        partner = (finding["related_source"], finding["related_line"])
        (orphans if partner in deciding else settled)[place] = finding
    if not orphans:
        return settled
    places = list(zip(rows["source"].to_list(), rows["line"].to_list(), strict=True))
    positions = [position for position, place in enumerate(places) if place in orphans]
    alone = with_texts(rows[positions])
    texts = Texts.of(alone)
    params = SimilarityParams(
        config.threshold, config.shingle, config.recall, engine=config.engine, unit=config.shingle_unit
    )

    for duplicate in resolve(texts.pair_norm, self_pairs(texts.pair_norm, params), texts.difference)[0]:
        place, kept = places[positions[duplicate.position]], places[positions[duplicate.kept]]
        settled[place] = orphans[place] | {
            "related_row_id": alone["row_id"][duplicate.kept],
            "related_source": kept[0],
            "related_line": kept[1],
            "score": duplicate.score,
            "message": f"{duplicate.score:.0%} alike; the row both repeat was removed",
        }
    return settled


def _account(
    rows: pl.DataFrame,
    rejects: pl.DataFrame,
    deciding: dict[Place, dict[str, Any]],
    codes_of: dict[Place, list[str]],
    config: SplitConfig,
) -> Cleaned:
    keep, removed = [], []
    for row in rows.iter_rows(named=True):
        place = (row["source"], row["line"])
        finding = deciding.get(place)
        keep.append(finding is None)
        if finding is not None:
            removed.append(_dropped(finding, codes_of[place], config, record=plain_row(row)))
    names = {"FMT001": "unreadable-record", "FMT002": "unknown-shape"}
    for reject in rejects.iter_rows(named=True):
        finding = reject | {"name": names[reject["code"]], "row_id": None}
        removed.append(_dropped(finding, [reject["code"]], config, raw=reject["raw"]))
    removed.sort(key=lambda row: (row.source, row.line))
    return Cleaned(rows.filter(keep), removed)


def _dropped(
    finding: dict[str, Any],
    codes: list[str],
    config: SplitConfig,
    record: dict[str, Any] | None = None,
    raw: str | None = None,
) -> DroppedRow:
    ask = finding["code"].startswith("CON") and config.conflicts == "ask"
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
        action="needs_decision" if ask else "dropped",
        reason=finding["message"],
        matched=matched,
        score=finding.get("score"),
        all_codes=sorted(set(codes)),
        record=record,
        raw=raw,
    )
