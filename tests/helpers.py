"""Builders that several test modules share."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from dataprep.contract import ROW_SCORES_NAME, RowScore
from dataprep.frame import content_hash, rows_frame
from dataprep.ingest import Ingested, all_formats, read_inputs
from dataprep.similarity import Texts
from dataprep.text.normalise import normalised
from dataprep.text.views import with_texts


def chat(prompt: str, answer: str) -> dict[str, Any]:
    """One question and its answer as OpenAI messages."""
    return {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}


def write_rows(path: Path, rows: Iterable[dict[str, Any] | str]) -> Path:
    """Write rows as JSON Lines; a string is written as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ask(prompt: str, answer: str = "fine") -> dict[str, Any]:
    """A record in the simplest format."""
    return {"prompt": prompt, "completion": answer}


def encoded(record: object) -> bytes:
    """A value as JSON on one line."""
    return msgspec.json.encode(record)


def lines(*records: object) -> bytes:
    """JSON Lines; bytes stand for a line as it is."""
    return b"".join((record if isinstance(record, bytes) else encoded(record)) + b"\n" for record in records)


def ingest(
    data: bytes,
    name: str = "data.jsonl",
    column_map: Mapping[str, str] | None = None,
    input_format: str | None = None,
) -> Ingested:
    """Read one file with these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read_inputs([path], column_map, input_format)


def written(format_name: str, turns: list[dict[str, Any]], tools: object = None, **more: Any) -> dict[str, Any]:
    """A row with these messages in a format, as a reader of its file would see it."""
    write = all_formats()[format_name].write
    assert write is not None
    record: dict[str, Any] = msgspec.json.decode(encoded(write({"messages": turns, "tools": tools} | more)))
    return record


def said(ingested: Ingested) -> list[list[tuple[str, str]]]:
    """Role and content of every message of every row."""
    return [[(turn["role"], turn["content"]) for turn in row] for row in ingested.rows["messages"]]


def row_lines(ingested: Ingested) -> list[int]:
    """The lines of the rows."""
    return ingested.rows["line"].to_list()


def reject_lines(ingested: Ingested) -> list[int]:
    """The lines of the records that could not become rows."""
    return ingested.rejects["line"].to_list()


def frame_of(conversations: Iterable[Sequence[Mapping[str, Any]]], tools: str | None = None) -> pl.DataFrame:
    """A row frame of conversations, with their texts."""
    rows = []
    for number, turns in enumerate(conversations, start=1):
        messages = [{"role": None, "content": None} | dict(turn) for turn in turns]
        rows.append(
            {
                "row_id": content_hash({"messages": messages, "tools": tools}),
                "source": "data.jsonl",
                "line": number,
                "format": "openai",
                "messages": messages,
                "tools": tools,
            }
        )
    return with_texts(rows_frame(rows))


def turns_of(prompt: str, answer: str) -> list[dict[str, Any]]:
    """A question and its answer; without an answer, the question alone."""
    turns = [{"role": "user", "content": prompt}]
    return [*turns, {"role": "assistant", "content": answer}] if answer else turns


def texts_of(*pairs: tuple[str, str]) -> Texts:
    """The texts of (prompt, answer) pairs."""
    return Texts.of(frame_of(turns_of(*pair) for pair in pairs))


def normal(text: str) -> str:
    """The normal form of one text."""
    form: str = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(normalised(pl.col("text"))).item()
    return form


def ngrams(text: str, size: int) -> set[str]:
    """A text's character n-grams; the whole of a shorter text."""
    if len(text) < size:
        return {text} if text else set()
    return {text[start : start + size] for start in range(len(text) - size + 1)}


def likeness(left: str, right: str, size: int = 5) -> float:
    """Jaccard similarity of two texts' n-grams, the obvious way."""
    a, b = ngrams(left, size), ngrams(right, size)
    return len(a & b) / len(a | b) if a and b else 0.0


def static_model(folder: Path, meanings: Sequence[Sequence[str]]) -> Path:
    """A folder of static embeddings: words of one meaning have one direction, unknown words none."""
    import numpy as np
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    folder.mkdir(parents=True)
    words = {word: number + 1 for number, word in enumerate(word for group in meanings for word in group)}
    table = np.zeros((len(words) + 1, len(meanings)), dtype=np.float32)
    for number, group in enumerate(meanings):
        table[[words[word] for word in group], number] = 1
    tokenizer = Tokenizer(models.WordLevel({"?": 0} | words, unk_token="?"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file({"embeddings": table}, folder / "model.safetensors")
    return folder


def run_folder(folder: Path, data: Path, shown: Mapping[int, Mapping[str, Any]]) -> Path:
    """A folder with the scores of a training run.

    Args:
        folder: to make.
        data: the file the run was trained on.
        shown: by line: `split` (train), `before`, `during` (a list), `after`, `items` (10), `verbatim`.
    """
    rows = read_inputs([data]).rows
    ids = dict(zip(rows["line"].to_list(), rows["row_id"].to_list(), strict=True))
    scores = [
        RowScore(
            split=one.get("split", "train"),
            row_id=ids[line],
            items=one.get("items", 10),
            loss_before=one.get("before"),
            steps=list(range(1, len(one.get("during", [])) + 1)),
            loss_during=one.get("during", []),
            margin_during=[None] * len(one.get("during", [])),
            loss_after=one.get("after"),
            margin_after=None,
            verbatim_after=one.get("verbatim"),
            confidence=None,
            variability=None,
            dynamics=None,
        ).model_dump()
        for line, one in shown.items()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(scores, infer_schema_length=None).write_parquet(folder / ROW_SCORES_NAME)
    return folder
