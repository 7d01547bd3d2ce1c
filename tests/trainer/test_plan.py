"""`trainer plan` and `--dry-run`: what a run will take, without training anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from transformers import AutoModelForCausalLM, LlamaConfig

from dataprep.errors import ConfigError, UserError
from tests.trainer.runs import CPU, configured, run
from trainer.cli import cli
from trainer.cli_plan import describe
from trainer.hardware import GPUS, find_gpu
from trainer.memory import dissect
from trainer.method import get_method
from trainer.plan import plan
from trainer.progress import Screen
from trainer.record import PlanRecord
from trainer.rehearse import rehearse, time_steps


@pytest.mark.parametrize(
    ("method", "own"),
    [("full", {}), ("distill", {"distill_layers": 1, "lora_rank": 4}), ("dpo", {"dpo_learner": "adapter"})],
)
def test_parameters_and_steps_are_those_of_the_run(
    method: str, own: dict[str, Any], tiny_model: Path, small_split: Path, pair_split: Path, tmp_path: Path
) -> None:
    if method == "distill":
        own = own | {"distill_teacher": str(tiny_model)}
    data = pair_split if method == "dpo" else small_split
    settings: dict[str, Any] = {"method": method, "max_steps": 0, "epochs": 1.5, "gradient_accumulation": 2, **own}
    found = plan(configured(tiny_model, data, tmp_path / "run", **settings))
    done = run(tiny_model, data, tmp_path / "run", **settings | {"eval_every": 100})
    assert found.trainable_parameters == done.model.trainable_parameters
    assert found.total_parameters == done.model.total_parameters
    assert (found.steps, found.rows) == (done.training.steps, done.ledger["train"].pieces)
    assert found.memory_total == sum(found.memory.values())


@pytest.mark.parametrize(("epochs", "steps", "passes"), [(0.3, 1, 3 / 7), (1.0, 3, 1.0), (1.5, 5, 13 / 7)])
def test_epochs_are_those_of_the_batches_that_are_read(
    epochs: float, steps: int, passes: float, tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    """Seven batches an epoch, of which the third step gets one."""
    settings: dict[str, Any] = {"max_steps": 0, "epochs": epochs, "batch_size": 5, "gradient_accumulation": 3}
    config = configured(tiny_model, small_split, tmp_path / "run", **settings)
    planned, rehearsed = plan(config), rehearse(config, Screen())
    done = run(tiny_model, small_split, tmp_path / "run", **settings).training
    assert planned.steps == rehearsed.steps == done.steps == steps
    assert planned.epochs == pytest.approx(done.epochs, abs=1e-3)
    assert rehearsed.epochs == pytest.approx(done.epochs, abs=1e-4)
    assert done.epochs == pytest.approx(passes, abs=1e-4)


def wide(layers: int) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=300, hidden_size=64, intermediate_size=128, num_hidden_layers=layers, num_attention_heads=4
    )


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("layers", [2, 5])
def test_activations_are_what_a_real_pass_keeps(method: str, layers: int, tmp_path: Path) -> None:
    config = configured(tmp_path, tmp_path, tmp_path, method=method)
    anatomy = dissect(wide(layers), get_method(method), config, CPU)
    model = get_method(method).attach(AutoModelForCausalLM.from_config(wide(layers)), config).train()
    own = {weights.untyped_storage().data_ptr() for weights in model.parameters()}
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    inner = model.get_base_model() if method == "lora" else model
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        inner.base_model(input_ids=torch.zeros((1, 400), dtype=torch.long), use_cache=False)
    real = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    assert anatomy.saved * 400 + anatomy.saved_always == pytest.approx(real, rel=0.02)


def test_quantised_weights_take_half_a_byte(tmp_path: Path) -> None:
    def held(method: str) -> int:
        config = configured(tmp_path, tmp_path, tmp_path, method=method)
        return dissect(wide(4), get_method(method), config, CPU).weight_bytes

    quantised = 4 * (4 * 64 * 64 + 3 * 64 * 128)
    assert held("lora") - held("qlora") == pytest.approx(quantised * (4 - 0.516), rel=1e-3)


def test_gradient_checkpointing_keeps_less(tmp_path: Path) -> None:
    config = configured(tmp_path, tmp_path, tmp_path)
    anatomy = dissect(wide(8), get_method("lora"), config, CPU)
    parts = [
        anatomy.parts(config.model_copy(update={"gradient_checkpointing": on}), CPU, 4000, 100)["activations"]
        for on in (False, True)
    ]
    assert parts[1] < parts[0] / 4


def test_hardware_memory_and_price(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    config = configured(tiny_model, small_split, tmp_path / "run", max_steps=3600, method="full", precision="auto")
    found = plan(config, gpu=find_gpu("h100"), price=2.0)
    assert (found.precision, found.hardware, found.fits) == ("bf16", "NVIDIA H100 SXM", True)
    assert found.cost is not None
    assert found.cost[0] == pytest.approx(found.seconds[0] / 1800, rel=0.01)
    assert found.recommended == "method=lora"
    by_name = {(one.method, one.gradient_checkpointing): one.memory for one in found.alternatives}
    assert by_name["full", False] > by_name["lora", False] > by_name["qlora", True]
    little = plan(config, gpu=replace(GPUS["t4"], memory=1000))
    assert (little.precision, little.fits) == ("fp32", False)
    assert little.recommended.startswith("nothing fits")
    assert not (tmp_path / "run").exists()


def test_several_gpus_share_the_rows_and_with_fsdp_the_weights(
    tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"method": "full", "precision": "auto", "max_steps": 0, "batch_size": 1}
    alone, whole, shared = (
        plan(configured(tiny_model, small_split, tmp_path, **settings | own), gpu=find_gpu("h100"), gpus=gpus, price=2)
        for gpus, own in ((1, {}), (4, {}), (4, {"fsdp": True}))
    )
    assert alone.steps == pytest.approx(4 * whole.steps, abs=3)
    assert (alone.rows, alone.supervised_tokens) == (whole.rows, whole.supervised_tokens)
    assert alone.memory == whole.memory
    assert shared.memory["optimizer"] == whole.memory["optimizer"] // 4
    assert shared.cost is not None
    assert whole.cost is not None
    assert shared.cost[0] == pytest.approx(whole.cost[0])
    longer = plan(configured(tiny_model, small_split, tmp_path, max_steps=10**6), gpu=find_gpu("t4"), gpus=4, price=2)
    assert longer.cost is not None
    assert longer.cost[0] == pytest.approx(4 * 2 * longer.seconds[0] / 3600, rel=1e-3)
    assert {one.fsdp for one in alone.alternatives} == {False}
    assert sum(shared.memory.values()) in {one.memory for one in shared.alternatives if one.fsdp}
    assert "On          4 x NVIDIA H100 SXM" in describe(shared)
    assert "full, fsdp=true" in describe(shared)


@pytest.mark.parametrize("layers", [2, 12])
def test_what_is_shared_out_is_never_less_than_a_share(layers: int, tmp_path: Path) -> None:
    config = configured(tmp_path, tmp_path, tmp_path, method="full", fsdp=True)
    anatomy = dissect(wide(layers), get_method("full"), config, CPU)
    assert anatomy.outside == 2 * 300 * 64 + 64  # embeddings, the output layer and the last norm
    one, *several = (sum(anatomy.parts(config, CPU, 100_000, 100, processes).values()) for processes in (1, 2, 4, 64))
    assert one > several[0] > several[1] > several[2] > one - 16 * anatomy.total
    assert several[0] >= one - 8 * anatomy.total


def test_the_command(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    asked = ["plan", "--data", str(small_split), "--model", str(tiny_model), "precision=fp32"]
    found = CliRunner().invoke(cli, [*asked, "--json", "--measure", "accept_license=true", "batch_size=4"])
    assert found.exit_code == 0, found.output
    record = PlanRecord.model_validate_json(found.stdout)
    assert record.basis.startswith("measured")
    assert record.memory_measured is not None
    assert record.memory_measured > 10**8
    said = describe(record)
    assert "Recommended method=lora" in said
    assert "measured at most" in said


def test_refusals(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"did you mean a100-40gb or a100-80gb"):
        find_gpu("A100")
    with pytest.raises(ConfigError, match="not known"):
        find_gpu("abacus")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"no config.json"):
        plan(configured(tmp_path / "empty", small_split, tmp_path / "run"))
    with pytest.raises(ConfigError, match="this machine has none"):
        plan(configured(tiny_model, small_split, tmp_path / "run"), gpus=2)
    with pytest.raises(ConfigError, match="every process holds the whole model"):
        plan(configured(tiny_model, small_split, tmp_path, fsdp=True), gpu=find_gpu("h100"), gpus=2)
    with pytest.raises(UserError, match="neither a file nor a folder"):
        plan(configured(Path("nobody/none"), small_split, tmp_path / "run"))


def test_dry_run_builds_everything_and_writes_nothing(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    config = configured(tiny_model, small_split, tmp_path / "run", max_steps=0, epochs=2)
    found = rehearse(config, Screen())
    assert (found.steps, found.epochs) == (16, 2.0)
    assert "nothing was trained" in found.describe()
    assert not (tmp_path / "run").exists()
    (tmp_path / "config.yaml").write_text(config.to_yaml())
    done = CliRunner().invoke(cli, ["run", str(tmp_path / "config.yaml"), "--dry-run"])
    assert done.exit_code == 0
    assert done.stdout.strip() == found.describe()
    with pytest.raises(ConfigError, match="no_such"):
        rehearse(configured(tiny_model, small_split, tmp_path / "run", lora_target_modules=["no_such"]), Screen())


def test_a_rehearsal_makes_no_cache_and_reads_one(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    own = {"method": "distill", "distill_teacher": str(tiny_model), "distill_cache": str(cache), "max_steps": 1}
    config = configured(tiny_model, small_split, tmp_path / "run", **own)
    found = rehearse(config, Screen())
    assert time_steps(config, Screen())[0] > 0
    assert not list(tmp_path.iterdir())
    run(tiny_model, small_split, tmp_path / "run", **own)
    assert cache.is_dir()
    gone = configured(tiny_model, small_split, tmp_path / "run", **own | {"distill_teacher": ""})
    assert rehearse(gone, Screen()) == found  # no teacher is needed
