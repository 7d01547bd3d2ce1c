"""A tiny model with a ChatML tokenizer, and a real split made by dataprep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dataprep import split
from tests.helpers import chat, read_rows, write_rows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SUBJECTS = ("order", "parcel", "refund", "invoice", "address", "voucher", "newsletter", "password", "delivery", "shop")


@pytest.fixture(scope="session", autouse=True)
def offline() -> Iterator[None]:
    """No test asks the hub for anything, nor does a command that a test starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """On models this small, threads wait for each other longer than they compute."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    words = [f"the {subject} is here, where is it? user assistant system" for subject in SUBJECTS]
    special = ["<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        words, trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|im_end|>", bos_token="<|im_start|>"
    )
    fast.chat_template = CHATML
    return fast


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    """A folder with a two-layer model that can be trained in a second."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=False,
    )
    folder = tmp_path_factory.mktemp("model")
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def small_split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified split of forty rows."""
    folder = tmp_path_factory.mktemp("split")
    rows = [
        chat(f"{verb} my {subject}?", f"The {subject} is here: {verb.lower()} it in your account, under {subject}.")
        for verb in ("Where is", "Who has", "Please send", "How big is")
        for subject in SUBJECTS
    ]
    split([write_rows(folder / "data.jsonl", rows)], folder / "out")
    return folder / "out"


@pytest.fixture(scope="session")
def sample_split(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """A certified split of some short rows of the sample data."""
    folder = tmp_path_factory.mktemp("sample")
    short = [row for row in read_rows(sample / "train.jsonl") if 200 < len(str(row["messages"])) < 450][:40]
    split([write_rows(folder / "data.jsonl", short)], folder / "out")
    return folder / "out"


@pytest.fixture(scope="session")
def pair_split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified split of thirty preference pairs, and a few rows that are none."""
    folder = tmp_path_factory.mktemp("pairs")
    rows: list[dict[str, object]] = [
        {
            "prompt": f"{verb} my {subject}?",
            "chosen": f"The {subject} is here: {verb.lower()} it in your account, under {subject}.",
            "rejected": f"No idea about any {subject}, {verb.lower()} somebody else.",
        }
        for verb in ("Where is", "Who has", "Please send")
        for subject in SUBJECTS
    ]
    rows += [chat(f"Tell me about the {subject}", f"It is a {subject}, as you know.") for subject in SUBJECTS[:4]]
    split([write_rows(folder / "data.jsonl", rows)], folder / "out")
    return folder / "out"


@pytest.fixture(scope="session")
def runs(tiny_model: Path, small_split: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of each kind, by method, that moved its weights far enough for a difference to show."""
    from tests.trainer.runs import run

    out = tmp_path_factory.mktemp("runs")
    settings: dict[str, dict[str, Any]] = {
        "lora": {"lora_dora": True},
        "qlora": {},
        "full": {},
        "adapter": {},
        "distill": {"distill_student": "lora", "distill_layers": 1, "distill_teacher": str(tiny_model)},
    }
    for method, own in settings.items():
        run(tiny_model, small_split, out / method, method=method, learning_rate=0.05, max_steps=6, **own)
    return {method: out / method for method in settings}
