"""The layouts of TRL, Axolotl, LLaMA-Factory and OpenAI: what is written for each kind, and what each cannot hold."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataprep.exporting import Exported, export_split
from tests.exports.split_folders import (
    CLOCK,
    WEATHER,
    Row,
    assistant,
    call,
    chat_row,
    exported_rows,
    folder_of,
    labelled_row,
    preference_row,
    result,
    split_folder,
    tool_row,
    user,
)

PICTURE: Row = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}


def export_rows(tmp_path: Path, to: str, *rows: Row) -> tuple[Exported, list[Row]]:
    """Export these rows, after one that every target holds."""
    good = chat_row(0) if "chosen" not in rows[0] and "label" not in rows[0] else None
    good = good or (preference_row(0) if "chosen" in rows[0] else labelled_row(0))
    done = export_split(split_folder(tmp_path / "s", {"train": [good, *rows]}), to, tmp_path / "out")
    return done, exported_rows(tmp_path / "out", "train.jsonl")[1:]


def reason(tmp_path: Path, to: str, row: Row) -> str:
    """Why a target leaves a row out."""
    done, written = export_rows(tmp_path, to, row)
    assert not written
    (refused,) = done.refused
    assert (refused.file, refused.line) == ("train.jsonl", 2)
    return refused.reason


def talk(*turns: Row, **more: Any) -> Row:
    return {"messages": list(turns)} | more


# TRL ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "columns", "trainer"),
    [
        ("chat", {"prompt", "completion"}, "SFTTrainer"),
        ("preference", {"prompt", "chosen", "rejected"}, "DPOTrainer"),
        ("labelled", {"prompt", "completion", "label"}, "KTOTrainer"),
        ("tools", {"messages", "tools"}, "SFTTrainer"),
        ("text", {"text"}, "SFTTrainer"),
        ("prompts", {"prompt"}, None),
    ],
)
def test_trl_types_and_scripts(tmp_path: Path, kind: str, columns: set[str], trainer: str | None) -> None:
    done = export_split(folder_of(kind, tmp_path / "s"), "trl", tmp_path / "out")
    for row in exported_rows(tmp_path / "out", "train.jsonl"):
        assert row.keys() == columns | {"row_id"}
    scripts = [name for name in done.files if name.endswith(".py")]
    assert bool(scripts) == (trainer is not None)
    for name in scripts:
        text = (tmp_path / "out" / name).read_text()
        ast.parse(text)
        assert f"{trainer}(" in text
        assert ("assistant_only_loss=True" in text) == (columns >= {"messages"})


def test_trl_trains_the_last_answer_where_only_that_is_wanted(tmp_path: Path) -> None:
    row = talk(user("a"), assistant("b", weight=0), user("c"), assistant("d", weight=1))
    _, (written,) = export_rows(tmp_path, "trl", row)
    assert written["prompt"] == [user("a"), assistant("b"), user("c")]
    assert written["completion"] == [assistant("d")]


def test_trl_decodes_arguments_and_encodes_tools(tmp_path: Path) -> None:
    _, (written,) = export_rows(tmp_path, "trl", tool_row(0))
    assert written["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"city": "place 0"}
    assert json.loads(written["tools"]) == [WEATHER]


def test_trl_leaves_out_what_it_cannot_hold(tmp_path: Path) -> None:
    two = talk(user("a"), assistant("b"), user("c"), assistant("d", weight=0))
    assert reason(tmp_path / "1", "trl", two) == "messages[3].weight: TRL cannot weight single turns (0)"
    assert "messages[0].content: TRL has no place" in reason(tmp_path / "2", "trl", talk(PICTURE, assistant("b")))
    torn = talk(user("a"), assistant("", tool_calls=[{"function": {"name": "f", "arguments": "{"}}]), assistant("b"))
    assert reason(tmp_path / "3", "trl", torn) == "messages[1].tool_calls[0].function.arguments: not JSON"


# Axolotl -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "method", "form"),
    [
        ("chat", None, "chat_template"),
        ("tools", None, "chat_template"),
        ("preference", "dpo", "chat_template.default"),
        ("labelled", "kto", "chatml.ultra"),
        ("text", None, "completion"),
    ],
)
def test_axolotl_configurations(tmp_path: Path, kind: str, method: str | None, form: str) -> None:
    done = export_split(folder_of(kind, tmp_path / "s"), "axolotl", tmp_path / "out")
    (name,) = [name for name in done.files if name.endswith(".yaml")]
    config = yaml.safe_load((tmp_path / "out" / name).read_text())
    assert config.get("rl") == method
    for block, file in (("datasets", "train.jsonl"), ("test_datasets", "validation.jsonl")):
        (entry,) = config[block]
        assert (entry["path"], entry["ds_type"], entry["split"], entry["type"]) == (file, "json", "train", form)
        for row in exported_rows(tmp_path / "out", entry["path"]):
            assert {entry[key] for key in entry if key.startswith("field")} <= row.keys()


def test_axolotl_turns_single_answers_off(tmp_path: Path) -> None:
    row = talk(user("a"), assistant("b", weight=0), user("c"), assistant("d", weight=1.0))
    done, (written,) = export_rows(tmp_path, "axolotl", row)
    assert [turn.get("train") for turn in written["messages"]] == [None, False, None, True]
    assert "message_field_training: train" in (tmp_path / "out" / "axolotl-chat.yaml").read_text()
    assert not done.refused


def test_axolotl_spells_objects_as_text(tmp_path: Path) -> None:
    _, (written,) = export_rows(tmp_path, "axolotl", tool_row(1))
    assert json.loads(written["messages"][1]["tool_calls"][0]["function"]["arguments"]) == {"zone": "place 1"}
    tools = [json.loads(tool["function"]["parameters"]) for tool in written["tools"]]
    assert tools == [WEATHER["function"]["parameters"], CLOCK["function"]["parameters"]]  # type: ignore[index]


def test_axolotl_leaves_out_what_it_cannot_hold(tmp_path: Path) -> None:
    half = talk(user("a"), assistant("b", weight=0.5))
    assert reason(tmp_path / "1", "axolotl", half) == (
        "messages[1].weight: Axolotl knows trained or not, no weight of 0.5"
    )
    pair = preference_row(1)
    assert "tools: Axolotl's preference data" in reason(tmp_path / "2", "axolotl", pair | {"tools": [WEATHER]})
    long = pair | {"chosen": [assistant("a"), user("b"), assistant("c")]}
    assert reason(tmp_path / "3", "axolotl", long) == "chosen: Axolotl takes one assistant turn, found 3 turns"
    judged = talk(user("a"), assistant("b"), user("c"), assistant("d"), label=True)
    assert "one question and one answer" in reason(tmp_path / "4", "axolotl", judged)


# LLaMA-Factory -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "stage", "columns"),
    [
        ("chat", "sft", {"messages": "conversations"}),
        ("tools", "sft", {"messages": "conversations", "tools": "tools"}),
        ("preference", "dpo", {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"}),
        ("labelled", "kto", {"messages": "conversations", "kto_tag": "label"}),
        ("text", "pt", {"prompt": "text"}),
    ],
)
def test_llama_factory_entries(tmp_path: Path, kind: str, stage: str, columns: dict[str, str]) -> None:
    export_split(folder_of(kind, tmp_path / "s"), "llama-factory", tmp_path / "out")
    info = json.loads((tmp_path / "out" / "dataset_info.json").read_text())
    assert list(info) == ["train", "validation", "test"]
    for entry in info.values():
        assert entry["columns"] == columns
        assert entry.get("ranking", False) == (kind == "preference")
        assert entry.get("formatting", "alpaca") == ("alpaca" if kind == "text" else "sharegpt")
        for row in exported_rows(tmp_path / "out", entry["file_name"]):
            assert set(columns.values()) <= row.keys()
    config = yaml.safe_load((tmp_path / "out" / f"{stage}.yaml").read_text())
    assert (config["stage"], config["dataset"], config["eval_dataset"]) == (stage, "train", "validation")


def test_llama_factory_writes_calls_as_turns(tmp_path: Path) -> None:
    _, (written,) = export_rows(tmp_path, "llama-factory", tool_row(0))
    speakers = [turn["from"] for turn in written["conversations"]]
    assert speakers == ["human", "function_call", "observation", "gpt"]
    assert json.loads(written["conversations"][1]["value"]) == {
        "name": "get_weather",
        "arguments": {"city": "place 0"},
    }


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (talk(user("a"), user("b"), assistant("c")), "messages[1].role: LLaMA-Factory needs an assistant turn here"),
        (talk(user("a"), assistant("b"), user("c")), "messages: LLaMA-Factory needs a question and an answer"),
        (talk(user("a") | {"name": "ada"}, assistant("b")), "messages[0].name"),
        (talk(user("a"), assistant("b", reasoning_content="hm")), "messages[1].reasoning_content"),
        (talk({"role": "developer", "content": "a"}, user("b"), assistant("c")), "messages[0].role"),
        (talk(PICTURE, assistant("a")), "messages[0].content"),
        (
            talk(user("a"), call(1, "f") | {"content": "Wait."}, result(1, "b"), assistant("c")),
            "messages[1].tool_calls: LLaMA-Factory has no turn that both speaks and calls a tool",
        ),
        (talk(user("a"), call(1, "f"), result(2, "b"), assistant("c")), "messages[2].tool_call_id"),
        (
            talk(user("a"), assistant("b"), result(2, "b"), assistant("c")),
            "messages[2]: LLaMA-Factory needs each tool",
        ),
        (
            labelled_row(1) | {"messages": [user("a"), assistant("")]},
            "messages[1].content: LLaMA-Factory cannot label",
        ),
        (preference_row(1) | {"messages": [user("a"), assistant("b")]}, "messages: LLaMA-Factory needs a question"),
        (preference_row(1) | {"rejected": []}, "rejected: LLaMA-Factory takes one assistant turn, found 0 turns"),
    ],
)
def test_llama_factory_leaves_out_what_it_would_skip_or_bend(tmp_path: Path, row: Row, why: str) -> None:
    assert reason(tmp_path, "llama-factory", row).startswith(why)


# OpenAI ------------------------------------------------------------------------------------------------------------


def test_openai_lines(tmp_path: Path) -> None:
    row = talk(user("a"), assistant("b", weight=0.0), user("c"), assistant("d", weight=1), id="x")
    done, (weighted, shown) = export_rows(tmp_path, "openai", row, talk(PICTURE, assistant("a")))
    assert not done.refused
    assert weighted == {"messages": [user("a"), assistant("b", weight=0), user("c"), assistant("d", weight=1)]}
    assert shown == {"messages": [PICTURE, assistant("a")]}


def test_openai_preferences(tmp_path: Path) -> None:
    export_split(folder_of("preference", tmp_path / "s"), "openai", tmp_path / "out")
    row = preference_row(0)
    assert exported_rows(tmp_path / "out", "train.jsonl")[0] == {
        "input": {"messages": row["messages"]},
        "preferred_output": row["chosen"],
        "non_preferred_output": row["rejected"],
    }
    text = (tmp_path / "out" / "openai_preference.py").read_text()
    ast.parse(text)
    assert '"type": "dpo"' in text


def test_openai_tools_keep_their_text(tmp_path: Path) -> None:
    _, (written,) = export_rows(tmp_path, "openai", tool_row(0))
    assert written["messages"] == tool_row(0)["messages"]
    assert written["tools"] == [WEATHER]


def test_openai_wants_ten_rows(tmp_path: Path) -> None:
    done, _ = export_rows(tmp_path, "openai", chat_row(1))
    assert "train.jsonl has 2 rows, OpenAI wants at least 10" in done.notes


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (talk(user("a"), assistant("b", weight=0.5)), "messages[1].weight"),
        (talk(user("a"), assistant("b", weight=0)), "messages: every answer has weight 0"),
        (talk(user("a") | {"name": "Ada L"}, assistant("b")), "messages[0].name"),
        (talk(user("a"), assistant("b", mood="glad")), "messages[1].mood"),
        (talk(user("a"), assistant([{"type": "image_url", "image_url": {}}])), "messages[1].content"),  # type: ignore[arg-type]
        (talk(*[PICTURE] * 11, assistant("b")), "messages: OpenAI fine-tuning takes 10 images an example, found 11"),
        (talk(user("a"), call(1, "f"), {"role": "tool", "content": "b"}, assistant("c")), "messages[2].tool_call_id"),
        (talk(user("a"), assistant("b"), tools=[{"parameters": {}}]), "tools[0]"),
        (preference_row(1) | {"messages": [PICTURE]}, "messages[0].content: OpenAI fine-tuning on preferences"),
        (talk(user("a")), "messages: OpenAI fine-tuning takes conversations and preferences"),
    ],
)
def test_openai_leaves_out_what_the_upload_would_refuse(tmp_path: Path, row: Row, why: str) -> None:
    good = [chat_row(0)]
    done = export_split(split_folder(tmp_path / "s", {"train": [*good, row]}), "openai", tmp_path / "out")
    assert [refused.line for refused in done.refused] == [2]
    assert done.refused[0].reason.startswith(why)
