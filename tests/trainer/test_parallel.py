"""Several processes that train one model give what one process gives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from dataprep.errors import ConfigError
from tests.helpers import read_rows
from tests.trainer.runs import configured, run
from trainer.batches import Shuffled
from trainer.config import TrainConfig
from trainer.method import get_method
from trainer.order import Batches
from trainer.parallel import as_launched
from trainer.record import RunRecord
from trainer.unfinished import newest_checkpoint


@pytest.mark.parametrize(("rows", "size", "processes"), [(32, 4, 1), (33, 4, 2), (35, 4, 3), (2, 8, 2), (97, 5, 4)])
def test_every_row_goes_to_one_process_an_epoch(rows: int, size: int, processes: int) -> None:
    shares = [Batches(rows, lambda: Shuffled(rows, 7), size, rank, processes) for rank in range(processes)]
    orders = []
    for epoch in (0, 1, 0):
        for share in shares:
            share.set_epoch(epoch)
        batches = [list(share) for share in shares]
        assert {len(share) for share in shares} == {len(found) for found in batches} == {len(batches[0])}
        assert all(1 <= len(batch) <= size + 1 for found in batches for batch in found)
        seen = [row for found in zip(*batches, strict=True) for batch in found for row in batch]
        assert sorted(seen) == list(range(rows))
        orders.append(seen)
    assert orders[0] == orders[2]
    assert orders[0] != orders[1] or rows == 2


def test_more_processes_than_rows() -> None:
    with pytest.raises(ConfigError, match="2 rows cannot be shared by 3"):
        Batches(2, lambda: Shuffled(2, 0), 4, 0, 3)


@pytest.mark.parametrize(
    ("settings", "environment", "told"),
    [
        ({"method": "lora"}, {"ACCELERATE_USE_FSDP": "true"}, "with method=lora every process holds the whole model"),
        ({"method": "lora", "fsdp": True}, {}, "with method=lora every process holds the whole model"),
        ({"method": "full", "fsdp": True, "compile": True}, {}, "do not go together"),
        ({"method": "full"}, {"ACCELERATE_USE_DEEPSPEED": "true"}, "DeepSpeed is asked for"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(
    settings: dict[str, Any], environment: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    config = configured(tmp_path, tmp_path, tmp_path, **settings)
    with pytest.raises(ConfigError, match=told):
        as_launched(config, get_method(config.method))


@pytest.mark.parametrize(("processes", "told"), [("1", 1), ("2", 0)])
def test_one_process_is_told_that_there_is_nothing_to_share(
    processes: str, told: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORLD_SIZE", processes)
    said: list[str] = []
    as_launched(configured(tmp_path, tmp_path, tmp_path, method="full", fsdp=True), get_method("full"), said.append)
    assert ["no effect on one process" in line for line in said] == told * [True]


def launched(config: TrainConfig, **environment: str) -> list[subprocess.Popen[str]]:
    """Two processes that train with gloo, as torchrun and `accelerate launch` start them."""
    file = Path(config.output).with_suffix(".yaml")
    file.write_text(config.to_yaml())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    # The launchers' own process would load torch a third time.
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])} | environment
    env |= {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "trainer.cli", "run", str(file)],
            env=env | {"RANK": rank, "LOCAL_RANK": rank},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in ("0", "1")
    ]


def said(started: list[subprocess.Popen[str]]) -> list[str]:
    """What they say on standard output, once they are through."""
    texts = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0], texts
    return [text for text, _ in texts]


def kill(started: list[subprocess.Popen[str]], metrics: Path, lines: int) -> None:
    """Kill them as soon as there are so many lines of metrics."""
    until = time.monotonic() + 60
    while time.monotonic() < until and not (metrics.exists() and metrics.read_bytes().count(b"\n") >= lines):
        time.sleep(0.002)
    for process in started:
        process.kill()
        process.communicate()


def test_two_processes_train_as_one(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    """32 rows in batches of 6 leave two over at the epoch's end, one for each process."""
    settings = {"max_steps": 13, "eval_every": 5, "lora_dropout": 0.0}
    one = run(tiny_model, small_split, tmp_path / "one", batch_size=6, **settings)
    speaks, other = said(launched(configured(tiny_model, small_split, tmp_path / "two", batch_size=3, **settings)))
    assert "Training    13 steps" in speaks
    assert other == ""
    assert_same(one, tmp_path)


def test_two_processes_that_share_the_weights_out_train_as_one(
    tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    """Even when they are killed on the way."""
    settings = {"method": "full", "learning_rate": 1e-3, "gradient_checkpointing": True}
    settings |= {"max_steps": 13, "eval_every": 5, "checkpoint_minutes": 1e-9}
    one = run(tiny_model, small_split, tmp_path / "one", batch_size=6, **settings)
    config = configured(tiny_model, small_split, tmp_path / "two", batch_size=3, **settings)
    kill(launched(config, ACCELERATE_USE_FSDP="true"), tmp_path / "two" / "metrics.jsonl", 8)
    step = newest_checkpoint(tmp_path / "two")
    assert step is not None
    assert 5 < step < 13
    said(launched(config, ACCELERATE_USE_FSDP="true"))
    assert_same(one, tmp_path)
    saved, wanted = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("two", "one"))
    assert saved.keys() == wanted.keys()
    assert all(saved[name] == pytest.approx(value, abs=1e-4) for name, value in wanted.items())


def assert_same(one: RunRecord, folder: Path) -> None:
    """The run in `two` went like that in `one`."""
    alone, both = (read_rows(folder / name / "metrics.jsonl") for name in ("one", "two"))
    assert [line["step"] for line in both] == [line["step"] for line in alone]
    assert [line["tokens"] for line in both] == [line["tokens"] for line in alone]
    assert [line["loss"] for line in both] == pytest.approx([line["loss"] for line in alone], abs=1e-5)
    record = RunRecord.model_validate_json((folder / "two" / "run.json").read_bytes())
    assert record.training.steps == one.training.steps == 13
    for split, held in record.held_out.items():
        assert held.tuned == pytest.approx(one.held_out[split].tuned, abs=1e-5)
