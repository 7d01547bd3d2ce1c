"""Contradicting answers: who decides which of them stay, and what they decided."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import polars as pl

from dataprep.clean.decisions import Decision, read_decisions
from dataprep.errors import ConfigError
from dataprep.fields import as_date, own_fields, times_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataprep.config import SplitConfig

Outcome = Literal["keep", "drop", "ask"]

TIME_NAMES: Final = ("updated_at", "modified_at", "last_modified", "timestamp", "created_at", "date", "time")
"""Fields in which the time of a row is looked for, the first that there is."""


class Member(NamedTuple):
    """A row of a question with its finding."""

    finding: dict[str, Any]
    claim: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answers contradict each other.

    Attributes:
        group: what identifies it, whatever the order of the rows.
        members: its rows that are part of a contradiction.
        counts: how many of its rows make each claim.
    """

    group: str
    members: list[Member]
    counts: dict[str, int]

    @property
    def told(self) -> str:
        """The claims with their rows: `14 days x3, 30 days x2`."""
        return ", ".join(f"{claim} x{count}" for claim, count in self.counts.items())


@dataclass(frozen=True, slots=True)
class Settled:
    """What was decided.

    Attributes:
        findings: those of the rows, each with its `outcome`, and a message that says why.
        undecided: questions that wait for a person.
        notes: what the user should know.
    """

    findings: list[dict[str, Any]] = field(default_factory=list)
    undecided: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def settle_conflicts(rows: pl.DataFrame, findings: pl.DataFrame, config: SplitConfig) -> Settled:
    """Decide every contradiction by the decisions that were given, and the others by the policy.

    Raises:
        ConfigError: the decisions cannot be read, or the policy is `newest` and rows have no time.
    """
    settled = Settled()
    decisions = read_decisions(config.decisions) if config.decisions else {}
    found = _questions(findings)
    ages = _times(rows, config) if config.resolve == "newest" and found else {}
    met = set()
    for question in found:
        by_claim, told = _decided(question, decisions)
        met |= {Decision.id_of(question.group, claim) for claim in question.counts} & decisions.keys()
        if not by_claim:
            by_claim, why = _by_policy(question, config, ages)
            told = dict.fromkeys(question.counts, why)
        if "ask" in by_claim.values():
            settled.undecided.append(question)
        for finding, claim in question.members:
            reason = told.get(claim, "")
            message = f"{finding['message']}; {reason}" if reason else finding["message"]
            settled.findings.append(finding | {"outcome": by_claim[claim], "message": message})
    stale = len(decisions) - len(met)
    if stale:
        lines = f"{stale:,} {'line' if stale == 1 else 'lines'} of {config.decisions}"
        settled.notes.append(f"{lines} would decide answers that do not contradict any more")
    return settled


def _questions(findings: pl.DataFrame) -> list[Question]:
    """The questions in the order of their first row."""
    errors = findings.filter(
        pl.col("code").str.starts_with("CON") & (pl.col("severity") == "error") & pl.col("row_id").is_not_null()
    )
    members: dict[str, dict[tuple[str, int], Member]] = {}
    counts: dict[str, dict[str, int]] = {}
    for finding in errors.sort("source", "line", "code").iter_rows(named=True):
        evidence = json.loads(finding["evidence"])
        place = (finding["source"], finding["line"])
        group = str(evidence.get("group") or min(str(finding["row_id"]), str(finding["related_row_id"])))
        claim = str(evidence.get("claim") or finding["row_id"])
        members.setdefault(group, {}).setdefault(place, Member(finding, claim))
        counts.setdefault(group, dict(evidence.get("claims") or {})).setdefault(claim, 0)
    for group, own in members.items():
        seen = Counter(member.claim for member in own.values())
        for claim, count in seen.items():
            counts[group][claim] = max(counts[group][claim], count)
    return [
        Question(group, list(own.values()), dict(sorted(counts[group].items(), key=lambda item: -item[1])))
        for group, own in members.items()
    ]


def _decided(question: Question, decisions: Mapping[str, Decision]) -> tuple[dict[str, Outcome], dict[str, str]]:
    """What a person decided about a question, and where: nothing, where no answer of it was marked."""
    own = {claim: decisions.get(Decision.id_of(question.group, claim)) for claim in question.counts}
    marked = {claim: decision for claim, decision in own.items() if decision is not None}
    if not marked:
        return {}, {}
    chosen = any(decision.keep for decision in marked.values())
    outcomes: dict[str, Outcome] = {}
    for claim in question.counts:
        decision = marked.get(claim)
        # Where one answer was chosen the others go; where some were only struck out, the rest must agree to stay.
        outcomes[claim] = "keep" if decision and decision.keep else "drop" if decision or chosen else "keep"
    if not chosen and sum(outcome == "keep" for outcome in outcomes.values()) > 1:
        outcomes = {claim: "ask" if outcome == "keep" else outcome for claim, outcome in outcomes.items()}
    where = next(iter(marked.values())).place
    told = {claim: f"decided in {marked[claim].place if claim in marked else where}" for claim in question.counts}
    return outcomes, told


def _by_policy(
    question: Question, config: SplitConfig, ages: Mapping[tuple[str, int], float]
) -> tuple[dict[str, Outcome], str]:
    """What the policy makes of each claim, and why."""
    every: Iterable[str] = question.counts
    if config.resolve == "keep":
        return dict.fromkeys(every, "keep"), ""
    if config.resolve == "drop-all":
        return dict.fromkeys(every, "drop"), f"all answers dropped: {question.told}"
    if config.resolve == "majority":
        return _majority(question)
    if config.resolve == "newest":
        newest = _newest(question.members, ages)
        if newest is None:
            return dict.fromkeys(every, "ask"), "no answer is the newest"
        claim, when = newest
        return _only(claim, every), f"the newest answer stays: {claim}, of {as_date(when)}"
    return dict.fromkeys(every, "ask"), ""


def _majority(question: Question) -> tuple[dict[str, Outcome], str]:
    (claim, most), *others = question.counts.items()
    if others and most == others[0][1]:
        return dict.fromkeys(question.counts, "ask"), f"no majority: {question.told}"
    return _only(claim, question.counts), f"the majority stays: {question.told}"


def _only(claim: str, every: Iterable[str]) -> dict[str, Outcome]:
    return {one: "keep" if one == claim else "drop" for one in every}


def _newest(members: Sequence[Member], ages: Mapping[tuple[str, int], float]) -> tuple[str, float] | None:
    """The claim of the newest row and its time; None where rows with other claims are as new, or none has a time."""
    dated = [
        (ages[place], member.claim)
        for member in members
        if (place := (member.finding["source"], member.finding["line"])) in ages
    ]
    if not dated:
        return None
    when = max(dated)[0]
    claims = {claim for time, claim in dated if time == when}
    return (claims.pop(), when) if len(claims) == 1 else None


def _times(rows: pl.DataFrame, config: SplitConfig) -> dict[tuple[str, int], float]:
    """The time of each row that has one."""
    name = config.newest_by
    if name is None:
        known = {key for own in own_fields(rows) for key in own}
        name = next((one for one in TIME_NAMES if one in known), None)
        if name is None:
            raise ConfigError(
                "--resolve newest needs the time of the rows, and none of their fields is called like one",
                "Name the field with --newest-by",
            )
    places = zip(rows["source"].to_list(), rows["line"].to_list(), times_of(rows, name), strict=True)
    return {(source, line): when for source, line, when in places if when is not None}
