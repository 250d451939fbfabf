"""Names from a vault steer nothing where they are shown, and look-alikes are told apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret
from bw_magics.shown import harmless, one_line, told_apart

CODES = """
    1b 0d 00 07 08 7f 85 9b 2028 2029 200b 200e 200f 202a 202e 2066 2069 61c feff ad 2060 2061
    115f 3164 ffa0 2800 180e 34f e0041 fff9 d800 e000 f8ff f0000 10fffd
"""
HARMFUL = [chr(int(code, 16)) for code in CODES.split()]


@pytest.mark.parametrize("sign", HARMFUL, ids=ascii)
def test_what_steers_or_is_invisible_is_replaced(sign: str) -> None:
    assert harmless(f"Warehouse{sign} DB") == "Warehouse\ufffd DB"


@pytest.mark.parametrize("sign", HARMFUL, ids=ascii)
def test_errors_and_labels_are_harmless_wherever_they_are_shown(sign: str) -> None:
    error = NotFound(f"No item is named 'a{sign}b'.", f"Closest: a{sign}c.")
    secret = Secret("value", f"a{sign}b / password")

    for text in (str(error), f"{error}", *error._render_traceback_(), repr(secret)):
        assert sign not in text
        assert "\n" not in text
    assert error.fact == f"No item is named 'a{sign}b'."


@pytest.mark.parametrize(
    "name",
    [
        "Warehouse DB", "Müller & Söhne", "測定 データ", "Прод база", "مخزن",
        "می\u200cخواهم", "क्\u200dष",
        "👩\u200d🔬 science", "❤\ufe0f heart", "e\u0301t\u00e9", "a–b…", "naïve ™",
    ],
)  # fmt: skip
def test_honest_names_stay_as_they_are(name: str) -> None:
    assert harmless(name) == one_line(name) == name


def test_a_line_break_in_an_error_is_a_blank() -> None:
    error = UsageMistake("A field is named 'a\nINFO all is well'.", "Rename it.")

    assert str(error) == "A field is named 'a INFO all is well'. Rename it."


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["DB", "Db"], ["DB", "Db"]),
        (["DB", "DB"], ["DB", "DB"]),
        (["Payroll", "P\u0430yroll"], ["Payroll", "⚠ U+0430: P\u0430yroll"]),
        (["\u0391PI", "API"], ["⚠ U+0391: \u0391PI", "API"]),
        (["P\u0430yroll"], ["P\u0430yroll"]),
        (["A\u00a0B", "A B"], ["⚠ U+00A0: A B", "A B"]),
        (["A  B", "A B"], ["⚠ blanks: A B", "A B"]),
        (["DB ", "DB"], ["⚠ blanks: DB", "DB"]),
        (["a\u2010b", "a-b"], ["⚠ U+2010: a\u2010b", "a-b"]),
        (["\uff21PI", "API"], ["⚠ U+FF21: \uff21PI", "API"]),
        (["Zoë", "Zoe\u0308"], ["Zoë", "Zoe\u0308"]),
        (["a\u200bb", "a\u2060b"], [
            "⚠ U+200B: a\ufffdb", "⚠ U+2060: a\ufffdb",
        ]),
        (["Prod1", "Prodl"], ["⚠ digit 1: Prod1", "⚠ small l: Prodl"]),
        (["Phase I", "Phase 1", "Phase 2"], [
            "⚠ capital I: Phase I", "⚠ digit 1: Phase 1", "Phase 2",
        ]),
        (["A|B", "AlB", "AIB"], ["⚠ bar: A|B", "⚠ small l: AlB", "⚠ capital I: AIB"]),
        (["DB 10", "DB lO"], ["⚠ digit 1, digit 0: DB 10", "⚠ small l, capital O: DB lO"]),
        (["H2O", "H20", "H20"], ["⚠ capital O: H2O", "⚠ digit 0: H20", "⚠ digit 0: H20"]),
        (["Learn", "Leam"], ["⚠ r and n: Learn", "⚠ small m: Leam"]),
        (["vvarehouse", "warehouse"], ["⚠ two v: vvarehouse", "⚠ small w: warehouse"]),
        (["Prod1", "Prod2", "prodl"], ["Prod1", "Prod2", "prodl"]),
        (["Il1", "O0"], ["Il1", "O0"]),
        (["M\u00fcnchen 1", "M\u00fcnchen I"], [
            "⚠ digit 1: M\u00fcnchen 1", "⚠ capital I: M\u00fcnchen I",
        ]),
        (["\u0406nvoice", "lnvoice"], ["⚠ capital I: \u0406nvoice", "⚠ small l: lnvoice"]),
        (["\u041e2", "02"], ["⚠ capital O: \u041e2", "⚠ digit 0: 02"]),
        (["\u0441\u0443\u0440", "cyp"], [
            "⚠ U+0441, U+0443, U+0440: \u0441\u0443\u0440", "cyp",
        ]),
    ],
)  # fmt: skip
def test_look_alikes_are_marked(names: list[str], expected: list[str]) -> None:
    assert told_apart(names) == expected


@given(st.text())
def test_nothing_that_is_shown_is_a_control_or_a_sign_for_direction(text: str) -> None:
    shown = one_line(text)

    assert not any(unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs") for sign in shown)
    assert not any(
        unicodedata.bidirectional(sign)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for sign in shown
    )
    assert harmless(shown) == shown
    assert len(harmless(text)) == len(text)
