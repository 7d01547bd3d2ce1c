"""The report of a run: complete, escaped, and alone."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import chat, write_rows
from tests.trainer.runs import run
from trainer.record import RunRecord
from trainer.report.card import to_card
from trainer.report.page import to_html
from trainer.summary import summarize

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture(scope="module")
def hostile(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunRecord, Path]:
    """A run on an uncertified split whose rows hold markup, secrets and invisible characters."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, count in (("train", 12), ("validation", 4), ("test", 24)):
        rows: list[dict[str, Any]] = [
            chat(f"{EVIL} number {n}{chr(0x202E)}?", f"{EVIL} it is {n * 7} for {KEY} **bold** [link](http://x.y)")
            | {"row_id": f"{name}{n}", "kind": f"{EVIL} {KEY}" if n % 2 else "b"}
            for n in range(count)
        ]
        write_rows(folder / f"{name}.jsonl", rows)
    own = {"max_steps": 4, "answer_tokens": 200, "answers": 3, "probe": True, "allow_unverified_split": True}
    return run(tiny_model, folder, folder / "run", **own), folder / "run"


def test_nothing_is_obeyed_or_fetched(hostile: tuple[RunRecord, Path]) -> None:
    _, folder = hostile
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert KEY not in html
    assert "AKIA…" in html
    assert chr(0x202E) not in html
    assert not re.search(r"(?:src|href)=\"(?!#)", html)
    assert "default-src 'none'" in unescape(html)
    assert "The split was not verified" in html
    assert re.search(r"style=\"", html) is None  # the policy would not let it work


def test_all_of_it_is_there(hostile: tuple[RunRecord, Path]) -> None:
    record, folder = hostile
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert record.assessment is not None
    for part in ("Curves", "Held-out loss", "General questions", "Answers", "Slices", "Every row accounted for"):
        assert part in html
    for name in record.config:
        assert f"<dt>{name}</dt>" in html
    assert html.count('class="sample"') == 3
    assert f"{record.held_out['test'].tuned:.3f}" in html
    paths = re.findall(r' d="([^"]+)"', html)
    assert all(re.fullmatch(r"[-MLHVmlhvaz0-9 .,]+", path) for path in paths), paths


def test_a_run_without_its_metrics_is_still_shown(hostile: tuple[RunRecord, Path], tmp_path: Path) -> None:
    record, _ = hostile
    bare = record.model_copy(update={"assessment": None})
    assert "Not judged" in to_html(bare, tmp_path)
    assert "was not judged" in to_card(bare, None)


def test_the_card_is_beside_the_weights(hostile: tuple[RunRecord, Path]) -> None:
    record, folder = hostile
    card = (folder / "adapter" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nbase_model: ")
    assert record.assessment is not None
    assert "license: unknown" in card
    assert "split not verified" in card
    assert "<script" not in card
    assert KEY not in card


def test_the_card_names_what_loads_the_weights_and_keeps_to_its_lines(hostile: tuple[RunRecord, Path]) -> None:
    record, _ = hostile
    assert record.assessment is not None
    slice_ = record.assessment.slices[0].model_copy(
        update={"value": f"a\n# b{chr(0x202E)}{chr(27)}[2J", "verdict": "worse"}
    )
    judged = record.assessment.model_copy(update={"slices": [slice_]})
    odd = record.model_copy(update={"assessment": judged})
    card = to_card(odd, None)
    assert "library_name: peft" in card
    for text in (card, summarize(odd)):
        assert "\n# b" not in text
        assert chr(0x202E) not in text
        assert chr(27) not in text
    own = record.model_copy(update={"method": "adapter"})
    assert "library_name: tuneprep" in to_card(own, None)
    pairs = record.model_copy(update={"method": "dpo", "config": {**record.config, "dpo_learner": "full"}})
    assert "library_name: transformers" in to_card(pairs, None)
