"""Listeners get every secret in the process, each once, as long as they listen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bw_magics import Vault
from bw_magics.announcing import Announcement, leave, listen
from bw_magics.secret import Secret


@pytest.fixture
def heard() -> Iterator[list[Announcement]]:
    heard: list[Announcement] = []
    # Each `heard.append` is a new object, equal to the one before.
    listen(heard.append)
    listen(heard.append)
    yield heard
    leave(heard.append)


def test_of_any_vault_also_of_one_with_a_listener_of_its_own(heard: list[Announcement]) -> None:
    own: list[Secret] = []

    made = [Vault().generate(), Vault(on_secret=own.append).generate()]

    assert [each.value for each in heard] == made
    assert own == made[1:]


def test_once_each_where_the_vault_has_one_of_its_own(heard: list[Announcement]) -> None:
    own: list[Secret] = []

    made = Vault(on_secret=own.append).generate()

    assert own == [made]
    assert [each.value for each in heard] == [made]


def test_nothing_any_more_once_it_has_left(heard: list[Announcement]) -> None:
    leave(heard.append)
    leave(heard.append)

    Vault().generate()

    assert not heard
