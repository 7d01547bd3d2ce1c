"""The machine a run happens on: device, precision, memory allocator."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import platform
import shutil
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import torch

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from trainer.config import TrainConfig


_M_TRIM_THRESHOLD: Final = -1  # glibc's malloc.h
_M_MMAP_MAX: Final = -4


@dataclass(frozen=True)
class Runtime:
    """Where and in which precision a run computes."""

    device: Literal["cpu", "cuda"]
    precision: Literal["fp32", "bf16"]
    description: str

    def autocast(self) -> AbstractContextManager[object]:
        """The context of every forward pass: matrix products in bf16, weights and sums kept in fp32."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device, dtype=torch.bfloat16)

    def weights_dtype(self, *, learning: bool) -> torch.dtype:
        """Type of the base weights.

        fp32 on a CPU, and wherever they learn: small steps would be rounded away in bf16. Frozen weights on a GPU
        in bf16, where memory is short.
        """
        short = (self.device, self.precision) == ("cuda", "bf16") and not learning
        return torch.bfloat16 if short else torch.float32


def choose_runtime(config: TrainConfig) -> Runtime:
    """Device and precision in force.

    Raises:
        ConfigError: CUDA is asked for and absent, or something else that is not on this machine.
    """
    runtime = _choose(config)
    if config.liger and (runtime.device != "cuda" or importlib.util.find_spec("liger_kernel") is None):
        what = "the package liger-kernel is not installed" if runtime.device == "cuda" else "its kernels run on a GPU"
        raise ConfigError(f"liger=true, but {what}", "Use liger=false, or `pip install liger-kernel` beside a GPU")
    if config.compile and runtime.device == "cpu" and not any(map(shutil.which, ("g++", "clang++", "cl"))):
        raise ConfigError("compile=true, but there is no C++ compiler on this machine", "Install g++, or leave it out")
    return runtime


def _choose(config: TrainConfig) -> Runtime:
    cuda = torch.cuda.is_available()
    if config.device == "cuda" and not cuda:
        raise ConfigError("device=cuda, but torch sees no CUDA device here", "Use device=cpu")
    if config.device == "cuda" or (config.device == "auto" and cuda):
        if "LOCAL_RANK" in os.environ:  # a launcher's process: each has a GPU of its own
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        fast_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
        precision = config.precision if config.precision != "auto" else _bf16_if(fast=fast_bf16)
        return Runtime("cuda", precision, torch.cuda.get_device_name())
    precision = config.precision if config.precision != "auto" else _bf16_if(fast=_cpu_computes_bf16())
    return Runtime("cpu", precision, f"{platform.machine()} CPU, {torch.get_num_threads()} threads")


def keep_freed_memory() -> None:
    """Let glibc keep large freed blocks instead of handing each back to the system.

    A training step allocates the same large tensors again and again; mapping and zeroing fresh pages for
    them took a third of the time on a CPU (LoRA in bf16: 237 -> 370 tokens/s). No effect outside glibc.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.gnu_get_libc_version  # noqa: B018 - absent from other C libraries, whose options differ
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def peak_memory_mb(runtime: Runtime) -> int | None:
    """The most memory used so far, in MB: of the GPU, or of this process; None where that is not known."""
    if runtime.device == "cuda":
        return int(torch.cuda.max_memory_allocated() / 1e6)
    try:
        import resource  # noqa: PLC0415 - Unix only
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / 1e6 if sys.platform == "darwin" else peak / 1e3)


def _bf16_if(*, fast: bool) -> Literal["fp32", "bf16"]:
    return "bf16" if fast else "fp32"


def _cpu_computes_bf16() -> bool:
    """Whether the processor multiplies in bf16; elsewhere torch emulates it, slower than fp32."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return False
    flags = next((line for line in lines if line.startswith("flags")), "").split()
    return "avx512_bf16" in flags or "amx_bf16" in flags
