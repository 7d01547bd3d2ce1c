"""Values of the thing that is asked for."""

from __future__ import annotations

import pytest

from dataprep.text.evidence.conflict import conflict

CASES = [
    (None, "How much is it?", "It is $1,050, plus tax.", "It is $1,050."),
    ("error", "How much is it?", "It is $1,050, plus tax.", "It is $1,999, plus tax."),
    (None, "How long can I return it?", "You have a month to return it.", "You can return it for four weeks."),
    ("error", "How long can I return it?", "You have a month to return it.", "You can return it for ten days."),
    ("error", "At what age can you sign a contract?", "You need to be 18.", "The age is 21."),
    ("error", "Which status code means 'not found'?", "It is answered with 404.", "The server sends 403."),
    ("error", "What is the probability of heads?", "The probability is 1/2.", "The probability is 1/3."),
    (None, "What is the probability of heads?", "The probability is 1/2.", "The probability is 0.5."),
    ("note", "What does shipping cost?", "It is $15 up to 5 lb.", "It is $15. A box of 7 lb takes longer."),
    (
        "note",
        "Does insulin raise or lower blood sugar?",
        "It lowers blood sugar.",
        "It raises it when eaten.",
    ),
    ("note", "What is the time complexity of the search?", "O(log n).", "O(1) in the best case."),
    (
        None,
        "Complete the code",
        '    """\n    idx = 0\n        idx += 1',
        "    >>> f([]) == None\n    x = 0 if y else 1",
    ),
]


@pytest.mark.parametrize(("severity", "prompt", "left", "right"), CASES)
def test_values(severity: str | None, prompt: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = conflict(one, other, prompt)
        assert (found and found.severity) == severity
