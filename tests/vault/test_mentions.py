"""What finds an item beside its name is kept in little memory, and gives back all that it took."""

from __future__ import annotations

import pytest

from bw_magics.vault.mentions import Mentions

Uris = list[tuple[str, int | None]]


@pytest.mark.parametrize(
    ("username", "uris", "text"),
    [
        ("", [], ""),
        ("ada", [], "ada"),
        ("Ada", [("https://DB.example.org/Path", None)], "ada\nhttps://db.example.org/path"),
        ("", [("a", 3), ("b", None)], "\na\nb"),
        ("two\nlines", [("a", None)], "two\nlines\na"),
        ("ada", [("one\nTwo", None), ("b", 1)], "ada\none\ntwo\nb"),
        ("Straße", [("straße", None)], "strasse\nstrasse"),
    ],
)
def test_mentions_give_what_they_were_made_of(username: str, uris: Uris, text: str) -> None:
    mentions = Mentions.of(username, uris, [uri for uri, _ in uris])
    assert (mentions.text, mentions.uris) == (text, uris)


def test_an_ordinary_text_is_kept_once() -> None:
    mentions = Mentions.of("ada", [("https://db.example.org", None)], ["https://db.example.org"])
    assert mentions.written is mentions.text
    assert mentions.matches == ()


def test_a_regular_expression_is_searched_otherwise_than_it_is_compared() -> None:
    mentions = Mentions.of("ada", [("ada@.*", 4), ("b", None)], [".*", "b"])
    assert (mentions.text, mentions.uris) == ("ada\n.*\nb", [("ada@.*", 4), ("b", None)])
