"""How much memory training takes, worked out without a weight being loaded.

The model is built without storage and one forward pass is traced on tensors that have shapes alone; whatever autograd
would keep for the backward pass is counted. That holds for every architecture and method, since it is the same code
that trains.
"""

from __future__ import annotations

import copy
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from dataprep.errors import ConfigError, UserError
from trainer.distillation import keep_layers
from trainer.reading import PIECE_ELEMENTS, plain_model

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

    from trainer.config import TrainConfig
    from trainer.method import Method
    from trainer.runtime import Runtime

TRACED: Final = (127, 257)
"""Tokens of the traced passes; primes, so that a (tokens, tokens) mask, which real runs do not have, is recognised."""

NF4_BYTES: Final = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Of a weight in nf4: 4 bits, an 8-bit constant for 64 of them, and a 32-bit one for 256 of those."""

PROGRAM: Final = {"cpu": 700_000_000, "cuda": 800_000_000}
"""Bytes of Python with torch and transformers, and of a CUDA context with its libraries; measured."""

FRAGMENTED: Final = {"cpu": 1.7, "cuda": 1.1}
"""What is kept takes this much more room than its bytes: glibc's heap fills gaps between blocks of several sizes badly
(1.3 GB kept of 1,024 tokens took 2.4 GB), torch's allocator on a GPU rounds up."""


@dataclass(frozen=True)
class Anatomy:
    """What a model consists of, per weight and per token.

    Attributes:
        total: weights of the model with what was added to it.
        trainable: those that learn.
        weight_bytes: of all weights as they are held.
        matrix: weights that every token is multiplied with, the output layer left out.
        head: weights of the output layer.
        outside: weights that lie in none of the blocks, as embeddings do.
        vocabulary: tokens there are.
        layers: of the decoder.
        width: of its states.
        saved: bytes kept for the backward pass by token, without gradient checkpointing.
        saved_always: bytes kept for it however many tokens there are: weights in a shorter type.
    """

    total: int
    trainable: int
    weight_bytes: int
    matrix: int
    head: int
    outside: int
    vocabulary: int
    layers: int
    width: int
    saved: float
    saved_always: float

    def parts(
        self, config: TrainConfig, runtime: Runtime, tokens: int, supervised: int, processes: int = 1
    ) -> dict[str, int]:
        """Bytes of each part at the worst moment of training; activations beyond what gradients take over from them.

        Args:
            config: settings.
            runtime: device and precision.
            tokens: of the largest batch.
            supervised: of those, with loss.
            processes: that train together; the bytes are those of one.
        """
        saved = self.saved * tokens
        if config.gradient_checkpointing:  # the input of every layer, and one layer in full
            saved = 4 * self.width * self.layers * tokens + saved / max(self.layers, 1)
        saved = FRAGMENTED[runtime.device] * saved + self.saved_always
        logits = 4 * min(PIECE_ELEMENTS, supervised * self.vocabulary)
        gradients = 4 * self.trainable
        # Gradients come as activations go, unless those of an earlier pass are still there.
        shared = gradients if config.gradient_accumulation == 1 else 0
        on_cpu = runtime.device == "cpu"
        parts = {
            "weights": self.weight_bytes,
            "gradients": gradients,
            "optimizer": 8 * self.trainable,
            "activations": max(0, int(saved) + 3 * logits - shared),
            "best weights so far": 4 * self.trainable if on_cpu else 0,  # beside a GPU they lie in main memory
            "the program itself": PROGRAM[runtime.device],
        }
        return self._shared_out(parts, processes) if config.fsdp and processes > 1 else parts

    def _shared_out(self, parts: dict[str, int], processes: int) -> dict[str, int]:
        """The same with weights, gradients and optimizer states shared out, at the worse of two moments.

        In a step what lies outside the blocks is whole, and so are two blocks, one at work and one being fetched; for
        an evaluation all weights are, when there are no gradients and no activations of a step.
        """
        block = (self.total - self.outside) / max(self.layers, 1)
        by_weight = self.weight_bytes / max(self.total, 1)
        whole = int(by_weight * min(self.total, self.outside + 2 * block))
        largest = 4 * int(max(self.outside, block))
        shared = {name: parts[name] // processes for name in ("weights", "gradients", "optimizer")}
        step = parts | shared
        step["weights"] += min(whole, parts["weights"] - shared["weights"])
        step["gradients"] += min(largest, parts["gradients"] - shared["gradients"])
        evaluation = parts | shared | {"weights": parts["weights"], "gradients": 0, "activations": 0}
        return max(step, evaluation, key=lambda moment: sum(moment.values()))

    def flops_per_token(self, *, full: bool, supervised_share: float) -> float:
        """Floating-point operations of one training step, per token read.

        Forward two operations a weight, two for the gradient of the states, and two for that of the weights where they
        learn (Kaplan et al. 2020, arXiv:2001.08361). The output layer sees supervised tokens only.
        """
        return (6 if full else 4) * (self.matrix + self.head * supervised_share)


def dissect(settings: PretrainedConfig, method: Method, config: TrainConfig, runtime: Runtime) -> Anatomy:
    """What a model with a method on it consists of.

    Args:
        settings: of the model, as in its config.json.
        method: what is to learn, and how.
        config: settings of the run.
        runtime: device and precision.

    Raises:
        UserError: the model cannot be built from its settings alone.
    """
    learner = method.learner(config)
    dtype = runtime.weights_dtype(learning=not learner.keeps_base_weights)
    model = _shell(settings, method, config, dtype)
    quantised = _quantised_weights(model) if learner.name == "qlora" else 0
    with torch.device("meta"):
        model = learner.attach(model, config)
    weights = list(model.parameters())
    total, trainable = sum(w.numel() for w in weights), sum(w.numel() for w in weights if w.requires_grad)
    held = sum(w.numel() * w.element_size() for w in weights)
    inner = plain_model(model)
    head = inner.get_output_embeddings()
    head_size = int(head.weight.numel()) if head is not None else 0
    matrices = sum(module.weight.numel() for module in model.modules() if isinstance(module, nn.Linear))
    text = inner.config.get_text_config()
    layers = int(getattr(text, "num_hidden_layers", 1))
    outside = total - _in_blocks(inner)
    few, more = _saved(model, runtime, layers)
    by_token = (more - few) / (TRACED[1] - TRACED[0])
    return Anatomy(
        total=total,
        trainable=trainable,
        weight_bytes=int(held - quantised * (dtype.itemsize - NF4_BYTES)),
        matrix=matrices - head_size,
        head=head_size,
        outside=outside,
        vocabulary=int(text.vocab_size),
        layers=layers,
        width=int(getattr(text, "hidden_size", 0)),
        saved=by_token,
        saved_always=max(0.0, few - by_token * TRACED[0]),
    )


def _shell(settings: PretrainedConfig, method: Method, config: TrainConfig, dtype: torch.dtype) -> PreTrainedModel:
    """The model without storage."""
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    try:
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(
                copy.deepcopy(settings), dtype=dtype, trust_remote_code=config.allow_remote_code
            )
    except (ValueError, OSError, KeyError, ImportError) as err:
        reason = str(err).strip().partition("\n")[0]
        raise UserError(f"{config.model}: this model cannot be built from its settings ({reason})") from err
    return method.prepare_base(model, config)


def _quantised_weights(model: PreTrainedModel) -> int:
    """Weights that would be held in 4 bits: those of all linear layers but the output layer."""
    head = model.get_output_embeddings()
    return sum(
        module.weight.numel() for module in model.modules() if isinstance(module, nn.Linear) and module is not head
    )


def _in_blocks(model: PreTrainedModel) -> int:
    """Weights of the blocks that are shared out one by one."""
    names = set(getattr(model, "_no_split_modules", None) or ())
    blocks = (module for module in model.modules() if type(module).__name__ in names)
    return sum(weights.numel() for block in blocks for weights in block.parameters())


def _saved(model: PreTrainedModel, runtime: Runtime, layers: int) -> list[int]:
    """Bytes kept for the backward pass of the decoder with few and with more tokens.

    Layers are alike, so two are traced, then one, and the others are taken to be as the second. The model is spent
    afterwards.
    """
    if layers <= 2:
        return [_saved_by(model, runtime, tokens) for tokens in TRACED]
    try:
        keep_layers(model, 2)
    except ConfigError:  # its layers were not found
        return [_saved_by(model, runtime, tokens) for tokens in TRACED]
    two = [_saved_by(model, runtime, tokens) for tokens in TRACED]
    keep_layers(model, 1)
    one = [_saved_by(model, runtime, tokens) for tokens in TRACED]
    return [first + (layers - 1) * (both - first) for first, both in zip(one, two, strict=True)]


def _saved_by(model: PreTrainedModel, runtime: Runtime, tokens: int) -> int:
    """Bytes that autograd keeps for the backward pass of the decoder."""
    kept: dict[int, tuple[int, torch.Tensor]] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if id_of(storage) not in own and tuple(tensor.shape[-2:]) != (tokens, tokens):
            kept[id_of(storage)] = (storage.nbytes(), tensor)  # the tensor, so that no other takes its place
        return tensor

    def id_of(storage: Any) -> int:
        return int(storage._cdata)  # noqa: SLF001 - torch's own key for a storage

    model.train()
    inner = plain_model(model)
    bf16 = runtime.precision == "bf16"
    with FakeTensorMode(allow_non_fake_inputs=True):
        _materialise(model)
        own = {id_of(weights.untyped_storage()) for weights in model.parameters()}
        context = torch.autocast("cpu", dtype=torch.bfloat16) if bf16 else nullcontext()
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), context:
            inner.base_model(input_ids=torch.zeros((1, tokens), dtype=torch.long), use_cache=False)
    return sum(size for size, _ in kept.values())


def _materialise(model: nn.Module) -> None:
    """Give every weight a place on a CPU, of which within a FakeTensorMode only the shape is real."""
    made: dict[int, nn.Parameter] = {}
    for module in model.modules():
        for name, weights in list(module._parameters.items()):  # noqa: SLF001 - there is no other way to replace them
            if weights is None:
                continue
            if id(weights) not in made:
                empty = torch.empty(weights.shape, dtype=weights.dtype)
                made[id(weights)] = nn.Parameter(empty, requires_grad=weights.requires_grad)
            module._parameters[name] = made[id(weights)]  # noqa: SLF001
        for name, buffer in list(module._buffers.items()):  # noqa: SLF001
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)  # noqa: SLF001
