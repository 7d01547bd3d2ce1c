"""Licences under the names people give them, and whether they go together."""

from __future__ import annotations

import pytest

from dataprep.text.licences import conflict, identifier, terms


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MIT", "mit"),
        ("MIT License", "mit"),
        ("Apache 2.0", "apache-2.0"),
        ("Apache-2.0", "apache-2.0"),
        ("apache2", "apache-2.0"),
        ("Apache License, Version 2.0", "apache-license-version-2.0"),
        ("CC BY-NC 4.0", "cc-by-nc-4.0"),
        ("cc_by_sa_4.0", "cc-by-sa-4.0"),
        ("Creative Commons BY 4.0", "cc-by-4.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/3.0/", "cc-by-nc-sa-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "cc0-1.0"),
        ("CC0", "cc0-1.0"),
        ("GPLv3", "gpl-3.0"),
        ("our own", "our-own"),
    ],
)
def test_names_come_down_to_identifiers(name: str, expected: str) -> None:
    assert identifier(name) == expected


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("cc0-1.0", set()),
        ("mit", {"attribution"}),
        ("cc-by-4.0", {"attribution"}),
        ("cc-by-nc-sa-4.0", {"attribution", "non-commercial", "share-alike"}),
        ("cc-by-nd-4.0", {"attribution", "no-derivatives"}),
        ("cdla-sharing-1.0", {"attribution", "share-alike"}),
        ("odbl", {"attribution", "share-alike"}),
        ("llama3.1", {"use-restrictions"}),
        ("our own", {"unknown"}),
    ],
)
def test_what_a_licence_asks_for(name: str, asked: set[str]) -> None:
    assert terms(name) == asked


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        ("mit", "apache-2.0", None),
        ("mit", "cc-by-sa-4.0", None),
        ("cc-by-sa-3.0", "cc-by-sa-4.0", None),
        ("cc-by-nc-4.0", "cc-by-nc-sa-4.0", None),
        ("mit", "cc-by-nc-4.0", "no commercial use"),
        ("cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-sa-4.0 wants the whole"),
        ("cc-by-sa-4.0", "odbl-1.0", "each wants the whole under itself"),
        ("cc-by-nd-4.0", "mit", "cc-by-nd-4.0 allows no mixing"),
    ],
)
def test_what_goes_together_goes_in_either_order(left: str, right: str, why: str | None) -> None:
    for found in (conflict(left, right), conflict(right, left)):
        assert (found is None) == (why is None)
        assert why is None or why in str(found)
