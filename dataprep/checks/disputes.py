"""Answers to one question that exclude each other: who disputes whom, and what each side claims."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from dataprep.checks.unread import Unread
from dataprep.similarity import operators
from dataprep.text.evidence.claims import claim_of
from dataprep.text.evidence.task_kind import open_ended, rewording
from dataprep.text.normalise import normalised
from dataprep.text.views import last_exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dataprep.checks.context import AuditContext
    from dataprep.text.evidence.claims import Claim
    from dataprep.text.evidence.conflict import Compare, Conflict

MOST_COMPARED: Final = 16
"""Answers to one question, the most frequent first, that every other answer to it is compared with."""

SETTLED: Final = frozenset(["number", "option", "label"])
"""Kinds of claims that say all an answer comes to: answers with the same one need no comparison."""


class Said(NamedTuple):
    """One distinct answer to a question.

    Attributes:
        prompt: the question, as one of the rows has it.
        answer: as the first of the rows has it.
        rows: positions of the rows that give it.
    """

    prompt: str
    answer: str
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its distinct answers.

    Attributes:
        answers: the most frequent first.
        sides: for each of them which wording of the question it answers; only answers to different wordings are
            compared. None: all are.
        words: how alike the wordings are, for messages: "same question".
        differ: what sets two wordings apart, if anything, so that they are different questions after all.
    """

    answers: Sequence[Said]
    sides: Sequence[int] | None = None
    words: str = "same question"
    differ: Callable[[str, str], object] | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """What one or several answers to a question claim together.

    Attributes:
        claim: in words, other than that of every other position: `14 days`.
        answers: the numbers of the answers, each with the numbers of those it excludes and the evidence.
    """

    claim: str
    answers: Mapping[int, Mapping[int, Conflict]]


def questions(context: AuditContext, keys: pl.Series) -> Iterator[Asked]:
    """The questions that have several different answers.

    Args:
        context: the rows under audit.
        keys: what tells the questions of the rows apart; null for rows that are left out.
    """
    rows = pl.DataFrame({"key": keys, "label": context.raw_rows["label"]}).with_row_index("position")
    # An answer marked as unwanted claims nothing.
    rows = rows.filter(pl.col("key").is_not_null() & pl.col("label").ne_missing("false")).drop("label")
    rows = rows.filter(pl.len().over("key") > 1)
    rows = rows.hstack(last_exchange(context.raw_rows[rows["position"]]))
    rows = rows.with_columns(form=normalised(pl.col("answer"))).filter(pl.col("form") != "")
    answers = rows.group_by("key", "form", maintain_order=True).agg("position", pl.col("prompt", "answer").first())
    answers = answers.filter(pl.len().over("key") > 1).drop("form")
    answers = answers.sort("key", pl.col("position").list.len(), descending=[False, True], maintain_order=True)
    rows_of = answers.select("key", "prompt", "answer", "position").iter_rows()
    for _, own in groupby(rows_of, key=itemgetter(0)):
        yield Asked([Said(*row[1:]) for row in own], differ=_written_otherwise)


def _written_otherwise(left: str, right: str) -> bool:
    """Whether two prompts of one normal form, which has no signs, calculate differently: 2-3 and 2*3, -40 and 40."""
    return operators(left) != operators(right)


def has_one_answer(prompt: str) -> bool:
    """Whether answers to a prompt can contradict each other at all: it asks for no poem, idea or example."""
    return not open_ended(prompt) or rewording(prompt)


def positions(asked: Asked, compare: Compare, unread: Unread | None = None) -> list[Position]:
    """The answers to a question that exclude each other, gathered by what they claim; none where none does.

    Args:
        asked: the question.
        compare: the evidence that two answers to a prompt exclude each other, if any.
        unread: takes in the answers that could not be read.
    """
    if not all(has_one_answer(prompt) for prompt in {said.prompt for said in asked.answers}):
        return []
    dispute = _Dispute(asked, compare, unread if unread is not None else Unread())
    dispute.compare_all()
    return dispute.positions()


@dataclass(slots=True)
class _Gathered:
    """Answers that come to one position.

    Attributes:
        numbers: of all of them.
        frequent: of those that every other answer was compared with.
        claims: what they claim, if anything.
        others: what those that are not frequent claim; None where that is nothing.
    """

    numbers: list[int] = field(default_factory=list)
    frequent: list[int] = field(default_factory=list)
    claims: set[Claim | None] = field(default_factory=set)
    others: set[Claim | None] = field(default_factory=set)

    def add(self, number: int, claim: Claim | None, *, is_frequent: bool) -> None:
        self.numbers.append(number)
        self.claims.add(claim)
        if is_frequent:
            self.frequent.append(number)
        else:
            self.others.add(claim)


class _Dispute:
    """The comparison of the answers to one question; answers are called by their numbers."""

    def __init__(self, asked: Asked, compare: Compare, unread: Unread) -> None:
        self._answers, self._sides, self._differ = asked.answers, asked.sides, asked.differ
        self._evidence, self._unread = compare, unread
        self._conflicts: dict[int, dict[int, Conflict]] = defaultdict(dict)
        self._agreed: dict[int, set[int]] = defaultdict(set)
        self._frequent: set[int] = set()
        self._claims: dict[int, Claim | None] = {}

    def compare_all(self) -> None:
        """Compare what has to be; of answers that come to the same thing one stands for the others."""
        numbers = self._representatives()
        self._frequent = set(numbers[:MOST_COMPARED])
        for place, b in enumerate(numbers):
            for a in numbers[: min(place, MOST_COMPARED)]:
                if self._sides is not None and self._sides[a] == self._sides[b]:
                    continue
                left, right = self._answers[a], self._answers[b]
                try:
                    proof = self._proof(left, right)
                except Exception as err:  # noqa: BLE001 - one odd answer must not hide what others contradict
                    self._unread.add(right, err)
                    continue
                if proof is None:
                    self._agreed[a].add(b)
                    self._agreed[b].add(a)
                else:
                    self._conflicts[a][b], self._conflicts[b][a] = proof, proof.swapped()

    def _proof(self, left: Said, right: Said) -> Conflict | None:
        """The evidence, which has to be one whichever of the prompts was asked."""
        proof = self._evidence(left.answer, right.answer, left.prompt)
        if proof is None or left.prompt == right.prompt:
            return proof
        if self._differ is not None and self._differ(left.prompt, right.prompt):
            return None
        other = self._evidence(left.answer, right.answer, right.prompt)
        return other if other is None or other.severity == "note" else proof

    def _representatives(self) -> list[int]:
        self._members = {number: [number] for number in range(len(self._answers))}
        if len(self._answers) == 2 or self._sides is not None:
            return list(self._members)
        first: dict[object, int] = {}
        for number in range(len(self._answers)):
            claim = self._claim(number)
            key = claim if claim is not None and claim.kind in SETTLED else number
            if key in first:
                self._members[first[key]] += self._members.pop(number)
            else:
                first[key] = number
        return list(first.values())

    def _claim(self, number: int) -> Claim | None:
        if number not in self._claims:
            said = self._answers[number]
            try:
                self._claims[number] = claim_of(said.answer, said.prompt)
            except Exception as err:  # noqa: BLE001 - likewise
                self._unread.add(said, err)
                self._claims[number] = None
        return self._claims[number]

    def positions(self) -> list[Position]:
        """Gather the answers that exclude others: those of one position do not exclude each other."""
        gathered: list[_Gathered] = []
        # An answer can only agree with one that has its claim or that it was compared with: no other is looked at.
        with_claim: dict[Claim, list[int]] = defaultdict(list)
        place_of: dict[int, int] = {}
        for number in sorted(self._conflicts):
            claim = self._claim(number)
            near = {place_of[other] for other in self._agreed[number] if other in place_of}
            likely = sorted(near.union(with_claim[claim] if claim is not None else ()))
            place = next((place for place in likely if self._fits(number, gathered[place])), len(gathered))
            if place == len(gathered):
                gathered.append(_Gathered())
            own = gathered[place]
            if claim is not None and claim not in own.claims:
                with_claim[claim].append(place)
            own.add(number, claim, is_frequent=number in self._frequent)
            place_of[number] = place
        found: dict[str, Position] = {}
        names: dict[str, Iterator[str]] = {}
        for own in gathered:
            words = self._words(own.numbers[0])
            claimed = next(name for name in names.setdefault(words, _names(words)) if name not in found)
            conflicts = {one: self._conflicts[number] for number in own.numbers for one in self._members[number]}
            found[claimed] = Position(claimed, conflicts)
        return list(found.values())

    def _fits(self, number: int, own: _Gathered) -> bool:
        """Whether an answer agrees with every answer of a position."""
        if number in self._frequent:
            return all(self._agree(number, other) for other in own.numbers)
        # Two answers that are not frequent were never compared: they agree where their claims are equal.
        claim = self._claim(number)
        is_alike = not own.others or (claim is not None and own.others == {claim})
        return is_alike and all(self._agree(number, other) for other in own.frequent)

    def _agree(self, a: int, b: int) -> bool:
        """Whether two answers may be taken to say the same: both exclude the same third, and not each other."""
        if b in self._conflicts[a]:
            return False
        claim = self._claim(a)
        if claim is not None and claim == self._claim(b):
            return True
        return b in self._agreed[a] and not self._conflicts[a].keys().isdisjoint(self._conflicts[b].keys())

    def _words(self, number: int) -> str:
        claim = self._claim(number)
        return str(claim) if claim is not None else next(iter(self._conflicts[number].values())).left


def _names(words: str) -> Iterator[str]:
    yield words
    number = 2
    while True:
        yield f"{words} ({number})"
        number += 1
