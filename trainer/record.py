"""What a run leaves behind, as pydantic models, and writing it so that no half-written file is ever seen."""

from __future__ import annotations

import platform
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from dataprep.contract import Model, SplitName
from trainer.assessment import Assessment, MaybeFinite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

RUN_NAME: Final = "run.json"
METRICS_NAME: Final = "metrics.jsonl"
NOT_TRAINED_NAME: Final = "not_trained.jsonl"
LEDGER_NAME: Final = "ledger.parquet"
CONFIG_NAME: Final = "config.yaml"
TUNED_NAME: Final = "tuned.json"
EXPORT_NAME: Final = "export.json"
CHECKPOINTS_NAME: Final = "checkpoints"
CHECKPOINT_PREFIX: Final = "checkpoint-"  # as transformers.Trainer names them
RESULT_NAMES: Final = ("adapter", "model")

REPORTED: Final = ("torch", "transformers", "peft", "accelerate", "tokenizers", "safetensors", "numpy")
"""Libraries that decide the numbers."""

LicenseKind = Literal["permissive", "conditions", "restricted", "unknown"]

StopReason = Literal["finished", "early_stopping", "max_minutes", "non_finite_loss"]


class DataRecord(Model):
    """The split folder that went in, and whether it was what its manifest certified."""

    folder: str
    manifest_sha256: str | None = Field(description="content_sha256 of manifest.json; None without a manifest.")
    files: dict[str, str] = Field(description="sha256 of the bytes that were read.")
    verified: bool
    override_used: bool = Field(description="Trained although not verified, on explicit request.")
    problems: list[str]


class ModelRecord(Model):
    """A model that went in."""

    id: str = Field(description="The model as the user named it.")
    kind: Literal["hub", "folder", "gguf"]
    sha256: str = Field(description="Of the GGUF file, or of all weight files in the order of their names.")
    revision: str | None = Field(default=None, description="Commit on the hub.")
    license: str | None = Field(description="As stated by the model; None if it states none.")
    license_source: str | None = Field(description="Where the licence was read.")
    license_kind: LicenseKind = Field(description="Any use; commercial use under conditions; none; not known.")
    license_terms: list[str] = Field(description="Its name and what it asks for, in words, where it is known.")
    license_accepted_by_user: bool = Field(description="Unknown or restricted, and accepted explicitly.")


class BaseRecord(ModelRecord):
    """The base model, and how much of it learns."""

    trainable_parameters: int
    total_parameters: int


class Ledger(Model):
    """Where the rows and tokens of one split went: rows_in == rows_used + the sum of left_out."""

    rows_in: int
    rows_used: int
    left_out: dict[str, int] = Field(description="Rows by the code of the reason; listed in not_trained.jsonl.")
    rows_cut: int = Field(default=0, description="Used rows that are not used whole; ledger.parquet says what is cut.")
    pieces: int = Field(description="What the used rows became; more than they are where rows were split by turn.")
    tokens_supervised: int = Field(description="Tokens the loss is computed on.")
    tokens_unsupervised: int = Field(description="Tokens only read: prompts, headers.")
    supervised_left_out: int = Field(description="Tokens of answers that are not trained on, of rows left out or cut.")


class LedgerLine(Model):
    """One row of ledger.parquet: what became of one row of the split."""

    split: SplitName
    row_id: str
    line: int = Field(ge=1, description="In the split's file.")
    used: bool
    code: str | None = Field(description="Why the row is left out.")
    reason: str | None
    pieces: int
    tokens: int | None = Field(description="Of the row as it came; None where it could not be encoded.")
    tokens_supervised: int = Field(description="Trained or evaluated on.")
    tokens_unsupervised: int = Field(description="Only read.")
    supervised_left_out: int | None = Field(description="Tokens of answers not used; None where not known.")
    cut: str | None = Field(description="What was left out of a row that is used, in words.")


class NotTrained(Model):
    """One line of not_trained.jsonl: a row that was neither trained nor evaluated on, and why."""

    split: SplitName
    row_id: str
    line: int = Field(ge=1)
    code: str
    reason: str


class MetricsLine(Model):
    """One line of metrics.jsonl."""

    step: int = Field(description="Optimizer steps done.")
    epoch: float
    split: SplitName
    loss: MaybeFinite = Field(
        description="What is minimised, per item. Of a training step with weights, the weighted mean; of held-out "
        "answers, the mean negative log-likelihood per supervised token, in nats. null: no finite number."
    )
    also: dict[str, MaybeFinite] = Field(
        default_factory=dict,
        description="What else is known, per item: `nll` beside a teacher's, `accuracy` of pairs.",
    )
    learning_rate: float | None = Field(default=None, description="That this step used; None for evaluations.")
    tokens: int = Field(description="Supervised tokens the line is about.")
    seconds: float = Field(description="Since training started.")


class HeldOut(Model):
    """Mean loss per item of one split, before and after training."""

    unit: Literal["token", "pair"] = Field(
        description="token: mean negative log-likelihood per supervised token, in nats; pair: mean preference loss."
    )
    rows: int
    items: int = Field(description="Supervised tokens, or pairs.")
    base: float
    tuned: float
    also: dict[str, tuple[float, float]] = Field(
        default_factory=dict, description="What else was measured, before and after."
    )
    difference_low: float = Field(description="tuned - base, lower end of the 95% interval over rows.")
    difference_high: float
    verdict: Literal["better", "worse", "not distinguishable"]


class TrainingRecord(Model):
    """How the training went."""

    steps: int
    best_step: int
    epochs: float
    stop_reason: StopReason
    non_finite_rows: list[str] = Field(description="row_ids of the batch whose loss was not a finite number.")
    seconds: float = Field(description="Training and its evaluations, without the ones before and after.")
    tokens_per_second: float = Field(description="Tokens read, padding left out, per second of training alone.")
    supervised_per_second: float = Field(description="Supervised tokens per second of training alone.")
    layout: Literal["flat", "padded", "masked"] = Field(description="How rows lie in a batch.")
    packed: bool = Field(description="Whether rows share lines of max_length.")
    peak_memory_mb: int | None = Field(description="Of the process, on a GPU of the device; None where not known.")


class TunedModel(Model):
    """tuned.json beside what a run learned: all that is needed to load it again."""

    schema_version: Literal["1"] = "1"
    tool_version: str
    method: str
    base: str = Field(description="The base model as the user named it.")
    base_path: str | None = Field(
        default=None, description="Where it lay, seen from this folder; None: on the hub, or in a package."
    )
    base_sha256: str
    base_license: str | None
    step: int = Field(description="Optimizer steps these weights have seen.")
    config: dict[str, object]


class GeneratedRecord(Model):
    """FILE.json beside the answers a teacher wrote: how they were made."""

    schema_version: Literal["1"] = "1"
    tool_version: str
    teacher: str
    teacher_license: str | None
    data: str
    split: SplitName
    rows_in: int = Field(description="rows_in == answers + left_out.")
    answers: int
    left_out: int = Field(description="Rows without a finished answer; FILE.left_out.jsonl has the reasons.")
    tokens: int = Field(description="Most tokens of an answer.")
    temperature: float
    seed: int


class Alternative(Model):
    """What a method would take on the same rows and hardware."""

    method: str
    gradient_checkpointing: bool
    fsdp: bool = Field(default=False, description="Weights, gradients and optimizer states shared out.")
    memory: int = Field(description="Bytes, on each GPU where there are several.")
    fits: bool

    @property
    def switches(self) -> list[str]:
        """Settings that have to be set to true for it."""
        return [name for name in ("gradient_checkpointing", "fsdp") if getattr(self, name)]


class PlanRecord(Model):
    """What `trainer plan --json` prints: what a run would take."""

    schema_version: Literal["1"] = "1"
    tool_version: str
    model: str
    method: str
    hardware: str
    gpus: int = Field(default=1, description="That train together.")
    precision: Literal["fp32", "bf16"]
    trainable_parameters: int
    total_parameters: int
    rows: int = Field(description="For training.")
    steps: int
    epochs: float
    tokens: int = Field(description="Read in training, padding included.")
    supervised_tokens: int
    memory: dict[str, int] = Field(description="Bytes by what they hold, at the worst moment; on each GPU.")
    memory_total: int
    memory_measured: int | None = Field(description="Bytes, in a few real steps.")
    memory_available: int
    fits: bool
    tokens_per_second: tuple[float, float] = Field(description="Slow and fast guess.")
    seconds: tuple[float, float] = Field(description="Of training and evaluations; least and most.")
    basis: str = Field(description="What the time rests on.")
    cost: tuple[float, float] | None = Field(description="In the currency of the price; least and most.")
    alternatives: list[Alternative]
    recommended: str


class Parity(Model):
    """How far an exported model is from the trained one, on a few fixed texts."""

    file: str = Field(default="", description="The GGUF file it is about; empty: the safetensors.")
    positions: int = Field(default=0, description="Tokens compared; 0: it could not be compared.")
    mean_difference: float | None = Field(default=None, description="Mean absolute difference of a logit.")
    largest_difference: float | None = None
    relative_difference: float | None = Field(default=None, description="Mean, over the logits' standard deviation.")
    same_likeliest_token: float | None = Field(default=None, description="Share of the positions.")
    bound: float | None = Field(default=None, description="Relative difference up to which it is accepted.")


class ExportRecord(Model):
    """export.json: what a folder for other programs was made from, and the proof that it says the same."""

    schema_version: Literal["1"] = "1"
    tool_version: str
    run: str
    method: str
    step: int
    base: str
    base_sha256: str
    base_license: str | None
    merged: bool = Field(description="Whole weights; otherwise an adapter that needs the base model.")
    dtype: str | None = Field(description="Type of the weights: fp32, bf16 or fp16.")
    parity: Parity | None
    gguf: Parity | None
    notes: list[str]
    files: dict[str, str] = Field(description="sha256 of every other file of the folder.")


class RunRecord(Model):
    """run.json: what was trained on what, how, and what came of it."""

    schema_version: Literal["1"] = "1"
    tool_version: str
    created_at: str = Field(description="UTC, ISO 8601; the only timestamp.")
    data: DataRecord
    model: BaseRecord
    teacher: ModelRecord | None = Field(default=None, description="Whose answers were learnt from, beside the rows.")
    method: str
    config: dict[str, object]
    config_sha256: str = Field(description="Of the settings without data and output.")
    seed: int
    versions: dict[str, str]
    device: str
    precision: Literal["fp32", "bf16"]
    result: str = Field(description="Folder that holds what was learned; `load_run` loads it again.")
    result_bytes: int
    ledger: dict[SplitName, Ledger]
    training: TrainingRecord
    held_out: dict[SplitName, HeldOut] = Field(description="validation, and test where the split has one.")
    assessment: Assessment | None = Field(default=None, description="What was gained, and at what price.")
    files: dict[str, str] = Field(description="sha256 of every other file of the run folder.")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that decide the numbers."""
    found = {"python": platform.python_version()}
    for name in REPORTED:
        found[name] = metadata.version(name)
    return found


def write_text(path: Path, text: str) -> None:
    """Write `path` under a temporary name and rename it into place."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as handle:
        temporary = Path(handle.name)
        try:
            handle.write(text)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    temporary.chmod(0o644)  # temporary files are private; results should be readable like any other file
    temporary.replace(path)


def write_json(path: Path, value: BaseModel) -> None:
    """Write a model as indented JSON."""
    write_text(path, value.model_dump_json(indent=2) + "\n")


def write_jsonl(path: Path, values: Iterable[BaseModel]) -> None:
    """Write one model per line."""
    write_text(path, "".join(value.model_dump_json() + "\n" for value in values))
