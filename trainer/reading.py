"""Reading a model's answer at the supervised positions only, in pieces that bound the memory.

A batch of 8,192 tokens and a vocabulary of 49,152 make 1.6 GB of logits in fp32, and as much again for their
gradients. The decoder runs once; only the positions that carry loss are then projected to the vocabulary, a
piece at a time, and each piece's gradient is taken at once, so that its logits need neither be kept nor be
computed again.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import torch
from torch.utils.checkpoint import checkpoint

from dataprep.errors import UserError
from trainer.attention import attends_by_row, without_mask
from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transformers import PreTrainedModel

    from trainer.batches import Batch

PIECE_ELEMENTS: Final = 2**25
"""Logits of one piece: 128 MB in fp32."""


@dataclass(frozen=True)
class Read:
    """The supervised positions of a batch, before they are projected to the vocabulary.

    Attributes:
        states: (positions, width); what the output layer takes.
        head: states -> (positions, vocabulary) logits in fp32.
        learning: weights of the output layer that are being trained.
        targets: (positions,); the token that comes next.
        weights: (positions,); how much its loss counts.
        owners: (positions,); number of the sequence in the batch.
    """

    states: torch.Tensor
    head: Callable[[torch.Tensor], torch.Tensor]
    learning: list[torch.Tensor]
    targets: torch.Tensor
    weights: torch.Tensor
    owners: torch.Tensor
    vocabulary: int

    def pieces(self, copies: int = 1) -> Iterator[slice]:
        """Positions, cut so that the logits of a piece, and `copies` of them, stay within PIECE_ELEMENTS."""
        size = max(1, PIECE_ELEMENTS // (copies * self.vocabulary))
        for start in range(0, len(self.targets), size):
            yield slice(start, start + size)


def token_nll(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(positions,) negative log-likelihood of the targets, in nats.

    Written with logsumexp: on a CPU torch's log_softmax sums a large vocabulary less exactly (1e-5 a token).
    """
    return logits.logsumexp(dim=-1) - logits.gather(-1, targets[:, None])[:, 0]


@dataclass(frozen=True)
class Detail:
    """What a model makes of every supervised token.

    Attributes:
        nll: (positions,) negative log-likelihood of the token that came, in nats.
        likeliest: (positions,) the token the model would have said.
        margin: (positions,) log-probability of that one minus that of the token that came; 0 where they are the same.
    """

    nll: torch.Tensor
    likeliest: torch.Tensor
    margin: torch.Tensor


@torch.no_grad()
def each_detail(read: Read) -> Detail:
    """All of it in one pass over the vocabulary."""
    nll, likeliest, margin = [], [], []
    for piece in read.pieces():
        logits = read.head(read.states[piece])
        best = logits.max(dim=-1)
        own = logits.gather(-1, read.targets[piece, None])[:, 0]
        nll.append(logits.logsumexp(dim=-1) - own)
        likeliest.append(best.indices)
        margin.append(best.values - own)
    if not nll:
        empty = read.states.new_zeros(0)
        return Detail(empty, read.targets, empty)
    return Detail(torch.cat(nll), torch.cat(likeliest), torch.cat(margin))


def summed(read: Read, loss: Callable[[torch.Tensor, slice], torch.Tensor], copies: int = 1) -> torch.Tensor:
    """The sum of a loss over all pieces, differentiable.

    Args:
        read: the positions.
        loss: (logits of a piece, which positions it holds) -> the piece's summed loss.
        copies: tensors as large as the logits that `loss` works with at once.
    """
    if torch.is_grad_enabled():
        total: torch.Tensor = _Summed.apply(read, loss, copies, read.states, *read.learning)  # type: ignore[no-untyped-call]
        return total
    values = [loss(read.head(read.states[piece]), piece).double() for piece in read.pieces(copies)]
    return torch.stack(values).sum()


def each_nll(read: Read) -> torch.Tensor:
    """(positions,) negative log-likelihood of every target, differentiable one by one.

    What is done with the values is not known beforehand, so a piece's logits are computed again for its gradient.
    """

    def nll(states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return token_nll(read.head(states), targets)

    if not torch.is_grad_enabled():
        return torch.cat([nll(read.states[piece], read.targets[piece]) for piece in read.pieces()])
    values = [checkpoint(nll, read.states[piece], read.targets[piece], use_reentrant=False) for piece in read.pieces()]
    return torch.cat(values)


class _Summed(torch.autograd.Function):
    """Takes each piece's gradient in the forward pass, where its logits are at hand."""

    @staticmethod
    def forward(
        ctx: Any,
        read: Read,
        loss: Callable[[torch.Tensor, slice], torch.Tensor],
        copies: int,
        states: torch.Tensor,
        *learning: torch.Tensor,
    ) -> torch.Tensor:
        by_state = torch.empty_like(states)
        by_weight = [torch.zeros_like(weights) for weights in learning]
        total = torch.zeros((), dtype=torch.float64, device=states.device)
        for piece in read.pieces(copies):
            with torch.enable_grad():
                part = states[piece].detach().requires_grad_()
                value = loss(read.head(part), piece)
            first, *others = torch.autograd.grad(value, [part, *learning])
            by_state[piece] = first
            for gathered, gradient in zip(by_weight, others, strict=True):
                gathered.add_(gradient)
            total += value.detach()
        ctx.save_for_backward(by_state, *by_weight)
        return total.float()

    @staticmethod
    def backward(ctx: Any, outer: torch.Tensor) -> Any:
        by_state, *by_weight = ctx.saved_tensors
        return None, None, None, by_state * outer, *(gradient * outer for gradient in by_weight)


def read_batch(model: PreTrainedModel, batch: Batch) -> Read:
    """Run a model on a batch and take what stands at its supervised positions.

    Args:
        model: plain or wrapped by peft.
        batch: on the model's device.
    """
    inner = plain_model(model)
    return _read(inner, _forward(inner), batch, batch.inputs)


@contextmanager
def reading(model: PreTrainedModel) -> Iterator[Callable[[torch.nn.Module, Batch, Any], torch.Tensor]]:
    """Within this context a call of the model can go on to a loss, so that wrappers around it see the whole pass.

    Distributed wrappers gather gradients and weights in their own forward; a loss taken behind their back would
    miss that. Yields (model or its wrapper, batch, loss of what was read) -> loss.
    """
    inner = plain_model(model)
    plain = _forward(inner)

    def forward(*args: Any, batch: Batch | None = None, then: Any = None, **inputs: Any) -> Any:
        if batch is None:
            return plain(*args, **inputs)
        return then(_read(inner, plain, batch, {key: value for key, value in inputs.items() if value is not None}))

    def call(wrapped: torch.nn.Module, batch: Batch, then: Any) -> torch.Tensor:
        loss: torch.Tensor = wrapped(**batch.inputs, batch=batch, then=then)
        return loss

    before = vars(inner).get("forward")  # a hook of accelerate's, say
    inner.forward = forward
    try:
        yield call
    finally:
        del inner.forward
        if before is not None:
            inner.forward = before


def plain_model(model: PreTrainedModel) -> PreTrainedModel:
    """The model inside a peft wrapper."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _forward(inner: PreTrainedModel) -> Callable[..., Any]:
    """The class's own forward, whatever stands in for it at the moment."""
    forward: Callable[..., Any] = type(inner).forward.__get__(inner)
    return forward


def _read(inner: PreTrainedModel, plain: Callable[..., Any], batch: Batch, inputs: dict[str, Any]) -> Read:
    wanted = batch.labels[:, 1:] != IGNORED  # position i predicts token i + 1
    targets, weights, owners = (tensor[:, 1:][wanted] for tensor in (batch.labels, batch.weights, batch.owners))
    if attends_by_row(inner):
        inputs = without_mask(inputs)
    form = head_form(inner)
    if form is None:
        logits = plain(**inputs, use_cache=False).logits[:, :-1][wanted]
        return Read(logits, torch.Tensor.float, [], targets, weights, owners, logits.shape[-1])
    states = inner.base_model(**inputs, use_cache=False).last_hidden_state[:, :-1][wanted]
    output = inner.get_output_embeddings()
    learning = [parameter for parameter in output.parameters() if parameter.requires_grad]
    vocabulary = int(output.weight.shape[0])
    return Read(states, lambda part: form(output(part)).float(), learning, targets, weights, owners, vocabulary)


_FORMS: WeakKeyDictionary[torch.nn.Module, Any] = WeakKeyDictionary()


def head_form(inner: PreTrainedModel) -> Callable[[torch.Tensor], torch.Tensor] | None:
    """What the model does to the logits after its output layer; None if that is not known.

    Gemma caps them, Cohere and Granite scale them. Whether output layer and form together really give the
    model's own logits is tried out once on a few tokens; where they do not, the model computes them itself.

    Raises:
        UserError: the model gives no finite numbers.
    """
    if inner not in _FORMS:
        _FORMS[inner] = _tried(inner, _stated_form(inner))
    found: Callable[[torch.Tensor], torch.Tensor] | None = _FORMS[inner]
    return found


def _stated_form(inner: PreTrainedModel) -> Callable[[torch.Tensor], torch.Tensor]:
    settings = inner.config.get_text_config()
    cap = getattr(settings, "final_logit_softcapping", None)
    if cap:
        return lambda logits: torch.tanh(logits / cap) * cap
    divisor, factor = getattr(settings, "logits_scaling", None), getattr(settings, "logit_scale", None)
    if divisor:
        return lambda logits: logits / divisor
    return (lambda logits: logits * factor) if factor else (lambda logits: logits)


@torch.no_grad()
def _tried(
    inner: PreTrainedModel, form: Callable[[torch.Tensor], torch.Tensor]
) -> Callable[[torch.Tensor], torch.Tensor] | None:
    output = inner.get_output_embeddings()
    if output is None or inner.base_model is inner:
        return None
    ids = torch.arange(3, 11, device=output.weight.device)[None] % inner.get_input_embeddings().weight.shape[0]
    was_training = inner.training
    inner.eval()
    try:
        whole = _forward(inner)(input_ids=ids, use_cache=False).logits
        parts = form(output(inner.base_model(input_ids=ids, use_cache=False).last_hidden_state))
    except (TypeError, ValueError, AttributeError, RuntimeError):
        return None
    finally:
        inner.train(was_training)
    if not whole.isfinite().all():
        raise UserError(
            "the model gives no finite numbers: some of its weights are none, or its precision is too short",
            "Get the model again, or try precision=fp32",
        )
    same = whole.shape == parts.shape and torch.allclose(whole, parts, rtol=1e-5, atol=1e-6 * float(whole.abs().max()))
    return form if same else None
