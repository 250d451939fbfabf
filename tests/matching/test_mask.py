"""The mask with a name in it: harmless wherever it lands."""

from __future__ import annotations

import csv
import html
import io
import json
import unicodedata
from string import Template
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.mask import MASK, worded

LONGEST = len("[REDACTED ") + 2 * (40 + 1 + 30) + len(" or ") + 1


@pytest.mark.parametrize(
    ("labels", "mask"),
    [
        (["Warehouse DB / password"], "[REDACTED Warehouse DB/password]"),
        (["BW_PASSWORD"], "[REDACTED BW_PASSWORD]"),
        (["AWS / prod / field token"], "[REDACTED AWS / prod/field token]"),
        (["Bücher: Köln / password"], "[REDACTED Bücher: Köln/password]"),
        (["倉庫 / password"], "[REDACTED 倉庫/password]"),
        (["🔑 keys / password"], "[REDACTED 🔑 keys/password]"),
        (['Bob\'s "laptop" / password'], "[REDACTED Bob’s ”laptop”/password]"),
        (["<b>x</b> & co / password"], "[REDACTED ‹b›x‹/b› · co/password]"),
        (["a] or [b / password"], "[REDACTED a) or (b/password]"),
        (["a,b;c|d\te / password"], "[REDACTED a·b·c·d e/password]"),
        (["two\nlines / password"], "[REDACTED two lines/password]"),
        (["$x ${y} %z `w` \\n / password"], "[REDACTED ·x ·(y) ·z ·w· ·n/password]"),
        (["\x1b[31mred / password"], "[REDACTED �(31mred/password]"),
        (["\u202edrowssap / password"], "[REDACTED �drowssap/password]"),
        (["＜script＞ / password"], "[REDACTED ·script·/password]"),
        (["x" * 50 + " / " + "y" * 50], f"[REDACTED {'x' * 39}…/{'y' * 29}…]"),
        (["A / password", "B / password"], "[REDACTED A/password or B/password]"),
        (["A / p", "B / p", "C / p"], "[REDACTED A/p or 2 others]"),
        (["A / p", "A / p"], "[REDACTED A/p]"),
        ([], MASK),
        ([""], MASK),
    ],
)
def test_a_mask_names_its_source_with_signs_that_mean_nothing(labels: list[str], mask: str) -> None:
    assert worded(labels) == mask


@given(st.lists(st.text(max_size=80), max_size=3))
def test_no_name_means_anything_to_what_reads_the_mask(labels: list[str]) -> None:
    mask = worded(labels)
    row = io.StringIO()
    csv.writer(row).writerow([mask])

    assert mask.startswith(MASK[:-1])
    assert mask.endswith("]")
    assert mask.count("[") == mask.count("]") == 1
    assert len(mask) <= LONGEST
    assert html.escape(mask) == mask
    assert json.dumps(mask, ensure_ascii=False) == f'"{mask}"'
    assert row.getvalue().strip() == mask
    assert Template(mask).substitute() == mask
    assert mask % () == mask
    assert all(each.isprintable() for each in mask.replace("\ufffd", ""))
    assert mask == " ".join(mask.split())
    normal = unicodedata.normalize("NFKC", mask)
    assert not set("<>&\"'`\\$%{}|,;*#~^=") & set(normal), quote(mask)
