"""Knowledge distillation: a student learns the answers and what a teacher thought of all other tokens.

Hinton et al. 2015 (arXiv:1503.02531): alpha * cross-entropy + (1 - alpha) * T^2 * divergence, both sides' logits
divided by the temperature T. Reverse KL as in MiniLLM (arXiv:2306.08543), Jensen-Shannon as in GKD
(arXiv:2306.13649) with beta 1/2.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field

from dataprep.contract import Model
from dataprep.errors import ConfigError
from trainer.context import context_length
from trainer.method import Method
from trainer.parallel import main_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedModel

    from trainer.config import TrainConfig
    from trainer.data import TokenSet
    from trainer.objective import Objective
    from trainer.record import ModelRecord
    from trainer.session import Session
    from trainer.teacher import Teacher
    from trainer.tokens import Tokens


class DistillSettings(Model):
    """Settings of knowledge distillation."""

    model_config = ConfigDict(allow_inf_nan=False)

    distill_teacher: str = Field(
        default="",
        description="Hub name, folder, GGUF file, or run folder of the teacher. Its token ids must be the student's.",
    )
    distill_student: str = Field(
        default="lora", description="Method that decides what learns in the student: lora, full, qlora or adapter."
    )
    distill_layers: int = Field(
        default=0,
        ge=0,
        description="Make the student from the model by keeping this many layers, evenly spaced. 0: all.",
    )
    distill_cache: str = Field(
        default="",
        description="Folder that keeps what the teacher says; made if absent, then the teacher is not needed.",
    )
    distill_top_k: int = Field(
        default=32, ge=1, description="Tokens kept at each position of the cache; all others share one bucket."
    )
    distill_divergence: Literal["forward_kl", "reverse_kl", "jsd"] = Field(
        default="forward_kl", description="How far the student is from the teacher."
    )
    distill_temperature: float = Field(default=1.0, gt=0, description="Above 1, unlikely tokens count for more.")
    distill_alpha: float = Field(
        default=0.5, ge=0, le=1, description="Share of the answers themselves in the loss; the rest is the teacher's."
    )


class Distill(Method):
    """Changes what is minimised; what learns is up to another method."""

    name = "distill"
    settings = (DistillSettings,)
    learner_setting = "distill_student"

    def prepare_base(self, model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
        """Drop layers where a smaller student is wanted.

        Raises:
            ConfigError: the model has fewer layers than are to be kept, or they were not found.
        """
        from trainer.distillation import keep_layers  # noqa: PLC0415 - torch

        own = config.of(DistillSettings)
        if own.distill_layers:
            keep_layers(model, own.distill_layers)
        return model

    def objective(self, session: Session, tokens: TokenSet) -> Objective:
        """The mixed loss, with the teacher loaded, or its answers.

        Raises:
            UserError: no teacher, one with other token ids, or a cache made for something else.
        """
        from trainer.distillation import DistillLoss  # noqa: PLC0415

        own = session.config.of(DistillSettings)
        # What the teacher says is written once and read by all processes.
        with main_first() if own.distill_cache else nullcontext():
            teacher = _teacher(session, tokens, own)
        return DistillLoss(teacher, own)


def _teacher(session: Session, tokens: TokenSet, own: DistillSettings) -> Teacher:
    from trainer.distillation import load_teacher  # noqa: PLC0415
    from trainer.teacher import OnlineTeacher, card_of, open_cache, write_cache  # noqa: PLC0415

    rows: Sequence[Tokens] = tokens.answers("train")
    folder = Path(own.distill_cache)
    if own.distill_cache:
        cached = open_cache(folder, rows, own.distill_top_k, own.distill_temperature)
        if cached is not None:
            _check_teacher(folder, cached.card.teacher, own.distill_teacher)
            session.teacher = cached.card.teacher
            return cached
    if not own.distill_teacher:
        raise ConfigError("method=distill needs a teacher", "Name one with distill_teacher=MODEL")
    layout = session.layout
    model, vocabulary, session.teacher = load_teacher(session, own.distill_teacher)
    most, reads = max(map(len, rows)), context_length(model.config)
    if reads is not None and most > reads:
        raise ConfigError(
            f"distill_teacher: {own.distill_teacher} reads {reads:,} tokens, and a training row has {most:,}",
            f"Use max_length={reads}",
        )
    if not own.distill_cache:
        return OnlineTeacher(model, session.runtime.autocast, vocabulary)
    with session.screen.evaluation("the teacher on train", len(rows)) as progress:
        cached = write_cache(
            folder,
            card_of(session.teacher, rows, own.distill_top_k, own.distill_temperature),
            model,
            rows,
            vocabulary=vocabulary,
            layout=session.layout,
            autocast=session.runtime.autocast,
            progress=progress,
        )
    session.layout = layout  # the student reads alone, now as in later runs that find the cache
    return cached


def _check_teacher(folder: Path, cached: ModelRecord, wanted: str) -> None:
    """Refuse a cache of what another teacher said than the one that is named, or the same with other weights."""
    from trainer.distillation import weights_there  # noqa: PLC0415

    if not wanted:
        return
    remedy = "Name another folder with distill_cache, or leave distill_teacher out"
    there, then = (Path(name).expanduser().resolve() for name in (wanted, cached.id))
    if wanted != cached.id and there != then:
        raise ConfigError(f"{folder}: this cache holds what {cached.id} said, not {wanted}", remedy)
    if weights_there(there) not in {None, cached.sha256}:
        raise ConfigError(f"{folder}: this cache holds what {wanted} said with other weights than it has now", remedy)


METHOD = Distill()
