"""`Retry-After` in seconds or as a date is a wait; anything else is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.client.reply import Reply, retry_after

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)


@given(st.integers(0, 365 * 24 * 3600))
def test_seconds_are_seconds(seconds: int) -> None:
    assert retry_after(f" {seconds} ") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("value", "seconds"), [("120, 120", 120), ("5,60", 60), ("60 , 5", 60), ("7, soon", None)]
)
def test_of_two_headers_the_longer_wait_counts(value: str, seconds: int | None) -> None:
    assert retry_after(value) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.integers(-(10**6), 10**6))
def test_a_date_is_compared_with_the_servers_clock(seconds: int) -> None:
    until = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(until, date=DATE) == timedelta(seconds=max(seconds, 0))


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_without_the_servers_clock_it_is_ours(date: str | None) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    wait = retry_after(until, date=date)
    assert wait is not None
    assert timedelta(seconds=0) < wait <= timedelta(seconds=100)


@pytest.mark.parametrize(
    "value", ["", "-5", "1.5", "soon", "٣", "9" * 30, "Sat, 99 Nov 2026 10:00:00 GMT", "x" * 10_000]
)
def test_what_is_neither_is_not_a_wait(value: str) -> None:
    assert retry_after(value, date=DATE) is None


@given(st.text(), st.text() | st.none())
def test_any_text_is_a_wait_or_none(value: str, date: str | None) -> None:
    wait = retry_after(value, date=date)
    assert wait is None or timedelta(0) <= wait <= timedelta(days=365)


@given(st.text(), st.binary())
def test_any_reply_has_a_wait_a_kind_and_a_host_or_none(text: str, body: bytes) -> None:
    headers = dict.fromkeys(("retry-after", "date", "content-type", "location"), text)
    reply = Reply(429, headers, bytearray(body))
    assert reply.wait is None or reply.wait >= timedelta(0)
    assert reply.kind
    assert reply.redirect_host is None or reply.redirect_host in text.lower()
    assert repr(reply) == "<Reply 429>"
