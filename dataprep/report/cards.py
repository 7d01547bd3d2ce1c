"""One finding becomes one card: where, what, the evidence, and the rows it speaks of side by side."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.report.texts import kinds
from dataprep.report.views import CardView, SideView, TextView, TurnRow, TurnView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataprep.report.lookup import Lookup, Row
    from dataprep.report.texts import TextMaker
    from dataprep.report.views import Limits, PieceKind

_MESSAGE_SHOWN: Final = 500
_VALUE_SHOWN: Final = 240
_PAIRS_SHOWN: Final = 12
_FIELD: Final = re.compile(r"^messages(?:\[|\.)(\d+)")
_EXTRAS: Final = ("name", "tool_calls", "tool_call_id", "weight")


class CardMaker:
    """Builds the cards of one report."""

    def __init__(self, texts: TextMaker, lookup: Lookup, names: Mapping[str, str], limits: Limits) -> None:
        self._texts = texts
        self._lookup = lookup
        self._names = names
        self._limits = limits

    def card(self, finding: Mapping[str, Any], anchor: str, *, opened: bool) -> CardView:
        """The card of one finding."""
        source, line = finding["source"], finding["line"]
        base = CardView(
            anchor=anchor,
            severity=finding["severity"],
            place=self._name(source),
            path=source,
            line=line,
            message=self._texts.view(finding["message"] or "", "findings.parquet", shown=_MESSAGE_SHOWN),
            alike="" if "% alike" in (finding["message"] or "") else alike(finding),
            field=finding["field"] or "",
            opened=opened,
        )
        spans, pairs = self._evidence(finding["evidence"])
        row, is_eval = self._lookup.row(finding["row_id"], source, line)
        values: dict[str, Any] = {"evidence": pairs}
        if row is None:
            raw = self._lookup.raw(source, line)
            if raw is None:
                values["missing"] = "The text of this record is not in the report."
            else:
                values["raw"] = self._texts.view(raw, f"{self._name(source)}, line {line:,}", spans["left"])
        elif finding["related_line"] is None or finding["related_source"] is None:
            values |= self._single(row, is_eval, spans["left"], finding["field"])
        else:
            values |= self._double(row, is_eval, finding, spans)
        values["legend"] = _legend(values.get("turns", ()))
        fields = CardView.__dataclass_fields__
        return CardView(**{**{name: getattr(base, name) for name in fields}, **values})

    def _single(
        self,
        row: Row,
        is_eval: bool,
        spans: tuple[str, ...],
        field: str | None,
    ) -> dict[str, Any]:
        here = _FIELD.match(field or "")
        number = int(here[1]) if here else None
        where = self._where(row)
        turns = [
            TurnRow("single", self._turn(role, turn, where, spans, here=place == number))
            for place, (role, turn) in enumerate(self._turns(row))
        ]
        return {"sides": (self._side(row, "", "Row", is_eval=is_eval),), "turns": tuple(turns)}

    def _double(
        self,
        row: Row,
        is_eval: bool,
        finding: Mapping[str, Any],
        spans: Mapping[str, tuple[str, ...]],
    ) -> dict[str, Any]:
        source, line = finding["related_source"], finding["related_line"]
        other, other_eval = self._lookup.row(
            finding["related_row_id"], source, line, eval_first=finding["code"].startswith("LEAK")
        )
        if other is None:
            values = self._single(row, is_eval, spans["left"], finding["field"])
            values["missing"] = f"The matched row, {self._name(source)} line {line:,}, is not among the rows read."
            return values
        turns = tuple(self._grid(row, other, spans))
        sides = (
            self._side(row, "A", "This row", is_eval=is_eval),
            self._side(other, "B", "Matched row", is_eval=other_eval),
        )
        return {"sides": sides, "turns": turns}

    def _grid(self, row: Row, other: Row, spans: Mapping[str, tuple[str, ...]]) -> Iterator[TurnRow]:
        """The turns of two rows, those with the same role next to each other."""
        left, right = list(self._turns(row)), list(self._turns(other))
        matcher = SequenceMatcher(None, [role for role, _ in left], [role for role, _ in right], autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            for one, two in zip_longest(left[i1:i2], right[j1:j2]):
                if tag == "equal":
                    yield self._matched(one[0], one[1], two[1], (self._where(row), self._where(other)), spans)
                else:
                    yield TurnRow(
                        "pair",
                        self._turn(one[0], one[1], self._where(row), spans["left"]) if one else None,
                        self._turn(two[0], two[1], self._where(other), spans["right"]) if two else None,
                        "only on one side" if one is None or two is None else "other role",
                    )

    def _matched(
        self,
        role: str,
        one: Mapping[str, Any],
        two: Mapping[str, Any],
        where: tuple[str, str],
        spans: Mapping[str, tuple[str, ...]],
    ) -> TurnRow:
        """Two turns of one role: shown once if they are the same, else with their difference."""
        a, b = one["content"] or "", two["content"] or ""
        extras = [self._extras(turn, where[0]) for turn in (one, two)]
        if a == b and extras[0] == extras[1]:
            both = tuple(dict.fromkeys((*spans["left"], *spans["right"])))
            view = self._texts.view(a, where[0], both, shown=self._limits.shown_if_same)
            return TurnRow("both", TurnView(role, view, extras[0]), note="same in both")
        *views, throughout = self._texts.pair((a, b), where, spans)
        note = "different throughout" if throughout else "differs"
        if a != b and self._texts.same_when_shown(a, b):
            note = "differs in line ends or hidden secrets only"
        left, right = (TurnView(role, view, extra) for view, extra in zip(views, extras, strict=True))
        return TurnRow("pair", left, right, note)

    def _turns(self, row: Row) -> Iterator[tuple[str, dict[str, Any]]]:
        """The turns of a row, preference answers after the conversation, as many as may be shown."""
        turns = [(turn["role"] or "no role", turn) for turn in row["messages"] or ()]
        for part in ("chosen", "rejected"):
            turns += [(f"{part} {turn['role'] or 'answer'}", turn) for turn in row[part] or ()]
        limit = self._limits.turns
        yield from turns[:limit]
        if len(turns) > limit:
            more = f"{len(turns) - limit:,} more turns are in {self._where(row)}."
            yield "not shown", {"content": more}

    def _turn(
        self,
        role: str,
        turn: Mapping[str, Any],
        where: str,
        spans: tuple[str, ...] = (),
        *,
        here: bool = False,
    ) -> TurnView:
        text = self._texts.view(turn["content"] or "", where, spans)
        return TurnView(role, text, self._extras(turn, where), here=here)

    def _extras(self, turn: Mapping[str, Any], where: str) -> tuple[tuple[str, TextView], ...]:
        values = ((key, turn.get(key)) for key in _EXTRAS)
        return tuple((key, self._value(value, where)) for key, value in values if value is not None)

    def _side(self, row: Row, letter: str, title: str, *, is_eval: bool) -> SideView:
        where = self._where(row)
        facts = [(key, row[key]) for key in ("row_id", "format", "label", "group", "tools") if row[key] is not None]
        facts += list(_object(row["meta"]).items())[:_PAIRS_SHOWN]
        return SideView(
            letter=letter,
            title="Eval row" if is_eval else title,
            place=self._name(row["source"]),
            path=row["source"],
            line=row["line"],
            facts=tuple((key, self._value(value, where)) for key, value in facts),
        )

    def _evidence(self, text: str | None) -> tuple[dict[str, tuple[str, ...]], tuple[tuple[str, TextView], ...]]:
        """The spans to mark, by side, and everything else as key and value."""
        evidence = _object(text)
        spans: dict[str, list[str]] = {"left": [], "right": []}
        listed = evidence.get("spans")
        for span in listed if isinstance(listed, list) else ():
            if isinstance(span, dict) and isinstance(span.get("text"), str):
                spans["right" if span.get("side") == "right" else "left"].append(span["text"])
        if isinstance(listed, list) and (any(spans.values()) or not listed):
            del evidence["spans"]
        pairs = [(key, self._value(value, "findings.parquet")) for key, value in list(evidence.items())[:_PAIRS_SHOWN]]
        if len(evidence) > _PAIRS_SHOWN:
            more = f"{len(evidence) - _PAIRS_SHOWN:,} more are in findings.parquet"
            pairs.append(("…", self._value(more, "")))
        return {side: tuple(dict.fromkeys(found)) for side, found in spans.items()}, tuple(pairs)

    def _value(self, value: object, where: str) -> TextView:
        return self._texts.view(_written(value), where, shown=_VALUE_SHOWN)

    def _name(self, source: str) -> str:
        return self._names.get(source, source)

    def _where(self, row: Row) -> str:
        return f"{self._name(row['source'])}, line {row['line']:,}"


def alike(finding: Mapping[str, Any]) -> str:
    """A finding's score as people say it; rounded down, so that only 1.0 is 100% alike."""
    score = finding["score"]
    if score is None:
        return ""
    if finding["related_line"] is not None and 0 <= score <= 1:
        return f"{int(score * 100 + 1e-9)}% alike"
    return f"score {score:.3g}"


def _legend(turns: tuple[TurnRow, ...]) -> tuple[PieceKind, ...]:
    """The kinds of marks a reader meets on the card."""
    used = kinds(view.text for turn in turns for view in (turn.left, turn.right) if view is not None)
    marks: tuple[PieceKind, ...] = ("del", "ins", "mark")
    return tuple(kind for kind in marks if kind in used)


def _object(text: str | None) -> dict[str, Any]:
    """A JSON object as a dict; anything else under one key, so that nothing is lost."""
    if not text:
        return {}
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {"text": text}
    return value if isinstance(value, dict) else {"value": value}


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return " · ".join(value)
    if isinstance(value, dict) and value and all(isinstance(count, int) for count in value.values()):
        return " · ".join(f"{name} ×{count}" for name, count in value.items())
    return msgspec.json.encode(value).decode()
