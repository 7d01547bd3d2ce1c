"""Whatever the data says, it stays text."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.report.report_samples import Reader, hostile_audit

HARMLESS: Final = "plainword"
ATTACKS: Final = (
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "<img src=x onerror=alert(1)>",
    "\"' onmouseover=alert(1) x='\"",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    "<!-- <details open> --> <![CDATA[ x ]]>",
    "</div></details></section></main>",
    "&lt;script&gt; &#60;b&#62; &amp;",
    "javascript:alert(1)",
    "<svg/onload=alert(1)><base href=//x><meta http-equiv=refresh content=0>",
)
PIECES: Final = st.sampled_from([*ATTACKS, "\x00", "\u202e", "\u200b", "\ud800", "\r\n", "\t", "é", "日本", "x" * 90])


def elements(html: str) -> set[str]:
    """Elements and attribute names of a page."""
    tags, attributes = Reader(html).skeleton
    return {*tags, *(f"{tag}[{name}]" for tag, name in attributes)}


KNOWN: Final = elements(hostile_audit(HARMLESS)) | {
    # Marks and folds appear as soon as texts differ, repeat or get long.
    *("span", "mark", "del", "ins", "span[class]", "span[title]", "details", "summary", "details[class]"),
    *("p", "p[class]", "div[class]", "div[dir]", "span[aria-hidden]"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_the_data_is_shown_and_never_parsed(attack: str) -> None:
    html = hostile_audit(attack)
    read = Reader(html)
    assert attack in read.text
    assert elements(html) <= KNOWN
    assert not read.unbalanced
    assert read.tags.count("script") == 1
    assert read.tags.count("style") == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | st.text(max_size=12), max_size=5).map("".join))
def test_no_text_adds_an_element_an_attribute_or_an_invisible_character(text: str) -> None:
    # Lone surrogates cannot be in a polars frame, but can be in a file name.
    text = text.encode("utf-8", "replace").decode()
    html = hostile_audit(text)
    html.encode()
    read = Reader(html)
    assert elements(html) <= KNOWN
    assert not read.unbalanced
    assert read.tags.count("script") == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff\ud800-\udfff]", html)


def test_links_lead_inside_the_page_only() -> None:
    read = Reader(hostile_audit("https://example.org/?a=<b>"))
    targets = [value for _, name, value in read.attributes if name in {"href", "src", "action"}]
    assert targets
    assert all(target.startswith("#") for target in targets)
    assert {target[1:] for target in targets} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
