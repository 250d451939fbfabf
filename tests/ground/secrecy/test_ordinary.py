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
        "postgresql+psycopg", " password ", "2024-01-15", "2024-01-15 10:00", "01/15/2024",
        "2024-01-15T10:00:00.123Z", "15.01.2024", "10:30:00", "10:30 PM", "1,234,567", "12.3456",
        "192.168.0.1", "10.0.0.0/16", "127.0.0.1:5432", "https://db.example.org/", "localhost:8888",
        "15-Jan-2024", "Jan 15, 2024", "15 January 2024", "3rd March 2024", "2001:db8::1",
        "fe80::1:2", "1.25.3", "v10.0.1", "10.0.1.4", "#ff8800", "12.5 %", "12.50%",
    ],
)  # fmt: skip
def test_a_common_value_is_recognised(value: str) -> None:
    assert is_ordinary(value)


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "739204",
        "1234567x",
        "postgres!",
        "correct horse",
        "20240131",
        "123-45-6789",
        "+44 20 7946 0958",
        "https://u:p@x",
        "https://db.example.org/a1b2c3",
        "4111 1111 1111 1111",
        "4111.1111.1111.1111",
        "aa:bb:cc:dd:ee:ff",
        "2001:0db8:1234:5678:9abc:def0:1234:5678",
        "#ff8800x",
        "15-Jan-2024x",
        "May 15 2024!",
        "1.25.3-rc.4",
        "Margaret 12 2024",
    ],
)
def test_anything_else_is_not_common(value: str) -> None:
    assert not is_ordinary(value)
