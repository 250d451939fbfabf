"""A search decrypts user names and URIs in one pass, with what the items themselves would give."""

from __future__ import annotations

import msgspec
import pytest

from bw_magics.demo import DemoServer
from bw_magics.session import background
from bw_magics.vault.mention_reader import MentionReader
from bw_magics.vault.mentions import Mentions
from tests.session.conftest import Begin, Session, eventually


def test_a_pass_finds_what_every_item_gives_itself(demo: DemoServer, begin: Begin) -> None:
    read = 0
    for number, account in enumerate(demo.accounts):
        if not account.master_password:
            continue
        contents = begin(demo, number).enter().vault._contents()
        reader = MentionReader(contents.keys)
        for at, record in enumerate(contents.snapshot.records):
            found = reader.read(record)
            read += found is not None
            assert found in (None, contents.item_at(at).mentions), contents.name_at(at)
    assert read > 20


def test_a_long_search_says_how_far_it_is(
    unlocked: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PATIENCE", 0)
    monkeypatch.setattr(background, "SLICE", 0.001)
    read = MentionReader.read
    total = len(unlocked.vault._contents())

    def slow(self: MentionReader, record: msgspec.Raw) -> Mentions | None:
        searched = unlocked.vault._contents().searched
        told = f"looking through the vault: {searched} of {total} items"
        if searched < 3:
            eventually(lambda: told in unlocked.waits)
        return read(self, record)

    monkeypatch.setattr(MentionReader, "read", slow)

    assert unlocked.vault.items(search="Warehouse")
    assert unlocked.vault.items(search="Warehouse"), "the second one decrypts nothing"
