"""Which of several copies stays, and each other one verified against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from dataprep.clean.book import COPIES, KEEP, Book, Place, removes
from dataprep.errors import ConfigError
from dataprep.similarity import SimilarityParams, Texts, blanked, components, examples_ahead, resolve, self_pairs
from dataprep.text.views import with_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataprep.config import SplitConfig


def settle_copies(rows: pl.DataFrame, book: Book, config: SplitConfig) -> dict[Place, dict[str, Any]]:
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


def with_copies(findings: pl.DataFrame, settled: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Contradictions as they were settled, and the same for the copies of those rows.

    No contradiction is looked for in a near copy: what is decided of a row holds for the rows that repeat it.

    Args:
        findings: of the audit.
        settled: findings with their outcome.
    """
    told = list(settled)
    by_place: dict[Place, dict[str, Any]] = {(one["source"], one["line"]): one for one in told}
    links: dict[Place, list[tuple[Place, str | None]]] = {}
    for one in findings.filter(pl.col("code").is_in(list(COPIES))).iter_rows(named=True):
        place, partner = (one["source"], one["line"]), _partner(one)
        links.setdefault(place, []).append((partner, one["related_row_id"]))
        links.setdefault(partner, []).append((place, one["row_id"]))
    pending = [place for place, one in by_place.items() if one["outcome"] != "keep"]
    for place in pending:  # which grows on the way
        for (source, line), row_id in links.get(place, []):
            if (source, line) not in by_place:
                message = f"says the same as {_named(place, source)}: {by_place[place]['message']}"
                own = {"source": source, "line": line, "row_id": row_id, "message": message}
                by_place[source, line] = by_place[place] | own
                told.append(by_place[source, line])
                pending.append((source, line))
    return told


def _named(place: Place, source: str) -> str:
    """A row as one of a file speaks of it."""
    return f"line {place[1]}" if place[0] == source else f"{place[0]} line {place[1]}"


def _partner(finding: dict[str, Any]) -> Place:
    return finding["related_source"], finding["related_line"]


def _in_groups(places: Sequence[Place], book: Book) -> list[list[int]]:
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

    def __init__(self, rows: pl.DataFrame, places: Sequence[Place], positions: Sequence[int], book: Book, keep: str):
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
        pairs = self_pairs(forms, params)
        found = resolve(forms, pairs, examples_ahead(texts, pairs), texts.pair_norm)[0]
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
