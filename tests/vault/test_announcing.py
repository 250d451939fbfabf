"""Every public way out of an item: no secret leaves it unannounced, or as a plain `str`."""

from __future__ import annotations

import dataclasses
import functools
import gc
import inspect
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest

from bw_magics.announcing import Announcement, leave, listen
from bw_magics.crypto import SymmetricKey
from bw_magics.errors import BitwardenError
from bw_magics.secret import Secret
from bw_magics.vault.contents import Contents
from bw_magics.vault.item import Item
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.lookup import find
from bw_magics.vault.selection import Selection, select
from bw_magics.vault.tiebreak import Tiebreak
from tests.vault.conftest import HOLDERS, Json, Writer, checksum
from tests.vault.test_item import MEMBERS, fields, names_of

# All texts that are secret begin like this, and no others do.
MARK = "SECRET"
SEED = "SECRETSECRETSECR"  # also base32


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """Reads the entry points of all installed packages once: every item asks for an adapter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bw_magics.adapters.declared.entry_points", functools.cache(entry_points))
        yield


def everything(writer: Writer) -> list[Json]:
    """An item of every type that holds everything an item can hold."""
    return [writer.add(f"Type {type}", type, **members(type)) for type in [*MEMBERS, 99]]


def members(type: int) -> dict[str, Any]:
    held: Json = {
        name: (f"{MARK} {name}" if is_secret else f"open {name}")
        for name, is_secret in (names_of(type) if type in MEMBERS else ())
    }
    if type == 1:
        held["totp"] = SEED
        held["uris"] = [
            {"uri": f"postgresql://{MARK}ada:{MARK}%40pw@db.vault.example/x"},
            {"uri": f"{MARK}:{MARK}pw@db.vault.example"},
            {"uri": "https://open.vault.example"},
        ]
        held["fido2Credentials"] = [{"keyValue": f"{MARK} key", "rpId": f"{MARK} site"}]
    return {
        HOLDERS.get(type, "future"): held,
        "notes": f"{MARK} notes of {type}",
        "fields": fields(
            (0, "text", "open text"),
            (1, "hidden", f"{MARK} hidden"),
            (2, "boolean", "true"),
            (3, "linked", None, {1: 101, 3: 305, 4: 412}.get(type)),
            (3, "linked name", None, 418),
            (7, "future", f"{MARK} future"),
        ),
        "passwordHistory": [{"password": f"{MARK} old"}],
        "attachments": [{"id": "a", "fileName": "open.txt", "size": "1"}],
    }


def calls(item: Item) -> Iterator[tuple[str, Any]]:
    """Every public attribute, and every public method with every argument that means something."""
    held = [name for name, _ in item.outline()]
    words = [*held, *(f"field:{name}" for name in held), "uri", "item", "totp", "notes", "nothing"]
    for name in sorted(set(dir(item)) | set(held)):
        if name.startswith("_"):
            continue
        try:
            value = getattr(item, name)
        except (AttributeError, BitwardenError):
            continue
        if not callable(value):
            yield name, value
            continue
        wanted = [
            parameter
            for parameter in inspect.signature(value).parameters.values()
            if parameter.kind is not parameter.VAR_KEYWORD
            # A session of Spark is not a text, and there is none here.
            and parameter.name != "spark"
        ]
        for arguments in [[]] if not wanted else [[word] for word in words]:
            if len(wanted) > 1:
                continue
            named = {}
            if wanted and wanted[0].kind is wanted[0].KEYWORD_ONLY:
                named, arguments = {wanted[0].name: arguments[0]}, []
            try:
                yield f"{name}({arguments}, {named})", value(*arguments, **named)
            except BitwardenError as error:
                yield f"{name}({arguments}) raised", str(error)
    yield "repr", repr(item)
    yield "str", str(item)


def texts(value: object) -> Iterator[str]:
    """All texts in a value, also in what it holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Item):
        yield repr(value)
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in texts(part))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from (
            text for part in dataclasses.fields(value) for text in texts(getattr(value, part.name))
        )
    elif isinstance(value, (list, tuple, set, frozenset, Iterator)):
        yield from (text for part in value for text in texts(part))


@pytest.mark.parametrize("type", [*MEMBERS, 99])
@pytest.mark.parametrize("has_key", [False, True], ids=["owner's key", "own key"])
def test_no_secret_leaves_an_item_unannounced_or_plain(
    writer: Writer, type: int, has_key: bool
) -> None:
    record = writer.add(f"Type {type}", type, has_key=has_key, **members(type))
    for uri in record.get("login", {}).get("uris", ()):
        plain = writer.key.decrypt_text(uri["uri"])
        uri["uriChecksum"] = writer.key.encrypt_text(checksum(plain))
    item = writer.item(record)
    seen = 0
    for path, value in calls(item):
        for text in texts(value):
            if isinstance(text, Secret):
                seen += 1
                assert any(text is known for known in writer.announced), f"{path}: unannounced"
            else:
                assert MARK not in text, f"{path}: in plain"
    assert seen >= 5
    plain_secrets = {name for name, is_secret in names_of(type) if is_secret} if type < 99 else ()
    for name in plain_secrets:
        assert isinstance(item.member(name), Secret)


def test_without_the_rule_the_walk_would_find_the_secret(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control run: a key store that hands out plain text is caught."""
    record = everything(writer)[0]
    item = writer.item(record)
    monkeypatch.setattr(
        "bw_magics.announcing.Secrets.make", lambda self, value, *_, **__: str(value)
    )
    found = [path for path, value in calls(item) for text in texts(value) if MARK in text]
    assert {"notes", "fields", "password_history", "passkeys"} <= set(found)


def test_the_password_in_a_uri_is_announced_as_it_stands_and_as_it_is_sent(
    writer: Writer,
) -> None:
    item = writer.item(writer.login("DB", None, "postgresql://ada:p%40ss@db.vault.example/x"))
    assert isinstance(item.uri, Secret)
    assert {"ada:p%40ss", "p%40ss", "p@ss", item.uri} == set(writer.announced)


@pytest.mark.parametrize(
    ("uri", "secret"),
    [
        ("postgresql://db.vault.example/app?user=joe&password=Made-up-1", "Made-up-1"),
        ("https://api.vault.example/v1?limit=5&api_key=Zx81Kq77", "Zx81Kq77"),
        ("https://api.vault.example/v1?access_token=p%2Fq-Made-up", "p/q-Made-up"),
        ("jdbc:sqlserver://db.vault.example;user=sa;password=Made-up-1", "Made-up-1"),
    ],
)
def test_a_secret_in_the_query_of_a_uri_is_secret(writer: Writer, uri: str, secret: str) -> None:
    item = writer.item(writer.login("DB", None, uri))

    assert isinstance(item.uri, Secret)
    assert {secret, uri} <= set(writer.announced)
    assert select(writer.open(), Selection(search=secret)) == []


def test_lists_and_lookups_announce_nothing(writer: Writer) -> None:
    everything(writer)
    contents = writer.open()
    select(contents, Selection(search="open", url="open.vault.example"))
    select(contents, Selection(search=MARK))
    find(contents, "open.vault.example", loose=True)
    find(contents, "Type 1", what="password", tiebreak=Tiebreak(username="open username"))
    assert writer.announced == []


def test_a_search_does_not_look_into_user_info(writer: Writer) -> None:
    writer.login("DB", None, "postgresql://ada:s3cret@db.vault.example/x")
    contents = writer.open()
    assert select(contents, Selection(search="s3cret")) == []
    assert len(select(contents, Selection(search="db.vault"))) == 1


@pytest.mark.parametrize(
    ("password", "is_elsewhere"),
    [
        ("Reports", True),
        ("etl-service", True),
        ("db.vault.example", True),
        ("DB.vault.example", True),
        ("db.vault.example/x", False),
        ("pw-of-its-own", False),
    ],
)
def test_a_listener_can_ask_whether_a_value_also_names_its_item(
    writer: Writer, password: str, is_elsewhere: bool
) -> None:
    uri = "https://db.vault.example/x"
    record = writer.login("Reports", "etl-service", uri, password=password)
    answers: list[bool] = []

    def ask(announcement: Announcement) -> None:
        answers.append(announcement.is_elsewhere)

    listen(ask)
    try:
        value = Contents(writer.snapshot, KeyStore(writer.user_key)).item(record["id"]).password
    finally:
        leave(ask)

    assert answers == [is_elsewhere]
    assert isinstance(value, Secret)


def test_a_value_decrypts_nothing_else_where_nobody_asks_and_keeps_no_item(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = writer.item(writer.login("Reports", "etl-service", "https://db.vault.example"))
    decrypted: list[str] = []
    decrypt_text = SymmetricKey.decrypt_text

    def counted(self: SymmetricKey, text: str) -> str:
        decrypted.append(text)
        return decrypt_text(self, text)

    monkeypatch.setattr(SymmetricKey, "decrypt_text", counted)
    value = item.password

    assert len(decrypted) == 1
    assert value is writer.announced[0]
    assert [type(held) for held in gc.get_referents(value)].count(type(lambda: None)) == 0
