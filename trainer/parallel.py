"""Several processes that train one model, as `torchrun` and `accelerate launch` start them.

Without a launcher every function here is about one process and does nothing. Numbers are exchanged in float64.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trainer.config import TrainConfig
    from trainer.method import Method
    from trainer.runtime import Runtime


_FSDP: Final = "ACCELERATE_USE_FSDP"
_DEEPSPEED: Final = "ACCELERATE_USE_DEEPSPEED"
"""What `accelerate launch` sets, to "true"."""


def processes() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Number of this process among all."""
    return int(os.environ.get("RANK", "0"))


def is_main() -> bool:
    """Whether this is the process that writes and speaks."""
    return rank() == 0


def as_launched(config: TrainConfig, method: Method, tell: Callable[[str], None] = lambda _text: None) -> TrainConfig:
    """The settings with what the launcher asks for; `tell` is told where that has no effect.

    `accelerate launch --use_fsdp` is taken as fsdp=true; its further settings of FSDP are not, and accelerate itself
    is kept from wrapping the model: it would on GPUs only, and evaluation would not have whole weights.

    Raises:
        ConfigError: the method cannot do it.
    """
    if _is_set(_DEEPSPEED):
        raise ConfigError("DeepSpeed is asked for, which is not supported", "Launch without it, and use fsdp=true")
    if _is_set(_FSDP):
        del os.environ[_FSDP]
        config = config.model_copy(update={"fsdp": True})
    if config.fsdp and (method.learner(config).keeps_base_weights or method.takes != "answer"):
        raise ConfigError(
            f"fsdp=true, but with method={config.method} every process holds the whole model",
            "Use method=full with it; others save memory with method=qlora and gradient_checkpointing=true",
        )
    if config.fsdp and config.compile:
        raise ConfigError("fsdp=true and compile=true do not go together", "Leave one of them out")
    if config.fsdp and processes() == 1:
        tell("fsdp=true has no effect on one process; torchrun --nproc_per_node N starts several")
    return config


def _is_set(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true"}


def join(runtime: Runtime) -> None:
    """Meet the other processes, each on a GPU of its own where there are GPUs."""
    if processes() == 1:
        return
    import torch.distributed as dist  # noqa: PLC0415 - torch takes seconds

    if not dist.is_initialized():
        dist.init_process_group("nccl" if runtime.device == "cuda" else "gloo")


def summed(values: Sequence[float]) -> list[float]:
    """Each value summed over the processes."""
    if processes() == 1:
        return [float(value) for value in values]
    import torch  # noqa: PLC0415
    import torch.distributed as dist  # noqa: PLC0415

    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    tensor = torch.tensor(list(values), dtype=torch.float64, device=device)
    dist.all_reduce(tensor)
    return [float(value) for value in tensor.tolist()]


def gathered(value: Any) -> list[Any]:
    """The value of every process."""
    if processes() == 1:
        return [value]
    import torch.distributed as dist  # noqa: PLC0415

    found: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(found, value)
    return found


def wait() -> None:
    """Until all processes are here."""
    if processes() == 1:
        return
    import torch.distributed as dist  # noqa: PLC0415

    dist.barrier()


@contextmanager
def main_first() -> Iterator[None]:
    """The main process does this before the others, which then find what it wrote."""
    if not is_main():
        wait()
    yield
    if is_main():
        wait()
