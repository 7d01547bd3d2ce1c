"""Labels that the rows most like a row do not carry."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

from dataprep import audit
from dataprep.config import AuditConfig

TOPICS = {
    "card arrival": "card arrived post delivery envelope mailed tracking courier",
    "lost card": "lost stolen missing wallet thief pickpocket blocked",
    "exchange rate": "exchange currency rate euro dollar conversion abroad",
    "top up": "top balance funds add deposit cash reload",
}


def rows(seed: int = 1) -> list[tuple[str, str]]:
    """Texts about four things, thirty to each."""
    dice = random.Random(seed)  # noqa: S311
    found = []
    for label, words in TOPICS.items():
        for number in range(30):
            chosen = dice.sample(words.split(), 4)
            found.append((f"{' '.join(chosen)} question {chr(97 + number % 26)}{number}", label))
    dice.shuffle(found)
    return found


def flagged(path: Path, pairs: list[tuple[str, str]]) -> dict[int, str]:
    path.write_text("".join(json.dumps({"prompt": text, "completion": label}) + "\n" for text, label in pairs))
    findings = audit([path], config=AuditConfig(select=["CON004"])).findings
    return dict(findings.select("line", "message").iter_rows())


def test_a_wrong_label_is_outvoted(tmp_path: Path) -> None:
    pairs = rows()
    text, label = pairs[17]
    wrong = next(other for other in TOPICS if other != label)
    pairs[17] = (text, wrong)
    found = flagged(tmp_path / "data.jsonl", pairs)
    assert set(found) == {18}
    assert f"labelled {wrong}" in found[18]
    assert f"are labelled {label}" in found[18]


def test_labels_that_do_not_follow_from_the_text_are_left_alone(tmp_path: Path) -> None:
    dice = random.Random(3)  # noqa: S311
    pairs = [(text, dice.choice(list(TOPICS))) for text, _ in rows()]
    assert not flagged(tmp_path / "data.jsonl", pairs)


def test_a_twin_with_another_label_is_a_warning(tmp_path: Path) -> None:
    pairs = rows()
    pairs += [("when will the courier bring my new card please", "card arrival")]
    pairs += [("when will the courier bring my new card, please?!", "lost card")]
    pairs += [("when will the courier bring my new card pleasee", "top up")]
    path = tmp_path / "data.jsonl"
    assert flagged(path, pairs)
    findings = audit([path], config=AuditConfig(select=["CON004"])).findings
    warned = findings.filter(severity="warning")["message"].to_list()
    assert any("nearly the same prompt" in message and "top up" in message for message in warned)


def test_planted_noise_is_found_among_real_intents(shared: Path, tmp_path: Path) -> None:
    with (shared / "banking77" / "train.csv").open(encoding="utf-8", newline="") as stream:
        pairs = [(row["text"], row["category"]) for row in csv.DictReader(stream)]
    dice = random.Random(5)  # noqa: S311
    labels = sorted({label for _, label in pairs})
    planted = set(dice.sample(range(len(pairs)), len(pairs) // 20))
    noisy = [
        (text, dice.choice([other for other in labels if other != label]) if number in planted else label)
        for number, (text, label) in enumerate(pairs)
    ]
    found = set(flagged(tmp_path / "data.jsonl", noisy))
    right = len({line - 1 for line in found} & planted)
    assert right / len(found) >= 0.7  # of twins, one is right
    assert right / len(planted) >= 0.45
