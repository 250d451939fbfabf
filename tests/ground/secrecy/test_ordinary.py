"""Words that are everywhere are not masked; what people choose as passwords otherwise is."""

from __future__ import annotations

import pytest

from bw_magics.secrecy.ordinary import is_ordinary


@pytest.mark.parametrize(
    "value",
    [
        "password", "Password", "postgres", "status", "us-east-1", "localhost", "admin",
        "123456", "12345678", "987654", "000000", "111111", "------", "======", "abababab",
        "import", "lambda", "return", "print", "Exception", "ValueError", "text/plain", "qwerty",
        "postgresql+psycopg", " password ",
    ],
)  # fmt: skip
def test_a_common_value_is_recognised(value: str) -> None:
    assert is_ordinary(value)


@pytest.mark.parametrize(
    "value", ["hunter2", "739204", "1234567x", "postgres!", "correct horse", "20240131"]
)
def test_anything_else_is_not_common(value: str) -> None:
    assert not is_ordinary(value)
