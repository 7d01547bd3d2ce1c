"""How good a written answer is, by the kind of task; the kind is read off the held-out answers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trainer.assessment import Interval, Metric
from trainer.compare import Comparison, bootstrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from dataprep.contract import Example
    from trainer.assessment import TaskKind

MOST: Final = 0.8
"""Share of the answers that must be of a kind for the task to be of it."""
LABEL_WORDS: Final = 6
REPEATS: Final = 4
"""How often an answer must come on average, to be one of few labels."""
NUMBER: Final = r"[-+]?\d(?:[\d,]*\d)?(?:\.\d+)?"

# No two parts may take the same spaces: models that break down write thousands of them.
_BEFORE: Final = r"[\s*]*(?:\\?[$€£¥]\s*)?"
"""What may stand between the words that announce a number and the number: Markdown's stars, a currency."""
_STATED: Final = (
    re.compile(rf"####{_BEFORE}({NUMBER})"),
    re.compile(rf"\\boxed\{{{_BEFORE}({NUMBER})"),
    re.compile(rf"(?i)\banswer[\s*]*(?:\bis\b(?:\s*:)?|:){_BEFORE}({NUMBER})"),
)
_ANY: Final = re.compile(NUMBER)
_CALL: Final = re.compile(r"<tool_call>\s*(\{.*?\})\s*(?:</tool_call>|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """The wanted answer of a row: its text, and the tools it calls, as (name, arguments)."""

    text: str
    calls: tuple[tuple[str, str], ...] = ()


def reference_of(example: Example) -> Reference:
    """The last answer of a row; of a preference row the wanted one."""
    turns = [*example.messages, *(example.chosen or [])]
    last = next(turn for turn in reversed(turns) if turn.role == "assistant")
    calls = [_call(call) for call in last.tool_calls or []]
    return Reference(str(last.content or ""), tuple(call for call in calls if call is not None))


def task_kind(references: Sequence[Reference]) -> TaskKind:
    """What kind of answers these are.

    Labels are few distinct short answers; numbers end a worked solution or stand alone; JSON and tool calls are
    what they parse as. Everything else is text.
    """
    count = max(len(references), 1)

    def mostly(holds: Callable[[Reference], bool]) -> bool:
        return sum(map(holds, references)) >= MOST * count

    if mostly(lambda one: bool(one.calls) or bool(_CALL.search(one.text))):
        return "tools"
    if mostly(lambda one: isinstance(_parsed(one.text), dict | list)):
        return "json"
    if mostly(lambda one: _stated(one.text) is not None or re.fullmatch(NUMBER, one.text.strip()) is not None):
        return "number"
    distinct = len({normal(one.text) for one in references})
    if distinct * REPEATS <= count and mostly(lambda one: len(one.text.split()) <= LABEL_WORDS):
        return "label"
    return "text"


def measure(
    kind: TaskKind, references: Sequence[Reference], base: Sequence[str], tuned: Sequence[str]
) -> tuple[list[Metric], dict[str, tuple[list[float], list[float]]], dict[str, str]]:
    """Every metric of a kind.

    Args:
        kind: see `task_kind`.
        references: the wanted answers.
        base: answers before training.
        tuned: answers after it.

    Returns:
        The metrics; by name the value of each row before and after; by name what could not be measured, and why.
    """
    scorers, missing = _scorers(kind)
    found, each = [], {}
    for name, score in scorers.items():
        values = [[score(one, text) for one, text in zip(references, side, strict=True)] for side in (base, tuned)]
        each[name] = (values[0], values[1])
        before, after = (np.asarray(side) for side in values)
        found.append(_metric(name, lambda side, draw: side[draw].mean(axis=1), before, after))
    if kind == "label":
        found.append(_label_f1(references, base, tuned))
    return found, each, missing


def normal(text: str) -> str:
    """Letters as they are compared: compatibility forms, case, spacing and closing punctuation do not count."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.strip(" .!。！\"'`")


def final_number(text: str) -> str | None:
    """The number an answer comes to: the one it states as its result, else its last."""
    stated = _stated(text)
    if stated is not None:
        return stated
    every = _ANY.findall(text)
    return _plain_number(every[-1]) if every else None


def _stated(text: str) -> str | None:
    for pattern in _STATED:
        found = pattern.findall(text)
        if found:
            return _plain_number(found[-1])
    return None


def _plain_number(text: str) -> str:
    """The one way to write a number, with all of its digits."""
    number = Decimal(text.replace(",", ""))
    plain = f"{number:f}" if number else "0"  # not -0
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _scorers(kind: TaskKind) -> tuple[dict[str, Callable[[Reference, str], float]], dict[str, str]]:
    exact = {"exact match": lambda one, text: float(normal(one.text) == normal(text))}
    if kind == "label":
        return exact, {}
    if kind == "number":
        return {"final number": _same_number}, {}
    if kind == "json":
        return {
            "valid JSON": lambda _one, text: float(isinstance(_parsed(text), dict | list)),
            "equal JSON": _equal_json,
        }, {}
    if kind == "tools":
        return {"same tool calls": _same_calls}, {}
    return _text_scorers()


def _text_scorers() -> tuple[dict[str, Callable[[Reference, str], float]], dict[str, str]]:
    """ROUGE-L and chrF as their libraries have them, so that numbers can be compared with others'."""
    scorers: dict[str, Callable[[Reference, str], float]] = {}
    missing: dict[str, str] = {}
    how = "`pip install 'tuneprep[eval]'` brings it"
    try:
        from rouge_score.rouge_scorer import RougeScorer  # noqa: PLC0415 - optional

        rouge = RougeScorer(["rougeL"])
        scorers["ROUGE-L"] = lambda one, text: float(rouge.score(one.text, text)["rougeL"].fmeasure)
    except ImportError:
        missing["ROUGE-L"] = f"the package rouge-score is not installed; {how}"
    try:
        from sacrebleu.metrics import CHRF  # noqa: PLC0415 - optional

        chrf = CHRF()
        scorers["chrF"] = lambda one, text: float(chrf.sentence_score(text, [one.text]).score) / 100
    except ImportError:
        missing["chrF"] = f"the package sacrebleu is not installed; {how}"
    return scorers, missing


def _same_number(one: Reference, text: str) -> float:
    wanted = final_number(one.text)
    return float(wanted is not None and wanted == final_number(text))


def _same_calls(one: Reference, text: str) -> float:
    wanted = one.calls or _calls_in(one.text)
    return float(Counter(wanted) == Counter(_calls_in(text)))


def _calls_in(text: str) -> tuple[tuple[str, str], ...]:
    """Tool calls as models write them: in <tool_call> tags, or as bare JSON."""
    blocks = _CALL.findall(text) or [text]
    calls = []
    for block in blocks:
        value = _parsed(block)
        calls += [_call(item) for item in (value if isinstance(value, list) else [value])]
    return tuple(call for call in calls if call is not None)


def _call(value: Any) -> tuple[str, str] | None:
    """Name, and arguments in canonical form."""
    body = value.get("function", value) if isinstance(value, dict) else None
    if not isinstance(body, dict) or not isinstance(body.get("name"), str):
        return None
    arguments = body.get("arguments", body.get("parameters", {}))
    if isinstance(arguments, str):
        arguments = _parsed(arguments)
    return body["name"], json.dumps(arguments, sort_keys=True)


def _parsed(text: str) -> Any:
    """The JSON value of a text, with or without a fence around it; None if it is none."""
    inner = re.sub(r"\A```(?:json)?\s*|\s*```\Z", "", text.strip())
    try:
        return json.loads(inner)
    except (ValueError, RecursionError):
        return None


def _equal_json(one: Reference, text: str) -> float:
    said = _parsed(text)
    return float(said is not None and _same_json(said, _parsed(one.text)))


def _same_json(one: Any, other: Any) -> bool:
    """Whether two values are one to JSON, which knows true from 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same_json(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same_json, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _label_f1(references: Sequence[Reference], base: Sequence[str], tuned: Sequence[str]) -> Metric:
    """F1 of every label that is wanted somewhere, averaged; an answer that is no label counts against its row only."""
    wanted = [normal(one.text) for one in references]
    labels = {label: number for number, label in enumerate(dict.fromkeys(wanted))}
    truth = np.asarray([labels[label] for label in wanted])
    sides = [np.asarray([labels.get(normal(text), -1) for text in side]) for side in (base, tuned)]

    def f1(said: NDArray[np.int64], draw: NDArray[np.int64]) -> NDArray[np.float64]:
        drawn, answers = truth[draw], said[draw]
        total, present = np.zeros(len(draw)), np.zeros(len(draw))
        for label in labels.values():
            own, told = drawn == label, answers == label
            hits = (own & told).sum(axis=1)
            size = own.sum(axis=1) + told.sum(axis=1)
            there = own.any(axis=1)
            total += np.where(there, 2 * hits / np.maximum(size, 1), 0)
            present += there
        return total / present

    return _metric("label F1", f1, *sides)


def _metric(name: str, score: Callable[[Any, Any], Any], before: NDArray[Any], after: NDArray[Any]) -> Metric:
    rows = len(before)
    every = np.arange(rows)[None]
    base, tuned = (float(score(side, every)[0]) for side in (before, after))
    low, high = bootstrap(rows, lambda draw: score(after, draw) - score(before, draw))
    # Higher is better here, lower is better there.
    verdict = Comparison(base - tuned, -high, -low).verdict
    change = Interval(difference=tuned - base, low=low, high=high)
    return Metric(name=name, rows=rows, base=base, tuned=tuned, change=change, verdict=verdict)
