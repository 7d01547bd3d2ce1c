"""A fixed general probe, before and after training: what was forgotten.

`assets/probe.jsonl` holds 100 short questions with answers: knowledge, arithmetic, instructions, code, languages.
They were written for it, under the licence of this project, and stand in no sample data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from dataprep.contract import Example, Message
from trainer.assessment import Forgetting, Interval
from trainer.chat import ChatEncoder, RowRefusedError
from trainer.compare import Evaluation, compare
from trainer.evaluate import readings
from trainer.reading import each_detail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trainer.assessment import Degree
    from trainer.session import Session
    from trainer.tokens import Tokens

PROBE: Final = Path(__file__).parent / "assets" / "probe.jsonl"

SOME: Final = 0.05
"""From here on a rise of the perplexity on general questions is some forgetting, where it is more than chance."""
MUCH: Final = 0.35
"""From here on it is much."""


@cache
def probe_examples() -> tuple[tuple[str, Example], ...]:
    """The kind of each question, and the question with its answer."""
    found = []
    for line in PROBE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        messages = [Message(role="user", content=row["prompt"]), Message(role="assistant", content=row["answer"])]
        found.append((row["kind"], Example(row_id=row["id"], messages=messages)))
    return tuple(found)


@dataclass(frozen=True)
class ProbeRows:
    """The probe in a model's tokens; questions its template cannot render are left out."""

    kinds: list[str]
    rows: list[Tokens]

    @classmethod
    def of(cls, encoder: ChatEncoder, longest: int) -> ProbeRows:
        """The questions of at most `longest` tokens."""
        kinds, rows = [], []
        for kind, example in probe_examples():
            try:
                row = encoder.encode(example)
            except RowRefusedError:
                continue
            if len(row) <= longest:
                kinds.append(kind)
                rows.append(row)
        return cls(kinds, rows)


@dataclass(frozen=True)
class ProbeReading:
    """What a model made of the probe.

    Attributes:
        losses: (rows,) summed negative log-likelihood, in nats.
        likeliest: of each row, the token the model would have said at each place of the answer.
    """

    losses: list[float]
    likeliest: list[NDArray[np.int64]]


def read_probe(session: Session, probe: ProbeRows) -> ProbeReading:
    """Read the probe with the session's model as it is."""
    losses = [0.0] * len(probe.rows)
    likeliest: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)] * len(probe.rows)
    for batch, read in readings(
        session.model,
        probe.rows,
        pad_id=session.pad_id,
        autocast=session.runtime.autocast,
        layout=session.layout,
    ):
        with session.runtime.autocast():
            detail = each_detail(read)
        owners = read.owners.cpu().numpy()
        nll, said = detail.nll.double().cpu().numpy(), detail.likeliest.cpu().numpy()
        for place, row in enumerate(batch.rows):
            own = owners == place
            losses[row] = float(nll[own].sum())
            likeliest[row] = said[own]
    return ProbeReading(losses, likeliest)


def forgetting(probe: ProbeRows, before: ProbeReading, after: ProbeReading) -> Forgetting:
    """The change between two readings."""
    counts = [row.supervised for row in probe.rows]
    base, tuned = (Evaluation(reading.losses, counts) for reading in (before, after))
    change = compare(base, tuned)
    same = sum(int((a == b).sum()) for a, b in zip(before.likeliest, after.likeliest, strict=True))
    return Forgetting(
        rows=len(counts),
        tokens=base.items,
        base=base.loss,
        tuned=tuned.loss,
        change=Interval(difference=change.difference, low=change.low, high=change.high),
        agreement=same / base.items,
        by_kind=_by_kind(probe.kinds, counts, base, tuned),
        degree=_degree(change.low, change.difference),
    )


def _degree(low: float, difference: float) -> Degree:
    more = float(np.expm1(difference))
    if low <= 0 or more < SOME:
        return "none"
    return "much" if more > MUCH else "some"


def _by_kind(
    kinds: Sequence[str], counts: Sequence[int], base: Evaluation, tuned: Evaluation
) -> Mapping[str, tuple[float, float]]:
    found = {}
    for kind in dict.fromkeys(kinds):
        own = [place for place, other in enumerate(kinds) if other == kind]
        items = sum(counts[place] for place in own)
        before, after = (sum(side.losses[place] for place in own) / items for side in (base, tuned))
        found[kind] = (before, after)
    return found
