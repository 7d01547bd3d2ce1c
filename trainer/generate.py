"""Sequence-level distillation: a teacher writes new answers, which go through `dataprep audit` like any data.

Kim and Rush 2016 (arXiv:1606.07947). Needs no shared tokens: any model that answers can teach any other.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from transformers import set_seed

from dataprep import __version__
from dataprep.errors import InputError
from trainer.chat import TEMPLATE_ERRORS, ChatEncoder, RowRefusedError
from trainer.context import longest, new_tokens
from trainer.data import load_splits
from trainer.license import check_license
from trainer.load import is_run, load_run
from trainer.model import find_model
from trainer.places import answer_files, check_new
from trainer.record import GeneratedRecord, NotTrained, write_json, write_jsonl, write_text
from trainer.runtime import choose_runtime, keep_freed_memory
from trainer.stops import stop_tokens
from trainer.templates import use_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Sized
    from typing import TextIO

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from dataprep.contract import SplitName
    from trainer.config import TrainConfig
    from trainer.data import Line
    from trainer.progress import Screen

ROOM: Final = 16
"""Tokens an answer must have room for; a longer prompt is left out."""


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn.

    Attributes:
        tokens: at most so many per answer; an answer that is not finished by then is left out.
        temperature: 0: always the likeliest token.
        batch_size: prompts at a time.
        split: whose prompts.
        rows: the first so many; 0: all.
    """

    tokens: int = 512
    temperature: float = 0.0
    batch_size: int = 8
    split: SplitName = "train"
    rows: int = 0


@dataclass(frozen=True)
class Prompt:
    """What the teacher is asked: everything before a row's last answer.

    Attributes:
        line: the row.
        messages: as the row has them, loss weights included.
        ids: as the model reads them.
    """

    line: Line
    messages: list[dict[str, Any]]
    ids: list[int]


@dataclass(frozen=True)
class Answer:
    """What a model wrote, and whether it came to an end by itself."""

    text: str
    finished: bool


def generate(
    config: TrainConfig, output: Path, sampling: Sampling, screen: Screen, *, base: str | None = None
) -> GeneratedRecord:
    """Let a model answer the prompts of a split anew, and write the conversations as JSON Lines.

    Answers are written as they come, and put into the order of the rows at the end. Beside `output` then stand
    FILE.left_out.jsonl, with every row that got no answer and why, and FILE.json, with what was done.

    Args:
        config: names the split, the teacher (`model`, a run folder too), template and device.
        output: JSON Lines to write.
        sampling: how answers are drawn.
        screen: shows what happens.
        base: where the base model of a teacher that is a run lies now, if not where it lay then.

    Raises:
        InputError: the split has no such rows, or a file is there already or cannot be written.
        UserError: no such split or model, or a licence that was not accepted.
    """
    _, made, not_answered = files = answer_files(output)
    check_new(*files)
    splits = load_splits(Path(config.data), allow_unverified=config.allow_unverified_split).rows
    if not splits.get(sampling.split):
        able = ", ".join(split for split, found in splits.items() if found)
        raise InputError(f"the split has no {sampling.split} rows", f"Choose one of: {able}")
    lines = splits[sampling.split][: sampling.rows or None]
    keep_freed_memory()
    set_seed(config.seed)
    teacher, tokenizer, license_id = _teacher(config, screen, base)
    asked, left_out = _prompts(lines, sampling.split, tokenizer, longest(config.max_length, teacher.config))
    written: dict[int, str] = {}
    with (
        _growing(output, written, len(asked), screen) as file,
        screen.evaluation("the teacher's answers", len(asked)) as progress,
    ):
        for prompt, answer in _answers(teacher, tokenizer, asked, sampling):
            if answer.text and answer.finished:
                said = json.dumps(conversation(prompt, answer.text, config.model)) + "\n"
                written[prompt.line.line] = said
                file.write(said)
            else:
                reason = f"no answer, or none finished within {sampling.tokens} tokens"
                left_out.append(_left(prompt.line, sampling.split, "unfinished", reason))
            progress(1)
    write_text(output, "".join(written[line] for line in sorted(written)))
    left_out.sort(key=lambda row: row.line)
    write_jsonl(not_answered, left_out)
    record = GeneratedRecord(
        tool_version=__version__,
        teacher=config.model,
        teacher_license=license_id,
        data=config.data,
        split=sampling.split,
        rows_in=len(lines),
        answers=len(written),
        left_out=len(left_out),
        tokens=sampling.tokens,
        temperature=sampling.temperature,
        seed=config.seed,
    )
    write_json(made, record)
    return record


def _answers(
    teacher: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, asked: Sequence[Prompt], sampling: Sampling
) -> Iterator[tuple[Prompt, Answer]]:
    for batch in batches_of(asked, sampling.batch_size):
        yield from zip(batch, write_answers(teacher, tokenizer, batch, sampling), strict=True)


@contextmanager
def _growing(output: Path, written: Sized, asked: int, screen: Screen) -> Iterator[TextIO]:
    """A file for answers as they come; it stays, and is said to, whatever stops the work."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("x", encoding="utf-8", newline="\n", buffering=1) as file:
        try:
            yield file
        except BaseException:
            if written:
                screen.tell(f"Stopped; {len(written):,} answers to {asked:,} prompts are kept in {output}")
            else:
                output.unlink()
            raise


def _prompts(
    lines: Sequence[Line], split: SplitName, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> tuple[list[Prompt], list[NotTrained]]:
    """What the teacher is asked, and the rows that cannot be."""
    asked: list[Prompt] = []
    left_out: list[NotTrained] = []
    encoder = ChatEncoder(tokenizer)
    for line in lines:
        try:
            asked.append(ask(line, encoder, max_length))
        except RowRefusedError as err:
            left_out.append(_left(line, split, err.code, str(err)))
    return asked, left_out


def _teacher(
    config: TrainConfig, screen: Screen, base: str | None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str | None]:
    runtime = choose_runtime(config)
    if is_run(Path(config.model)):
        model, tokenizer = load_run(config.model, runtime, base=base, tell=screen.tell)
        return model, tokenizer, None
    if base:
        raise InputError(f"{config.model}: is no run, so it has no base model", "Leave out --base")
    found = find_model(config.model, screen.tell, remote_code=config.allow_remote_code)
    check_license(found.license, found.id, accepted=config.accept_license)
    screen.tell(f"Licence of the teacher, {found.id}: {found.license.describe()}")
    model, tokenizer = found.load(runtime, remote_code=config.allow_remote_code)
    use_template(tokenizer, config.chat_template)
    return model.eval(), tokenizer, found.license.id


def ask(line: Line, encoder: ChatEncoder, max_length: int) -> Prompt:
    """Everything before the last answer, as a model reads it.

    Raises:
        RowRefusedError: there is no such answer, or the prompt cannot be given to the teacher.
    """
    example = line.example
    encoder.check(example)
    last = max((i for i, message in enumerate(example.messages) if message.role == "assistant"), default=0)
    if last == 0:
        raise RowRefusedError("no-prompt", "no assistant message with something before it")
    before = example.messages[:last]
    shown = [message.model_dump(exclude_none=True, exclude={"weight"}) for message in before]
    try:
        ids = encoder.tokenizer.apply_chat_template(
            shown, tools=example.tools, add_generation_prompt=True, return_dict=True
        )["input_ids"]
    except TEMPLATE_ERRORS as err:
        raise RowRefusedError("not-renderable", f"the chat template cannot render the conversation: {err}") from err
    if len(ids) + ROOM > max_length:
        raise RowRefusedError("too-long", f"{len(ids)} tokens of prompt, and {max_length} are read at most")
    return Prompt(line, [message.model_dump(exclude_none=True) for message in before], list(ids))


def batches_of(prompts: Sequence[Prompt], size: int) -> Iterator[list[Prompt]]:
    """Prompts of like length together, since a batch is as wide as its longest."""
    by_length = sorted(prompts, key=lambda prompt: len(prompt.ids))
    for start in range(0, len(by_length), size):
        yield by_length[start : start + size]


@torch.inference_mode()
def write_answers(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Prompt], sampling: Sampling
) -> list[Answer]:
    """The model's answers to prompts, all in one batch."""
    width = max(len(prompt.ids) for prompt in prompts)
    pad = int(tokenizer.pad_token_id or 0)
    ids = torch.tensor([[pad] * (width - len(prompt.ids)) + prompt.ids for prompt in prompts], device=model.device)
    mask = torch.tensor(
        [[0] * (width - len(prompt.ids)) + [1] * len(prompt.ids) for prompt in prompts], device=model.device
    )
    drawn = {"do_sample": True, "temperature": sampling.temperature} if sampling.temperature else {"do_sample": False}
    ends = stop_tokens(model, tokenizer)
    said = model.generate(
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=new_tokens(model.config, width, sampling.tokens),
        pad_token_id=pad,
        eos_token_id=ends or None,
        use_cache=True,
        **drawn,
    )[:, width:]
    answers = []
    for row in said.tolist():
        end = next((place for place, token in enumerate(row) if token in ends), None)
        text = tokenizer.decode(row[:end], skip_special_tokens=True).strip()
        answers.append(Answer(text, finished=end is not None))
    return answers


def conversation(prompt: Prompt, answer: str, teacher: str) -> dict[str, Any]:
    """What is written: the row with the new answer, and where both came from."""
    example = prompt.line.example
    row: dict[str, Any] = {"messages": [*prompt.messages, {"role": "assistant", "content": answer}]}
    if example.tools:
        row["tools"] = example.tools
    return row | {"teacher": teacher, "prompt_row_id": example.row_id}


def _left(line: Line, split: SplitName, code: str, reason: str) -> NotTrained:
    return NotTrained(split=split, row_id=line.example.row_id, line=line.line, code=code, reason=reason)
