"""The list of contradictions that a person fills in, and what they decided."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from dataprep.errors import ConfigError
from dataprep.files import write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dataprep.clean.conflicts import Question

DECISIONS_NAME: Final = "decisions.csv"
COLUMNS: Final = ("keep", "question", "answer", "rows", "where", "id")
SHOWN: Final = 500
"""Characters of a question that are shown."""

_YES: Final = frozenset(["yes", "y", "x", "1", "true", "keep"])
_NO: Final = frozenset(["no", "n", "0", "false", "drop"])


class Decision(NamedTuple):
    """Whether an answer stays, and where that was decided."""

    id: str
    keep: bool
    place: str

    @staticmethod
    def id_of(group: str, claim: str) -> str:
        """What identifies an answer to a question."""
        return f"{group}-{hashlib.sha256(claim.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def write_decisions(folder: Path, given: str | None, made: Callable[[str | None], str]) -> None:
    """Write the list into a folder; what is decided in one that is there, and was not followed, stays in it.

    Args:
        folder: where to.
        given: the list that was followed.
        made: the list, with the decisions of another one.
    """
    there = folder / DECISIONS_NAME
    write_file(there, made(given or (str(there) if there.is_file() else None)))


def decisions_csv(
    questions: Iterable[Question],
    prompts: Mapping[tuple[str, int], str],
    mask: Callable[[str], str],
    given: str | None = None,
) -> str:
    """A table with a line for each answer to each question, to be filled in: yes or no under `keep`.

    The lines of `given` that decide something come along, so that one list holds every decision.

    Args:
        questions: that nobody has decided.
        prompts: what each row asks, by file and line.
        mask: hides secrets.
        given: the list of decisions that were followed, where there is one.

    Raises:
        ConfigError: `given` cannot be read.
    """
    decided = _decided(given) if given else {}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for question in questions:
        for claim, count in question.counts.items():
            own = [member.finding for member in question.members if member.claim == claim]
            places = [(finding["source"], finding["line"]) for finding in own]
            asked = next((prompts[place] for place in places if place in prompts), "")
            where = "; ".join(f"{source}:{line}" for source, line in places[:5])
            own_id = Decision.id_of(question.group, claim)
            shown = [mask(asked)[:SHOWN], mask(claim), str(count), where, own_id]
            said = decided.pop(own_id, {}).get("keep")
            writer.writerow([_word(said), *map(_cell, shown)])
    for record in decided.values():
        writer.writerow([_cell(mask(_word(record.get(column)))) for column in COLUMNS])
    return text.getvalue()


def _cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def read_decisions(name: str) -> dict[str, Decision]:
    """The decisions in a filled-in list, CSV or JSON Lines, by id; lines left blank decide nothing.

    Raises:
        ConfigError: the file cannot be read, or says something other than yes or no.
    """
    found: dict[str, Decision] = {}
    for own, (place, record) in _filled(Path(name)).items():
        found[own] = Decision(own, _word(record["keep"]).casefold() in _YES, place)
    return found


def _decided(name: str) -> dict[str, dict[str, object]]:
    """The lines of a list that decide something, by id."""
    return {own: record for own, (_, record) in _filled(Path(name)).items()}


def _filled(path: Path) -> dict[str, tuple[str, dict[str, object]]]:
    """The lines of a list that say yes or no, by id, each with its place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        reason = err.strerror if isinstance(err, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: decisions cannot be read ({reason})", "Give the filled-in decisions.csv") from err
    found: dict[str, tuple[str, dict[str, object]]] = {}
    for line, record in _records(path, text):
        said, own = _word(record.get("keep")).casefold(), _word(record.get("id"))
        if not said:
            continue
        if said not in _YES | _NO or not own:
            raise ConfigError(
                f"{path}: line {line}: keep is {said[:20]!r}" + ("" if own else ", and the id is missing"),
                "Write yes or no, or nothing",
            )
        found[own] = (f"{path.name} line {line}", record)
    return found


def _word(value: object) -> str:
    """What stands in a field; false and 0 are said, null is not."""
    return "" if value is None else str(value).strip()


def _records(path: Path, text: str) -> Iterator[tuple[int, dict[str, object]]]:
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        # Not splitlines(): it breaks at separators that may stand inside a JSON string.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    yield number, msgspec.json.decode(line, type=dict[str, object])
                except msgspec.DecodeError as err:
                    raise ConfigError(f"{path}: line {number} is no JSON object", "Mend the line") from err
        return
    # Spreadsheets save with what their language parts cells by.
    readers = (csv.DictReader(io.StringIO(text), delimiter=mark) for mark in ",;\t")
    reader = next((reader for reader in readers if {"keep", "id"} <= set(reader.fieldnames or ())), None)
    if reader is None:
        raise ConfigError(f"{path}: has no columns keep and id", "Give the list that --resolve ask-file wrote")
    try:
        for record in reader:
            yield reader.line_num, dict(record)
    except csv.Error as err:
        raise ConfigError(f"{path}: line {reader.line_num} cannot be read ({err})", "Mend the line") from err
