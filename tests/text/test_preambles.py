"""Shared lines at the start and end of prompts: left out of likeness, never out of the question."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dataprep import api
from dataprep.text.preambles import SHARED_BY, Preambles
from tests.helpers import chat, write_rows

HEAD = "You have these tools at hand.\nsearch(query): looks up people, places and events in an encyclopedia."
TAIL = "Answer in one sentence.\nDo not explain."
WORDS = "amber birch cedar daisy elder fern gorse hazel iris juniper kelp larch maple nettle oak pine".split()


def tasks(count: int) -> list[str]:
    """So many tasks of different words."""
    return [f"{WORDS[n % 16]} {WORDS[n // 16]} {WORDS[-1 - n % 7]}" for n in range(count)]


def cores(prompts: list[str]) -> list[str]:
    column = pl.Series(prompts, dtype=pl.String)
    return Preambles.of(column).without(column).to_list()


def test_lines_that_enough_prompts_share_are_left_out_at_both_ends() -> None:
    own = tasks(SHARED_BY)
    assert cores([f"{HEAD}\n{task}\n{TAIL}" for task in own]) == own
    few = [f"{HEAD}\n{task}\n{TAIL}" for task in own[1:]]
    assert cores(few) == few


def test_copies_do_not_make_a_preamble() -> None:
    copies = [f"{HEAD}\nOne task only."] * (3 * SHARED_BY)
    assert cores(copies) == copies


def test_each_tool_has_its_own_preamble_beneath_the_common_line() -> None:
    own = tasks(SHARED_BY)
    prompts = [f"Tools: on\nUse {tool} for it.\n{task}" for tool in ("search", "weather") for task in own]
    assert cores(prompts) == own * 2


def test_known_preambles_are_left_out_of_other_prompts() -> None:
    known = Preambles.of(pl.Series([f"{HEAD}\n{task}" for task in tasks(SHARED_BY)]))
    assert known.without(pl.Series([f"{HEAD}\nSomething new", "Alone", f"{HEAD}"])).to_list() == [
        "Something new",
        "Alone",
        HEAD.splitlines()[1],  # one line always stays
    ]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", " ", "!"]), max_size=4).map("\n".join), max_size=60))
def test_something_is_always_left(prompts: list[str]) -> None:
    for prompt, core in zip(prompts, cores(prompts), strict=True):
        assert bool(core.strip()) == bool(prompt.strip())
        left = iter(prompt.split("\n"))
        assert core == prompt or all(line in left for line in core.split("\n"))


def test_a_long_preamble_makes_no_near_duplicates_but_the_question_is_judged_whole(tmp_path: Path) -> None:
    rows = [chat(f"{HEAD}\n{task}", f"It is {task[::-1]}.") for task in tasks(2 * SHARED_BY)]
    same = "Translate this sentence for the visitors of our shop in the old town."
    rows += [chat(f"Use {tool} only.\n{same}", f"{tool} has it here.") for tool in ("search", "weather")]
    result = api.audit([write_rows(tmp_path / "d.jsonl", rows)])
    assert not result.findings.filter(pl.col("code").is_in(["DUP002", "DUP003"])).height
    assert len(result.context.pair_links) <= 1


def test_leaks_are_found_beneath_a_preamble(tmp_path: Path) -> None:
    own = tasks(2 * SHARED_BY)
    train = write_rows(tmp_path / "t.jsonl", [chat(f"{HEAD}\n{task} and more words", "It is so.") for task in own])
    leaked = [chat(f"{HEAD}\n{own[3]} and more wordss", "It is so."), chat(f"{HEAD}\nunheard of anywhere", "No.")]
    found = api.audit([train], [write_rows(tmp_path / "e.jsonl", leaked)]).findings
    assert found.filter(pl.col("code").str.starts_with("LEAK")).select("code", "line", "related_line").rows() == [
        ("LEAK002", 4, 1)
    ]
