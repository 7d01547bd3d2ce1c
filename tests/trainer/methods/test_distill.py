"""Distillation: the divergences, teachers online and on disk, smaller students, and what is refused."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from dataprep.errors import ConfigError
from tests.trainer.runs import CPU, configured, improved, run
from tests.trainer.test_reading import ROWS, llama
from trainer.batches import collate
from trainer.distillation import DistillLoss, divergence, keep_layers, weights_there
from trainer.load import load_run
from trainer.methods.distill import DistillSettings, _check_teacher
from trainer.objective import Sums
from trainer.reading import reading
from trainer.record import ModelRecord
from trainer.run import train
from trainer.teacher import OnlineTeacher, card_of, shared_vocabulary, write_cache

TEACHER = ModelRecord(
    id="a teacher",
    kind="folder",
    sha256="",
    license=None,
    license_source=None,
    license_kind="unknown",
    license_terms=[],
    license_accepted_by_user=True,
)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, small_split: Path) -> Path:
    """A run folder: the tiny model after training on the same data."""
    out = tmp_path_factory.mktemp("teacher") / "run"
    run(tiny_model, small_split, out, method="full", max_steps=30)
    return out


def random_pair(outcomes: int = 9) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    first, second = (2 * torch.randn(5, outcomes, generator=generator).double() for _ in range(2))
    return log_softmax(first, -1), log_softmax(second, -1)


def test_divergences_are_the_textbook_ones() -> None:
    teacher, student = random_pair()
    forward = kl_div(student, teacher, log_target=True, reduction="none").sum(-1)
    reverse = kl_div(teacher, student, log_target=True, reduction="none").sum(-1)
    mean = ((teacher.exp() + student.exp()) / 2).log()
    sides = [kl_div(mean, side, log_target=True, reduction="none").sum(-1) for side in (teacher, student)]
    jsd = (sides[0] + sides[1]) / 2
    for kind, expected in (("forward_kl", forward), ("reverse_kl", reverse), ("jsd", jsd)):
        torch.testing.assert_close(divergence(teacher, student, kind), expected)
        assert (divergence(teacher, teacher, kind).abs() < 1e-12).all()


@pytest.mark.parametrize("kind", ["forward_kl", "reverse_kl", "jsd"])
def test_the_loss_and_its_gradients_are_the_definition(kind: Any) -> None:
    student, model = llama(), llama(attention_bias=True)
    own = DistillSettings(distill_divergence=kind, distill_temperature=2.0, distill_alpha=0.3)
    expected = torch.zeros(())
    for row in ROWS:
        ids = torch.tensor(row.input_ids.astype("int64"))
        logits, other = student(ids[None]).logits[0, :-1], model(ids[None]).logits[0, :-1].detach()
        apart = divergence(log_softmax(other / 2, -1), log_softmax(logits / 2, -1), kind)
        loss = 0.3 * cross_entropy(logits, ids[1:], reduction="none") + 0.7 * 4 * apart
        expected = expected + (loss * torch.tensor(row.weights[1:])).sum()
    torch.autograd.backward(expected)
    gradient = torch.cat([weights.grad.flatten() for weights in student.parameters()])
    student.zero_grad()
    objective = DistillLoss(OnlineTeacher(model, CPU.autocast, 97), own)
    batch = collate([[item] for item in enumerate(ROWS)], 0, "padded")
    sums = Sums()
    objective.prepare(batch)
    with reading(student) as read:
        loss = read(student, batch, lambda found: objective.loss(found, batch, sums))
        torch.autograd.backward(loss)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    found = torch.cat([weights.grad.flatten() for weights in student.parameters()])
    assert (found - gradient).norm() < 1e-4 * gradient.norm()
    assert loss.item() == pytest.approx(0.3 * sums.values["nll"] + 2.8 * sums.values["divergence"], rel=1e-5)


def losses(folder: Path, top_k: int, temperature: float) -> tuple[float, float]:
    """Divergence with the teacher at hand, and from its cache."""
    student, model = llama(), llama(attention_bias=True)
    rows = [row for row in ROWS if row.supervised]
    online = OnlineTeacher(model, CPU.autocast, 97)
    cached = write_cache(
        folder,
        card_of(TEACHER, rows, top_k, temperature),
        model,
        rows,
        vocabulary=97,
        layout="padded",
        autocast=CPU.autocast,
        progress=lambda _rows: None,
    )
    settings = DistillSettings(distill_alpha=0, distill_temperature=temperature, distill_top_k=top_k)
    found = []
    for teacher in (online, cached):
        objective = DistillLoss(teacher, settings)
        batch = collate([[(place, rows[place])] for place in (2, 0, 3)], 0, "padded")  # an order of its own
        objective.prepare(batch)
        with reading(student) as read:
            found.append(read(student, batch, lambda got: objective.loss(got, batch, Sums())).item())  # noqa: B023
    return found[0], found[1]


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_a_cache_of_all_tokens_is_the_teacher_and_of_some_a_bound(tmp_path: Path, temperature: float) -> None:
    online, whole = losses(tmp_path / "whole", 97, temperature)
    assert whole == pytest.approx(online, rel=2e-3)  # kept in 16 bits
    _, some = losses(tmp_path / "some", 60, temperature)
    _, few = losses(tmp_path / "few", 5, temperature)
    assert 0 < few < some < online


def test_a_cache_that_another_run_made_meanwhile_is_used(tmp_path: Path) -> None:
    losses(tmp_path / "cache", 5, 1.0)
    made = {path.name: path.read_bytes() for path in (tmp_path / "cache").iterdir()}
    losses(tmp_path / "cache", 5, 1.0)  # its own comes too late
    assert {path.name: path.read_bytes() for path in (tmp_path / "cache").iterdir()} == made
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_cache_of_another_teacher_than_the_one_named_is_refused() -> None:
    _check_teacher(Path("cache"), TEACHER, "")
    _check_teacher(Path("cache"), TEACHER, f"./{TEACHER.id}")
    with pytest.raises(ConfigError, match=f"holds what {TEACHER.id} said, not other"):
        _check_teacher(Path("cache"), TEACHER, "other")


def test_a_teacher_that_changed_is_noticed(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    changing, cache = Path(shutil.copytree(tiny_model, tmp_path / "teacher")), tmp_path / "cache"
    more = {"method": "distill", "distill_teacher": str(changing), "max_steps": 2}
    first = run(tiny_model, small_split, tmp_path / "a", **more, distill_cache=str(cache))
    assert run(tiny_model, small_split, tmp_path / "a", **more, distill_cache=str(cache)).teacher == first.teacher
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr("trainer.run.write_report", disk_full)
        run(tiny_model, small_split, tmp_path / "b", **more)
    other = AutoModelForCausalLM.from_pretrained(changing)
    torch.nn.init.normal_(other.lm_head.weight)
    other.save_pretrained(changing)
    with pytest.raises(ConfigError, match="said with other weights than it has now"):
        run(tiny_model, small_split, tmp_path / "a", **more, distill_cache=str(cache))
    with pytest.raises(ConfigError, match="cannot be continued: other teacher"):
        train(configured(tiny_model, small_split, tmp_path / "b", **more))
    shutil.rmtree(changing)  # what it said can still be used
    run(tiny_model, small_split, tmp_path / "a", **more, distill_cache=str(cache))


def disk_full(*_: object) -> None:
    raise OSError("the disk is full")


@pytest.mark.parametrize("student", ["lora", "full"])
def test_learns_from_a_run_and_is_loaded_again(
    tiny_model: Path, small_split: Path, teacher: Path, tmp_path: Path, student: str
) -> None:
    out = tmp_path / "run"
    record = run(tiny_model, small_split, out, method="distill", distill_teacher=str(teacher), distill_student=student)
    assert improved(record)
    assert record.teacher is not None
    assert (record.teacher.id, record.teacher.license_kind) == (str(teacher), "unknown")
    assert record.result == ("model" if student == "full" else "adapter")
    load_run(out, CPU)


def test_a_smaller_student_from_the_cache(tiny_model: Path, small_split: Path, teacher: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    more = {"method": "distill", "distill_student": "full", "distill_layers": 1, "distill_cache": str(cache)}
    first = run(tiny_model, small_split, tmp_path / "a", **more, distill_teacher=str(teacher), packing=True)
    assert improved(first)
    model, _ = load_run(tmp_path / "a", CPU)
    assert model.config.num_hidden_layers == len(model.model.layers) == 1
    again = run(tiny_model, small_split, tmp_path / "b", **more, packing=True)  # no teacher needed any more
    assert again.held_out == first.held_out
    assert again.teacher == first.teacher is not None
    assert weights_there(teacher) == first.teacher.sha256
    with pytest.raises(ConfigError, match="top 32 at temperature 1, not the top 4"):
        run(tiny_model, small_split, tmp_path / "c", **more, distill_top_k=4)
    with pytest.raises(ConfigError, match="other training rows"):
        run(tiny_model, small_split, tmp_path / "c", **more, chat_template="eos")
    (cache / "teacher.json").write_text("{")
    with pytest.raises(ConfigError, match="is no cache"):
        run(tiny_model, small_split, tmp_path / "c", **more)


def test_layers_are_kept_evenly_first_and_last_among_them(tmp_path: Path) -> None:
    config = LlamaConfig(
        vocab_size=50, hidden_size=16, intermediate_size=16, num_hidden_layers=7, num_attention_heads=2, pad_token_id=0
    )
    model = LlamaForCausalLM(config).eval()
    layers = list(model.model.layers)
    keep_layers(model, 4)
    assert [layers.index(layer) for layer in model.model.layers] == [0, 2, 4, 6]
    assert [layer.self_attn.layer_idx for layer in model.model.layers] == [0, 1, 2, 3]
    model.save_pretrained(tmp_path)
    again = AutoModelForCausalLM.from_pretrained(tmp_path)
    ids = torch.arange(9)[None]
    assert torch.equal(again(ids).logits, model(ids).logits)
    with pytest.raises(ConfigError, match="Choose 1 to 4"):
        keep_layers(model, 9)


def test_a_teacher_with_other_token_ids_is_refused(
    tiny_model: Path, small_split: Path, tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    other = tmp_path / "other"
    AutoModelForCausalLM.from_pretrained(tiny_model).save_pretrained(other)
    changed = copy.deepcopy(tokenizer)
    changed.add_tokens(["<surplus>"])
    changed.save_pretrained(other)
    with pytest.raises(ConfigError, match=r"1 tokens have other ids.*'<surplus>'.*trainer generate"):
        run(tiny_model, small_split, tmp_path / "run", method="distill", distill_teacher=str(other))
    with pytest.raises(ConfigError, match="distill_teacher=MODEL"):
        run(tiny_model, small_split, tmp_path / "run", method="distill")


def test_output_layers_may_be_filled_up_to_other_widths(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model, wider = (AutoModelForCausalLM.from_pretrained(tiny_model) for _ in range(2))
    wider.resize_token_embeddings(len(tokenizer) + 24)
    assert shared_vocabulary((model, tokenizer), (wider, tokenizer)) == len(tokenizer)
