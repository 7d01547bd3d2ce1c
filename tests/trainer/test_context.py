"""How much a model reads, and what becomes of rows and answers beyond that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    FalconConfig,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    MambaConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

from dataprep import split
from dataprep.errors import ConfigError, InputError, UserError
from tests.helpers import chat, read_rows, write_rows
from tests.trainer.conftest import SUBJECTS
from tests.trainer.runs import configured, run
from tests.trainer.test_chat import example
from trainer.chat import ChatEncoder
from trainer.context import context_length, new_tokens
from trainer.data import Line
from trainer.generate import Sampling, ask, write_answers
from trainer.monitor import evaluate_run
from trainer.plan import plan
from trainer.progress import Screen
from trainer.rehearse import rehearse
from trainer.talk import Partner, Style

LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}


def rope(of: Any, stated: int, parameters: dict[str, Any] | None = None) -> Any:
    return of(max_position_embeddings=stated, rope_parameters=parameters and {"rope_theta": 1e4, **parameters})


@pytest.mark.parametrize(
    ("settings", "length"),
    [
        (GPT2Config(n_positions=128), 128),
        (rope(LlamaConfig, 2048), 2048),
        (rope(LlamaConfig, 131072, LLAMA3 | {"original_max_position_embeddings": 8192}), 131072),
        (rope(LlamaConfig, 131072, LLAMA3 | {"factor": 32.0, "original_max_position_embeddings": 8192}), 131072),
        (rope(LlamaConfig, 16384, {"rope_type": "linear", "factor": 8.0}), 16384),
        (rope(LlamaConfig, 4096, {"rope_type": "dynamic", "factor": 2.0}), 8192),
        (rope(Qwen2Config, 32768, YARN), 131072),
        (rope(Qwen2Config, 131072, YARN), 131072),
        (Gemma3TextConfig(max_position_embeddings=131072), 131072),
        (FalconConfig(alibi=True), None),
        (BloomConfig(), None),
        (MambaConfig(), None),
    ],
)
def test_what_configs_say(settings: Any, length: int | None) -> None:
    assert context_length(settings) == length


def test_an_answer_ends_where_the_context_does() -> None:
    assert [new_tokens(GPT2Config(n_positions=128), read, 50) for read in (10, 100, 128, 200)] == [50, 28, 1, 1]
    assert new_tokens(MambaConfig(), 10**6, 50) == 50


@pytest.fixture(scope="module")
def short_sighted(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    """A GPT-2 with 128 learned positions."""
    folder = tmp_path_factory.mktemp("gpt2")
    torch.manual_seed(0)
    GPT2LMHeadModel(
        GPT2Config(vocab_size=len(tokenizer), n_positions=128, n_embd=32, n_layer=2, n_head=2)
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def long_split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty rows of which four are longer than 128 tokens, and all prompts leave little room."""
    folder = tmp_path_factory.mktemp("long")
    rows: list[dict[str, object] | str] = [
        chat(
            f"{verb} my {subject}? {'Please tell me now. ' * 3}",
            f"The {subject} is here, {verb.lower()}. "
            + (f"The {subject} is here. " * 20 if subject == "order" else ""),
        )
        for verb in ("Where is", "Who has", "Please send", "How big is")
        for subject in SUBJECTS
    ]
    split([write_rows(folder / "data.jsonl", rows)], folder / "out")
    return folder / "out"


def test_rows_that_the_model_cannot_read_are_left_out_and_announced(
    short_sighted: Path, long_split: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings: dict[str, Any] = {"max_steps": 0, "answers": 4, "answer_tokens": 400}
    config = configured(short_sighted, long_split, tmp_path / "run", **settings)
    told: list[str] = []
    planned = plan(config, tell=told.append)
    assert any("reads 128 tokens at most, fewer than max_length=1,024; over_length=drop" in text for text in told)
    rehearsed = rehearse(config, Screen())
    assert "reads 128 tokens at most" in capsys.readouterr().err
    record = run(short_sighted, long_split, tmp_path / "run", **settings)
    ledger = record.ledger["train"]
    assert planned.rows == rehearsed.rows["train"] == ledger.rows_used
    left_out = read_rows(tmp_path / "run" / "not_trained.jsonl")
    assert len(left_out) == rehearsed.left_out == 4
    assert {row["code"] for row in left_out} == {"too-long"}
    assert all("tokens, the model reads 128" in str(row["reason"]) for row in left_out)
    assert evaluate_run(tmp_path / "run", long_split, Screen()).rows_used == record.ledger["test"].rows_used
    with pytest.raises(
        InputError, match=r"longer than the 128 tokens that the model reads.*Use a model that reads more"
    ):
        rehearse(configured(short_sighted, long_split, tmp_path / "run", over_length="refuse"), Screen())


def test_a_teacher_reads_every_row(tiny_model: Path, short_sighted: Path, long_split: Path, tmp_path: Path) -> None:
    own = {"method": "distill", "distill_teacher": str(short_sighted)}
    with pytest.raises(ConfigError, match=r"reads 128 tokens, and a training row has \d+\. Use max_length=128"):
        run(tiny_model, long_split, tmp_path / "run", **own, max_length=1000)


def test_written_answers_stop_where_the_context_does(short_sighted: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    line = Line(1, example(("user", "where is my order? " * 6), ("assistant", "here")))
    prompt = ask(line, ChatEncoder(tokenizer), 128)
    (answer,) = write_answers(
        AutoModelForCausalLM.from_pretrained(short_sighted), tokenizer, [prompt], Sampling(tokens=500)
    )
    assert not answer.finished
    assert 0 < len(tokenizer(answer.text)["input_ids"]) <= 128 - len(prompt.ids)


def test_talking_stops_where_the_context_does(short_sighted: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    partner = Partner(AutoModelForCausalLM.from_pretrained(short_sighted), tokenizer, Style(tokens=500))
    partner.answer("where is it?")
    with pytest.raises(UserError, match="the model reads 128"):
        for _ in range(3):
            partner.answer("and now?")
