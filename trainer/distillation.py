"""The parts of knowledge distillation that need torch: the loss, smaller students, teachers."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from dataprep.contract import file_sha256
from dataprep.errors import ConfigError
from trainer.layout import choose_layout
from trainer.license import License, check_license
from trainer.load import is_run, load_run, read_tuned
from trainer.model import BaseModel, find_model, weights_sha256
from trainer.objective import Objective
from trainer.reading import plain_model, summed, token_nll
from trainer.record import TUNED_NAME, ModelRecord
from trainer.teacher import Teacher, shared_vocabulary

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from trainer.batches import Batch
    from trainer.methods.distill import DistillSettings
    from trainer.objective import Sums
    from trainer.reading import Read
    from trainer.session import Session


class DistillLoss(Objective):
    """alpha * cross-entropy + (1 - alpha) * T^2 * divergence from the teacher, over the supervised tokens.

    Held-out rows are measured by their answers alone, so that runs with and without a teacher can be compared.
    """

    def __init__(self, teacher: Teacher, settings: DistillSettings) -> None:
        self._teacher = teacher
        self._settings = settings

    def prepare(self, batch: Batch) -> None:
        """Show the teacher the batch."""
        if self._settings.distill_alpha < 1:
            self._teacher.prepare(batch)

    def loss(self, read: Read, batch: Batch, sums: Sums) -> torch.Tensor:  # noqa: ARG002 - read holds it all
        """Summed over the supervised tokens, each weighted as its row says."""
        own = self._settings

        def mixed(logits: torch.Tensor, where: slice) -> torch.Tensor:
            weights = read.weights[where]
            each = token_nll(logits, read.targets[where])
            sums.see(each, logits)
            nll = (each * weights).sum()
            sums.add("nll", nll.detach())
            if own.distill_alpha == 1:
                return nll
            teacher, student = self._teacher.log_probabilities(logits, where, own.distill_temperature)
            apart = (divergence(teacher, student, own.distill_divergence) * weights).sum()
            sums.add("divergence", apart.detach())
            return own.distill_alpha * nll + (1 - own.distill_alpha) * own.distill_temperature**2 * apart

        # Teacher, student and their difference are as large as the logits.
        return summed(read, mixed, copies=4)


def divergence(teacher: torch.Tensor, student: torch.Tensor, kind: str) -> torch.Tensor:
    """How far apart two distributions are, in nats.

    Args:
        teacher: (positions, outcomes) log-probabilities.
        student: likewise.
        kind: `forward_kl`, the teacher's view; `reverse_kl`, the student's; `jsd`, both against their mean.

    Returns:
        (positions,)
    """
    if kind == "forward_kl":
        return (teacher.exp() * (teacher - student)).sum(-1)
    if kind == "reverse_kl":
        return (student.exp() * (student - teacher)).sum(-1)
    mean = torch.logaddexp(teacher, student) - math.log(2)
    return ((teacher.exp() * (teacher - mean)).sum(-1) + (student.exp() * (student - mean)).sum(-1)) / 2


def load_teacher(session: Session, name: str) -> tuple[PreTrainedModel, int, ModelRecord]:
    """The teacher, frozen, the number of token ids it shares with the student, and what is known of it.

    Raises:
        UserError: no such model, a licence that was not accepted, or other token ids.
    """
    config, screen = session.config, session.screen
    if is_run(Path(name)):
        folder, tuned = read_tuned(Path(name))
        stated = License(tuned.base_license, f"{TUNED_NAME}, of the base model {tuned.base}")
        known = BaseModel(name, "folder", folder, weights_sha256(folder), stated)
        load = partial(load_run, name, session.runtime, tell=screen.tell)
    else:
        known = find_model(name, screen.tell, remote_code=config.allow_remote_code)
        load = partial(known.load, session.runtime, remote_code=config.allow_remote_code)
    check_license(known.license, known.id, accepted=config.accept_license)
    screen.tell(f"Licence of the teacher, {known.id}: {known.license.describe()}")
    model, tokenizer = load()
    vocabulary = shared_vocabulary((session.model, session.tokenizer), (model, tokenizer))
    model.requires_grad_(requires_grad=False)
    layout = choose_layout(model, session.runtime, compiled=config.compile, packing=config.packing)
    if layout != session.layout:
        if config.packing:
            raise ConfigError("packing: teacher and student cannot read the same packed rows", "Use packing=false")
        session.layout = "masked"  # every model can read that
    return model, vocabulary, known.record()


def weights_there(teacher: Path) -> str | None:
    """Sha256 of a teacher's weights, as its record has it; None where none lie at that place."""
    if teacher.is_file():
        return file_sha256(teacher)
    folder = read_tuned(teacher)[0] if is_run(teacher) else teacher
    return weights_sha256(folder) if any(folder.glob("*.safetensors")) else None


def keep_layers(model: PreTrainedModel, count: int) -> None:
    """Make a smaller model of the same kind: keep `count` of its layers, evenly spaced, the first and last among them.

    Raises:
        ConfigError: it has fewer, or they were not found.
    """
    inner = plain_model(model)
    settings = inner.config.get_text_config()
    there = int(settings.num_hidden_layers)
    found = [
        (parent, name, module)
        for parent in inner.modules()
        for name, module in parent.named_children()
        if isinstance(module, nn.ModuleList) and len(module) == there
    ]
    if len(found) != 1:
        raise ConfigError("distill_layers: the layers of this model were not found", "Use distill_layers=0")
    if not 1 <= count <= there:
        raise ConfigError(f"distill_layers={count}: the model has {there} layers", f"Choose 1 to {there}")
    kept = [round(place * (there - 1) / max(count - 1, 1)) for place in range(count)]
    parent, name, layers = found[0]
    setattr(parent, name, nn.ModuleList([layers[place] for place in kept]))
    for place, layer in enumerate(getattr(parent, name)):
        for module in layer.modules():
            if hasattr(module, "layer_idx"):
                module.layer_idx = place
    settings.num_hidden_layers = count
    for listed in ("layer_types", "mlp_layer_types"):
        kinds = getattr(settings, listed, None)
        if kinds:
            setattr(settings, listed, [kinds[place] for place in kept])
