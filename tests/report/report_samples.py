"""Small audits to render, and a reader of the pages that come out."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dataprep.contract import AuditReport, CheckResult, InputFile, Verdict
from dataprep.frame import FINDING_SCHEMA, MESSAGE_FIELDS, REJECT_SCHEMA, ROW_SCHEMA, content_hash, rows_frame
from dataprep.report import Limits, render

if TYPE_CHECKING:
    from collections.abc import Sequence

TRAIN: Final = "data/train.jsonl"
EVAL: Final = "data/eval.jsonl"
VOID: Final = frozenset({"meta", "input", "br", "hr", "img", "link"})

Turn = tuple[str, str]


def row(line: int, *turns: Turn, source: str = TRAIN, **fields: Any) -> dict[str, Any]:
    """A row of the frame with the given turns."""
    messages = [dict.fromkeys(MESSAGE_FIELDS) | {"role": role, "content": content} for role, content in turns]
    return {
        "row_id": content_hash({"messages": messages}),
        "source": source,
        "line": line,
        "format": "openai",
        "messages": messages,
    } | fields


def chat(line: int, question: str, answer: str, **fields: Any) -> dict[str, Any]:
    """A row with one question and one answer."""
    return row(line, ("user", question), ("assistant", answer), **fields)


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """The row frame."""
    return rows_frame(rows) if rows else pl.DataFrame(schema=ROW_SCHEMA)


def finding(
    rows: pl.DataFrame, at: int | None, related: tuple[pl.DataFrame, int] | None = None, **fields: Any
) -> dict[str, Any]:
    """A finding about the row at a position, and about another one where given."""
    values: dict[str, Any] = dict.fromkeys(FINDING_SCHEMA) | {
        "code": "DUP002", "name": "near-duplicate", "severity": "warning", "message": "says nearly the same",
        "source": TRAIN, "line": 1, "evidence": "{}",
    }  # fmt: skip
    if at is not None:
        values |= rows.select("row_id", "source", "line").row(at, named=True)
    if related is not None:
        other = related[0].row(related[1], named=True)
        values |= {f"related_{key}": other[key] for key in ("row_id", "source", "line")}
    return values | fields


def findings(*values: dict[str, Any]) -> pl.DataFrame:
    """The findings frame."""
    return pl.DataFrame(list(values), schema=FINDING_SCHEMA, orient="row")


def reject(line: int, raw: str, **fields: Any) -> dict[str, Any]:
    """A record that could not be read."""
    return {"source": TRAIN, "line": line, "code": "FMT001", "message": "JSON ends mid-string", "raw": raw} | fields


def rejects(*values: dict[str, Any]) -> pl.DataFrame:
    """The frame of unreadable records."""
    return pl.DataFrame(list(values), schema=REJECT_SCHEMA, orient="row")


def check(code: str = "DUP002", name: str = "near-duplicate", **fields: Any) -> CheckResult:
    """A check result."""
    return CheckResult(**({"code": code, "name": name, "severity": "warning", "status": "ran"} | fields))


def summary(checks: Sequence[CheckResult] = (), **fields: Any) -> AuditReport:
    """An audit summary of ten rows in one file."""
    file = InputFile(path=TRAIN, sha256="a" * 64, bytes=900, records=10, rows=10, unreadable=0, formats={"openai": 10})
    values: dict[str, Any] = {
        "tool_version": "9.9.9", "created_at": "2026-01-02T03:04:05Z", "inputs": [file], "eval_inputs": [],
        "rows": 10, "unreadable": 0, "flagged_rows": 0, "clean_rows": 10, "checks": list(checks),
        "by_severity": {"error": 0, "warning": 0, "note": 0}, "config": {"seed": 13},
        "verdict": Verdict(ready=True, headline="Ready to train"), "next_command": "dataprep split data/train.jsonl",
    }  # fmt: skip
    return AuditReport(**(values | fields))


def page(
    found: pl.DataFrame | None = None,
    rows: pl.DataFrame | None = None,
    bad: pl.DataFrame | None = None,
    eval_rows: pl.DataFrame | None = None,
    report: AuditReport | None = None,
    **options: Any,
) -> str:
    """The rendered page; whatever is not given is empty."""
    return render(
        summary() if report is None else report,
        findings() if found is None else found,
        frame() if rows is None else rows,
        rejects() if bad is None else bad,
        frame() if eval_rows is None else eval_rows,
        **options,
    )


class Reader(HTMLParser):
    """Collects what a browser would see: elements, attributes, texts, and whether tags are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.inline: dict[str, list[str]] = {"style": [], "script": []}
        self.text = ""
        self.unbalanced: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self._open.append(tag)
        if tag in self.inline:
            self.inline[tag].append("")
        if tag not in {"mark", "del", "ins"}:
            self.text += " "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside in self.inline:
            self.inline[inside][-1] += data
        else:
            self.text += data

    @property
    def skeleton(self) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """Elements and attribute names, which no text from the data may change."""
        return tuple(self.tags), tuple((tag, name) for tag, name, _ in self.attributes)


def hostile_audit(text: str) -> str:
    """A page with the text in every place that data can reach."""
    rows = frame(
        chat(1, text, "a", meta=json.dumps({text: text}), label=text, group=text, tools=json.dumps([text])),
        chat(2, "other", text),
        row(3, (text, "c"), ("assistant", text)),
    )
    common: dict[str, Any] = {
        "message": text,
        "field": text,
        "evidence": json.dumps({text: text, "list": [text], "n": {"deep": text}}),
    }
    found = findings(
        finding(rows, 0, (rows, 1), **common),
        finding(rows, 1, (rows, 2), **common),
        finding(rows, 2, code="TXT001", name=text, **common),
        finding(rows, None, code="FMT001", name="unreadable-record", source=text, line=7, **common),
    )
    bad = rejects(reject(7, text, source=text, message=text, field=text))
    file = InputFile(
        path=text, sha256="b" * 64, bytes=1, records=1, rows=1, unreadable=0, formats={text: 1, "x": 2}, notes=[text]
    )
    report = summary(
        [check(notes=[text]), check("TOK001", "too-long", status="not_run", reason=text)],
        inputs=[file],
        verdict=Verdict(ready=False, headline=text, reasons=[text]),
        next_command=text,
        config={text: text},
        created_at=text,
    )
    explanations = {"DUP002": f"{text}\n\n{text}\n\n    {text}"}
    return page(found, rows, bad, report=report, explanations=explanations, limits=Limits(opened=9))
