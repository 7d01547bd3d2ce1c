"""Several processes that train one model, as `torchrun` and `accelerate launch` start them.

Without a launcher every function here is about one process and does nothing. Numbers are exchanged in float64.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trainer.runtime import Runtime


SHARDED: Final = {"FSDP": "ACCELERATE_USE_FSDP", "DeepSpeed": "ACCELERATE_USE_DEEPSPEED"}
"""What `accelerate launch` sets. Evaluation and saving need whole weights in every process."""


def processes() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Number of this process among all."""
    return int(os.environ.get("RANK", "0"))


def is_main() -> bool:
    """Whether this is the process that writes and speaks."""
    return rank() == 0


def join(runtime: Runtime) -> None:
    """Meet the other processes, each on a GPU of its own where there are GPUs.

    Raises:
        ConfigError: the launcher asks for weights that are shared out among processes.
    """
    for name, setting in SHARDED.items():
        if os.environ.get(setting, "").lower() in {"1", "true"}:
            raise ConfigError(
                f"{name} is asked for, but here every process holds the whole model",
                "Launch without it, and save memory with method=lora or qlora and gradient_checkpointing=true",
            )
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
