"""`trainer chat`: answers as they are written, and beside them those before training."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dataprep.errors import UserError
from trainer.cli import cli
from trainer.talk import Style, compare_with_base, open_partner


def quiet(_text: str) -> None:
    pass


@pytest.fixture(params=["lora", "adapter", "full"])
def trained(request: pytest.FixtureRequest, runs: dict[str, Path]) -> Path:
    return runs[request.param]


def test_the_base_model_beside_the_trained_one(trained: Path, tiny_model: Path) -> None:
    style = Style(tokens=12)
    untrained = open_partner(str(tiny_model), style, quiet)
    plain = [untrained.answer(text) for text in ("Where is my order?", "And now?")]
    partner = open_partner(str(trained), style, quiet)
    pieces: list[str] = []
    first = partner.answer("Where is my order?", pieces.append)
    assert "".join(pieces).strip() == first
    assert len(pieces) > 1
    assert [message["role"] for message in partner.messages] == ["user", "assistant"]
    partner.messages.clear()
    pair = compare_with_base(partner, str(trained), quiet)
    before, now = pair.answers("Where is my order?")
    assert (before, now) == (plain[0], first)
    assert before != now
    assert pair.answers("And now?")[0] == plain[1]  # each side goes on from its own answer


def test_the_command(trained: Path, tiny_model: Path) -> None:
    asked = ["chat", str(trained), "--prompt", "Where is my order?", "--tokens", "6"]
    once = CliRunner().invoke(cli, asked)
    assert once.exit_code == 0, once.output
    both = CliRunner().invoke(cli, [*asked, "--compare"])
    assert both.stdout.startswith("before training: ")
    assert f"now: {once.stdout.strip()}" in both.stdout
    talked = CliRunner().invoke(cli, ["chat", str(trained), "--tokens", "6"], input="Where is my order?\n/new\n\n")
    assert talked.exit_code == 0, talked.output
    assert once.stdout.strip() in talked.stdout
    with pytest.raises(UserError, match="is no run"):
        compare_with_base(open_partner(str(tiny_model), Style(), quiet), str(tiny_model), quiet)
