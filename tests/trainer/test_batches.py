"""The order of rows: each once, seeded, and with little padding."""

from __future__ import annotations

from trainer.batches import ROWS_KEY, LengthGrouped, collate, evaluation_batches
from trainer.chat import IGNORED, Tokens

LENGTHS = [5 + place * 7919 % 296 for place in range(501)]


def padded_share(order: list[int], size: int) -> float:
    batches = [[LENGTHS[i] for i in order[start : start + size]] for start in range(0, len(order), size)]
    return 1 - sum(LENGTHS) / sum(len(batch) * max(batch) for batch in batches)


def test_each_row_once_an_epoch_and_another_order_each_time() -> None:
    sampler = LengthGrouped(LENGTHS, 8, seed=3)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(len(LENGTHS)))
    assert first != second
    assert list(LengthGrouped(LENGTHS, 8, seed=3)) == first
    assert list(LengthGrouped(LENGTHS, 8, seed=4)) != first


def test_little_padding_and_no_trend() -> None:
    order = list(LengthGrouped(LENGTHS, 8, seed=3))
    assert padded_share(order, 8) < 0.1 < padded_share(list(range(len(LENGTHS))), 8)
    half = len(order) // 2
    early, late = sum(LENGTHS[i] for i in order[:half]), sum(LENGTHS[i] for i in order[half:])
    assert 0.8 < early / late < 1.25


def test_fewer_rows_than_a_batch() -> None:
    assert sorted(LengthGrouped([5, 3], 8, seed=0)) == [0, 1]


def test_padding_carries_neither_attention_nor_loss() -> None:
    rows = [Tokens("a", [5, 6, 7], [IGNORED, 6, 7]), Tokens("b", [8], [IGNORED])]
    batch = collate(list(enumerate(rows)), pad_id=9)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 9, 9]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"].tolist() == [[IGNORED, 6, 7], [IGNORED] * 3]
    assert batch[ROWS_KEY].tolist() == [0, 1]


def test_evaluation_batches_stay_within_their_bound() -> None:
    rows = [Tokens(str(i), [1] * length, [1] * length) for i, length in enumerate(LENGTHS)]
    seen = []
    for batch in evaluation_batches(rows, 256):
        assert len(batch) == 1 or len(batch) * max(len(tokens.input_ids) for _, tokens in batch) <= 256
        seen += [number for number, _ in batch]
    assert sorted(seen) == list(range(len(rows)))
