"""Splits: nothing crosses by an independent all-pairs check, nothing is lost, equal input gives equal bytes."""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep import audit, split, splitting
from dataprep.api import clean, verify
from dataprep.config import AuditConfig, SplitConfig
from dataprep.contract import SplitManifest, SplitName
from dataprep.errors import InputError, SplitError
from dataprep.similarity import Match
from dataprep.splits.certify import Proof, Terms, certify
from tests.helpers import chat, read_rows, write_rows
from trainer.data import load_splits

WORDS = "order parcel refund account invoice status payment address delivery return newsletter password".split()


def shingles(text: str) -> set[str]:
    plain = " ".join(re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", text).casefold()).split())
    return {plain[i : i + 5] for i in range(max(1, len(plain) - 4))}


def jaccard(left: set[str], right: set[str]) -> float:
    return len(left & right) / len(left | right)


@st.composite
def corpora(draw: st.DrawFn) -> list[dict[str, object]]:
    """Rows that repeat, resemble, contradict and share prompts with one another."""
    texts = st.lists(st.sampled_from(WORDS), min_size=2, max_size=9).map(" ".join)
    prompts = draw(st.lists(texts, min_size=3, max_size=8))
    rows = []
    for _ in range(draw(st.integers(8, 40))):
        prompt = draw(st.sampled_from(prompts)) + draw(st.sampled_from(["", "?", " please", " 12", " 34"]))
        rows.append(chat(prompt, draw(texts)))
    return rows


@settings(max_examples=40)
@given(rows=corpora(), seed=st.integers(0, 5))
def test_nothing_crosses_and_nothing_is_lost(rows: list[dict[str, object]], seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        data = write_rows(Path(folder) / "data.jsonl", rows)
        manifest = split([data], out, config=SplitConfig(seed=seed)).manifest
        assert manifest.certificate.passed
        assert manifest.account.records_in == len(rows)
        assert manifest.account.balanced()
        sides = []
        for name in ("train", "validation", "test"):
            for row in read_rows(out / f"{name}.jsonl"):
                prompt, answer = (turn["content"] for turn in row["messages"])
                sides.append((name, prompt, shingles(prompt + "\n" + answer)))
        dropped = read_rows(out / "dropped.jsonl")
        assert len(sides) + len(dropped) == len(rows)
        for (side, prompt, pair), (other_side, other_prompt, other_pair) in combinations(sides, 2):
            if side != other_side:
                assert shingles(prompt) != shingles(other_prompt)
                assert jaccard(pair, other_pair) < 0.75


def test_ratios_seed_and_repeatability(tmp_path: Path, sample: Path) -> None:
    data = [sample / "train.jsonl"]
    first = split(data, tmp_path / "a", [sample / "eval.jsonl"])
    again = split(data, tmp_path / "b", [sample / "eval.jsonl"])
    other = split(data, tmp_path / "c", [sample / "eval.jsonl"], SplitConfig(seed=1))
    kept = first.manifest.account.kept
    for file, ratio in zip(first.manifest.files, (0.8, 0.1, 0.1), strict=False):
        assert abs(file.rows - ratio * kept) <= first.largest_group
    for path in sorted((tmp_path / "a").iterdir()):
        mine, theirs = path.read_bytes(), (tmp_path / "b" / path.name).read_bytes()
        if path.name == "manifest.json":
            one, two = json.loads(mine), json.loads(theirs)
            one.pop("created_at"), two.pop("created_at")
            assert one == two
        else:
            assert mine == theirs, path.name
    assert again.manifest.content_sha256 == first.manifest.content_sha256
    assert other.manifest.files[0].sha256 != first.manifest.files[0].sha256


def test_manifest_notices_every_change(tmp_path: Path, sample: Path) -> None:
    out = tmp_path / "out"
    split([sample / "train.jsonl"], out)
    manifest = SplitManifest.load(out)
    assert manifest.problems(out) == []
    train = (out / "train.jsonl").read_bytes()
    (out / "train.jsonl").write_bytes(train[:100] + b"x" + train[101:])
    assert manifest.problems(out) == ["train.jsonl was changed after it was written"]
    (out / "train.jsonl").unlink()
    assert manifest.problems(out) == ["train.jsonl is missing"]
    (out / "train.jsonl").write_bytes(train)
    text = (out / "manifest.json").read_text()
    (out / "manifest.json").write_text(text.replace('"seed": 0', '"seed": 1'))
    assert "manifest.json was edited after it was written" in SplitManifest.load(out).problems(out)


def test_manifest_of_an_earlier_version_that_lacks_an_optional_field_is_trusted(tmp_path: Path, sample: Path) -> None:
    split([sample / "train.jsonl"], tmp_path)
    text = json.loads((tmp_path / "manifest.json").read_text())
    del text["notes"], text["group_keys"], text["fold"]
    (tmp_path / "manifest.json").write_text(json.dumps(text))
    assert SplitManifest.load(tmp_path).problems(tmp_path) == []


def test_group_by_keeps_values_together(tmp_path: Path) -> None:
    rows = [
        chat(f"{word} {other}", word * 3) | {"ticket": i % 5} for i, (word, other) in enumerate(combinations(WORDS, 2))
    ]
    split([write_rows(tmp_path / "d.jsonl", rows)], tmp_path / "out", config=SplitConfig(group_by="ticket"))
    seen: dict[int, set[str]] = {}
    for name in ("train", "validation", "test"):
        for row in read_rows(tmp_path / "out" / f"{name}.jsonl"):
            seen.setdefault(row["ticket"], set()).add(name)
    assert all(len(names) == 1 for names in seen.values())


def test_classes_are_shared_out_by_their_label(tmp_path: Path) -> None:
    pairs = enumerate(combinations(WORDS, 2))
    rows = [{"text": f"{one} {two} {one[::-1]}", "intent": ("pay", "send")[i % 2]} for i, (one, two) in pairs]
    settings = {"map": {"prompt": "text", "answer": "intent"}, "stratify_by": "label"}
    split([write_rows(tmp_path / "d.jsonl", rows)], tmp_path / "out", config=SplitConfig.model_validate(settings))
    for name in ("train", "validation", "test"):
        found = read_rows(tmp_path / "out" / f"{name}.jsonl")
        labels = Counter(row["messages"][-1]["content"] for row in found)
        assert abs(labels["pay"] - labels["send"]) <= 1


@pytest.mark.parametrize("by", [{"group_by": "label"}, {"stratify_by": "label"}, {"split_by": "label"}])
def test_own_fields_with_names_of_the_contract_are_renamed_and_found_by_the_name_given(
    tmp_path: Path, by: dict[str, str]
) -> None:
    names = ("train", "validation", "test", "train", "train", "train")
    pairs = enumerate(combinations(WORDS, 2))
    rows = [
        chat(f"{one} {two}", one * 3) | {"label": names[i % 6], "chosen": ["a", "b"], "original_label": i}
        for i, (one, two) in pairs
    ]
    data, out = write_rows(tmp_path / "d.jsonl", rows), tmp_path / "out"
    split([data], out, config=SplitConfig.model_validate(by))
    loaded = load_splits(out).rows
    extras = [line.example.model_extra or {} for lines in loaded.values() for line in lines]
    assert {extra["original_original_label"] for extra in extras} == set(names)
    assert all(isinstance(extra["original_label"], int) and extra["original_chosen"] == ["a", "b"] for extra in extras)
    assert verify(out).problems == []


def test_what_cleaning_wrote_is_split_by_the_names_of_its_input(tmp_path: Path) -> None:
    rows = [chat(f"{one} {two}", one * 3) | {"label": one} for one, two in combinations(WORDS, 2)]
    clean([write_rows(tmp_path / "d.jsonl", rows)], out=tmp_path / "cleaned")
    made = split([tmp_path / "cleaned" / "kept.jsonl"], tmp_path / "out", config=SplitConfig(group_by="label"))
    assert made.manifest.group_keys == ["label"]
    assert load_splits(tmp_path / "out").record.verified


def test_a_number_in_one_file_and_its_digits_in_the_other_leak(tmp_path: Path) -> None:
    train = write_rows(tmp_path / "d.jsonl", [chat("one", "two") | {"doc_id": 81}, chat("three", "four")])
    held_out = write_rows(tmp_path / "e.jsonl", [chat("five", "six") | {"doc_id": "81"}])
    found = audit([train], [held_out], AuditConfig(select=["LEAK006"])).findings
    assert found["line"].to_list() == [1]
    assert found["message"][0].endswith(": 81")


def test_leaks_that_any_fold_shows_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [chat(f"{one} {two}", one * 3) for one, two in combinations(WORDS, 2)]
    data, held_out = write_rows(tmp_path / "d.jsonl", rows), write_rows(tmp_path / "e.jsonl", [chat("x", "y")])
    calls = 0

    def seen(files: dict[SplitName, Path], eval_rows: pl.DataFrame, terms: Terms) -> Proof:
        nonlocal calls
        calls += 1
        proof = certify(files, eval_rows, terms)
        if not calls % 2:  # the second fold of each round
            row_id = read_rows(files["train"])[0]["row_id"]
            leaks = [(row_id, Match("near", 0, 0, "prompt", 0.9))]
            return replace(proof, certificate=proof.certificate.model_copy(update={"passed": False}), leaks=leaks)
        return proof

    monkeypatch.setattr(splitting, "certify", seen)
    with pytest.raises(SplitError, match=r"rows still cross after 5 rounds, [0-9a-f]{16}-0 among them"):
        split([data], tmp_path / "out", [held_out], SplitConfig(folds=2))
    assert calls == 10


def test_refusals_leave_nothing_behind(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "train.jsonl", [chat("a", ""), chat("b", "")])
    with pytest.raises(SplitError, match="no row is left"):
        split([data], tmp_path / "out")
    before = data.read_bytes()
    good = write_rows(tmp_path / "test.jsonl", [chat(word, word * 2) for word in WORDS])
    with pytest.raises(InputError, match="one of the inputs"):
        split([good], tmp_path)
    assert data.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test.jsonl", "train.jsonl"]


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "d.jsonl", [chat(word, word * 2) for word in WORDS])
    result = split([data], tmp_path / "out", dry_run=True)
    assert result.manifest.certificate.passed
    assert [path.name for path in tmp_path.iterdir()] == ["d.jsonl"]
