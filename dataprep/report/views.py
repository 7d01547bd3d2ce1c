"""What the templates are given: plain frozen values, nothing left to compute.

A text is never one string but a sequence of `Piece`s, so that a template can mark, fold and label parts
of it while Jinja escapes every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from dataprep.contract import AuditReport

PieceKind = Literal["text", "sign", "mark", "del", "ins", "fold", "gap"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an audit the report shows. Whatever a limit leaves out is stated on the page."""

    cards: int = 50
    """Findings shown per check."""
    opened: int = 2
    """Findings per check that are unfolded from the start."""
    same_match: int = 3
    """Findings about one matched row that come before any further ones about it."""
    shown: int = 1_200
    """Characters of a text that are visible at once."""
    shown_if_same: int = 400
    """The same for a turn that both rows of a pair have."""
    expandable: int = 6_000
    """Characters of a text that the report carries at all."""
    turns: int = 40
    """Turns shown per row."""
    check_text: int = 120_000
    """Characters of row text per check; no further finding is shown once they are used up."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is treated alike.

    `text` is plain, `sign` stands for a character nobody could see, `mark`, `del` and `ins` enclose their
    `inside`, `fold` hides its `inside` behind `text`, and `gap` says what was left out.
    """

    kind: PieceKind
    text: str = ""
    inside: tuple[Piece, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class TextView:
    """A text as displayed: visible at once, visible on demand, and a sentence about what is not here."""

    pieces: tuple[Piece, ...] = ()
    rest: tuple[Piece, ...] = ()
    rest_label: str = ""
    left_out: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is no text at all."""
        return not self.pieces


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of a conversation."""

    role: str
    text: TextView
    extras: tuple[tuple[str, TextView], ...] = ()
    here: bool = False


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One line of the conversation grid: a turn of one row, of both rows alike, or a turn of each."""

    kind: Literal["single", "both", "pair"]
    left: TurnView | None
    right: TurnView | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SideView:
    """Whose conversation a column shows."""

    letter: str
    title: str
    place: str
    path: str
    line: int
    facts: tuple[tuple[str, TextView], ...] = ()


@dataclass(frozen=True, slots=True)
class CardView:
    """One finding with its proof."""

    anchor: str
    severity: str
    place: str
    path: str
    line: int
    message: TextView
    alike: str = ""
    field: str = ""
    evidence: tuple[tuple[str, TextView], ...] = ()
    sides: tuple[SideView, ...] = ()
    turns: tuple[TurnRow, ...] = ()
    legend: tuple[PieceKind, ...] = ()
    raw: TextView | None = None
    missing: str = ""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check: what it found and what of it is shown."""

    code: str
    name: str
    anchor: str
    severity: str
    status: Literal["findings", "clean", "not_run"]
    findings: int
    rows: int
    unit: Literal["row", "file"] = "row"
    reason: str = ""
    notes: tuple[str, ...] = ()
    lead: str = ""
    paragraphs: tuple[tuple[str, bool], ...] = ()
    """The rest of the explanation; the flag says that line breaks and indents matter."""
    places: tuple[tuple[str, int], ...] = ()
    cards: tuple[CardView, ...] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the sections draw from."""

    report: AuditReport
    findings: pl.DataFrame
    checks: tuple[CheckView, ...]
    names: Mapping[str, str]
    """Paths of the inputs, shortened as far as they stay distinct."""
    limits: Limits

    @property
    def with_findings(self) -> tuple[CheckView, ...]:
        """Checks that found something, the severest first."""
        return tuple(check for check in self.checks if check.status == "findings")

    @property
    def clean(self) -> tuple[CheckView, ...]:
        """Checks that ran and found nothing."""
        return tuple(check for check in self.checks if check.status == "clean")

    @property
    def not_run(self) -> tuple[CheckView, ...]:
        """Checks that did not run."""
        return tuple(check for check in self.checks if check.status == "not_run")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page. A module in `sections/` holds one as `SECTION`, its template lies next to it.

    Args:
        name: unique name, also the anchor of the section.
        title: the heading, and the entry in the navigation.
        order: where on the page it stands; equal numbers go by file name.
        view: the template's variables, or None where the section has nothing to say.
    """

    name: str
    title: str
    order: int
    view: Callable[[Page], Mapping[str, Any] | None]
