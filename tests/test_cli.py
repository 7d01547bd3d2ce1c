"""The `dataprep` command as people meet it: exit codes, one-sentence errors, and the whole path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dataprep import options
from dataprep.exports.export import all_exports
from dataprep.ingest import all_formats
from tests.helpers import chat, read_rows, write_rows

ROOT = Path(__file__).parent.parent


def run(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "dataprep", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, check=False, env=os.environ | {"NO_COLOR": "1"}
    )


def refused(*arguments: str | Path, cwd: Path = ROOT) -> str:
    done = run(*arguments, cwd=cwd)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: ")
    return done.stderr


@pytest.mark.parametrize("command", ["audit", "split", "clean"])
def test_unusable_input(command: str, tmp_path: Path) -> None:
    empty = write_rows(tmp_path / "empty.jsonl", [])
    broken = write_rows(tmp_path / "broken.jsonl", ['{"a"', "]"])
    foreign = write_rows(tmp_path / "foreign.jsonl", ['{"title": "x", "body": "y"}'])
    odd = write_rows(tmp_path / "data.docx", ["x"])
    bare = tmp_path / "bare"
    bare.mkdir()
    cases = {
        empty: "the file is empty",
        broken: "none of 2 records is usable; line 1",
        foreign: "--map prompt=COLUMN,answer=COLUMN",
        odd: "unknown kind of file",
        bare: "holds no data files",
        tmp_path / "missing.jsonl": "no such file",
    }
    for path, part in cases.items():
        assert part in refused(command, path, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_settings(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "d.jsonl", [chat("a question", "an answer"), chat("b", "c")])
    assert "DUP009" in refused("audit", data, "--select", "DUP009")
    assert "github" in refused("audit", data, "--format", "xml")
    assert "add up to 1" in refused("split", data, "--ratios", "1,1,1")
    assert "cannot group by 'ticket'" in refused("split", data, "--group-by", "ticket", cwd=tmp_path)
    (tmp_path / "dataprep.yaml").write_text("treshold: 0.9\n")
    assert "Did you mean 'threshold'" in refused("audit", data, cwd=tmp_path)
    (tmp_path / "dataprep.yaml").write_text("threshold: 0.9\nseed: 7\n")
    shown = run("split", data, "--show-config", "--threshold", "0.8", cwd=tmp_path)
    assert json.loads(shown.stdout)["threshold"] == 0.8
    assert json.loads(shown.stdout)["seed"] == 7


def test_one_broken_line_costs_one_line(tmp_path: Path) -> None:
    rows = [chat(f"question {word}", f"{word} " * 5) for word in ("tea", "sugar", "flour", "bread", "milk")]
    data = write_rows(tmp_path / "d.jsonl", [*rows[:2], '{"messages": [{"role": "us', *rows[2:]])
    done = run("audit", data, "-o", tmp_path / "audit")
    assert done.returncode == 1
    assert "line 3: JSON ends mid-string" in done.stdout
    assert run("audit", data, "-o", tmp_path / "audit", "--fail-on", "never").returncode == 0
    done = run("split", data, "-o", tmp_path / "splits")
    assert done.returncode == 0, done.stderr
    (dropped,) = read_rows(tmp_path / "splits" / "dropped.jsonl")
    assert (dropped["line"], dropped["code"], dropped["raw"]) == (3, "FMT001", '{"messages": [{"role": "us')


def test_audit_files_are_repeatable(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("audit", "sample_data/train.jsonl", "--eval", "sample_data/eval.jsonl", "-o", tmp_path / name)
    one, two = ((tmp_path / name / "findings.parquet").read_bytes() for name in ("a", "b"))
    assert one == two
    reports = [json.loads((tmp_path / name / "audit.json").read_text()) for name in ("a", "b")]
    assert all(report.pop("created_at") for report in reports)
    assert reports[0] == reports[1]


def test_formats_for_machines(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "d.jsonl", [chat("a question", ""), chat("b\x1b[31m", "c")])
    out = ("-o", str(tmp_path / "o"))
    report = json.loads(run("audit", data, "--format", "json", *out).stdout)
    assert report["by_severity"]["error"] == 1
    sarif = json.loads(run("audit", data, "--format", "sarif", *out).stdout)
    assert sarif["runs"][0]["results"][0]["ruleId"] == "FMT003"
    lines = run("audit", data, "--format", "github", *out).stdout
    assert "line=1,title=FMT003 empty-answer::the answer is empty" in lines
    assert "LEAK001 not run" in lines


def test_explain_and_help() -> None:
    assert "14 days" not in run("explain", "DUP001").stdout
    assert "exact-duplicate" in run("explain", "dup001").stdout
    assert "CON001" in refused("explain", "NOPE")
    for command in ("audit", "split", "clean", "convert", "explain"):
        assert f"Example:\n    dataprep {command} " in run(command, "--help").stdout


def test_convert_names_what_it_leaves_out(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "d.jsonl", [chat("q", "a"), {"messages": [{"role": "user", "content": "q"}]}])
    done = run("convert", data, "--to", "alpaca", "-o", tmp_path / "a.json")
    assert done.returncode == 1
    assert "line 2" in done.stdout
    left_out = read_rows(tmp_path / "a.dropped.jsonl")
    assert [(row["line"], row["record"]["messages"][0]["content"]) for row in left_out] == [(2, "q")]
    assert json.loads((tmp_path / "a.json").read_text()) == [{"instruction": "q", "input": "", "output": "a"}]
    assert "one of the inputs" in refused("convert", data, "--to", "openai", "-o", data)


def test_the_names_in_help_are_those_that_exist() -> None:
    writable = {name for name, fmt in all_formats().items() if fmt.write is not None}
    assert {*options.FORMATS} == writable | {"frame"}
    assert {*options.EXPORTS} == {*all_exports()}


def test_export_writes_what_another_tool_reads(tmp_path: Path) -> None:
    rows = [chat(f"Where is the {word}?", f"The {word} is over there.") for word in ("tea", "sugar", "flour", "salt")]
    labelled = [row | {"label": index % 2 == 0} for index, row in enumerate(rows)]
    run("split", write_rows(tmp_path / "d.jsonl", rows), "-o", tmp_path / "s", "--license", "cc0-1.0")
    done = run("export", tmp_path / "s", "--to", "hub", "-o", tmp_path / "hub")
    assert done.returncode == 0, done.stderr
    assert "license: cc0-1.0" in (tmp_path / "hub" / "README.md").read_text()
    assert "llama-factory" in refused("export", tmp_path / "s", "--to", "nobody", "-o", tmp_path / "x")
    run("split", write_rows(tmp_path / "k.jsonl", labelled), "-o", tmp_path / "k")
    assert "of kind labelled" in refused("export", tmp_path / "k", "--to", "openai", "-o", tmp_path / "x")
    assert not (tmp_path / "x").exists()
    with (tmp_path / "s" / "train.jsonl").open("a") as handle:
        handle.write("\n")
    assert "--allow-unverified" in refused("export", tmp_path / "s", "--to", "trl", "-o", tmp_path / "x")


def test_licences_are_declared_for_all_or_by_file(tmp_path: Path) -> None:
    one = write_rows(tmp_path / "one.jsonl", [chat("a question", "an answer")])
    two = write_rows(tmp_path / "two.jsonl", [chat("another question", "another answer")])

    def codes(*flags: str) -> set[str]:
        out = run("audit", one, two, "--format", "json", "-o", tmp_path / "o", "--fail-on", "never", *flags).stdout
        return {check["code"] for check in json.loads(out)["checks"] if check["findings"] and "LIC" in check["code"]}

    assert codes() == {"LIC001"}
    assert codes("--license", "MIT") == set()
    assert codes("--license", "one.jsonl=MIT", "--license", "two.jsonl=Apache-2.0") == set()
    assert codes("--license", "*.jsonl=MIT") == set()
    assert codes("--license", "one.jsonl=MIT") == {"LIC001"}
    assert "LIC002" in codes("--license", "one.jsonl=CC-BY-SA-4.0", "--license", "two.jsonl=CC-BY-NC-4.0")


def test_an_index_finds_yesterdays_rows_and_remembers_only_what_was_written(tmp_path: Path) -> None:
    long = "Open your orders, choose the parcel and print the label that comes with it within the next days."
    monday = write_rows(tmp_path / "monday.jsonl", [chat("Where is it?", long), chat("And now?", long[::-1])])
    tuesday = write_rows(tmp_path / "tuesday.jsonl", [chat("Who are you?", "A shop."), chat("Where is it", long)])
    index = str(tmp_path / "index")
    assert run("audit", str(monday), "--index", index, "-o", str(tmp_path / "a")).returncode == 0
    dry = run("clean", str(tuesday), "--index", index, "-o", str(tmp_path / "c"), "--dry-run")
    assert "DUP005 repeats-earlier-data: 1" in dry.stdout
    assert len(list((tmp_path / "index").glob("*.parquet"))) == 1
    run("clean", str(tuesday), "--index", index, "-o", str(tmp_path / "c"))
    assert [row["matched"]["source"] for row in read_rows(tmp_path / "c" / "dropped.jsonl")] == [str(monday)]
    assert len(list((tmp_path / "index").glob("*.parquet"))) == 2
    problem = refused("audit", str(tuesday), "--index", index, "--threshold", "0.9", "-o", str(tmp_path / "a"))
    assert "was made with threshold 0.7 and not 0.9" in problem


def test_a_split_without_validation_rows_sends_nobody_to_the_trainer(tmp_path: Path) -> None:
    data = tmp_path / "two.jsonl"
    data.write_text('{"prompt":"a cat","completion":"b"}\n{"prompt":"a dog","completion":"d"}\n')
    said = run("split", data, "-o", tmp_path / "out").stdout
    assert "Next: more rows; `trainer run` needs some in validation.jsonl" in said


def test_how_surely_it_was_found_is_said_and_settings_travel_to_the_next_command(tmp_path: Path) -> None:
    done = run("audit", "sample_data/train.jsonl", "--engine", "minhash", "--threshold", "0.75", "-o", str(tmp_path))
    text = " ".join(done.stdout.split())
    assert "MinHash LSH on character 5-grams" in text
    assert "expected recall 99." in text
    assert "at 0.75" in text
    assert "--threshold 0.75 --engine minhash" in text.rpartition("Next:")[2]
    chosen = ("--select", "DUP,FMT", "--select", "LEAK001", "--ignore", "DUP004")
    done = run("audit", "sample_data/train.jsonl", *chosen, "-o", str(tmp_path))
    assert "--select DUP,FMT,LEAK001 --ignore DUP004" in done.stdout.rpartition("Next:")[2]


def test_where_columns_are_not_known_the_option_that_names_them_is_told(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "d.jsonl", [{"text": "how are you", "label": "a"}, {"text": "only a text"}])
    done = run("audit", str(data), "-o", str(tmp_path / "audit"))
    assert "--map prompt=COLUMN,answer=COLUMN" in done.stdout


def test_an_error_shows_no_secret_and_steers_no_terminal(tmp_path: Path) -> None:
    data = tmp_path / "d.jsonl"
    data.write_text('{"\\u001b[31mRED\\u0007": 1, "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789": 2}\n')
    said = refused("audit", data, "-o", tmp_path / "out")
    assert "RED" in said
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "qrstuvwxyz" not in said


def test_the_readme_shows_what_an_audit_of_the_sample_data_says(tmp_path: Path) -> None:
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("```\n$ ")[2].partition("```")[0].splitlines()
    command, *lines = shown
    said = run(*command.split()[1:], "-o", tmp_path / "audit").stdout.splitlines()
    assert [line for line in lines if line != "..." and line not in said] == []


def test_of_several_files_the_message_has_room_beside_the_name(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 60) / ("b" * 60)
    folder.mkdir(parents=True)
    for name in ("one.jsonl", "two.jsonl"):
        (folder / name).write_text('{"prompt": "Where is it?", "completion": "Here it is."}\n')
    said = run("audit", folder, "-o", tmp_path / "audit").stdout
    assert "two.jsonl line 1: word for word the same as one.jsonl line 1" in said
