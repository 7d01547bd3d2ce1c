"""GPUs that can be rented or bought, by what their makers state: memory and dense matrix speed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from dataprep.errors import ConfigError


@dataclass(frozen=True)
class Gpu:
    """One GPU.

    Attributes:
        name: as makers call it.
        memory: bytes.
        tflops: 10^12 operations a second in the precision that training takes there, without sparsity.
        bf16: whether it computes in bf16; otherwise training takes fp32.
    """

    name: str
    memory: int
    tflops: float
    bf16: bool = True


_GB: Final = 10**9

GPUS: Final = {
    "t4": Gpu("NVIDIA T4", 16 * _GB, 8.1, bf16=False),
    "v100-16gb": Gpu("NVIDIA V100 16 GB", 16 * _GB, 15.7, bf16=False),
    "v100-32gb": Gpu("NVIDIA V100 32 GB", 32 * _GB, 15.7, bf16=False),
    "rtx-3090": Gpu("NVIDIA RTX 3090", 24 * _GB, 71),
    "rtx-4090": Gpu("NVIDIA RTX 4090", 24 * _GB, 165),
    "rtx-5090": Gpu("NVIDIA RTX 5090", 32 * _GB, 209),
    "rtx-a6000": Gpu("NVIDIA RTX A6000", 48 * _GB, 155),
    "a10": Gpu("NVIDIA A10", 24 * _GB, 125),
    "a10g": Gpu("NVIDIA A10G", 24 * _GB, 70),
    "l4": Gpu("NVIDIA L4", 24 * _GB, 121),
    "l40s": Gpu("NVIDIA L40S", 48 * _GB, 362),
    "a100-40gb": Gpu("NVIDIA A100 40 GB", 40 * _GB, 312),
    "a100-80gb": Gpu("NVIDIA A100 80 GB", 80 * _GB, 312),
    "h100": Gpu("NVIDIA H100 SXM", 80 * _GB, 989),
    "h100-pcie": Gpu("NVIDIA H100 PCIe", 80 * _GB, 756),
    "h200": Gpu("NVIDIA H200", 141 * _GB, 989),
    "b200": Gpu("NVIDIA B200", 180 * _GB, 2250),
    "mi300x": Gpu("AMD MI300X", 192 * _GB, 1307),
}

ON_GPU: Final = (0.15, 0.40)
"""Share of that speed that fine-tuning reaches: small models and short rows the former, large ones the latter."""


def find_gpu(name: str) -> Gpu:
    """The GPU of that name.

    Raises:
        ConfigError: it is not known.
    """
    key = name.lower().replace("_", "-").replace(" ", "-").removeprefix("nvidia-")
    if key in GPUS:
        return GPUS[key]
    begin = [known for known in GPUS if known.startswith(key)]
    close = begin or difflib.get_close_matches(key, GPUS, n=2, cutoff=0.5)
    hint = f", did you mean {' or '.join(close)}?" if close else ""
    raise ConfigError(f"GPU '{name}' is not known{hint}", f"Known: {', '.join(GPUS)}")


LAUNCHES: Final = 2e-3
"""Seconds that starting the kernels of one layer takes, forward and backward; what small models wait for."""
