"""What a reader finds on the page."""

from __future__ import annotations

import re

import pytest

from dataprep.contract import InputFile, Verdict
from dataprep.report import Limits
from dataprep.report.page import csp_hash, share, size
from tests.report.report_samples import (
    EVAL,
    Reader,
    chat,
    check,
    finding,
    findings,
    frame,
    page,
    reject,
    rejects,
    row,
    summary,
)


def text_of(html: str) -> str:
    """The page's text with single spaces."""
    return " ".join(Reader(html).text.split())


def test_policy_allows_exactly_the_inline_style_and_script() -> None:
    read = Reader(page())
    policy = next(value for tag, name, value in read.attributes if tag == "meta" and name == "content")
    assert policy.startswith("default-src 'none'; ")
    for kind, contents in read.inline.items():
        assert len(contents) == 1
        assert f"{kind}-src '{csp_hash(contents[0])}'" in policy
    assert not [name for _, name, _ in read.attributes if name == "style" or name.startswith("on")]
    assert "http://" not in page()
    assert "https://" not in page()


def test_same_audit_same_bytes() -> None:
    rows = frame(chat(1, "a b c", "d"), chat(2, "a b x", "d"))
    found = findings(finding(rows, 0, (rows, 1)))
    assert page(found, rows) == page(found, rows)


def test_verdict_account_inputs_and_next_command_come_first() -> None:
    found = findings(finding(frame(chat(1, "q", "a")), 0))
    report = summary(
        [check(findings=1, rows=1)],
        rows=1200,
        unreadable=34,
        clean_rows=1100,
        flagged_rows=100,
        verdict=Verdict(ready=False, headline="Not ready to train", reasons=["1 x near-duplicate (DUP002)", "old"]),
        eval_inputs=[InputFile(path=EVAL, sha256="c", bytes=5, records=1, rows=1, unreadable=0, formats={"sft": 1})],
    )
    html = page(found, frame(chat(1, "q", "a")), report=report)
    text = text_of(html)
    summary_text = text[: text.index("Share of all records")]
    for words in (
        "Can I train on this? Not ready to train",
        "1,234 records in = 1,100 clean 89.1% + 100 flagged 8.1% + 34 unreadable 2.8%",
        "Next dataprep split data/train.jsonl",
        "eval.jsonl eval set",
    ):
        assert words in summary_text
    assert '<a href="#check-DUP002">near-duplicate</a> (DUP002)' in html
    assert "do not add up" not in text


def test_an_account_that_does_not_balance_is_said_aloud() -> None:
    assert "do not add up" in text_of(page(report=summary(clean_rows=9)))


def test_no_findings_is_a_clear_positive_page() -> None:
    text = text_of(page(report=summary([check(), check("FMT001", "unreadable-record", severity="error")])))
    assert "No findings: 2 checks looked at 10 rows and found nothing." in text
    assert "2 checks ran and found nothing" in text


def test_nothing_read_is_no_all_clear() -> None:
    text = text_of(page(report=summary(rows=0, clean_rows=0)))
    assert "No row could be read, so nothing was checked." in text
    assert "No check was run." in text


def test_a_check_that_did_not_run_is_visible_with_its_reason() -> None:
    idle = check("TOK001", "too-long", status="not_run", reason="no tokenizer was named")
    text = text_of(page(report=summary([check(), idle])))
    assert "not run TOK001 too-long not run: no tokenizer was named" in text
    assert "1 did not run, see above" in text


def test_errors_come_before_warnings_before_notes() -> None:
    rows = frame(chat(1, "q", "a"))
    codes = {"AAA001": "note", "BBB001": "warning", "CCC001": "error"}
    found = findings(*(finding(rows, 0, code=code, severity=severity) for code, severity in codes.items()))
    anchors = [name for name in Reader(page(found, rows)).ids if re.fullmatch(r"check-\w+", name)]
    assert anchors == ["check-CCC001", "check-BBB001", "check-AAA001"]


def test_an_explanation_and_the_method_are_plain_text() -> None:
    rows = frame(chat(1, "q", "a"))
    explanation = "Two rows say\n    nearly the same.\n\n    Because <b>.\n\n    Example:\n        left\n    "
    html = page(
        findings(finding(rows, 0)),
        rows,
        report=summary([check(findings=1, rows=1, notes=["exact: all pairs"])]),
        explanations={"DUP002": explanation},
    )
    assert '<p class="lead">Two rows say nearly the same.</p>' in html
    assert "<p>Because &lt;b&gt;.</p>" in html
    assert "<pre>Example:\n    left</pre>" in html
    assert "<li>exact: all pairs</li>" in html


def test_rows_side_by_side_with_what_differs() -> None:
    rows = frame(chat(1, "How long?", "within 14 days"), chat(2, "How long?", "within 30 days"))
    html = page(findings(finding(rows, 0, (rows, 1), score=0.9612)), rows)
    assert "<del>14</del>" in html
    assert "<ins>30</ins>" in html
    text = text_of(html)
    assert "96% alike" in text
    assert "A = B user same in both How long?" in text


def test_the_eval_row_is_named_as_such() -> None:
    rows, evals = frame(chat(1, "q", "a")), frame(chat(4, "q", "a", source=EVAL))
    leak = finding(rows, 0, (evals, 0), code="LEAK001", name="eval-leak-exact", score=1.0)
    text = text_of(page(findings(leak), rows, eval_rows=evals))
    assert "B Eval row eval.jsonl:4" in text.replace("data/", "")
    assert "100% alike" in text


def test_rows_with_other_roles_and_preference_answers_are_shown() -> None:
    answer = {"role": "assistant", "content": "chosen text"}
    rows = frame(
        row(1, ("user", "one"), ("user", "two"), ("assistant", "three"), chosen=[answer]),
        row(2, ("user", "one"), ("assistant", "three")),
    )
    text = text_of(page(findings(finding(rows, 0, (rows, 1))), rows))
    assert "only on one side" in text
    assert "no such turn" in text
    assert "chosen assistant" in text
    assert "chosen text" in text


def test_the_turn_a_field_names_is_pointed_at() -> None:
    rows = frame(chat(1, "q", ""))
    text = text_of(page(findings(finding(rows, 0, field="messages[1].content")), rows))
    assert "assistant ◂ here empty" in text


def test_evidence_is_marked_and_listed() -> None:
    rows = frame(chat(1, "q", "Visit {{Shop}} now"))
    evidence = '{"spans": [{"side": "left", "text": "{{Shop}}"}], "kind": "template", "ratio": 0.123456}'
    html = page(findings(finding(rows, 0, evidence=evidence)), rows)
    assert "<mark>{{Shop}}</mark>" in html
    assert "kind template ratio 0.1235" in text_of(html)


@pytest.mark.parametrize("evidence", ["not json", "[1]", '"x"', '{"spans": "odd"}', '{"spans": [1]}', "", None])
def test_odd_evidence_does_no_harm(evidence: str | None) -> None:
    rows = frame(chat(1, "q", "a"))
    assert "says nearly the same" in page(findings(finding(rows, 0, evidence=evidence)), rows)


def test_a_missing_matched_row_is_said() -> None:
    rows = frame(chat(1, "q", "a"))
    lost = finding(rows, 0, related_row_id="0-0", related_source=EVAL, related_line=77)
    assert "line 77, is not among the rows read." in text_of(page(findings(lost), rows))


def test_an_unreadable_record_is_shown_with_its_text() -> None:
    bad = rejects(reject(3, '{"messages": ['), reject(5, "\x00 half"))
    told = finding(frame(), None, code="FMT001", name="unreadable-record", severity="error", line=3)
    text = text_of(page(findings(told), bad=bad, report=summary(unreadable=2)))
    assert 'Text of the record {"messages": [' in text
    # The second one is in no finding, and still shown.
    assert "train.jsonl:5" in text
    assert "[U+0000] half" in text


def test_secrets_are_masked_everywhere() -> None:
    key = "sk-proj-abcdefghij0123456789"
    rows = frame(chat(1, f"my key {key}", "ok", meta=f'{{"note": "{key}"}}'), chat(2, f"the key {key}", "ok"))
    found = findings(
        finding(rows, 0, (rows, 1), message=f"has {key}", evidence=f'{{"value": "{key}", "spans": []}}'),
        finding(rows, 0, code="PII002", evidence=f'{{"spans": [{{"side": "left", "text": "{key}"}}]}}'),
    )
    html = page(found, rows, bad=rejects(reject(9, key)))
    assert key not in html
    assert "<mark>sk-p…</mark>" in html
    assert key in page(found, rows, mask=str)


def test_a_secret_across_the_cut_is_masked() -> None:
    key = "sk-proj-abcdefghij0123456789"
    rows = frame(chat(1, "x " * 2_992 + key, "a"))
    assert key[:12] not in page(findings(finding(rows, 0)), rows)


def test_caps_are_stated() -> None:
    rows = frame(*(chat(line, f"question {line}", "a") for line in range(1, 61)))
    html = page(findings(*(finding(rows, at) for at in range(60))), rows)
    assert "50 of 60 shown; all are in findings.parquet." in html
    assert html.count('<details class="card"') == 50
    few = page(findings(*(finding(rows, at) for at in range(9))), rows, limits=Limits(check_text=100))
    assert re.search(r"\d of 9 shown; all are in findings.parquet.", few)


def test_one_crowded_match_does_not_use_up_the_cards() -> None:
    rows = frame(*(chat(line, f"question {line}", "a") for line in range(1, 21)))
    crowd = [finding(rows, at, (rows, 0)) for at in range(1, 15)]
    single = finding(rows, 18, (rows, 19))
    html = page(findings(*crowd, single), rows, limits=Limits(cards=5))
    assert "train.jsonl:19" in html
    assert "5 of 15 shown" in html


def test_long_texts_are_cut_with_the_rest_on_demand_and_the_remainder_stated() -> None:
    rows = frame(chat(1, "word " * 4_000, "a"))
    text = text_of(page(findings(finding(rows, 0)), rows))
    assert "Show 4,800 more characters" in text
    assert "14,000 more characters are in train.jsonl, line 1." in text


def test_a_megabyte_line_gives_a_small_page_that_shows_the_difference() -> None:
    long = " ".join(f"w{number}" for number in range(150_000))
    rows = frame(chat(1, long + " fourteen", long), chat(2, long + " thirty", "y" * 1_000_000))
    html = page(findings(*(finding(rows, 0, (rows, 1)) for _ in range(10))), rows)
    assert len(html) < 500_000
    assert "<del>fourteen</del>" in html
    assert "equal characters not shown" in html


def test_many_hostile_characters_keep_the_page_small() -> None:
    rows = frame(chat(1, "\u202e\u200b" * 200_000, "\x00" * 500_000))
    found = findings(*(finding(rows, 0, code=f"TXT{number:03}") for number in range(20)))
    assert len(page(found, rows)) < 5_000_000


def test_numbers_say_what_they_mean() -> None:
    assert [share(part, 100_000) for part in (0, 3, 1_234, 50_000, 99_999, 100_000)] == [
        *("0%", "<0.1%", "1.2%", "50%", ">99.9%", "100%")
    ]
    assert [size(count) for count in (7, 98_804, 3_000_000)] == ["7 bytes", "98.8 kB", "3.0 MB"]


def test_equal_file_names_stay_apart() -> None:
    files = [
        InputFile(path=path, sha256="a", bytes=1, records=1, rows=1, unreadable=0, formats={"openai": 1})
        for path in ("a/x/train.jsonl", "b/x/train.jsonl", "b/x/other.jsonl")
    ]
    text = text_of(page(report=summary(inputs=files)))
    assert "a/x/train.jsonl" in text
    assert " other.jsonl" in text
