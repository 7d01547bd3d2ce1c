"""Leakage against ground truth, and what the search for it costs; prints the tables of docs/quality.md.

    python benchmarks/leakage.py [FOLDER] [--model MODEL]

FOLDER holds gsm8k, decontam, mbpp, ... (default: ../shared/data); needs the `zstandard` package. With --model, a
folder with a sentence-transformers model, rewordings are looked for by meaning too. `million_rows.py` measures time.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from leakage_sets import (
    GIVEN,
    Rewordings,
    clean_sets,
    gsm8k,
    gsm8k_rephrased,
    items,
    lines,
    normal,
    rewordings,
    rows_of,
    table,
    toolformer,
    unpacked,
)

from dataprep import audit
from dataprep.config import AuditConfig
from dataprep.similarity import calibrated
from dataprep.similarity.calibrate import RATE
from dataprep.similarity.contain import contained
from dataprep.similarity.pairs import cross_pairs
from dataprep.similarity.plan import SimilarityParams
from dataprep.similarity.reworded import cross
from dataprep.text.embeddings import embed

ROOT = Path(__file__).parent.parent


def judge(data: Rewordings, found: calibrated.Rewordings) -> Iterator[str]:
    """The cells of `HEAD` from the threshold on."""
    pairs, count = found.pairs, len(data.rephrased)
    origin = np.array([*data.origin, *[-1] * len(data.clean)])[pairs.right]
    right, wrong = origin == pairs.left, origin < 0
    got = np.isin(np.arange(count), pairs.right[right])
    yield f"{found.calibration.threshold:.2f}{' *' if found.calibration.by_items else ''}"
    yield f"{got.mean():.1%}"
    yield f"{got[::2].mean():.1%} / {got[1::2].mean():.1%}"
    yield f"{np.isin(np.arange(count), pairs.right[right & pairs.is_proved]).mean():.1%}"
    yield f"{np.unique(pairs.left[wrong]).size / len(data.evals):.2%}"
    yield f"{np.unique(pairs.right[wrong]).size / len(data.clean):.2%}"
    yield f"{np.unique(pairs.left[wrong & pairs.is_proved]).size}"


HEAD = (
    *("rewordings of", "of them / items / clean rows", "by", "score >=", "found", "either half", "proved by numbers"),
    *("items found with clean rows", "clean rows found", "items proved wrongly"),
)


def paraphrases() -> Iterator[str]:
    """Rewordings among clean rows, with the threshold that the rows themselves give."""
    yield f"Stated rate: {RATE:.0%} of the evaluation items."
    yield ""
    yield f"| {' | '.join(HEAD)} |"
    yield f"|---|---|---|{'---:|' * (len(HEAD) - 3)}"
    for data in rewordings():
        train = data.rephrased + data.clean
        evals, rows = normal(data.evals), normal(train)
        sizes = f"{len(data.rephrased):,} / {len(data.evals):,} / {len(data.clean):,}"
        cells = " | ".join(judge(data, calibrated.leaks(evals, rows)))
        yield f"| {data.title} | {sizes} | words and numbers | {cells} |"
        if GIVEN.model:
            vectors = embed(GIVEN.model, [*data.evals, *train])
            left, right = vectors[: len(data.evals)], vectors[len(data.evals) :]
            cells = " | ".join(judge(data, calibrated.leaks_by_meaning(left, right, (evals, rows))))
            yield f"| | | {Path(GIVEN.model).parent.name.replace('_', '-')} | {cells} |"
    yield ""
    yield "* from the evaluation items: the training rows are more alike than the items are."


def rates() -> Iterator[str]:
    """Clean items that reach the threshold, near-duplicates of training rows left out, beside the stated rate."""
    stated = (0.05, 0.01, 0.003)
    yield f"| clean items / rows | items | rows | {' | '.join(f'{rate:.1%}' for rate in stated)} |"
    yield "|---|---:|---:|---:|---:|---:|"
    for title, left, right in clean_sets():
        evals, train = normal(left), normal(right)
        near = cross_pairs(evals, train, SimilarityParams())
        related = set(zip(near.left.tolist(), near.right.tolist(), strict=True))
        cells = []
        for rate in stated:
            pairs = calibrated.leaks(evals, train, rate=rate).pairs
            listed = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
            cells.append(f"{len({pair[0] for pair in listed if pair not in related}) / len(left):.2%}")
        yield f"| {title} | {len(left):,} | {len(right):,} | {' | '.join(cells)} |"


def errors() -> Iterator[str]:
    """What would be an error, and what a warning only."""
    test, train = gsm8k()
    evals, rows = normal(test), normal(train)
    pairs, inside = calibrated.leaks(evals, rows).pairs, contained(rows, evals)

    def count(numbers: NDArray[np.int64]) -> int:
        return int(np.unique(numbers).size)

    yield f"- gsm8k train against test, which is clean: {evals.is_in(rows.implode()).sum()} exact."
    yield f"  Reworded: {count(pairs.left)} items, {count(pairs.left[pairs.is_variant])} of them variants,"
    yield f"  {count(pairs.left[pairs.is_proved])} proved by numbers. Contained: {count(inside.item)} items,"
    yield f"  {count(inside.item[inside.coverage >= 0.8])} of them for 80% or more."
    mbpp = {row["task_id"]: row["text"] for row in lines("mbpp/mbpp.jsonl")}
    forms = dict(zip(mbpp, normal(list(mbpp.values())).to_list(), strict=True))
    twins = [(216, 872), (217, 602), (248, 704)]
    yield f"- mbpp test against train: {sum(forms[a] == forms[b] for a, b in twins)} of its 3 twins are exact."
    tasks, others = (normal([mbpp[number] for number in range(*ids)]) for ids in ((11, 511), (601, 975)))
    pairs = calibrated.leaks(tasks, others).pairs
    yield f"  Reworded: {count(pairs.left)} of {tasks.len()} items, {pairs.is_proved.sum()} of the pairs proved."
    radians = normal([f"Write a function to convert {what}." for what in ("radians to degrees", "degrees to radians")])
    found = cross(radians[:1], pl.concat([others, radians[1:]]))
    yield f"  Radians to degrees and back score {found.score[0]:.2f}, proved: {'yes' if found.is_proved[0] else 'no'}."


def audited(train: list[dict[str, str]], evals: list[dict[str, str]], **more: Any) -> pl.DataFrame:
    """The LEAK findings of an audit; lines count from 1."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = [Path(scratch) / f"{name}.jsonl" for name in ("train", "eval")]
        for path, rows in zip(paths, (train, evals), strict=True):
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return audit(paths[:1], paths[1:], AuditConfig(select=["LEAK"], **more)).findings


def counts(findings: pl.DataFrame) -> str:
    """Evaluation items by the gravest finding on each, and by code."""
    rank = pl.col("severity").replace_strict({"error": 0, "warning": 1, "note": 2}, return_dtype=pl.Int8)
    worst = findings.group_by("related_line").agg(rank.min().alias("rank"))["rank"].to_list()
    codes = findings.group_by("code").agg(pl.col("related_line").n_unique()).sort("code").rows()
    listed = ", ".join(f"{code} {count:,}" for code, count in codes) or "none"
    return f"{' | '.join(f'{worst.count(number):,}' for number in range(3))} | {listed}"


def findings() -> Iterator[str]:
    """What an audit says: evaluation items by the gravest of their findings."""
    yield "| training rows / evaluation items | error | warning | note | items by code |"
    yield "|---|---:|---:|---:|---|"
    test, train = rows_of("gsm8k test"), rows_of("gsm8k train")
    texts, origin = gsm8k_rephrased()
    yield f"| gsm8k train / test, which is clean | {counts(audited(train, test))} |"
    planted = [{"prompt": text, "completion": "?"} for text in texts]
    for what, model in (("", {}), (", and by meaning", {"semantic": GIVEN.model})):
        if what and not GIVEN.model:
            continue
        found = audited(train + planted, test, **model)
        yield f"| the same with {len(texts)} rewordings among the rows{what} | {counts(found)} |"
        own = found.filter(pl.col("line") > len(train))
        right = own.filter(
            pl.col("related_line") == pl.Series([origin[line - 1 - len(train)] + 1 for line in own["line"]])
        )
        grave = right.filter(pl.col("severity") != "note")
        wrong = found.filter(pl.col("line") <= len(train))
        yield (
            f"| - of the rewordings {right['line'].n_unique() / len(texts):.1%} are named with their item, "
            f"{grave['line'].n_unique() / len(texts):.1%} as an error or a warning; items named with a clean row | "
            f"{counts(wrong)} |"
        )
    bank_test, bank_train = rows_of("banking77 test"), rows_of("banking77 train")
    found = audited(bank_train, bank_test)
    yield f"| banking77 train / test | {counts(found)} |"
    rows, asked = (normal([row["prompt"] for row in part]) for part in (bank_train, bank_test))
    pairs = cross_pairs(rows, asked, SimilarityParams(threshold=0.8, engine="exact"))
    alike, named = set((pairs.right + 1).tolist()), set(found["related_line"].to_list())
    exact = set(np.flatnonzero(asked.is_in(rows.implode()).to_numpy()) + 1)
    codes = set(found.filter(code="LEAK001")["related_line"].to_list())
    yield (
        f"| - {len(exact & codes)} of {len(exact)} exact ones are LEAK001; of {len(alike)} with character 5-grams "
        f">= 0.8 {len(alike & named)} are named | | | | |"
    )
    mbpp_test, mbpp_train = rows_of("mbpp test"), rows_of("mbpp train")
    yield f"| mbpp train / test | {counts(audited(mbpp_train, mbpp_test))} |"


def planted() -> Iterator[str]:
    """Items inside rows of 500 other words, and rows inside items of 300, among as many rows without."""
    dice = random.Random(5)  # noqa: S311
    answers = [row["response"] for row in table("bitext/bitext_support.csv.zst")]
    answers += [row["output"] for row in toolformer()]

    def around(text: str, count: int) -> str:
        words: list[str] = []
        while len(words) < count:
            words += dice.choice(answers).split()
        place = dice.randrange(count)
        return " ".join([*words[:place], text, *words[place:count]])

    every = [text for part in items().values() for text in part]
    names = [name for name, part in items().items() for _ in part]
    forms = normal(every).to_list()
    twins = {(a, b) for a, b, _ in cross_pairs(forms, forms, SimilarityParams())}
    rows = normal([around(text, 500) for text in every] + [around("", 500) for _ in every])
    reverse = normal([around(text, 300) for text in every])
    yield "| planted | items | found in rows | rows found in items |"
    yield "|---|---:|---:|---:|"
    hits = [
        set(zip(found.row.tolist(), found.item.tolist(), strict=True))
        for found in (contained(rows, pl.Series(forms)), contained(pl.Series(forms), reverse))
    ]
    for name in items():
        own = [number for number, other in enumerate(names) if other == name]
        cells = [f"{sum((number, number) in pairs for number in own) / len(own):.3f}" for pairs in hits]
        yield f"| {name} | {len(own):,} | {' | '.join(cells)} |"
    yield ""
    for what, pairs in zip(("Items in rows", "Rows in items"), hits, strict=True):
        right = sum(pair in twins for pair in pairs)
        clean = sum(row >= len(every) for row, _ in pairs)
        recall = sum((number, number) in pairs for number in range(len(every))) / len(every)
        yield f"{what}: recall {recall:.4f}, precision {right / len(pairs):.4f} (near-duplicates of what was planted"
        yield f"are right), {clean} of {len(every):,} clean rows found."


def files() -> Iterator[str]:
    """Which real files hold items of which others."""
    instances = lines("formats/self_instruct_seed_tasks.jsonl")
    texts = {
        **{
            name: [
                f"{r['instruction']}\n{r['input']}\n{r['output']}"
                for r in json.loads(unpacked(f"formats/{name}.json"))
            ]
            for name in ("llamafactory_alpaca_en_demo", "llamafactory_alpaca_zh_demo")
        },
        "self_instruct_seed_tasks": [
            f"{r['instruction']}\n{r['instances'][0]['input']}\n{r['instances'][0]['output']}" for r in instances
        ],
        "gpteacher toolformer": ["\n".join(row.values()) for row in toolformer()],
        "gsm8k model_solutions": [r["question"] for r in lines("gsm8k/model_solutions_0000_0659.jsonl")],
        "mbpp": [f"{r['text']}\n{r['code']}" for r in lines("mbpp/mbpp.jsonl")],
        "vicuna": items()["vicuna"],
    }
    yield "| items of | in | items | rows | whole or nearly |"
    yield "|---|---|---:|---:|---:|"
    for name, part in items().items():
        for other, rows in texts.items():
            if other.split()[0] == name.split()[0] and other in {"mbpp", "vicuna"}:
                continue
            found = contained(normal(rows), normal(part))
            if len(found):
                whole = np.unique(found.item[found.coverage >= 0.9]).size
                yield f"| {name} | {other} | {np.unique(found.item).size} | {np.unique(found.row).size} | {whole} |"


def main() -> None:
    """Print every table whose data is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model")
    parser.add_argument("--only", default="")
    parser.parse_args(namespace=GIVEN)
    parts: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("Rewordings", paraphrases),
        ("False positives, stated and measured", rates),
        ("Errors and warnings", errors),
        ("Findings of an audit", findings),
        ("Contained", planted),
        ("Items in other files", files),
    ]
    for title, part in parts:
        if GIVEN.only.lower() not in title.lower():
            continue
        print(f"\n### {title}\n", flush=True)
        try:
            for line in part():
                print(line, flush=True)
        except FileNotFoundError as err:
            print(f"left out: {err}")


if __name__ == "__main__":
    main()
