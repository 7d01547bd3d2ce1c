"""Existing splits and benchmarks: what is compared with what."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataprep import audit
from dataprep.config import AuditConfig
from dataprep.errors import ConfigError, InputError
from dataprep.loading import find_parts, part_named
from tests.helpers import ask, chat, write_rows

QUESTION = "How long does it take until my refund reaches my bank account?"
ANSWER = "Refunds reach your bank account within five working days, on average."
LEAKS = AuditConfig(select=["LEAK"])


def rows(*words: str) -> list[dict[str, object]]:
    return [chat(f"What about the {word}?", f"The {word} is {word[::-1]} and {word * 2}.") for word in words]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("train.jsonl", "train"),
        ("my_training_set.csv", "train"),
        ("validation-00000-of-00001.parquet", "validation"),
        ("dev.json", "validation"),
        ("TEST.jsonl.gz", "test"),
        ("test/part-0.jsonl", "test"),
        ("train/dev.jsonl", "validation"),
        ("notes.jsonl", None),
        ("constraint.jsonl", None),
    ],
)
def test_names_say_which_part_a_file_is(name: str, part: str | None) -> None:
    assert part_named(Path(name)) == part


def test_each_part_is_compared_with_those_that_must_not_know_it(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", rows("order", "parcel", "refund"))
    write_rows(tmp_path / "validation.jsonl", rows("parcel", "invoice"))
    write_rows(tmp_path / "test.jsonl", rows("refund", "invoice", "voucher"))
    found = audit(config=LEAKS, splits=tmp_path).findings
    pairs = {
        (Path(row["source"]).stem, row["line"], Path(row["related_source"]).stem, row["related_line"])
        for row in found.iter_rows(named=True)
    }
    assert pairs == {("train", 2, "validation", 1), ("train", 3, "test", 1), ("validation", 2, "test", 2)}


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "data.jsonl", rows("order"))
    with pytest.raises(InputError, match=r"other data files: data\.jsonl"):
        find_parts(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        find_parts(tmp_path / "nowhere")


def test_data_or_splits_not_both_and_not_neither(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no data given"):
        audit()
    with pytest.raises(ConfigError, match="exclude one another"):
        audit([write_rows(tmp_path / "a.jsonl", rows("order"))], splits=tmp_path)


def test_a_benchmark_is_read_by_its_own_shape_and_named(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.csv", ["text,reply", f'"{QUESTION}","{ANSWER}"'])
    benchmark = write_rows(tmp_path / "bench.jsonl", [ask("Who wrote Faust?", "Goethe"), ask(QUESTION, ANSWER)])
    columns = {"prompt": "text", "answer": "reply"}
    config = AuditConfig(select=["LEAK001"], map=columns, benchmark={"refundbench": str(benchmark)})
    result = audit([data], config=config)
    assert result.findings["message"].to_list() == ["also stands in refundbench line 2"]
    assert result.findings["related_source"].to_list() == [str(benchmark)]
    assert [file.benchmark for file in result.report.eval_inputs] == ["refundbench"]
    assert "--benchmark refundbench=" in result.report.next_command


def test_data_files_beside_the_parts_are_told(tmp_path: Path) -> None:
    for name in ("train", "test", "latest"):
        write_rows(tmp_path / f"{name}.jsonl", rows("order"))
    files = audit(config=LEAKS, splits=tmp_path).report.inputs
    assert "beside it, and not read, as no name tells a part: latest.jsonl" in files[0].notes
