"""Where the base model of a run is looked for, and where never."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dataprep.errors import InputError
from tests.trainer.runs import CPU, run
from tests.trainer.test_run import Call, call
from trainer.export import export
from trainer.load import load_run
from trainer.parity import logits_of, probe_ids

__all__ = ["call"]  # a fixture


@pytest.fixture
def project(tiny_model: Path, small_split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model, and a run of it that was told of by relative paths."""
    folder = tmp_path / "project"
    shutil.copytree(tiny_model, folder / "model")
    shutil.copytree(small_split, folder / "split")
    monkeypatch.chdir(folder)
    run(Path("model"), Path("split"), Path("runs/one"), max_steps=1)
    return folder


def test_a_relative_base_is_found_from_anywhere(
    call: Call, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = load_run("runs/one", CPU)
    probes = probe_ids(tokenizer)[:1]
    expected = logits_of(model, probes)[0]
    monkeypatch.setattr("trainer.model._from_hub", lambda name, *_args, **_more: pytest.fail(f"the hub: {name}"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for place in ("../project/runs/one", "../project/runs/one/adapter"):
        assert (logits_of(load_run(place, CPU)[0], probes)[0] == expected).all()
    moved = project.rename(tmp_path / "moved")
    assert (logits_of(load_run(moved / "runs" / "one", CPU)[0], probes)[0] == expected).all()
    assert call("plan", "--data", moved / "split", "--model", moved / "runs" / "one").code == 0
    tuned = (moved / "runs" / "one" / "adapter" / "tuned.json").read_text()
    assert str(tmp_path) not in tuned  # nor is the machine that it was trained on told to whoever gets it


def test_a_base_that_was_moved_alone_is_named(
    call: Call, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.model._from_hub", lambda name, *_args, **_more: pytest.fail(f"the hub: {name}"))
    there = (project / "model").rename(tmp_path / "there")
    with pytest.raises(InputError, match=r"base model model is no longer where it was\. .*--base"):
        load_run("runs/one", CPU)
    answers = ("generate", "--data", "split", "--rows", "1", "--tokens", "2", "-o", tmp_path / "a.jsonl", "--model")
    for command in (("eval", "runs/one", "--data", "split", "--answers", "0"), (*answers, "runs/one")):
        done = call(*command)
        assert (done.code, "--base" in done.err) == (2, True)
        done = call(*command, "--base", there)
        assert done.code == 0, done.err
    done = call(*answers[:-3], "-o", tmp_path / "b.jsonl", "--model", there, "--base", there, "accept_license=true")
    assert (done.code, "is no run" in done.err) == (2, True)


def test_a_base_named_by_its_whole_path_is_found_when_the_run_moves(
    tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    run(tiny_model, small_split, tmp_path / "run", max_steps=1)
    (tmp_path / "far" / "away").mkdir(parents=True)
    load_run((tmp_path / "run").rename(tmp_path / "far" / "away" / "run"), CPU)


def test_an_adapter_that_is_exported_finds_its_base(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(Path("model"), Path("split"), Path("bottle"), max_steps=1, method="adapter")
    out = tmp_path / "deep" / "down" / "out"
    export(Path("bottle"), out, tell=lambda _text: None)
    monkeypatch.chdir(tmp_path)
    load_run(out, CPU)
    (project / "model").rename(tmp_path / "there")
    with pytest.raises(InputError, match="--base"):
        load_run(out, CPU)
