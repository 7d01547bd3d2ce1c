"""NLI models: which of their scores is the contradiction, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dataprep.errors import ConfigError, InputError
from dataprep.text.evidence import nli
from dataprep.text.evidence.nli import Nli

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "refunds take days not we ship to canada never no yes it is open".split()
PAIRS = [
    ("we ship to canada", "we never ship to canada"),
    ("yes", "no it is not open"),
    ("refunds take days", "refunds take days"),
    ("no it is not open", "yes"),
    ("it is open " * 40, "no"),
]


def tiny_model(folder: Path, labels: list[str]) -> Path:
    """A random BERT of two words' width with a tokenizer of a few words, saved as safetensors."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        initializer_range=1.0,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def expected(model: Nli, left: str, right: str, label: int) -> float:
    """The probability of a label, read one pair at a time and in both directions."""
    import torch

    found = []
    for pair in ((left, right), (right, left)):
        encoded: Any = model._tokenizer(*pair, truncation="longest_first", max_length=32, return_tensors="pt")
        with torch.inference_mode():
            found.append(float(model._model(**encoded).logits.softmax(dim=-1)[0, label]))
    return sum(found) / 2


@pytest.mark.parametrize(
    ("labels", "label"),
    [(["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], 0), (["entailment", "neutral", "contradiction"], 2)],
)
def test_scores_are_those_of_the_label_in_the_order_of_the_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labels: list[str], label: int
) -> None:
    monkeypatch.setattr(nli, "BATCH", 2)
    model = Nli(str(tiny_model(tmp_path, labels)))
    scores = model.scores([*PAIRS, PAIRS[0]])
    assert scores.shape == (6,)
    assert scores.dtype == np.float32
    assert scores[5] == scores[0]
    assert scores[1] == scores[3]  # the same two texts the other way around
    for score, pair in zip(scores, PAIRS, strict=False):
        assert score == pytest.approx(expected(model, *pair, label), abs=1e-5)
    assert len({round(float(score), 4) for score in scores}) > 2
    assert model.scores([]).shape == (0,)


@pytest.mark.parametrize("labels", [["LABEL_0", "LABEL_1"], ["negative", "positive"], ["contradiction", "other"]])
def test_labels_of_another_task_are_refused(tmp_path: Path, labels: list[str]) -> None:
    with pytest.raises(ConfigError, match=labels[0]):
        Nli(str(tiny_model(tmp_path, labels)))


def test_weights_that_could_run_code_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(InputError, match="can run code when they are read"):
        Nli(str(tmp_path))


def test_a_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"):
        Nli(str(tmp_path / "model"))


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"")
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ConfigError, match="transformers is not installed"):
        Nli(str(tmp_path))


def decided(folder: Path, label: int) -> nli.Nli:
    """A model that finds every pair contradictory, or none, by the bias of its last layer."""
    import torch

    model = Nli(str(tiny_model(folder, ["contradiction", "neutral", "entailment"])))
    with torch.no_grad():
        model._model.classifier.weight.zero_()
        model._model.classifier.bias.copy_(torch.tensor([9.0 if number == label else 0.0 for number in range(3)]))
    return model


def test_a_model_decides_what_the_words_leave_open(tmp_path: Path) -> None:
    prose = "We ship to Canada and it is open.", "To Canada we take days, sorry."
    noted = "Click 'Forgot password' and follow the link.", "Passwords can only be reset by calling our phone line."
    hard = "It takes 14 days.", "It takes 30 days."
    sure, unsure = (nli.judged_by(decided(tmp_path / str(label), label)) for label in (0, 2))
    question = "How long does it take?"
    for compare in (sure, unsure):
        found = compare(*hard, question)
        assert found is not None
        assert (found.kind, found.severity, found.probability) == ("quantity", "error", None)
        assert compare("Same  words", "same words", question) is None
    assert unsure(*prose, "Tell me about Canada") is None
    found = sure(*prose, "Tell me about Canada")
    assert found is not None
    assert (found.kind, found.severity) == ("prose", "note")
    assert found.probability is not None
    assert found.probability > 0.9
    reset = "How do I reset my password?"
    first, second = sure(*noted, reset), unsure(*noted, reset)
    assert first is not None
    assert second is not None
    assert (first.severity, second.severity) == ("error", "note")
