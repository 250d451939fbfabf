"""The contents of a sync: every item, in the shape of each kind of server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bw_magics.answer import Answer
from bw_magics.crypto import (
    EncString,
    ItemKey,
    MasterPasswordUnlock,
    OrganizationKey,
    PrivateKey,
    SymmetricKey,
    UserKey,
)
from bw_magics.crypto.uri_checksum import uri_fits
from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.demo.server import Style
from bw_magics.errors import AuthenticationFailed
from tests.demo.conftest import Calls

MEMBERS = {
    1: "login",
    2: "secureNote",
    3: "card",
    4: "identity",
    5: "sshKey",
    6: "bankAccount",
    7: "driversLicense",
    8: "passport",
}


class Reader:
    """A sync, decrypted with the master password as a client does it."""

    def __init__(self, account: DemoAccount, sync: dict[str, Any]) -> None:
        block = Answer(sync["userDecryption"]).object("masterPasswordUnlock")
        unlock = MasterPasswordUnlock.read(block, email=account.email)
        assert unlock is not None
        user_key = unlock.open(unlock.derive(password=account.master_password))
        assert isinstance(user_key, UserKey)
        self.user_key: UserKey = user_key
        wrapped = sync["profile"]["accountKeys"]["publicKeyEncryptionKeyPair"]["wrappedPrivateKey"]
        private_key = PrivateKey.from_pkcs8(self.user_key.decrypt(EncString.parse(wrapped)))
        self.organization_keys = {
            each["id"]: OrganizationKey(private_key.unwrap(EncString.parse(each["key"])))
            for each in sync["profile"]["organizations"]
        }

    def key(self, cipher: dict[str, Any]) -> SymmetricKey:
        organization = cipher["organizationId"]
        key: SymmetricKey = self.user_key
        if organization:
            key = self.organization_keys[organization]
        return ItemKey(key.decrypt(EncString.parse(cipher["key"]))) if cipher["key"] else key

    def plain(self, value: Any, key: SymmetricKey) -> Any:
        if isinstance(value, dict):
            return {
                name: None if name == "key" else self.plain(member, key)
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self.plain(element, key) for element in value]
        if isinstance(value, str) and value.startswith("2."):
            return key.decrypt_text(value)
        return value


Opened = tuple[DemoServer, DemoAccount, dict[str, Any], Reader]


@pytest.fixture(scope="module", params=[0, 1], ids=["ada", "grace"])
def opened(request: pytest.FixtureRequest, server: DemoServer, lasting_call: Calls) -> Any:
    """Yields a server, one of its accounts, its sync and its keys."""
    account = server.accounts[request.param]
    caller = lasting_call(server)
    caller.login(account)
    sync = caller.sync()
    return server, account, sync, Reader(account, sync)


@pytest.fixture(scope="module")
def ada(server: DemoServer, lasting_call: Calls) -> Any:
    """Yields the same for the first account only."""
    caller = lasting_call(server)
    caller.login()
    sync = caller.sync()
    return server, server.accounts[0], sync, Reader(server.accounts[0], sync)


def test_every_readable_item_reads_as_it_was_written_down(opened: Opened) -> None:
    server, account, sync, reader = opened
    truth = {plain["id"]: plain for plain in server.account_items(account)}

    assert truth.keys() == {cipher["id"] for cipher in sync["ciphers"]}
    for cipher in sync["ciphers"]:
        plain = truth[cipher["id"]]
        if plain["unreadable"]:
            continue
        member = MEMBERS[plain["type"]]
        key = reader.key(cipher)
        read = reader.plain(cipher, key)
        assert bool(cipher["key"]) == plain["itemKey"]
        for name in ("name", "notes", "type", "folderId", "favorite", "reprompt", "collectionIds"):
            assert read[name] == plain[name]
        assert (read["fields"] or []) == plain["fields"]
        assert (read["passwordHistory"] or []) == plain["passwordHistory"]
        assert [a["fileName"] for a in read["attachments"] or []] == [
            a["fileName"] for a in plain["attachments"]
        ]
        for name, value in plain[member].items():
            if name == "uris":
                assert [u["uri"] for u in read[member]["uris"]] == [u["uri"] for u in value]
                assert all(uri_fits(u["uri"], u["uriChecksum"]) for u in read[member]["uris"])
            else:
                assert (read[member][name] or None) == (value or None)


def test_nothing_is_sent_in_plain(opened: Opened) -> None:
    server, account, sync, _ = opened
    text = json.dumps(sync, ensure_ascii=False)

    for plain in server.account_items(account):
        if plain["type"] == 1 and plain["login"]["password"]:
            assert plain["login"]["password"] not in text
        if len(plain["name"]) > 8:
            assert json.dumps(plain["name"], ensure_ascii=False)[1:-1] not in text.replace(
                "Ada Demo", ""
            )


def test_unreadable_values_fail_at_their_mac(ada: Opened) -> None:
    server, account, sync, reader = ada
    ciphers = {cipher["id"]: cipher for cipher in sync["ciphers"]}
    broken = [plain for plain in server.account_items(account) if plain["unreadable"]]
    assert len(broken) == 3

    for plain in broken:
        cipher = ciphers[plain["id"]]
        for path in plain["unreadable"]:
            value = cipher
            for part in path.split("."):
                value = value[int(part)] if part.isdigit() else value[part]
            key = reader.user_key if path == "key" else reader.key(cipher)
            with pytest.raises(AuthenticationFailed):
                key.decrypt(EncString.parse(value))


def test_names_of_folders_and_collections(ada: Opened) -> None:
    _, _, sync, reader = ada
    organization = sync["profile"]["organizations"][0]

    folders = {reader.user_key.decrypt_text(folder["name"]) for folder in sync["folders"]}
    collections = {
        reader.organization_keys[organization["id"]].decrypt_text(collection["name"])
        for collection in sync["collections"]
    }

    assert {"Work", "Work/Databases"} <= folders
    assert collections == {"Data", "Data/Production", "Data/Restricted"}
    assert organization["name"] == "Demo Analytics"
    assert organization["key"].startswith("4.")


def test_the_official_server_sends_every_item_twice(ada: Opened) -> None:
    server, _, sync, _ = ada

    for cipher in sync["ciphers"]:
        if server.style == "vaultwarden":
            assert "data" not in cipher
            continue
        data = json.loads(cipher["data"])
        assert data["Name"] == cipher["name"]
        member = cipher[MEMBERS[cipher["type"]]]
        for name, value in member.items():
            if isinstance(value, str):
                assert data[name[:1].upper() + name[1:]] == value


def test_shapes_differ_where_the_servers_do(ada: Opened) -> None:
    server, _, sync, _ = ada
    types = {cipher["type"] for cipher in sync["ciphers"]}
    plain_item = next(c for c in sync["ciphers"] if not c["fields"] and not c["organizationId"])
    unlock = sync["userDecryption"]["masterPasswordUnlock"]

    if server.style == "official":
        assert types == set(range(1, 9))
        assert plain_item["fields"] is None
        assert plain_item["organizationUseTotp"] is False
        assert "masterKeyWrappedUserKey" not in unlock
    else:
        assert types == set(range(1, 6))
        assert plain_item["fields"] == []
        assert plain_item["organizationUseTotp"] is True
        assert unlock["masterKeyWrappedUserKey"] == unlock["masterKeyEncryptedUserKey"]
        assert all(
            len(c["creationDate"]) == len("2026-03-02T08:15:00.123456Z") for c in sync["ciphers"]
        )


@pytest.mark.parametrize(
    ("version", "missing"),
    [
        ("2026.6.0", set()),
        ("2026.1.9", {6, 7, 8}),
        ("2024.11.9", {5, 6, 7, 8}),
        (None, {5, 6, 7, 8}),
    ],
)
def test_old_clients_are_spared_new_item_types(
    official: DemoServer, call: Calls, version: str | None, missing: set[int]
) -> None:
    caller = call(official)
    caller.login()
    del caller.http.headers["Bitwarden-Client-Version"]
    if version:
        caller.http.headers["Bitwarden-Client-Version"] = version

    types = {cipher["type"] for cipher in caller.sync()["ciphers"]}

    assert types == set(range(1, 9)) - missing


def test_items_from_the_future_come_only_on_request(call: Calls) -> None:
    with DemoServer(iterations=5000, strange=True) as server:
        caller = call(server)
        caller.login()
        sync = caller.sync()

    assert 99 in {cipher["type"] for cipher in sync["ciphers"]}
    assert any(
        (c["login"] or {}).get("password", "").startswith("9.")
        for c in sync["ciphers"]
        if c["type"] == 1 and c["login"]["password"]
    )


def test_domains_are_left_out_on_request(official: DemoServer, call: Calls) -> None:
    caller = call(official)
    caller.login()

    assert caller.sync()["domains"] is None
    assert caller.http.get("/api/sync").json()["domains"]["object"] == "domains"


def test_the_revision_date_is_a_bare_number_that_moves(own: DemoServer, call: Calls) -> None:
    caller, account = call(own), own.accounts[0]
    caller.login()

    before = caller.http.get("/api/accounts/revision-date").json()
    again = caller.http.get("/api/accounts/revision-date").json()
    own.touch(account)
    after = caller.http.get("/api/accounts/revision-date").json()

    assert isinstance(before, int)
    assert before == again < after


def test_an_item_changed_elsewhere_is_in_the_next_sync(own: DemoServer, call: Calls) -> None:
    caller, account = call(own), own.accounts[0]
    caller.login()
    plain = own.account_items(account)[0]
    before = caller.sync()

    own.add_item(account, {**plain, "name": "Renamed elsewhere"})
    after = caller.sync()

    name = next(c["name"] for c in after["ciphers"] if c["id"] == plain["id"])
    assert len(after["ciphers"]) == len(before["ciphers"])
    assert Reader(account, after).user_key.decrypt_text(name) == "Renamed elsewhere"


def test_config_tells_the_style(server: DemoServer, call: Calls) -> None:
    config = call(server).http.get("/api/config").json()

    assert config["object"] == "config"
    assert config["environment"]["api"] == f"{server.url}/api"
    if server.style == "official":
        assert config["server"] is None
        assert config["featureStates"]["cipher-key-encryption"] is True
    else:
        assert config["server"]["name"] == "Vaultwarden"


def test_unknown_addresses(server: DemoServer, call: Calls) -> None:
    caller = call(server)
    caller.login()

    for path in ("/api/nothing", "/nothing"):
        answer = caller.http.get(path)
        assert answer.status_code == 404
        if server.style == "official":
            assert answer.json()["message"] == "Resource not found."
        else:
            assert answer.json()["error"]["code"] == 404


def test_generated_items_are_many_unique_and_the_same_every_time(call: Calls) -> None:
    syncs = []
    for _ in range(2):
        with DemoServer(items=300, iterations=5000) as server:
            caller = call(server)
            caller.login()
            syncs.append((server.account_items(server.accounts[0]), caller.sync()))
    generated = [p for p in syncs[0][0] if p["name"].startswith("item-")]

    assert len(generated) == len({p["name"] for p in generated}) == 300
    assert generated == [p for p in syncs[1][0] if p["name"].startswith("item-")]
    assert 0.55 < sum(p["itemKey"] for p in generated) / 300 < 0.8
    for member, share in {
        "login": 0.9,
        "fields": 0.25,
        "organizationId": 1 / 6,
        "passwordHistory": 0.18,
        "attachments": 0.02,
    }.items():
        assert share / 2 < sum(bool(p.get(member)) for p in generated) / 300 < share * 1.6, member
    assert len(syncs[0][1]["ciphers"]) == len(syncs[0][0])


def test_the_bytes_of_all_answers_are_counted(official: DemoServer, call: Calls) -> None:
    caller = call(official)
    caller.login()
    before = official.bytes_sent
    contents = caller.http.get("/api/config").content

    assert official.bytes_sent - before == len(contents)


def test_answers_are_made_once_for_a_revision(
    official: DemoServer, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = call(official)
    caller.login()
    made: list[Style] = []
    shape = type(official._service.shape)
    original = shape.sync

    def counted(*values: Any, **named: Any) -> bytes:
        made.append(official.style)
        return original(*values, **named)

    monkeypatch.setattr(shape, "sync", counted)

    caller.sync()
    caller.sync()
    official.touch(official.accounts[0])
    caller.sync()

    assert len(made) == 2
