"""Which differences mean something."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from dataprep.similarity import SimilarityParams, example_difference, meaningful_difference, self_pairs
from dataprep.text.views import with_texts
from tests.helpers import write_rows

SAME = [
    ("Where is my order?", "where is my order"),
    ("Where is my order?", "Please help me with this: where is my order?"),
    ("I need help to get in touch", "I needd help to get in tuoch"),
    ("It costs 1,000 dollars.", "It costs 1000 dollars."),
    ("First do this. Then do that.", "Then do that. First do this."),
    ("I don't know.", "i dont know"),
    ("", ""),
]
OTHER = [
    ("refund in 14 days", "refund in 30 days", "number"),
    ("version 3.7 of it", "version 37 of it", "number"),
    ("you can return it", "you can not return it", "negation"),
    ("parcels are sent", "parcels aren't sent", "negation"),
    ("is a < b there", "is a > b there", "operator"),
    ("how to increase it", "how to decrease it", "word"),
    ("is it legal there", "is it illegal there", "word"),
    ("fly to Canberra now", "fly to Sydney now", "name"),
    ("convert radians to degrees", "convert degrees to radians", "order"),
    ("a loop in C# please", "a loop in C++ please", "name"),
    ("退款需要多少天", "退款需要多少钱", "word"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_slips_and_filler(left: str, right: str) -> None:
    assert meaningful_difference(left, right, words_matter=True) is None
    assert meaningful_difference(right, left, words_matter=True) is None


@pytest.mark.parametrize(("left", "right", "kind"), OTHER)
def test_meaning(left: str, right: str, kind: str) -> None:
    for one, two in ((left, right), (right, left)):
        found = meaningful_difference(one, two, words_matter=True)
        assert found is not None
        assert found.kind == kind


def test_planted_pairs_and_traps(shared: Path, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard", reason="the planted data is packed with zstd")
    from dataprep import load

    folder = shared / "neardup_planted"
    packed = io.BytesIO((folder / "rows.jsonl.zst").read_bytes())
    text = zstandard.ZstdDecompressor().stream_reader(packed).read().decode()
    rows = [json.loads(line) for line in text.splitlines()]
    frame = with_texts(load([write_rows(tmp_path / "d.jsonl", rows)]).rows)
    prompts, answers = frame["prompt"].to_list(), frame["answer"].to_list()
    called = {
        frozenset({rows[a]["id"], rows[b]["id"]})
        for a, b, _ in self_pairs(frame["pair_norm"].to_list(), SimilarityParams())
        if example_difference((prompts[a], answers[a]), (prompts[b], answers[b])) is None
    }
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    planted = {frozenset({t["a"], t["b"]}) for t in truth if t["class"] == "duplicate"}
    traps = {frozenset({t["a"], t["b"]}) for t in truth if t["class"] == "trap"}
    assert len(called & planted) >= 0.95 * len(planted)
    assert len(called & traps) <= 5
    assert len(called & planted) >= 0.99 * len(called)
