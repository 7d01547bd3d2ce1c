"""What a run says about its own result: better or not, and at what price. Part of run.json."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from dataprep.contract import Model, SplitName

Degree = Literal["none", "some", "much"]
Outcome = Literal["better", "worse", "not distinguishable"]
TaskKind = Literal["label", "number", "json", "tools", "text"]

NOT_FINITE: Final = float("nan")

MaybeFinite = Annotated[
    float,
    BeforeValidator(lambda value: NOT_FINITE if value is None else value),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "null"}]}),
]
"""What may come out as no finite number, as the loss of weights that training ruined. JSON has no word for that but
null, so it is written as null and read again as NaN."""


class Interval(Model):
    """A difference, tuned - base unless said otherwise, and its 95% interval over rows."""

    difference: float
    low: float
    high: float


class Forgetting(Model):
    """The general probe that comes with the trainer, before and after training."""

    rows: int
    tokens: int = Field(description="Answer tokens.")
    base: float = Field(description="Mean negative log-likelihood per answer token, in nats, before training.")
    tuned: float
    change: Interval
    agreement: float = Field(
        description="Share of the answer tokens at which both models would say the same next, given the answer so far."
    )
    by_kind: dict[str, tuple[float, float]] = Field(description="Loss before and after by kind of question.")
    degree: Degree


class CurvePoint(Model):
    """Training and validation loss at one evaluation."""

    step: int
    train: float | None = Field(description="Mean loss of what passed since the evaluation before.")
    validation: MaybeFinite = Field(description="null: no finite number.")


class Overfitting(Model):
    """Whether the model became worse on unseen rows while it became better on those it saw."""

    curve: list[CurvePoint]
    turned_at: int | None = Field(
        description="Step of the lowest validation loss, where a later one is higher by more than chance."
    )
    trained: float | None = Field(description="Loss of the kept weights on a sample of the rows that were trained on.")
    held_out: float = Field(description="On validation rows.")
    gap: Interval | None = Field(description="held_out - trained.")
    degree: Degree


class Memorisation(Model):
    """How many answers the kept weights complete word for word from their beginning (arXiv:2202.07646)."""

    given: int = Field(description="Tokens of an answer that are given; of a short one, half.")
    completed: int = Field(description="Tokens that must then come.")
    trained_rows: int = Field(description="Looked at among those trained on, with enough left to complete.")
    trained_verbatim: int
    held_out_rows: int
    held_out_verbatim: int
    held_out_verbatim_base: int = Field(description="Before training.")
    excess: Interval = Field(description="Share among trained rows minus share among held-out rows.")
    degree: Degree


class Slice(Model):
    """The held-out loss on some of the rows."""

    by: str = Field(description="source, language, length, label, or a field of the rows.")
    value: str
    rows: int
    base: float
    tuned: float
    change: Interval = Field(description="The intervals of all slices hold together (Bonferroni).")
    verdict: Outcome


class Metric(Model):
    """How good written answers are; the higher the better."""

    name: str
    rows: int
    base: float
    tuned: float
    change: Interval
    verdict: Outcome


class Sample(Model):
    """One held-out row with the answers both models wrote. Texts are cut for size, and secrets masked."""

    split: SplitName
    row_id: str
    prompt: str
    reference: str
    base: str
    tuned: str
    scores: dict[str, tuple[float, float]] = Field(description="Each metric before and after.")


class Answers(Model):
    """Answers written to a few held-out prompts, always the likeliest token."""

    kind: TaskKind
    rows: int = Field(description="Prompts that were answered.")
    of: int = Field(description="Held-out rows there are.")
    most_tokens: int
    metrics: list[Metric]
    not_measured: dict[str, str] = Field(default_factory=dict, description="Metric -> why.")
    samples: list[Sample]


class Assessment(Model):
    """Better, worse or not distinguishable, and at what price."""

    judged_on: SplitName = Field(description="test where there is one: validation chose the weights.")
    verdict: Outcome
    headline: str
    price: list[str] = Field(description="Forgetting, overfitting and memorisation, each in a sentence.")
    overfitting: Overfitting
    forgetting: Forgetting | None = None
    memorisation: Memorisation | None = None
    answers: Answers | None = None
    slices: list[Slice] = Field(default_factory=list)
    not_measured: dict[str, str] = Field(default_factory=dict, description="What is missing here, and why.")
