"""What a machine lacks is said before anything is loaded."""

from __future__ import annotations

import pytest
import torch

from dataprep.errors import ConfigError
from trainer.config import TrainConfig
from trainer.runtime import Runtime, choose_runtime, peak_memory_mb


def test_cuda_that_is_not_there() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigError, match="device=cpu"):
        choose_runtime(TrainConfig(data="x", device="cuda"))
    with pytest.raises(ConfigError, match="liger=false"):
        choose_runtime(TrainConfig(data="x", liger=True))


def test_compiling_needs_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="no C\\+\\+ compiler"):
        choose_runtime(TrainConfig(data="x", device="cpu", compile=True))


def test_weights_that_learn_are_held_in_full() -> None:
    gpu = Runtime("cuda", "bf16", "test")
    assert gpu.weights_dtype(learning=False) == torch.bfloat16
    assert gpu.weights_dtype(learning=True) == torch.float32
    assert Runtime("cpu", "bf16", "test").weights_dtype(learning=False) == torch.float32


def test_peak_memory_is_known() -> None:
    peak = peak_memory_mb(Runtime("cpu", "fp32", "test"))
    assert peak is None or peak > 50
