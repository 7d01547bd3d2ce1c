"""One fault on one row, as a check reports it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataprep.contract import Severity


@dataclass(frozen=True, slots=True)
class Found:
    """One fault on one row.

    Attributes:
        position: of the row in the context's frame (of the reject, for checks on unreadable records).
        message: what is wrong, in a few words that stand beside "file:line".
        severity: None means the check's own.
        field: where in the record.
        score: similarity or confidence in [0, 1], where there is one.
        related: position of the other row.
        related_eval: whether that position is in the evaluation data.
        related_place: row_id, file and line of the other row where it stands in neither.
        evidence: the proof, as JSON values.
    """

    position: int
    message: str
    severity: Severity | None = None
    field: str | None = None
    score: float | None = None
    related: int | None = None
    related_eval: bool = False
    related_place: tuple[str, str, int] | None = None
    evidence: Mapping[str, Any] = dataclasses.field(default_factory=dict)
