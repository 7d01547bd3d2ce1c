"""`trainer eval`: the same rows are as then, other rows are not."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dataprep.contract import file_sha256
from dataprep.errors import InputError
from tests.helpers import chat, write_rows
from tests.trainer.runs import run
from trainer.cli import cli, main
from trainer.monitor import EvalRecord, evaluate_run
from trainer.progress import Screen


@pytest.fixture(scope="module")
def trained(tiny_model: Path, small_split: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("monitor") / "run"
    run(tiny_model, small_split, out, max_steps=40, learning_rate=0.02)
    return out


def test_the_rows_of_the_run_are_as_then(trained: Path, small_split: Path) -> None:
    found = evaluate_run(trained, small_split, Screen())
    assert found.verdict == "as then"
    assert found.loss == pytest.approx(found.loss_then, abs=1e-4)
    assert (found.rows_used, found.split_then) == (found.rows_then, "test")
    other = evaluate_run(trained, small_split, Screen(), split="validation")
    assert other.data_sha256 != found.data_sha256


def test_other_rows_are_worse_and_can_fail(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[dict[str, object] | str] = [
        chat(f"Qu'est-ce que {n}?", f"ZEBRA {n} QUARTZ! " * 4) | {"row_id": "same"} for n in range(12)
    ]
    rows += [json.dumps(chat("No answer <|im_end|>", "x"))]
    data = write_rows(tmp_path / "new.jsonl", rows)
    arguments = ["trainer", "eval", str(trained), "--data", str(data), "-o", str(tmp_path / "eval.json")]
    monkeypatch.setattr(sys, "argv", [*arguments, "--answers", "2", "--fail-if-worse"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    said = capsys.readouterr().out
    assert "Worse than then" in said
    assert "12 of 13" in said
    found = EvalRecord.model_validate_json((tmp_path / "eval.json").read_text(encoding="utf-8"))
    assert found.left_out == {"control-text": 1}
    assert found.change.low > 0
    assert found.rows_used == 12


def test_what_cannot_be_evaluated_is_said(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished training run"):
        evaluate_run(tmp_path, tmp_path, Screen())
    with pytest.raises(InputError, match="no such file"):
        evaluate_run(trained, tmp_path / "none.jsonl", Screen())
    (tmp_path / "bad.jsonl").write_text('{"messages": [{"role": "user"}]}\n')
    with pytest.raises(InputError, match=r"bad\.jsonl line 1: not a conversation"):
        evaluate_run(trained, tmp_path / "bad.jsonl", Screen())
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InputError, match="holds no rows"):
        evaluate_run(trained, tmp_path / "empty.jsonl", Screen())


@pytest.mark.parametrize("rest", ["", None])
def test_a_split_without_test_rows_is_judged_by_validation(
    trained: Path, small_split: Path, tmp_path: Path, rest: str | None
) -> None:
    shutil.copytree(small_split, tmp_path / "split")
    (tmp_path / "split" / "test.jsonl").unlink()
    if rest is not None:
        (tmp_path / "split" / "test.jsonl").write_text(rest)
    found = evaluate_run(trained, tmp_path / "split", Screen())
    assert found.data_sha256 == file_sha256(small_split / "validation.jsonl")
    with pytest.raises(InputError, match=r"test\.jsonl"):
        evaluate_run(trained, tmp_path / "split", Screen(), split="test")


def test_only_an_earlier_result_is_replaced(trained: Path, small_split: Path, tmp_path: Path) -> None:
    data = Path(shutil.copy(small_split / "test.jsonl", tmp_path / "new.jsonl"))
    rows = data.read_bytes()
    evaluate = ["eval", str(trained), "--data", str(data), "--answers", "0", "-o"]
    done = CliRunner().invoke(cli, [*evaluate, str(data)])
    assert isinstance(done.exception, InputError)
    assert "was not written by `trainer eval`" in str(done.exception)
    assert data.read_bytes() == rows
    for _ in range(2):
        assert CliRunner().invoke(cli, [*evaluate, str(tmp_path / "eval.json")]).exit_code == 0


def test_where_nothing_can_be_written_nothing_is_evaluated(trained: Path, small_split: Path, tmp_path: Path) -> None:
    for place, said in ((tmp_path / "none" / "eval.json", "no such folder"), (tmp_path, "is a folder")):
        done = CliRunner().invoke(cli, ["eval", str(trained), "--data", str(small_split), "-o", str(place)])
        assert isinstance(done.exception, InputError)
        assert said in str(done.exception)
        assert not done.output
