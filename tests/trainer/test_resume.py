"""Runs that break off: killed, told to stop, or out of disk; the same command goes on to the same weights."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from safetensors.numpy import load_file

from dataprep.errors import ConfigError, InputError
from tests.helpers import read_rows
from tests.trainer.runs import configured
from trainer.checkpoint import Checkpoints
from trainer.record import CHECKPOINTS_NAME, write_json
from trainer.run import train
from trainer.session import RunInterruptedError
from trainer.unfinished import newest_checkpoint

LONG: dict[str, Any] = {
    "max_steps": 24,  # three epochs
    "eval_every": 8,
    "lora_dropout": 0.1,  # needs its random numbers back
    "checkpoint_minutes": 1e-9,  # after every step
}


def weights(run: Path) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in load_file(run / "adapter" / "adapter_model.safetensors").items()}


def scores(run: Path) -> pl.DataFrame:
    return pl.read_parquet(run / "row_scores.parquet")


def metrics(run: Path) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in line.items() if key != "seconds"} for line in read_rows(run / "metrics.jsonl")
    ]


@pytest.fixture(scope="module")
def whole(tiny_model: Path, small_split: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing happened to."""
    out = tmp_path_factory.mktemp("whole") / "run"
    train(configured(tiny_model, small_split, out, **LONG))
    assert not (out / CHECKPOINTS_NAME).exists()  # nothing is left to go on with
    return out


@contextmanager
def once_trained(run: Path, lines: int, act: Any) -> Iterator[None]:
    """Act as soon as a run has written so many lines of metrics."""

    def watch() -> None:
        path = run / "metrics.jsonl"
        until = time.monotonic() + 60
        while time.monotonic() < until and not (path.exists() and path.read_bytes().count(b"\n") >= lines):
            time.sleep(0.002)
        act()

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    thread.join()


def once_stopped(run: Path, lines: int) -> Any:
    """Ask the run to stop once it has written so many lines of metrics of its own."""
    (run / "metrics.jsonl").unlink(missing_ok=True)
    return once_trained(run, lines, lambda: os.kill(os.getpid(), signal.SIGTERM))


def test_killed_and_started_again_ends_with_the_same_weights(
    whole: Path, tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    config = configured(tiny_model, small_split, out, **LONG)
    (tmp_path / "config.yaml").write_text(config.to_yaml())
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "trainer.cli", "run", str(tmp_path / "config.yaml")]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with once_trained(out, 12, process.kill):
        process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert not (out / "run.json").exists()
    step = newest_checkpoint(out)
    assert step is not None
    assert 8 < step < 24
    # What a kill in the middle of writing leaves must not matter.
    shutil.copytree(
        out / CHECKPOINTS_NAME / f"checkpoint-{step}", out / CHECKPOINTS_NAME / ".writing" / "checkpoint-99"
    )
    (out / CHECKPOINTS_NAME / ".writing" / "checkpoint-99" / "optimizer.pt").write_bytes(b"half")
    with (out / "metrics.jsonl").open("a") as handle:
        handle.write('{"step": 5')
    record = train(config)
    assert record.training.steps == 24
    assert weights(out) == weights(whole)
    assert metrics(out) == metrics(whole)
    assert scores(out).equals(scores(whole))
    assert not (out / CHECKPOINTS_NAME).exists()


def test_told_to_stop_it_saves_and_goes_on(whole: Path, tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    config = configured(tiny_model, small_split, tmp_path / "run", **LONG | {"checkpoint_minutes": 1e6})
    said = pytest.raises(RunInterruptedError, match="The same command goes on from step")
    with once_trained(tmp_path / "run", 5, lambda: os.kill(os.getpid(), signal.SIGTERM)), said as stopped:
        train(config)
    assert stopped.value.signal == signal.SIGTERM
    train(config)
    assert weights(tmp_path / "run") == weights(whole)
    assert metrics(tmp_path / "run") == metrics(whole)


def test_a_command_that_overwrites_goes_on_too(
    whole: Path, tiny_model: Path, small_split: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As that of a batch job which is stopped and queued again."""
    out = tmp_path / "run"
    train(configured(tiny_model, small_split, out, max_steps=1))
    config = configured(tiny_model, small_split, out, **LONG)
    with once_stopped(out, 5), pytest.raises(RunInterruptedError, match="The same command goes on from step"):
        train(config, overwrite=True)
    step = newest_checkpoint(out)
    train(config, overwrite=True)
    assert f"Going on with the unfinished run in {out}, from step {step}" in capsys.readouterr().err
    assert weights(out) == weights(whole)
    assert metrics(out) == metrics(whole)
    train(config, overwrite=True)  # finished, so there is nothing to go on with
    assert "Going on" not in capsys.readouterr().err


@pytest.mark.parametrize("other", ["settings", "libraries"])
def test_overwriting_replaces_a_run_that_cannot_go_on(
    whole: Path, tiny_model: Path, small_split: Path, tmp_path: Path, other: str
) -> None:
    out = tmp_path / "run"
    config = configured(tiny_model, small_split, out, **LONG)
    then = config.model_copy(update={"learning_rate": 0.02}) if other == "settings" else config
    with once_stopped(out, 5), pytest.raises(RunInterruptedError):
        train(then)
    if other == "libraries":
        watched = next((out / CHECKPOINTS_NAME).glob("checkpoint-*")) / "watched.json"
        found = json.loads(watched.read_text())
        watched.write_text(json.dumps(found | {"identity": found["identity"] | {"libraries": "older"}}))
    files = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises((ConfigError, InputError), match=f"other {other}"):
        train(config)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == files
    train(config, overwrite=True)
    assert weights(out) == weights(whole)
    assert metrics(out) == metrics(whole)


def test_an_unfinished_run_of_other_settings_is_not_gone_on_with(
    tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with once_trained(out, 5, lambda: os.kill(os.getpid(), signal.SIGTERM)), pytest.raises(RunInterruptedError):
        train(configured(tiny_model, small_split, out, **LONG))
    with pytest.raises(InputError, match=r"learning_rate=0.01, now 0.02.*--overwrite"):
        train(configured(tiny_model, small_split, out, **LONG | {"learning_rate": 0.02}))
    identity = {"settings": "other"}
    with pytest.raises(ConfigError, match="cannot be continued: other settings"):
        Checkpoints(out / CHECKPOINTS_NAME, identity).latest()
    (next((out / CHECKPOINTS_NAME).glob("checkpoint-*")) / "watched.json").write_text("{")
    with pytest.raises(ConfigError, match="damaged"):
        train(configured(tiny_model, small_split, out, **LONG))


def test_a_full_disk_leaves_the_checkpoint_before(
    whole: Path, tiny_model: Path, small_split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = write_json

    def full(path: Path, value: Any) -> None:
        if path.parent.name == "checkpoint-11":
            raise OSError(28, "No space left on device", str(path))
        write(path, value)

    config = configured(tiny_model, small_split, tmp_path / "run", **LONG)
    with monkeypatch.context() as patch:
        patch.setattr("trainer.checkpoint.write_json", full)
        with pytest.raises(OSError, match="No space left"):
            train(config)
    assert newest_checkpoint(tmp_path / "run") == 10
    assert not (tmp_path / "run" / CHECKPOINTS_NAME / ".writing").exists()
    train(config)
    assert weights(tmp_path / "run") == weights(whole)
