"""The command: its refusals in a sentence, Ctrl-C, and what it leaves alone."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
from safetensors import SafetensorError

from dataprep.errors import InputError
from tests.trainer.test_run import Call, call, refused, settings
from trainer.cli import _explain as explain
from trainer.config import load_config
from trainer.load import load_run
from trainer.record import RunRecord
from trainer.run import train
from trainer.summary import summarize

__all__ = ["call"]  # a fixture


def small_run(model: Path, data: Path, out: Path, *pairs: str, overwrite: bool = False) -> RunRecord:
    settings = (
        "accept_license=true",
        "probe=false",
        "answers=0",
        "max_steps=2",
        "batch_size=4",
        "precision=fp32",
        *pairs,
    )
    return train(
        load_config(None, {"data": str(data), "model": str(model), "output": str(out)}, settings), overwrite=overwrite
    )


def test_refusals_are_sentences(call: Call, small_split: Path, tmp_path: Path) -> None:
    assert "'data' is missing" in refused(call)
    assert "neither key=value nor the one config file" in refused(call, "a.yaml", "b.yaml")
    assert "--help" in refused(call, "--no-such-flag")
    (tmp_path / "file").write_text("")
    assert "is a file" in refused(call, "--data", small_split, "-o", tmp_path / "file")


def test_a_model_nobody_has_is_refused_offline(call: Call, small_split: Path, tmp_path: Path) -> None:
    told = refused(call, "--data", small_split, "-o", tmp_path / "run", "--model", "nobody/nothing")
    assert "smollm2-135m-instruct" in told
    assert not (tmp_path / "run").exists()


def test_overwriting_removes_only_the_old_run(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    (out / "adapter").mkdir(parents=True)
    (out / "adapter" / "stale").write_text("x")
    (out / "adapter" / "tuned.json").write_text("{}")
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


def test_interrupted_run_keeps_its_best_adapter(
    call: Call, tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    def interrupt_once_something_is_kept() -> None:
        while not (tmp_path / "run" / "adapter" / "tuned.json").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_once_something_is_kept, daemon=True).start()
    done = call(*settings(tiny_model, small_split, tmp_path / "run"), "max_steps=100000", "eval_every=2")
    assert done.code == 130
    assert "Traceback" not in done.err
    assert "the best weights so far" in done.err
    assert not (tmp_path / "run" / "run.json").exists()
    load_run(tmp_path / "run")


@pytest.mark.parametrize("checkpoint_minutes", [10, 0])
def test_interrupted_after_training_it_says_what_is_there(
    call: Call,
    tiny_model: Path,
    small_split: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    checkpoint_minutes: int,
) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "run"
    command = (*settings(tiny_model, small_split, out), f"checkpoint_minutes={checkpoint_minutes}")
    with monkeypatch.context() as patch:
        patch.setattr("trainer.assess.Assessor.after", interrupt)
        done = call(*command)
    assert done.code == 130
    assert f"the best weights so far are in {out / 'adapter'}" in done.err
    assert ("The same command goes on from step 12" in done.err) == bool(checkpoint_minutes)
    load_run(out)
    assert call(*command).code == 0
    with monkeypatch.context() as patch:
        patch.setattr("trainer.session.Session.attach", interrupt)
        done = call(*command[:-1], "--overwrite")
    assert (done.code, "weights" in done.err) == (130, False)
    assert (out / "run.json").exists()


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (MemoryError(), "Lower batch_size"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "Lower batch_size"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "Lower batch_size"),
        (OSError(errno.ENOSPC, "No space left on device", "run/adapter"), "run/adapter: No space left"),
        (SafetensorError("I/O error: No space left on device (os error 28)"), "Make room and run again"),
        (ModuleNotFoundError("x", name="peft"), "pip install 'tuneprep[train]'"),
        (ValueError("odd"), "a fault of ours"),
    ],
)
def test_every_fault_becomes_a_sentence_or_two(fault: Exception, remedy: str) -> None:
    told = explain(fault)
    assert remedy in told
    assert "\n" not in told


def test_a_full_disk_loses_nothing(
    call: Call, tiny_model: Path, small_split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time weights are kept, the disk is full."""
    saved = safetensors.torch.save_file
    room = iter([True])

    def save_file(*args: Any, **options: Any) -> None:
        if not next(room, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        saved(*args, **options)

    monkeypatch.setattr("trainer.bottleneck.save_file", save_file)
    more = ("max_steps=8", "eval_every=2", "method=adapter")
    done = call(*settings(tiny_model, small_split, tmp_path / "run"), *more)
    assert done.code == 2
    assert "Make room and run again" in done.err
    assert sorted(path.name for path in (tmp_path / "run").iterdir() if "adapter" in path.name) == ["adapter"]
    load_run(tmp_path / "run")


def test_a_template_that_cannot_be_masked_stops_the_run(
    call: Call, tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    template = tmp_path / "odd.jinja"
    template.write_text("{{ messages | length }}{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}")
    done = call(*settings(tiny_model, small_split, tmp_path / "run"), f"chat_template={template}")
    assert done.code == 2
    assert "no train row can be trained on" in done.err
    assert "where the assistant speaks cannot be known" in done.err
    assert not (tmp_path / "run").exists()
