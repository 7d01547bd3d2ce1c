"""Talking to a trained model: answers as they are written, and beside them those of the model before training."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import TextStreamer, set_seed

from dataprep.errors import UserError
from trainer.bottleneck import activate, active_adapter
from trainer.chat import TEMPLATE_ERRORS
from trainer.config import TrainConfig
from trainer.context import longest, new_tokens
from trainer.load import TrainedRun, is_run, load_run, runtime_here
from trainer.model import find_model
from trainer.runtime import choose_runtime, keep_freed_memory
from trainer.stops import stop_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Style:
    """How answers are drawn.

    Attributes:
        tokens: at most so many per answer.
        temperature: 0: always the likeliest token.
        seed: of the draws.
    """

    tokens: int = 300
    temperature: float = 0.0
    seed: int = 0


class _Shown(TextStreamer):  # type: ignore[misc]  # transformers is not typed
    """Hands words on as soon as they are whole."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, show: Callable[[str], None]) -> None:
        super().__init__(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self._show = show
        self._begun = False

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Called by transformers. A space in front of the answer is the template's."""
        del stream_end
        said = text if self._begun else text.lstrip()
        self._begun = self._begun or bool(said)
        self._show(said)


@dataclass
class Partner:
    """A model to talk to, and what has been said.

    Attributes:
        model: in evaluation mode.
        tokenizer: with the template the model was trained with.
        style: how answers are drawn.
        messages: of the conversation so far.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    style: Style = field(default_factory=Style)
    messages: list[dict[str, str]] = field(default_factory=list)

    def answer(self, text: str, show: Callable[[str], None] = lambda _text: None) -> str:
        """Say something, and get the answer.

        Args:
            text: what the user says.
            show: gets the answer piece by piece.

        Raises:
            UserError: the chat template cannot render the conversation, or it is longer than the model reads.
        """
        said = [*self.messages, {"role": "user", "content": text}]
        try:
            inputs = self.tokenizer.apply_chat_template(
                said, add_generation_prompt=True, return_tensors="pt", return_dict=True
            ).to(self.model.device)
        except TEMPLATE_ERRORS as err:
            raise UserError(f"the chat template cannot render this conversation ({err})") from err
        read = inputs["input_ids"].shape[1]
        most = longest(read + 1, self.model.config)
        if read >= most:
            raise UserError(f"the conversation has {read:,} tokens, and the model reads {most:,}", "Begin a new one")
        set_seed(self.style.seed)
        drawn: dict[str, Any] = {"do_sample": False}
        if self.style.temperature:
            drawn = {"do_sample": True, "temperature": self.style.temperature}
        with torch.inference_mode():
            ids = self.model.generate(
                **inputs,
                max_new_tokens=new_tokens(self.model.config, read, self.style.tokens),
                pad_token_id=self.tokenizer.pad_token_id or 0,
                eos_token_id=stop_tokens(self.model, self.tokenizer) or None,
                streamer=_Shown(self.tokenizer, show),
                **drawn,
            )
        words: str = self.tokenizer.decode(ids[0, read:], skip_special_tokens=True)
        self.messages = [*said, {"role": "assistant", "content": words.strip()}]
        return words.strip()


@dataclass
class Pair:
    """The trained model and the one before training, asked the same."""

    tuned: Partner
    base: Partner
    without: Callable[[], Any]

    def answers(self, text: str) -> tuple[str, str]:
        """What the model said before training, and what it says now."""
        with self.without():
            before = self.base.answer(text)
        return before, self.tuned.answer(text)


def open_partner(
    name: str, style: Style, tell: Callable[[str], None], *, system: str = "", base: str | None = None
) -> Partner:
    """A run, or any model, ready to talk.

    Args:
        name: a run folder, or what `model` may name.
        style: how answers are drawn.
        tell: is told about work that takes long.
        system: what the system says first.
        base: where the base model of a run lies now.

    Raises:
        UserError: there is no such run or model.
    """
    keep_freed_memory()
    if is_run(Path(name)):
        model, tokenizer = load_run(name, base=base, tell=tell)
    else:
        model, tokenizer = find_model(name, tell).load(choose_runtime(TrainConfig(data="", model=name)))
    model.eval()
    return Partner(model, tokenizer, style, _opening(system))


def compare_with_base(partner: Partner, name: str, tell: Callable[[str], None], *, base: str | None = None) -> Pair:
    """The same beside the model before training; what was learned is switched off where it can be.

    Raises:
        UserError: `name` is no run, or its base model is missing.
    """
    if not is_run(Path(name)):
        raise UserError(f"{name}: is no run, so there is no model before training", "Leave out --compare")
    switch = without_training(partner.model)
    if switch is None:
        trained = TrainedRun.open(Path(name), base=base, tell=tell)
        other = trained.load_base(runtime_here(trained.config)).eval()
    else:
        other = partner.model
    before = Partner(other, partner.tokenizer, partner.style, list(partner.messages))
    return Pair(partner, before, switch or nullcontext)


def without_training(model: PreTrainedModel) -> Callable[[], Any] | None:
    """Makes a context in which a model is what it was before training; None where its own weights were trained."""
    if hasattr(model, "disable_adapter"):
        switch: Callable[[], Any] = model.disable_adapter
        return switch
    active = active_adapter(model)
    if active is None:
        return None

    @contextmanager
    def switched() -> Iterator[None]:
        activate(model, None)
        try:
            yield
        finally:
            activate(model, active)

    return switched


def _opening(system: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}] if system else []
