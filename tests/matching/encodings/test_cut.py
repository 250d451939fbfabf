"""The beginning or end of an irregular secret is masked where a library cuts it off."""

from __future__ import annotations

import reprlib

import pytest

from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from tests.later import pandas

KEY = "sk-proj-aB3dE5gH7jK9mN1pQ2rS4tU6vW8yZ0"


def masked(text: str, value: str = KEY) -> str:
    matcher = Matcher()
    matcher.learn(value)
    if matcher.mask(text) != text:
        assert matcher.hits(text.encode())
    return matcher.mask(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"input_value='{KEY[:24]}...{KEY[-14:]}'", f"input_value='{MASK}...{MASK}'"),
        (f"{KEY[:20]}…", f"{MASK}…"),
        (f"key: {KEY[:16]}", f"key: {MASK}"),
        (f"'{KEY[:18]}'", f"'{MASK}'"),
        (f"<td>{KEY[:20]}...</td>", f"<td>{MASK}...</td>"),
        (f"{KEY[:15]}\n{KEY[15:]}", f"{MASK}\n{MASK}"),
        (f"ends in {KEY[-12:]}.", f"ends in {MASK}."),
        (f"{KEY[:20]}<...>{KEY[-14:]}", f"{MASK}<...>{MASK}"),
        (f"token={KEY[:16]}...", f"token={MASK}..."),
        (f"https://x.example/?k={KEY[:16]}&a=1", f"https://x.example/?k={MASK}&a=1"),
        (f"«{KEY[:16]}…»", f"«{MASK}…»"),
        (f"“{KEY[:16]}”", f"“{MASK}”"),
        (f"{KEY[:16]}⋯{KEY[-12:]}", f"{MASK}⋯{MASK}"),
        (f"{KEY[:16]}‥", f"{MASK}‥"),
        (f"{KEY[:16]}..", f"{MASK}.."),
        (f"{KEY[:16]}••••••", f"{MASK}••••••"),
        (f"{KEY[:16]}****{KEY[-12:]}", f"{MASK}****{MASK}"),
        (f"{KEY[:16]}xxxxxxxx", f"{MASK}xxxxxxxx"),
        (f"xx{KEY[:16]}", f"xx{KEY[:16]}"),
        (f"{KEY[:16]}é", f"{KEY[:16]}é"),
        (f"{KEY[:16]}other", f"{KEY[:16]}other"),
        ("sk-proj-...", "sk-proj-..."),
        (f"{KEY[:16]}.", f"{MASK}."),
        (f"{KEY[:16]}.name", f"{KEY[:16]}.name"),
        (KEY, MASK),
    ],
)
def test_a_part_beside_an_ellipsis_or_the_end_of_a_field_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "value", ["correct-horse-battery-staple", "warehouse-db-01.eu-west-1.example", "Tr0ub4dor&3"]
)
def test_the_beginning_of_a_readable_value_stays(value: str) -> None:
    assert masked(f"{value[:10]}...", value) == f"{value[:10]}..."


def test_what_pandas_and_reprlib_leave_of_a_key_is_masked() -> None:
    with pandas.option_context("display.max_colwidth", 22):
        frame = repr(pandas.DataFrame({"key": [KEY], "stage": ["europe"]}))

    assert KEY[:12] not in masked(frame)
    assert "europe" in masked(frame)
    assert KEY[:12] not in masked(reprlib.repr(KEY))
