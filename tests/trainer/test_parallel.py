"""Several processes that train one model give what one process gives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dataprep.errors import ConfigError
from tests.helpers import read_rows
from tests.trainer.runs import CPU, configured, run
from trainer.batches import Shuffled
from trainer.order import Batches
from trainer.parallel import join


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


def test_weights_shared_out_among_processes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(ConfigError, match=r"FSDP is asked for.*method=lora"):
        join(CPU)


def test_two_processes_train_as_one(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    """With gloo; 32 rows in batches of 6 leave two over at the epoch's end, one for each process."""
    settings = {"max_steps": 13, "eval_every": 5, "lora_dropout": 0.0}
    one = run(tiny_model, small_split, tmp_path / "one", batch_size=6, **settings)
    shared = configured(tiny_model, small_split, tmp_path / "two", batch_size=3, **settings)
    (tmp_path / "config.yaml").write_text(shared.to_yaml())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    # What torchrun and `accelerate launch` set; their own process would load torch a third time.
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    env |= {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    command = [sys.executable, "-m", "trainer.cli", "run", str(tmp_path / "config.yaml")]
    started = [
        subprocess.Popen(
            command,
            env=env | {"RANK": rank, "LOCAL_RANK": rank},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in ("0", "1")
    ]
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert "Training    13 steps" in said[0][0]
    assert said[1][0] == ""  # one process speaks for all
    alone, together = (read_rows(tmp_path / name / "metrics.jsonl") for name in ("one", "two"))
    assert [line["step"] for line in together] == [line["step"] for line in alone]
    assert [line["tokens"] for line in together] == [line["tokens"] for line in alone]
    assert [line["loss"] for line in together] == pytest.approx([line["loss"] for line in alone], abs=1e-5)
    assert one.training.steps == 13
