"""The command: its refusals in a sentence, Ctrl-C, and what it leaves alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dataprep.errors import InputError
from tests.trainer.test_run import refused, settings
from trainer.config import load_config
from trainer.record import RunRecord
from trainer.run import train
from trainer.summary import summarize


def small_run(model: Path, data: Path, out: Path, *pairs: str, overwrite: bool = False) -> RunRecord:
    settings = ("accept_unknown_license=true", "max_steps=2", "batch_size=4", "precision=fp32", *pairs)
    return train(
        load_config(None, {"data": str(data), "model": str(model), "output": str(out)}, settings), overwrite=overwrite
    )


def test_refusals_are_sentences(small_split: Path, tmp_path: Path) -> None:
    assert "'data' is missing" in refused()
    assert "neither key=value nor the one config file" in refused("a.yaml", "b.yaml")
    assert "--help" in refused("--no-such-flag")
    (tmp_path / "file").write_text("")
    assert "is a file" in refused("--data", small_split, "-o", tmp_path / "file")


def test_a_model_nobody_has_is_refused_offline(small_split: Path, tmp_path: Path) -> None:
    told = refused("--data", small_split, "-o", tmp_path / "run", "--model", "nobody/nothing")
    assert "smollm2-135m-instruct" in told
    assert not (tmp_path / "run").exists()


def test_overwriting_removes_only_the_old_run(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    (out / "adapter").mkdir(parents=True)
    (out / "adapter" / "stale").write_text("x")
    (out / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="--overwrite"):
        small_run(tiny_model, small_split, out)
    run = small_run(tiny_model, small_split, out, overwrite=True)
    assert (out / "mine.txt").exists()
    assert not (out / "adapter" / "stale").exists()
    on_disk = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert on_disk == {*run.files, "run.json", "mine.txt"}
    assert RunRecord.model_validate_json((out / "run.json").read_text()) == run
    text = summarize(run)
    assert "Validation" in text
    assert "Next: trainer run" in text


def test_interrupted_run_keeps_its_best_adapter(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    arguments = [*settings(tiny_model, small_split, tmp_path / "run"), "max_steps=100000", "eval_every=2"]
    command = [sys.executable, "-c", "from trainer.cli import main; main()", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "best so far" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(30) == 130
    assert "Traceback" not in rest
    assert "the best weights so far" in rest
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()
    assert not (tmp_path / "run" / "run.json").exists()
