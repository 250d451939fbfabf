"""While a busy server is waited for, a person sees the reason that the server gave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bw_magics.errors import RateLimited
from bw_magics.session.accounts import patience
from bw_magics.session.accounts.patience import patiently


def refused_once(wait: timedelta | None) -> Callable[[], str]:
    answers: list[RateLimited | None] = [RateLimited("busy.", "Wait.", wait=wait), None]

    def action() -> str:
        refusal = answers.pop(0)
        if refusal is not None:
            raise refusal
        return "in"

    return action


@pytest.mark.parametrize(
    ("wait", "shown"),
    [
        (timedelta(seconds=1), "the server asks to wait: 1 s left"),
        (None, "the server did not say how long to wait: next try in 1 s"),
    ],
)
def test_a_wait_that_the_server_did_not_ask_for_is_not_put_in_its_mouth(
    monkeypatch: pytest.MonkeyPatch, wait: timedelta | None, shown: str
) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.5)
    told: list[str] = []
    assert patiently(refused_once(wait), limit=10, on_wait=told.append) == "in"
    assert shown in told
    assert all(("asks to wait" in text) == (wait is not None) for text in told)
