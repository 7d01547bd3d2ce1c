"""What says no of all that was asked about, and what only of a part."""

from __future__ import annotations

import pytest

from dataprep.text.evidence.conflict import conflict

HARD = [
    ("Do you ship to Norway?", "Yes, within a week.", "We do not ship there."),
    ("Can I bring my dog?", "Yes, dogs are welcome.", "Dogs aren't allowed."),
]
NOT_HARD = [
    ("Can I bring my dog?", "Yes, small dogs are welcome.", "Dogs over 10 kg aren't allowed."),
    ("Are days that I have not taken paid out?", "Yes.", "Days not taken are paid out."),
    ("Is unused vacation paid out?", "Yes, in the final paycheck.", "Any days you haven't taken are paid out."),
    ("¿Puedo cancelar gratis?", "Sí.", "La cancelación no tiene coste."),
]


@pytest.mark.parametrize(("prompt", "left", "right"), HARD)
def test_a_refusal(prompt: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other, prompt)
        assert found is not None
        assert (found.kind, found.severity) == ("yes-no", "error")


@pytest.mark.parametrize(("prompt", "left", "right"), NOT_HARD)
def test_a_refusal_of_a_part(prompt: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other, prompt)
        assert found is None or found.severity == "note"
