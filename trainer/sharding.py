"""Weights, gradients and optimizer states shared out among the processes of a run (FSDP), while it trains.

torch's own `fully_shard` does it (Zhao et al., 2023, arXiv:2304.11277; Rajbhandari et al., 2020, arXiv:1910.02054),
which runs on CPUs too. Evaluation, generation and saving need whole weights: for those they are put together in every
process, when there is no gradient and the optimizer still has its share only. So a model whose weights fit one GPU,
but not four times that, can be trained in full.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers.trainer import OPTIMIZER_NAME, SCHEDULER_NAME

from trainer import parallel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transformers import PreTrainedModel

_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


def share_out(model: PreTrainedModel) -> None:
    """Leave in every process its share of each weight; each block is put together while it is at work."""
    device = next(model.parameters()).device
    mesh = init_device_mesh(device.type, (parallel.processes(),))
    blocks = set(getattr(model, "_no_split_modules", None) or ())
    for module in list(model.modules()):
        if type(module).__name__ in blocks:
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)
    with torch.no_grad():  # the wrappers learn which of them is the outermost when it is called first
        model(input_ids=torch.zeros((1, 2), dtype=torch.long, device=device), use_cache=False)
    model.reshard()  # the outermost one stays whole else, and an optimizer made now would hold weights that vanish


def is_shared(model: torch.nn.Module) -> bool:
    """Whether its weights are shared out, or were."""
    return isinstance(model, FSDPModule)


def put_together(model: torch.nn.Module) -> None:
    """Give every process the whole weights, for good; nothing where they were never shared out."""
    for module in _wrapped(model):
        module.set_reshard_after_forward(False, recurse=False)
        module.unshard()


def whole_weights(model: torch.nn.Module) -> dict[str, torch.Tensor] | None:
    """All weights of a model that is whole now, by name; its own `state_dict` would share them out again.

    None where they were never shared out.
    """
    if not is_shared(model):
        return None
    weights: dict[str, torch.Tensor] = dict(model.named_parameters())
    for name, buffer in model.named_buffers():
        path, _, own = name.rpartition(".")
        if own not in model.get_submodule(path)._non_persistent_buffers_set:  # noqa: SLF001 - it is told nowhere else
            weights[name] = buffer
    return weights


@contextmanager
def whole(model: torch.nn.Module) -> Iterator[None]:
    """Within this context every process has the whole weights; what is changed in them is lost."""
    put_together(model)
    try:
        yield
    finally:
        for module in _wrapped(model):
            module.set_reshard_after_forward(module is not model, recurse=False)
            module.reshard()


def _wrapped(model: torch.nn.Module) -> list[Any]:
    return [module for module in model.modules() if isinstance(module, FSDPModule)]


def share_of(parameter: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Whole weights as the parameter holds them: the share of this process, or all of them."""
    if not isinstance(parameter, DTensor):
        return weights
    return distribute_tensor(weights.to(parameter.device), parameter.device_mesh, parameter.placements)


def save_state(model: torch.nn.Module, optimizer: torch.optim.Optimizer, schedule: Any, folder: Path) -> None:
    """Write optimizer and schedule as Trainer does, as one process would have them; all processes have to ask."""
    state = get_optimizer_state_dict(model, optimizer, options=_WHOLE)
    if parallel.is_main():
        torch.save(state, folder / OPTIMIZER_NAME)
        torch.save(schedule.state_dict(), folder / SCHEDULER_NAME)


def load_state(model: torch.nn.Module, optimizer: torch.optim.Optimizer, schedule: Any, folder: Path) -> None:
    """Share out what `save_state` wrote."""
    state, steps = (
        torch.load(folder / name, map_location="cpu", weights_only=True) for name in (OPTIMIZER_NAME, SCHEDULER_NAME)
    )
    set_optimizer_state_dict(model, optimizer, state, options=StateDictOptions(full_state_dict=True))
    schedule.load_state_dict(steps)
