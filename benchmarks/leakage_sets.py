"""What leakage.py searches: evaluation items, rows that reword or hold some of them, and rows that do not."""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import packed
import polars as pl

from dataprep.text.normalise import normalised
from dataprep.text.preambles import Preambles

GIVEN = argparse.Namespace()
"""The arguments of the command; `folder` is where the data lies."""


def unpacked(name: str) -> str:
    """The text of a file of the folder."""
    return packed.text(GIVEN.folder / name)


def lines(name: str) -> list[dict[str, Any]]:
    """The records of a JSON Lines file of it."""
    return packed.lines(GIVEN.folder / name)


def table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of it."""
    return packed.table(GIVEN.folder / name)


def normal(texts: Sequence[str]) -> pl.Series:
    """Their normal forms."""
    return pl.Series("text", texts, dtype=pl.String).to_frame().select(normalised(pl.col("text"))).to_series()


@dataclass
class Rewordings:
    """Evaluation items, training rows that reword some of them, and training rows that do not."""

    title: str
    evals: list[str]
    rephrased: list[str]
    origin: list[int]
    clean: list[str]


def gsm8k() -> tuple[list[str], list[str]]:
    """The questions of its test and training set."""
    test, train = ([row["question"] for row in lines(f"gsm8k/{name}")] for name in ("test.jsonl", "train.jsonl.zst"))
    return test, train


def toolformer() -> list[dict[str, str]]:
    """Tasks below one long preamble."""
    rows: list[dict[str, str]] = json.loads(unpacked("gpteacher/toolformer.json.zst"))
    return rows


def gsm8k_rephrased() -> tuple[list[str], list[int]]:
    """Rewordings of test questions, and which they reword."""
    rows = lines("decontam/rephrase_gsm8k_0000_0399.jsonl")
    texts = [row["text"].removeprefix("Question: ").split("\nAnswer:")[0] for row in rows]
    return texts, [row["gsm8k_test_idx"] for row in rows]


def rewordings() -> Iterator[Rewordings]:
    """Every set of rewordings there is."""
    test, train = gsm8k()
    yield Rewordings("gsm8k", test, *gsm8k_rephrased(), train)
    algebra = list(csv.reader(io.StringIO(unpacked("decontam/abstract_algebra_test.csv"))))
    mbpp = lines("mbpp/mbpp.jsonl")
    zh = [
        f"{row['instruction']}\n{row['input']}"
        for row in json.loads(unpacked("formats/llamafactory_alpaca_zh_demo.json"))
    ]
    human = [row["prompt"] + row["canonical_solution"] for row in lines("humaneval/HumanEval.jsonl.gz")]
    clean = train + [row["text"] for row in mbpp]
    code = [f"{row['text']}\n{row['code']}" for row in mbpp]
    for title, name, evals, rest in (
        ("abstract_algebra, English", "abstract_algebra_rephrase_en", [row[0] for row in algebra], clean),
        (
            "abstract_algebra, Chinese",
            "abstract_algebra_rephrase_zh",
            ["\n".join(row[:5]) for row in algebra],
            clean + zh,
        ),
        ("HumanEval, Python", "humaneval_python", human, code),
        ("HumanEval, JavaScript", "humaneval_js", human, code),
    ):
        texts = [row["text"] for row in lines(f"decontam/{name}.jsonl")]
        filled = [number for number, text in enumerate(texts) if text.strip()]
        yield Rewordings(title, evals, [texts[number] for number in filled], filled, rest)


def halves(texts: list[str]) -> tuple[list[str], list[str]]:
    """Two disjoint parts of distinct texts, the smaller one first."""
    distinct = [text for text in dict.fromkeys(normal(texts).to_list()) if text]
    random.Random(1).shuffle(distinct)  # noqa: S311
    cut = max(len(distinct) // 6, min(len(distinct) // 2, 300))
    return distinct[:cut], distinct[cut:]


def clean_sets() -> Iterator[tuple[str, list[str], list[str]]]:
    """Evaluation items and training rows that do not reword them, from one source each."""
    test, train = gsm8k()
    yield "gsm8k test / train", test, train
    texts, origin = gsm8k_rephrased()
    related = [*train, *texts, *(test[number] for number in origin)]
    rest = [text for number, text in enumerate(test) if number not in set(origin)]
    yield "the same, 10% of the rows reword each other", rest, related
    yield "the same, 35% of the rows reword each other", rest, related[-2_300:]
    questions = {name: [row["text"] for row in table(f"banking77/{name}.csv")] for name in ("test", "train")}
    yield "banking77 test / train", questions["test"], questions["train"]
    yield "bitext questions, parts", *halves([row["instruction"] for row in table("bitext/bitext_support.csv.zst")])
    for language in ("en", "zh"):
        alpaca = json.loads(unpacked(f"formats/llamafactory_alpaca_{language}_demo.json"))
        yield f"alpaca {language}, parts", *halves([f"{row['instruction']} {row['input']}" for row in alpaca])
    yield "mbpp prompts, parts", *halves([row["text"] for row in lines("mbpp/mbpp.jsonl")])
    yield "conflictqa questions, parts", *halves([row["question"] for row in lines("conflictqa/chatgpt_even.jsonl")])
    tasks = pl.Series([f"{row['instruction']}\n{row['input']}" for row in toolformer()])
    yield "gpteacher toolformer without its preamble, parts", *halves(Preambles.of(tasks).without(tasks).to_list())


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows of a data set, as prompts and completions."""
    if name.startswith("gsm8k"):
        file = name.removeprefix("gsm8k ")
        return [
            {"prompt": row["question"], "completion": row["answer"]}
            for row in lines(f"gsm8k/{'test.jsonl' if file == 'test' else 'train.jsonl.zst'}")
        ]
    if name.startswith("banking77"):
        table_name = name.removeprefix("banking77 ")
        return [{"prompt": row["text"], "completion": row["category"]} for row in table(f"banking77/{table_name}.csv")]
    is_test = name == "mbpp test"
    every = lines("mbpp/mbpp.jsonl")
    chosen = [row for row in every if (11 <= row["task_id"] <= 510) == is_test]
    return [{"prompt": row["text"], "completion": row["code"]} for row in chosen]


def items() -> dict[str, list[str]]:
    """Evaluation items that are looked for in long rows."""
    tasks = lines("evals/user_oriented_instructions.jsonl")
    return {
        "gsm8k test": gsm8k()[0],
        "mbpp test": [row["text"] for row in lines("mbpp/mbpp.jsonl")[10:510]],
        "user tasks": [f"{row['instruction']}\n{row['instances'][0]['input']}".strip() for row in tasks],
        "vicuna": [row["turns"][0] for row in lines("evals/vicuna_bench_question.jsonl")],
        "mt_bench": [row["turns"][0] for row in lines("evals/mt_bench_question.jsonl")],
    }
