"""Answers to a few held-out prompts, before and after training, side by side and measured."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from trainer.assessment import Answers, Sample
from trainer.chat import ChatEncoder, RowRefusedError
from trainer.context import longest
from trainer.data import Line
from trainer.generate import ROOM, Prompt, Sampling, ask, batches_of, write_answers
from trainer.masking import mask_secrets
from trainer.metrics import Reference, measure, reference_of, task_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from dataprep.contract import Example, SplitName
    from trainer.assessment import TaskKind
    from trainer.config import TrainConfig
    from trainer.progress import Screen
    from trainer.runtime import Runtime

SHOWN: Final = 8
"""Samples that are kept in run.json."""
SHOWN_LETTERS: Final = 1500
BATCH: Final = 16
"""Prompts answered at a time."""
MORE: Final = 1.25
"""An answer may be so much longer than the longest wanted one."""


@dataclass(frozen=True)
class Writer:
    """A model that writes answers, and what that needs."""

    config: TrainConfig
    screen: Screen
    runtime: Runtime
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


@dataclass
class Asked:
    """The prompts that both models answer."""

    split: SplitName
    kind: TaskKind
    of: int
    prompts: list[Prompt]
    references: list[Reference]
    tokens: int
    before: list[str] = field(default_factory=list)


def choose(writer: Writer, split: SplitName, rows: Sequence[Line]) -> Asked | None:
    """The prompts to answer: drawn from the rows whose wanted answers fit; None if there are none."""
    config = writer.config
    if not config.answers:
        return None
    encoder, most = ChatEncoder(writer.tokenizer), longest(config.max_length, writer.model.config)
    references = {line.line: reference_of(line.example) for line in rows}
    order = list(rows)
    random.Random(config.seed).shuffle(order)  # noqa: S311 - a choice, not a secret
    prompts, widest = [], 0
    for line in order:
        size = len(writer.tokenizer(references[line.line].text, add_special_tokens=False)["input_ids"])
        if size >= config.answer_tokens:
            continue
        try:
            prompts.append(ask(Line(line.line, _as_chat(line.example)), encoder, most))
        except RowRefusedError:
            continue
        widest = max(widest, size)
        if len(prompts) == config.answers:
            break
    if not prompts:
        return None
    return Asked(
        split=split,
        kind=task_kind(list(references.values())),
        of=len(rows),
        prompts=prompts,
        references=[references[prompt.line.line] for prompt in prompts],
        tokens=min(config.answer_tokens, int(widest * MORE) + ROOM),
    )


def answered(writer: Writer, asked: Asked, whose: str) -> list[str]:
    """What the writer's model, as it is, writes to each prompt."""
    texts: dict[int, str] = {}
    sampling = Sampling(tokens=asked.tokens)
    model = writer.model
    was_training = model.training
    model.eval()
    with writer.screen.evaluation(f"answers of {whose}", len(asked.prompts)) as progress:
        for batch in batches_of(asked.prompts, BATCH):
            with writer.runtime.autocast():
                written = write_answers(model, writer.tokenizer, batch, sampling)
            texts |= {prompt.line.line: answer.text for prompt, answer in zip(batch, written, strict=True)}
            progress(len(batch))
    model.train(was_training)
    return [texts[prompt.line.line] for prompt in asked.prompts]


def judged(asked: Asked, after: Sequence[str]) -> Answers:
    """Metrics and samples."""
    metrics, each, missing = measure(asked.kind, asked.references, asked.before, after)
    samples = []
    for place, prompt in enumerate(asked.prompts[:SHOWN]):
        texts = (asked.references[place].text, asked.before[place], after[place])
        said, reference, base, tuned = map(_shown, (_last_said(prompt), *texts))
        samples.append(
            Sample(
                split=asked.split,
                row_id=prompt.line.example.row_id,
                prompt=said,
                reference=reference or _shown(str(asked.references[place].calls)),
                base=base,
                tuned=tuned,
                scores={name: (values[0][place], values[1][place]) for name, values in each.items()},
            )
        )
    return Answers(
        kind=asked.kind,
        rows=len(asked.prompts),
        of=asked.of,
        most_tokens=asked.tokens,
        metrics=metrics,
        not_measured=missing,
        samples=samples,
    )


def _as_chat(example: Example) -> Example:
    """A preference row as the conversation with its wanted answer."""
    if not example.chosen:
        return example
    return example.model_copy(update={"messages": [*example.messages, *example.chosen], "chosen": None})


def _last_said(prompt: Prompt) -> str:
    return str(next((turn["content"] for turn in reversed(prompt.messages) if turn["role"] == "user"), ""))


def _shown(text: str) -> str:
    masked = mask_secrets(text)
    return masked if len(masked) <= SHOWN_LETTERS else masked[: SHOWN_LETTERS - 1] + "…"
