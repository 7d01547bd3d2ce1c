"""Rewordings of evaluation items: found at a measured rate, on made-up and on real questions."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import zstandard

from dataprep.similarity.calibrated import DEFAULT, leaks, leaks_by_meaning, rewordings
from dataprep.similarity.contain import contained
from dataprep.text.normalise import normalised


def normal(texts: list[str]) -> pl.Series:
    return pl.Series("t", texts, dtype=pl.String).to_frame().select(normalised(pl.col("t"))).to_series()


def shop(dice: random.Random) -> str:
    who, what = dice.choice(["ann", "bob", "carl", "dana"]), dice.choice(["apples", "pens", "books", "cups", "hats"])
    verb, much = dice.choice(["buys", "sells", "finds"]), dice.choice(["how many", "how much money"])
    extra = " ".join(f"thing{dice.randrange(400)}" for _ in range(dice.randrange(4, 9)))
    first, second = dice.randrange(100, 9_000), dice.randrange(100, 9_000)
    return f"{who} {verb} {first} {what} and {extra} for {second} {much} are left"


def test_rewordings_are_found_and_strangers_are_not() -> None:
    dice = random.Random(1)  # noqa: S311 - test data
    train, evals = [shop(dice) for _ in range(1_500)], [shop(dice) for _ in range(300)]
    for number, text in enumerate(evals[:40]):
        words = text.split()
        words[1], words[-4] = "gets", "what number"
        train[number * 30] = " ".join(["please", *words])
    found = leaks(normal(evals), normal(train))
    assert found.calibration.is_measured
    pairs = set(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))
    planted = {(number, number * 30) for number in range(40)}
    assert planted <= pairs
    assert len({left for left, _ in pairs - planted}) <= 0.03 * len(evals)


def test_too_few_rows_take_the_default_and_say_so() -> None:
    found = leaks(normal(["where is my order 123456"]), normal(["my order 123456 where is it", *"abcdefgh"]))
    assert found.calibration.threshold == DEFAULT
    assert "cannot be measured" in found.calibration.in_words()
    assert len(found.pairs) == 0


@pytest.mark.parametrize(("evals", "train"), [([], []), (["a 1"], []), ([], ["a 1"]), ([""], [""])])
def test_nothing_leaks_from_nothing(evals: list[str], train: list[str]) -> None:
    assert len(leaks(normal(evals), normal(train)).pairs) == 0


def test_a_full_list_is_said() -> None:
    dice = random.Random(2)  # noqa: S311
    text = "the blue dragon ate 4711 golden apples in 815 villages of 93 kingdoms"
    train = [shop(dice) for _ in range(300)] + [f"{text} today{number}" for number in range(5)]
    found = leaks(normal([text]), normal(train), most=3)
    assert found.pairs.right.tolist() == [300, 301, 302]
    assert found.limits == ["1 evaluation items may have more rewordings than the 3 that are listed for each"]


def test_embeddings_take_their_threshold_from_the_rows() -> None:
    dice = np.random.default_rng(3)
    vectors = dice.normal(size=(900, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    evals = np.ascontiguousarray(vectors[600:])
    train = vectors[:600].copy()
    train[:50] = evals[:50] + 0.05 * dice.normal(size=(50, 24))
    train /= np.linalg.norm(train, axis=1, keepdims=True)
    texts = [
        pl.Series([f"{what} {number} of its own" for number in range(len(part))])
        for what, part in (("item", evals), ("row", train))
    ]
    found = leaks_by_meaning(evals, train, (texts[0], texts[1]))
    pairs = set(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))
    assert {(number, number) for number in range(50)} <= pairs
    assert len({left for left, right in pairs if left != right}) <= 12
    assert 0.7 < found.calibration.threshold < 0.95
    shared = found.pairs.left == found.pairs.right
    assert found.pairs.shared_numbers.tolist() == shared.astype(int).tolist()
    assert found.pairs.numbers.tolist() == [1] * len(found.pairs)


def test_equal_texts_are_no_rewordings_by_meaning() -> None:
    vectors = np.eye(4, dtype=np.float32)
    evals, train = pl.Series(["a", "b", "", "d"]), pl.Series(["a", "c", "", "c"])
    pairs = leaks_by_meaning(vectors, vectors, (evals, train)).pairs
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == [(1, 1)]


def test_rewordings_in_one_column_are_of_earlier_texts() -> None:
    dice = random.Random(4)  # noqa: S311
    texts = [shop(dice) for _ in range(1_200)]
    for number in range(20):
        words = texts[number].split()
        words[1] = "gets"
        texts[1_000 + number] = " ".join([*words, "now"])
    found = rewordings(normal(texts))
    pairs = set(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))
    planted = {(1_000 + number, number) for number in range(20)}
    assert planted <= pairs
    assert len({left for left, _ in pairs - planted}) <= 0.03 * len(texts)


def lines(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    return [json.loads(line) for line in data.decode().splitlines()]


def test_real_rewordings_at_the_stated_rate(shared: Path) -> None:
    test, train = (
        [row["question"] for row in lines(shared / "gsm8k" / name)] for name in ("test.jsonl", "train.jsonl.zst")
    )
    rephrased = lines(shared / "decontam" / "rephrase_gsm8k_0000_0399.jsonl")
    texts = [row["text"].removeprefix("Question: ").split("\nAnswer:")[0] for row in rephrased]
    origin = np.array([row["gsm8k_test_idx"] for row in rephrased])
    pairs = leaks(normal(test), normal(train + texts)).pairs
    planted = pairs.right >= len(train)
    right = planted & (origin[np.where(planted, pairs.right - len(train), 0)] == pairs.left)
    assert right.sum() >= 0.85 * len(texts)
    assert (right & pairs.is_proved).sum() >= 0.7 * len(texts)
    assert np.unique(pairs.left[~right]).size <= 0.015 * len(test)
    assert (pairs.is_proved & ~right).sum() <= 3
    assert np.unique(contained(normal(train), normal(test)).item).size <= 3
