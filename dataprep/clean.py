"""Findings and a policy to kept rows and removed rows, each removed row with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from dataprep.contract import DroppedRow, RowRef
from dataprep.errors import ConfigError
from dataprep.frame import plain_row
from dataprep.similarity import SimilarityParams, Texts, blanked, components, resolve, self_pairs
from dataprep.text.views import with_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataprep.config import SplitConfig

FAMILY_ORDER: Final = ("FMT", "LEAK", "CON", "PII", "LIC", "TXT", "LNG", "TOK", "DYN", "BAL", "DUP")
"""Which family decides when several would remove a row: what is wrong with the row itself, before its copies."""

COPIES: Final = {"DUP001": "exact-duplicate", "DUP002": "near-duplicate"}
"""Findings of a row whose content stands in another row of the data: one of them stays, and it matters which."""

KEEP: Final = ("fewest-findings", "first", "longest-answer")
"""The policies for which of several copies stays; any other name is a field of the rows, the largest value first."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The outcome of cleaning: `kept` rows in their order, and the account of all others, in theirs."""

    kept: pl.DataFrame
    removed: list[DroppedRow]


@dataclass(slots=True)
class _Book:
    """What the findings say about each row.

    Attributes:
        codes: all codes on it.
        faults: how many errors, warnings and notes it has beside duplicates.
        deciding: the finding that removes it for a fault of its own.
        copies: the finding that it is a copy, of rows that no other finding removes.
    """

    codes: dict[Place, list[str]] = field(default_factory=dict)
    faults: dict[Place, tuple[int, int, int]] = field(default_factory=dict)
    deciding: dict[Place, dict[str, Any]] = field(default_factory=dict)
    copies: dict[Place, dict[str, Any]] = field(default_factory=dict)


def clean(rows: pl.DataFrame, rejects: pl.DataFrame, findings: pl.DataFrame, config: SplitConfig) -> Cleaned:
    """Apply the policy: every record is kept or removed with one deciding finding.

    Of copies, the row that `config.keep` prefers stays. One that is removed for a fault of its own cannot be it, so
    that no example is lost because its first copy was bad.

    Raises:
        ConfigError: `config.keep` is neither a policy nor a field of the rows.
    """
    book = _read(findings, config)
    book.deciding |= _settle_copies(rows, book, config)
    return _account(rows, rejects, book, config)


def _read(findings: pl.DataFrame, config: SplitConfig) -> _Book:
    book = _Book()
    weight = {"error": (1, 0, 0), "warning": (0, 1, 0), "note": (0, 0, 1)}
    # Findings on files and on unreadable records concern no row.
    for finding in findings.filter(pl.col("row_id").is_not_null()).iter_rows(named=True):
        place = (finding["source"], finding["line"])
        book.codes.setdefault(place, []).append(finding["code"])
        if not finding["code"].startswith("DUP"):
            a, b, c = zip(book.faults.get(place, (0, 0, 0)), weight[finding["severity"]], strict=True)
            book.faults[place] = (sum(a), sum(b), sum(c))
        if not removes(finding, config):
            continue
        chosen = book.copies if finding["code"] in COPIES else book.deciding
        if place not in chosen or _rank(finding) < _rank(chosen[place]):
            chosen[place] = finding
    for place in book.deciding:
        book.copies.pop(place, None)
    return book


def removes(finding: dict[str, Any], config: SplitConfig) -> bool:
    """Whether the policy takes a row out because of this finding."""
    code, name, severity = finding["code"], finding["name"], finding["severity"]
    if code.startswith("CON"):
        return config.conflicts != "keep"
    return any(item in {severity, name} or code.startswith(item.upper()) for item in config.drop)


def _rank(finding: dict[str, Any]) -> tuple[int, str]:
    family = finding["code"].rstrip("0123456789")
    return (FAMILY_ORDER.index(family) if family in FAMILY_ORDER else len(FAMILY_ORDER), finding["code"])


def _settle_copies(rows: pl.DataFrame, book: _Book, config: SplitConfig) -> dict[Place, dict[str, Any]]:
    """The finding that removes each copy once it is known which row of them stays."""
    places = list(zip(rows["source"].to_list(), rows["line"].to_list(), strict=True))
    groups = _in_groups(places, book)
    preference = _Preference(rows, places, [position for group in groups for position in group], book, config.keep)
    settled: dict[Place, dict[str, Any]] = {}
    again: list[int] = []
    for group in groups:
        alive = [position for position in group if places[position] not in book.deciding]
        best = preference.order(alive)[:1]
        found = {position: book.copies[places[position]] for position in alive if places[position] in book.copies}
        # As found by the audit, where every copy names the row that is to stay.
        if all(_partner(finding) == places[best[0]] for finding in found.values()):
            for position, finding in found.items():
                message = f"{finding['message']}; {preference.reason(best[0], position)}"
                settled[places[position]] = finding | {"message": message}
        else:
            again += alive
    return settled | _resolve_again(rows, places, preference, again, config)


def _partner(finding: dict[str, Any]) -> Place:
    return finding["related_source"], finding["related_line"]


def _in_groups(places: Sequence[Place], book: _Book) -> list[list[int]]:
    """Positions of the rows that the findings tie together as copies, each group in the order of the rows."""
    position_of = {place: position for position, place in enumerate(places)} if book.copies else {}
    ties = [(position_of[place], position_of[_partner(finding)]) for place, finding in book.copies.items()]
    tied = sorted({position for tie in ties for position in tie})
    number_of = {position: number for number, position in enumerate(tied)}
    roots = components(len(tied), ((number_of[a], number_of[b]) for a, b in ties))
    groups: dict[int, list[int]] = {}
    for position, root in zip(tied, roots.tolist(), strict=True):
        groups.setdefault(root, []).append(position)
    return list(groups.values())


class _Preference:
    """Which of several copies is to stay, and why."""

    def __init__(self, rows: pl.DataFrame, places: Sequence[Place], positions: Sequence[int], book: _Book, keep: str):
        self._keep = keep
        self._says: dict[int, Any] = {}
        self._key: dict[int, Any] = {}
        if keep == "fewest-findings":
            self._says = {position: book.faults.get(places[position], (0, 0, 0)) for position in positions}
            self._key = self._says
        elif keep == "longest-answer":
            lengths = with_texts(rows[positions])["answer"].str.len_chars().to_list() if positions else []
            self._says = dict(zip(positions, lengths, strict=True))
            self._key = {position: -length for position, length in self._says.items()}
        elif keep != "first":
            self._says, self._key = _by_field(rows, positions, keep)

    def order(self, positions: Iterable[int]) -> list[int]:
        """The preferred row first; rows that are preferred alike in the order of the data."""
        return sorted(positions, key=lambda position: (self._key.get(position, 0), position))

    def reason(self, kept: int, removed: int) -> str:
        """Why the one stays and the other does not."""
        if self._key.get(kept, 0) == self._key.get(removed, 0):
            return "the first of them stays"
        mine, other = self._says[kept], self._says[removed]
        if self._keep == "fewest-findings":
            return f"the one with fewer other findings stays ({sum(mine)} against {sum(other)})"
        if self._keep == "longest-answer":
            return f"the longer answer stays ({mine:,} against {other:,} characters)"
        return f"the larger {self._keep} stays ({mine} against {'none' if other is None else other})"


def _by_field(
    rows: pl.DataFrame, positions: Sequence[int], name: str
) -> tuple[dict[int, Any], dict[int, tuple[bool, float]]]:
    """The values of a field, and keys that put the largest first and rows without one last."""
    metas = [msgspec.json.decode(meta) if meta else {} for meta in rows["meta"].to_list()]
    if rows.height and all(meta.get(name) is None for meta in metas):
        raise ConfigError(
            f"cannot keep copies by {name!r}: no row has that field", f"Policies: {', '.join(KEEP)}, or a field"
        )
    values = {position: metas[position].get(name) for position in positions}
    given = [value for value in values.values() if value is not None]
    try:
        ranked = {str(value): float(value) for value in given}
    except (TypeError, ValueError):
        ranked = {text: float(rank) for rank, text in enumerate(sorted({str(value) for value in given}))}
    nothing = (True, 0.0)
    keys = {at: nothing if value is None else (False, -ranked[str(value)]) for at, value in values.items()}
    return values, keys


def _resolve_again(
    rows: pl.DataFrame, places: Sequence[Place], preference: _Preference, positions: list[int], config: SplitConfig
) -> dict[Place, dict[str, Any]]:
    """Copies among the given rows, each verified against the preferred row that stays."""
    if not positions:
        return {}
    positions = preference.order(positions)
    alone = with_texts(rows[positions])
    texts, params = Texts.of(alone), SimilarityParams.of(config)
    first: dict[str, int] = {}
    original = [
        first.setdefault(row_id.rpartition("-")[0], number) for number, row_id in enumerate(alone["row_id"].to_list())
    ]
    kept_of: dict[int, tuple[str, int, float]] = {}
    if _policy_names("DUP001", config):
        kept_of = {number: ("DUP001", kept, 1.0) for number, kept in enumerate(original) if kept != number}
    if _policy_names("DUP002", config):
        forms = blanked(texts.pair_core, kept_of)
        found = resolve(forms, self_pairs(forms, params), texts.difference, texts.pair_norm)[0]
        near = {copy.position: copy for copy in found}
        # What repeats a row that goes is a copy of the row that stays instead of it.
        moved = {number: near[kept] for number, (_, kept, _) in kept_of.items() if kept in near}
        kept_of |= {number: ("DUP002", copy.kept, copy.score) for number, copy in (near | moved).items()}
    settled = {}
    for number, (code, kept, score) in kept_of.items():
        place, other = places[positions[number]], places[positions[kept]]
        alike = "word for word the same as" if code == "DUP001" else f"{score:.0%} alike to"
        where = f"line {other[1]}" if place[0] == other[0] else f"{other[0]} line {other[1]}"
        settled[place] = {
            "code": code,
            "name": COPIES[code],
            "row_id": alone["row_id"][number],
            "source": place[0],
            "line": place[1],
            "related_row_id": alone["row_id"][kept],
            "related_source": other[0],
            "related_line": other[1],
            "score": score,
            "message": f"{alike} {where}; {preference.reason(positions[kept], positions[number])}",
        }
    return settled


def _policy_names(code: str, config: SplitConfig) -> bool:
    return removes({"code": code, "name": COPIES[code], "severity": "warning"}, config)


def _account(rows: pl.DataFrame, rejects: pl.DataFrame, book: _Book, config: SplitConfig) -> Cleaned:
    keep, removed = [], []
    for row in rows.iter_rows(named=True):
        place = (row["source"], row["line"])
        finding = book.deciding.get(place)
        keep.append(finding is None)
        if finding is not None:
            removed.append(
                _dropped(finding, [finding["code"], *book.codes.get(place, [])], config, record=plain_row(row))
            )
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
