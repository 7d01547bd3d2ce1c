"""The order of rows: each once, seeded, and with little padding."""

from __future__ import annotations

import pytest

from trainer.batches import Layout, LengthGrouped, Shuffled, collate, evaluation_batches
from trainer.tokens import IGNORED, Pair, Tokens

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


def test_shuffled_gives_each_bin_once_and_another_order_each_epoch() -> None:
    sampler = Shuffled(50, seed=3)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second


ROWS = [Tokens.of("a", [5, 6, 7], [0, 1, 0.5]), Tokens.of("b", [8], [0]), Tokens.of("c", [3, 4], [0, 1])]


def test_padding_carries_no_loss() -> None:
    batch = collate([[(place, row)] for place, row in enumerate(ROWS)], pad_id=9, layout="padded")
    assert set(batch.inputs) == {"input_ids"}  # what follows a row is never looked at
    assert batch.inputs["input_ids"].tolist() == [[5, 6, 7], [8, 9, 9], [3, 4, 9]]
    assert batch.labels.tolist() == [[IGNORED, 6, 7], [IGNORED] * 3, [IGNORED, 4, IGNORED]]
    assert batch.owners.tolist() == [[0, 0, 0], [1, -1, -1], [2, 2, -1]]
    assert (batch.rows, batch.row_ids, batch.items) == ([0, 1, 2], ["a", "b", "c"], 2.5)
    assert (batch.read, batch.supervised) == (6, 3)
    masked = collate([[(place, row)] for place, row in enumerate(ROWS)], pad_id=9, layout="masked")
    assert masked.inputs["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 0]]


def test_flat_rows_have_positions_of_their_own() -> None:
    batch = collate([[(0, ROWS[0]), (1, ROWS[1])], [(2, ROWS[2])]], pad_id=9, layout="flat")
    assert batch.inputs["input_ids"].tolist() == [[5, 6, 7, 8, 3, 4]]
    assert batch.inputs["position_ids"].tolist() == [[0, 1, 2, 0, 0, 1]]
    assert batch.inputs["cu_seq_lens_q"].tolist() == [0, 3, 4, 6]
    assert batch.inputs["max_length_q"] == 3
    assert "attention_mask" not in batch.inputs


def test_packed_rows_share_padded_lines() -> None:
    batch = collate([[(0, ROWS[0]), (1, ROWS[1])], [(2, ROWS[2])]], pad_id=9, layout="padded")
    assert batch.inputs["input_ids"].tolist() == [[5, 6, 7, 8], [3, 4, 9, 9]]
    assert batch.inputs["position_ids"].tolist() == [[0, 1, 2, 0], [0, 1, 0, 0]]
    assert "attention_mask" not in batch.inputs


def test_the_answers_of_a_pair_follow_each_other() -> None:
    batch = collate([[(4, Pair("p", ROWS[0], ROWS[2]))]], pad_id=9, layout="padded")
    assert batch.inputs["input_ids"].tolist() == [[5, 6, 7], [3, 4, 9]]
    assert (batch.rows, batch.items) == ([4], 1.0)


@pytest.mark.parametrize("layout", ["flat", "padded"])
def test_evaluation_batches_stay_within_their_bound(layout: Layout) -> None:
    rows = [Tokens.of(str(i), [1] * length, [1] * length) for i, length in enumerate(LENGTHS)]
    seen = []
    for lines in evaluation_batches(rows, 256, layout):
        lengths = [len(row) for line in lines for _, row in line]
        assert len(lines) == 1 or (sum(lengths) if layout == "flat" else len(lengths) * max(lengths)) <= 256
        seen += [number for line in lines for number, _ in line]
    assert sorted(seen) == list(range(len(rows)))
