"""A teacher's answers: whole ones only, each row accounted for, and data that dataprep reads."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dataprep import audit
from dataprep.contract import Example
from dataprep.errors import InputError
from tests.helpers import read_rows
from tests.trainer.runs import configured, run
from tests.trainer.test_chat import example, supervised
from tests.trainer.test_run import Call, call
from trainer.chat import ChatEncoder
from trainer.data import Line
from trainer.generate import Answer, Sampling, ask, conversation, generate, write_answers
from trainer.progress import Screen

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

__all__ = ["call"]  # a fixture


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, small_split: Path) -> Path:
    """The tiny model, trained until it finishes its answers."""
    out = tmp_path_factory.mktemp("teacher") / "run"
    run(tiny_model, small_split, out, method="full", max_steps=120, learning_rate=0.02, batch_size=8, eval_every=60)
    return out


def test_answers_are_data_for_the_audit(call: Call, teacher: Path, small_split: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    arguments = ("generate", "--data", small_split, "--model", teacher, "-o", out, "--rows", "12", "--tokens", "60")
    done = call(*arguments)
    assert done.code == 0, done.err
    rows = read_rows(out)
    asked = {row["row_id"]: row for row in read_rows(small_split / "train.jsonl")[:12]}
    left_out = read_rows(tmp_path / "answers.jsonl.left_out.jsonl")
    assert rows
    assert {row["prompt_row_id"] for row in rows} | {row["row_id"] for row in left_out} == set(asked)
    assert f"12 prompts in = {len(rows)} answers + {len(left_out)} left out" in done.out
    for row in rows:
        assert row["messages"][:-1] == [
            {"role": m["role"], "content": m["content"]} for m in asked[row["prompt_row_id"]]["messages"][:-1]
        ]
        assert row["messages"][-1]["role"] == "assistant"
        assert "<|im_end|>" not in row["messages"][-1]["content"]
        Example.model_validate({"row_id": "x", **row})
    assert audit([out]).report.rows == len(rows)
    record = json.loads((tmp_path / "answers.jsonl.json").read_text())
    assert record["rows_in"] == record["answers"] + record["left_out"]
    assert call(*arguments).code == 2  # nothing is overwritten


def test_an_answer_that_is_cut_off_is_none(teacher: Path, small_split: Path, tmp_path: Path) -> None:
    config = configured(teacher, small_split, tmp_path)
    record = generate(config, tmp_path / "a.jsonl", Sampling(tokens=2, rows=5), Screen())
    assert (record.answers, record.left_out) == (0, 5)
    assert (tmp_path / "a.jsonl").read_text() == ""
    reasons = {row["code"] for row in read_rows(tmp_path / "a.jsonl.left_out.jsonl")}
    assert reasons == {"unfinished"}


def test_no_name_collides_and_nothing_is_replaced(
    call: Call, teacher: Path, small_split: Path, tmp_path: Path
) -> None:
    ask_few = ("generate", "--data", small_split, "--model", teacher, "--rows", "4", "--tokens", "60", "-o")
    (tmp_path / "keep.json").write_text("mine")
    for name in ("answers.json", "keep.jsonl", "of two words.jsonl"):
        done = call(*ask_few, tmp_path / name)
        assert done.code == 0, done.err
        assert shlex.split(done.out.splitlines()[-1]) == ["Next:", "dataprep", "audit", str(tmp_path / name)]
        assert all("messages" in row for row in read_rows(tmp_path / name))
    assert (tmp_path / "keep.json").read_text() == "mine"
    for taken in ("new.jsonl.json", "new.jsonl.left_out.jsonl"):
        (tmp_path / taken).write_text("mine")
        done = call(*ask_few, tmp_path / "new.jsonl")
        assert (done.code, f"{taken}: exists already" in done.err) == (2, True)
        with pytest.raises(InputError, match="exists already"):
            generate(configured(teacher, small_split, tmp_path), tmp_path / "new.jsonl", Sampling(rows=1), Screen())
        assert (tmp_path / taken).read_text() == "mine"
        (tmp_path / taken).unlink()


def test_where_nothing_can_be_written_nothing_is_asked(call: Call, small_split: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call("generate", "--data", small_split, "--model", tmp_path / "none", "-o", tmp_path / "file" / "a.jsonl")
    assert done.code == 2
    assert "cannot be written" in done.err


def test_answers_are_kept_when_it_is_stopped(
    call: Call, teacher: Path, small_split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(teacher, small_split, tmp_path)
    generate(config, tmp_path / "whole.jsonl", Sampling(tokens=60, rows=6), Screen())
    stopped: list[int] = []

    def once_then_stop(*given: Any) -> list[Answer]:
        if len(stopped) == 2:
            raise KeyboardInterrupt
        stopped.append(len(given[2]))
        return write_answers(*given)

    monkeypatch.setattr("trainer.generate.write_answers", once_then_stop)
    arguments = ("generate", "--data", small_split, "--model", teacher, "--rows", "6", "--tokens", "60")
    done = call(*arguments, "batch_size=2", "-o", tmp_path / "part.jsonl")
    assert done.code == 130
    kept = read_rows(tmp_path / "part.jsonl")
    assert f"{len(kept)} answers to 6 prompts are kept in {tmp_path / 'part.jsonl'}" in done.err
    assert 0 < len(kept) <= 4
    assert all(row in read_rows(tmp_path / "whole.jsonl") for row in kept)
    done = call(*arguments, "-o", tmp_path / "none.jsonl")
    assert (done.code, (tmp_path / "none.jsonl").exists()) == (130, False)  # an empty file would be in the way


def test_batches_do_not_change_what_is_said(teacher: Path, small_split: Path, tmp_path: Path) -> None:
    config = configured(teacher, small_split, tmp_path)
    for name, size in (("one", 1), ("many", 7)):
        generate(config, tmp_path / name, Sampling(tokens=40, rows=7, batch_size=size), Screen())
    assert (tmp_path / "one").read_text() == (tmp_path / "many").read_text() != ""


def test_a_split_without_these_rows_is_refused(small_split: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(small_split, tmp_path / "split"))
    (copied / "test.jsonl").unlink()
    config = configured(tmp_path / "no-model", copied, tmp_path, allow_unverified_split=True)
    with pytest.raises(InputError, match=r"no test rows\. Choose one of: train, validation"):
        generate(config, tmp_path / "a.jsonl", Sampling(split="test"), Screen())


def test_what_is_not_to_be_learnt_stays_so(tokenizer: PreTrainedTokenizerFast) -> None:
    turns = [("user", "a"), ("assistant", "draft"), ("user", "b"), ("assistant", "old")]
    encoder = ChatEncoder(tokenizer)
    plain, muted = (ask(Line(1, example(*turns, weights=weights)), encoder, 100) for weights in (None, {1: 0.0}))
    assert muted.ids == plain.ids  # the template does not see it
    again = Example.model_validate({"row_id": "x", **conversation(muted, "new", "teacher")})
    assert [message.weight for message in again.messages] == [None, 0.0, None, None]
    assert supervised(tokenizer, again) == "new<|im_end|>"
