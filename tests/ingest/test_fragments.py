"""One turn per line: conversations put together by their column."""

from __future__ import annotations

import json
from typing import Any

from tests.helpers import ingest, lines, reject_lines, row_lines, said

CSV = b"""conversation_id,turn,role,text,channel,note
7,1,user,Where is it?,mail,x
8,1,user,Can I return it?,chat,
7,2,agent,On its way.,mail,y
8,2,agent,Within 30 days.,chat,
"""


def test_turns_of_a_table_become_conversations_in_the_order_they_begin() -> None:
    found = ingest(CSV, "data.csv")
    assert said(found) == [
        [("user", "Where is it?"), ("assistant", "On its way.")],
        [("user", "Can I return it?"), ("assistant", "Within 30 days.")],
    ]
    assert row_lines(found) == [2, 3]
    assert found.rows["group"].to_list() == ["7", "8"]
    assert found.files[0].notes == ["4 lines hold one turn each: 2 conversations by column 'conversation_id'"]


def test_what_the_turns_share_and_what_they_do_not_is_kept() -> None:
    first, second = (json.loads(meta) for meta in ingest(CSV, "data.csv").rows["meta"])
    assert (first["channel"], first["turns"]) == ("mail", [{"note": "x"}, {"note": "y"}])
    assert second == {"conversation_id": "8", "channel": "chat", "note": ""}


def test_an_order_column_puts_shuffled_turns_right() -> None:
    rows = [{"chat_id": 1, "role": role, "content": text, "step": step} for role, text, step in (
        ("assistant", "b", 2), ("user", "a", 1), ("user", "c", 10), ("assistant", "d", 11))]  # fmt: skip
    found = ingest(lines(*rows))
    assert [text for _, text in said(found)[0]] == ["a", "b", "c", "d"]
    assert any("order" in note for note in found.files[0].notes)


def test_columns_named_by_the_user() -> None:
    rows = [{"thread": "t", "who": who, "said": text} for who, text in (("customer", "a"), ("bot", "b"))]
    mapping = {"conversation": "thread", "role": "who", "content": "said"}
    assert said(ingest(lines(*rows), column_map=mapping)) == [[("user", "a"), ("assistant", "b")]]


def test_a_turn_that_cannot_be_placed_costs_itself_and_a_bad_one_its_conversation() -> None:
    good = [{"conv_id": "1", "role": "user", "content": "a"}, {"conv_id": "1", "role": "assistant", "content": "b"}]
    lost = {"conv_id": None, "role": "user", "content": "c"}
    odd = [{"conv_id": "2", "role": "user", "content": "d"}, {"conv_id": "2", "role": "wizard", "content": "e"}]
    found = ingest(lines(*good, lost, *odd))
    assert (row_lines(found), reject_lines(found)) == ([1], [3, 4])
    assert "line 5: unknown role" in found.rejects["message"][1]
    assert json.loads(found.rejects["raw"][1]) == odd


def test_calls_of_tools_and_weights_stay_with_their_turns() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    turns: list[dict[str, Any]] = [
        {"role": "user", "content": "Where is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "here", "tool_call_id": "1", "name": "look"},
        {"role": "assistant", "content": "Here.", "weight": 0},
    ]
    found = ingest(lines(*({"conversation_id": "7", "name": "Eve", **turn} for turn in turns)))
    (made,) = found.rows["messages"].to_list()
    assert [json.loads(turn["tool_calls"] or "0") for turn in made] == [0, [call], 0, 0]
    assert [turn["tool_call_id"] for turn in made] == [None, None, "1", None]
    assert [turn["weight"] for turn in made] == [None, None, None, 0.0]
    assert [turn["name"] for turn in made] == [None, "Eve", "look", None]
    own = json.loads(found.rows["meta"][0])
    assert own["turns"] == [{"name": "Eve"}, {}, {}, {"name": "Eve"}]
