"""What was gained and at what price: everything a run measures beside the held-out loss, and the verdict in words."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from trainer import parallel
from trainer.answers import Asked, Writer, answered, choose, judged
from trainer.assessment import Assessment, CurvePoint, Interval, Memorisation, Overfitting, Slice
from trainer.chat import ChatEncoder
from trainer.compare import Comparison, Evaluation, compare, compare_apart
from trainer.context import longest
from trainer.details import COMPLETED, GIVEN, VERBATIM, verbatim_by_row, verbatim_share
from trainer.evaluate import evaluate
from trainer.probing import ProbeReading, ProbeRows, forgetting, read_probe
from trainer.scores import Looked, Measured, evaluated, passed, write_scores
from trainer.slices import slices
from trainer.wording import headline, prices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dataprep.contract import SplitName
    from trainer.assessment import Degree, Forgetting
    from trainer.data import Splits, TokenSet
    from trainer.session import Session
    from trainer.tokens import Row
    from trainer.watch import Outcome

GAP_SOME: Final = 0.05
"""A gap between trained and held-out rows of more than this share of the held-out loss is some overfitting."""
GAP_MUCH: Final = 0.25
"""Of more than this share, much."""
VERBATIM_MUCH: Final = 0.1
"""Share of trained answers completed word for word beyond that of held-out ones that is much."""


@dataclass
class Assessor:
    """Measures before training, measures after it, compares.

    Args:
        session: the model, whose weights change in between.
        splits: the rows as they were read.
        tokens: the same as tokens.
    """

    session: Session
    splits: Splits
    tokens: TokenSet
    _probe: ProbeRows | None = None
    _probed: ProbeReading | None = None
    _asked: Asked | None = None
    _train_before: Measured | None = None
    _missing: dict[str, str] = field(default_factory=dict)

    def before(self) -> None:
        """Read the probe, write answers, and read the training rows where every row is to be scored."""
        session = self.session
        if session.config.probe:
            most = longest(session.config.max_length, session.model.config)
            self._probe = ProbeRows.of(ChatEncoder(session.tokenizer), most)
            if self._probe.rows:
                with session.screen.evaluation("general questions", len(self._probe.rows)):
                    self._probed = read_probe(session, self._probe)
            else:
                self._missing["forgetting"] = "the chat template cannot render the general questions"
        used = {row.row_id for row in self.tokens.tokens[self.held_out]}
        lines = [line for line in self.splits.rows[self.held_out] if line.example.row_id in used]
        self._asked = choose(self._writer(), self.held_out, lines)
        if self._asked is not None:
            self._asked.before = answered(self._writer(), self._asked, "the base model")
        elif session.config.answers:
            self._missing["answers"] = (
                f"no held-out row has an answer of fewer than answer_tokens={session.config.answer_tokens} tokens"
            )
        if session.config.row_scores == "all":
            self._train_before = self._read_training(range(len(self.tokens.tokens["train"])))

    def after(
        self,
        before: Mapping[SplitName, Evaluation],
        outcome: Outcome,
        after: Mapping[SplitName, Evaluation],
        output: Path,
    ) -> Assessment:
        """Measure again, write row_scores.parquet, and say what it comes to.

        Args:
            before: the held-out rows before training.
            outcome: of the training.
            after: the held-out rows with the weights that were kept.
            output: run folder.
        """
        training = self._read_training(self._sample(outcome))
        self._write_scores(before, outcome, after, training, output)
        judge = self.held_out
        sides = [self._whole(judge, side[judge]) for side in (before, after)]
        change = compare(*sides)
        memory = self._memorisation(before, after, training)
        over = self._overfitting(outcome, after["validation"], training)
        forgot = self._forgetting()
        answers = None
        if self._asked is not None:
            answers = judged(self._asked, answered(self._writer(), self._asked, "the tuned model"))
        return Assessment(
            judged_on=judge,
            verdict=change.verdict,
            headline=headline(self.session.objective.unit, before[judge], after[judge], change),
            price=prices(forgot, over, memory, self._missing),
            overfitting=over,
            forgetting=forgot,
            memorisation=memory,
            answers=answers,
            slices=self._slices(*sides),
            not_measured=self._missing,
        )

    @property
    def held_out(self) -> SplitName:
        """The split that is judged on: test where there is one, since validation chose the weights."""
        return "test" if self.tokens.tokens.get("test") else "validation"

    def _whole(self, split: SplitName, values: Evaluation, numbers: Iterable[int] | None = None) -> Evaluation:
        return values.by_row(self._row_ids(split, numbers))

    def _row_ids(self, split: SplitName, numbers: Iterable[int] | None = None) -> list[str]:
        """Of every row of a split, or of those with these numbers; pieces of a row have the same."""
        rows = self.tokens.tokens[split]
        return [rows[number].row_id for number in (range(len(rows)) if numbers is None else numbers)]

    def _writer(self) -> Writer:
        own = self.session
        return Writer(own.config, own.screen, own.runtime, own.model, own.tokenizer)

    def _sample(self, outcome: Outcome) -> list[int]:
        """Training rows to read at the end: all, or some of those that were trained on."""
        if self.session.config.row_scores == "all":
            return list(range(len(self.tokens.tokens["train"])))
        seen = sorted(set(np.concatenate(outcome.trace.rows).tolist())) if outcome.trace.rows else []
        count = min(self.session.config.memorised, len(seen))
        return sorted(random.Random(self.session.config.seed).sample(seen, count))  # noqa: S311 - a sample

    def _read_training(self, numbers: range | list[int]) -> Measured | None:
        if not numbers:
            return None
        session = self.session
        rows: list[Row] = [self.tokens.tokens["train"][number] for number in numbers]
        with session.screen.evaluation("training rows", len(rows)) as progress:
            values = evaluate(
                session.model,
                rows,
                pad_id=session.pad_id,
                autocast=session.runtime.autocast,
                objective=session.objective,
                layout=session.layout,
                progress=progress,
            )
        return Measured(list(numbers), values)

    def _write_scores(
        self,
        before: Mapping[SplitName, Evaluation],
        outcome: Outcome,
        after: Mapping[SplitName, Evaluation],
        training: Measured | None,
        output: Path,
    ) -> None:
        looked: dict[SplitName, Looked] = {}
        for split, rows in self.tokens.tokens.items():
            every = range(len(rows))
            sides = [Measured(every, side[split]) if split in side else None for side in (before, after)]
            during = evaluated(outcome.history if split == "validation" else [])
            if split == "train":
                sides, during = [self._train_before, training], passed(outcome.trace)
            looked[split] = Looked(rows, sides[0], sides[1], during)
        if parallel.is_main():
            write_scores(output, looked)

    def _forgetting(self) -> Forgetting | None:
        if self._probe is None or self._probed is None:
            return None
        with self.session.screen.evaluation("general questions again", len(self._probe.rows)):
            return forgetting(self._probe, self._probed, read_probe(self.session, self._probe))

    def _overfitting(self, outcome: Outcome, validation: Evaluation, training: Measured | None) -> Overfitting:
        trained = _finite(self._whole("train", training.values, training.rows)) if training is not None else None
        validation = self._whole("validation", validation)
        history = [(step, self._whole("validation", values)) for step, values in outcome.history]
        gap = compare_apart(validation, trained) if trained is not None else None
        turned = outcome.best_step if _turned(replace(outcome, history=history)) else None
        return Overfitting(
            curve=_curve(outcome),
            turned_at=turned,
            trained=trained.loss if trained is not None else None,
            held_out=validation.loss,
            gap=_interval(gap) if gap is not None else None,
            degree=_overfitted(turned, gap, validation.loss),
        )

    def _memorisation(
        self,
        before: Mapping[SplitName, Evaluation],
        after: Mapping[SplitName, Evaluation],
        training: Measured | None,
    ) -> Memorisation | None:
        held, held_base = (
            [value for split, values in side.items() for value in self._verbatim(split, values)]
            for side in (after, before)
        )
        trained = self._verbatim("train", training.values, training.rows) if training is not None else []
        (hits, rows), (held_hits, held_rows) = verbatim_share(trained), verbatim_share(held)
        if not rows or not held_rows:
            self._missing["memorisation"] = self._not_memorised(training)
            return None
        change = compare_apart(
            *(Evaluation([v for v in side if v >= 0], [1] * n) for side, n in ((trained, rows), (held, held_rows)))
        )
        degree: Degree = "none" if change.low <= 0 else "much" if change.difference > VERBATIM_MUCH else "some"
        return Memorisation(
            given=GIVEN,
            completed=COMPLETED,
            trained_rows=rows,
            trained_verbatim=hits,
            held_out_rows=held_rows,
            held_out_verbatim=held_hits,
            held_out_verbatim_base=verbatim_share(held_base)[0],
            excess=_interval(change),
            degree=degree,
        )

    def _verbatim(self, split: SplitName, values: Evaluation, numbers: Iterable[int] | None = None) -> list[float]:
        found = values.detail.get(VERBATIM)
        return verbatim_by_row(self._row_ids(split, numbers), found) if found else []

    def _not_memorised(self, training: Measured | None) -> str:
        """Why nothing can be said about it."""
        if self.session.objective.unit == "pair":
            return "pairs are compared, not completed"
        if training is None:
            return "memorised=0" if not self.session.config.memorised else "no row that was trained on was read again"
        return "there are too few answers of 16 tokens and more"

    def _slices(self, before: Evaluation, after: Evaluation) -> list[Slice]:
        rows = dict.fromkeys(self._row_ids(self.held_out))
        examples = {line.example.row_id: line.example for line in self.splits.rows[self.held_out]}
        return slices([examples[row_id] for row_id in rows], before, after)


def _curve(outcome: Outcome) -> list[CurvePoint]:
    """Validation loss at each evaluation, and the loss of what was trained on since the one before."""
    steps = np.asarray(outcome.trace.steps)
    losses = np.asarray([values.sum() for values in outcome.trace.losses])
    counts = np.asarray([values.sum() for values in outcome.trace.counts])
    points, last = [], 0
    for step, values in outcome.history:
        since = (steps > last) & (steps <= step)
        since &= np.isfinite(losses)  # the batch that ended the run was looked at too
        train = float(losses[since].sum() / counts[since].sum()) if since.any() else None
        points.append(CurvePoint(step=step, train=train, validation=values.loss))
        last = step
    return points


def _finite(values: Evaluation) -> Evaluation | None:
    """The rows whose loss is a number: a sample of those that were seen may hold the one that ended the run."""
    kept = [(loss, count) for loss, count in zip(values.losses, values.counts, strict=True) if np.isfinite(loss)]
    return Evaluation([loss for loss, _ in kept], [count for _, count in kept]) if kept else None


def _turned(outcome: Outcome) -> bool:
    """Whether an evaluation after the best one is worse by more than chance."""
    best = next((values for step, values in outcome.history if step == outcome.best_step), None)
    if best is None:
        return False
    later = [values for step, values in outcome.history if step > outcome.best_step]
    return any(np.isfinite(values.loss) and compare(best, values).verdict == "worse" for values in later)


def _overfitted(turned: int | None, gap: Comparison | None, loss: float) -> Degree:
    apart = gap.difference / loss if gap is not None and gap.low > 0 else 0.0
    if apart > GAP_MUCH:
        return "much"
    return "some" if turned is not None or apart > GAP_SOME else "none"


def _interval(change: Comparison) -> Interval:
    return Interval(difference=change.difference, low=change.low, high=change.high)
