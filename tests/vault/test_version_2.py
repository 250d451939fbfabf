"""Vaults of accounts with encryption V2, from an independent writer (`tests/account_v2.py`)."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.announcing import Secrets
from bw_magics.crypto import ItemKey
from bw_magics.crypto.cose.cose_key import UserKeyV2
from bw_magics.errors import (
    BitwardenError,
    CryptographyError,
    RepromptRequired,
    Unreadable,
    VaultLocked,
)
from bw_magics.secret import Secret
from bw_magics.vault.blob import Blob, is_blob
from bw_magics.vault.contents import Contents
from bw_magics.vault.item import Item
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.snapshot import Snapshot
from tests import account_v2 as writer

ALGORITHMS = [
    pytest.param(writer.XCHACHA, id="XChaCha20-Poly1305"),
    pytest.param(writer.XAES, id="XAES-256-GCM"),
]
Json = dict[str, Any]


def opened(account: writer.Account, announced: list[Secret] | None = None) -> Contents:
    snapshot = Snapshot.parse(json.dumps(account.sync).encode())
    assert isinstance(account.user_key, writer.CoseKey)
    user_key = UserKeyV2.parse_padded(account.user_key.padded)
    keys = KeyStore(user_key, secrets=Secrets(None if announced is None else announced.append))
    keys.renew(snapshot.account_keys.open(user_key), snapshot.organizations)
    return Contents(snapshot, keys)


def item(account: writer.Account, record: Json) -> Item:
    return opened(account).item(record["id"])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
class TestFields:
    @pytest.mark.parametrize("inner", ["none", "legacy", writer.XCHACHA, writer.XAES])
    def test_items_with_every_kind_of_key_read(self, algorithm: int, inner: str | int) -> None:
        account = writer.Account(algorithm)
        keys: dict[str | int, writer.Key | None] = {"none": None, "legacy": writer.LegacyKey()}
        key = keys[inner] if inner in keys else writer.CoseKey(int(inner))
        record = account.login("Warehouse DB", "made-up pässword", "https://db.example", key=key)

        read = item(account, record)

        assert record["login"]["password"][:2] == ("2." if inner == "legacy" else "7.")
        assert read.name == "Warehouse DB"
        assert read.username == "user of Warehouse DB"
        assert read.password == "made-up pässword"
        assert read.uris == ("https://db.example",)
        assert read.problem is None

    def test_folders_organizations_and_collections(self, algorithm: int) -> None:
        account = writer.Account(algorithm)
        folder = account.folder("Work / Ünits")
        organization, key = account.organization("Demo Org")
        account.collections.append(
            {"id": "c1", "organizationId": organization, "name": key.text("Shared")}
        )
        record = account.add(
            2,
            {"name": key.text("x")},
            name=key.text("Shared note"),
            notes=key.text("all may read it"),
            organizationId=organization,
            collectionIds=["c1"],
            folderId=folder,
        )

        read = item(account, record)

        assert (read.name, str(read.notes)) == ("Shared note", "all may read it")
        assert (read.folder, read.organization) == ("Work / Ünits", "Demo Org")
        assert read.collections == ("Shared",)

    def test_everything_else_an_item_has(self, algorithm: int) -> None:
        account = writer.Account(algorithm)
        record = account.add(
            1,
            {
                "name": "Full",
                "notes": "a note",
                "login": {
                    "password": "pw",
                    "totp": "JBSWY3DPEHPK3PXP",
                    "fido2Credentials": [{"credentialId": "cid", "counter": "1"}],
                },
                "fields": [{"name": "host", "value": "db1"}, {"name": "pin", "value": "1234"}],
                "passwordHistory": [{"password": "old", "lastUsedDate": "2026-01-01T00:00:00Z"}],
                "attachments": [{"fileName": "key.json"}],
            },
        )
        record["fields"][1]["type"] = 1
        record["attachments"][0] |= {"id": "a1", "size": "1234"}

        read = item(account, record)

        assert read.totp_seed == "JBSWY3DPEHPK3PXP"
        assert read.field("host") == "db1"
        assert read.field("pin") == "1234"
        assert isinstance(read.field("pin"), Secret)
        assert [past.password for past in read.password_history] == ["old"]
        assert [(file.name, file.size) for file in read.attachments] == [("key.json", 1234)]
        assert read.passkeys == ({"credentialId": "cid", "counter": "1"},)


class TestOneBadItem:
    def test_does_not_affect_the_others(self) -> None:
        account = writer.Account()
        account.login("Good", "pw")
        account.login("Of version 1", "pw")["name"] = writer.LegacyKey().text("x")
        account.login("Of another user", "pw")["name"] = writer.CoseKey().text("x")
        account.login("Bad key", "pw", key=writer.LegacyKey())["key"] = "7.AAAA"
        account.login("No CBOR", "pw")["name"] = "7.n4A="

        contents = opened(account)

        assert contents.names == ["Good"]
        assert contents.unreadable == 4
        assert [entry.problem is None for entry in contents.items()] == [True] + [False] * 4

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            pytest.param(writer.LegacyKey().text("x"), "type 2 is refused", id="type 2"),
            pytest.param(writer.CoseKey().text("x"), "another key", id="another key"),
            ("7.", "base64|do not fit"),
            ("7.nwH/", "not definite"),
        ],
    )
    def test_a_value_that_is_refused_says_why(self, value: str, reason: str) -> None:
        account = writer.Account()
        record = account.login("Half", "pw")
        record["login"]["password"] = value

        read = item(account, record)

        assert read.username == "user of Half"
        with pytest.raises(Unreadable, match=reason):
            _ = read.password

    def test_two_values_under_one_key_can_be_swapped_unnoticed(self) -> None:
        """What the format cannot detect: nothing binds a value to its item or member."""
        account = writer.Account()
        one, other = account.login("One", "pw-1"), account.login("Other", "pw-2")
        one["login"], other["login"] = other["login"], one["login"]

        assert item(account, one).password == "pw-2"


class TestUris:
    @pytest.mark.parametrize("has_key", [False, True])
    @pytest.mark.parametrize("checksum", [None, writer.checksum("https://other.example"), ""])
    def test_a_uri_without_a_checksum_that_fits_is_left_out(
        self, has_key: bool, checksum: str | None
    ) -> None:
        account = writer.Account()
        key = writer.LegacyKey() if has_key else None
        record = account.login("Uris", "pw", "https://good.example", "https://bad.example", key=key)
        sealed = None if checksum is None else (key or account.user_key).text(checksum)
        record["login"]["uris"][1]["uriChecksum"] = sealed

        read = item(account, record)

        assert read.uris == ("https://good.example",)
        assert read.hosts == ("good.example",)


# Every member of every type, as a blob holds it (docs/protocol.md, Blob items).
TYPES: dict[int, Json] = {
    1: {"type": "login", "username": "ada", "password": "pw", "totp": "JBSWY3DPEHPK3PXP"},
    2: {"type": "secureNote", "secureNoteType": 0},
    3: dict.fromkeys(
        ("cardholderName", "brand", "number", "expMonth", "expYear", "code"), "made up"
    )
    | {"type": "card"},
    4: dict.fromkeys(
        (
            "title", "firstName", "middleName", "lastName", "address1", "address2", "address3",
            "city", "state", "postalCode", "country", "company", "email", "phone", "ssn",
            "username", "passportNumber", "licenseNumber",
        ),
        "made up",
    )
    | {"type": "identity"},
    5: {"type": "sshKey", "privateKey": "-----", "publicKey": "ssh-ed25519", "fingerprint": "SHA"},
    6: dict.fromkeys(
        (
            "bankName", "nameOnAccount", "accountType", "accountNumber", "routingNumber",
            "branchNumber", "pin", "swiftCode", "iban", "bankContactPhone",
        ),
        "made up",
    )
    | {"type": "bankAccount"},
    7: dict.fromkeys(
        (
            "firstName", "middleName", "lastName", "dateOfBirth", "licenseNumber",
            "issuingCountry", "issuingState", "issueDate", "issuingAuthority", "expirationDate",
            "licenseClass",
        ),
        "made up",
    )
    | {"type": "driversLicense"},
    8: dict.fromkeys(
        (
            "surname", "givenName", "dateOfBirth", "sex", "birthPlace", "nationality",
            "passportNumber", "passportType", "issuingCountry", "issuingAuthority", "issueDate",
            "expirationDate", "nationalIdentificationNumber",
        ),
        "made up",
    )
    | {"type": "passport"},
}  # fmt: skip


def content(type: int = 1, **members: Any) -> Json:
    return {
        "name": "Sealed whole",
        "notes": "a note",
        "typeData": TYPES[type],
        "fields": [],
        "passwordHistory": [],
        **members,
    }


PROPERTIES = (
    "username", "password", "totp", "notes", "uris", "uri", "hosts", "fields", "password_history",
    "passkeys", "attachments",
)  # fmt: skip

LEAVES = st.none() | st.booleans() | st.integers(-(1 << 63), 1 << 63) | st.text(max_size=8)
NAMES = st.sampled_from(["name", "value", "type", "linkedId", "uri", "password", "counter", "x"])
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


class TestBlobs:
    @pytest.mark.parametrize("type", TYPES)
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_every_member_of_every_type_reads(self, algorithm: int, type: int) -> None:
        account = writer.Account(algorithm)
        record = account.blob(type, content(type))

        read = item(account, record)

        assert read.name == "Sealed whole"
        assert read.notes == "a note"
        assert read.is_blob
        assert not read.is_editable
        assert read.item_type is not None
        renamed = {"fingerprint": "keyFingerprint"}
        inside = {
            renamed.get(name, name): value
            for name, value in TYPES[type].items()
            if name not in ("type", "secureNoteType")
        }
        assert set(inside) == set(read.item_type.members)
        for name, value in inside.items():
            assert read.member(name) == value
            assert isinstance(read.member(name), Secret) == (name in read.item_type.secret)

    @pytest.mark.parametrize("content_cipher", [writer.GCM, writer.XCHACHA])
    @pytest.mark.parametrize("inner", ["legacy", writer.XCHACHA, writer.XAES])
    def test_every_kind_of_key_opens(self, content_cipher: int, inner: str | int) -> None:
        account = writer.Account()
        item_key = writer.LegacyKey() if isinstance(inner, str) else writer.CoseKey(inner)
        record = account.blob(
            1, content(), content_key=writer.CoseKey(content_cipher), item_key=item_key
        )

        assert item(account, record).password == "pw"

    def test_fields_history_uris_and_passkeys(self) -> None:
        account = writer.Account()
        login = {
            **TYPES[1],
            "uris": [{"uri": "https://a.example", "match": 0}, {"uri": "https://u:pw@b.example"}],
            "fido2Credentials": [
                {"credentialId": "cid", "counter": 42, "discoverable": True, "userName": None}
            ],
        }
        fields = [
            {"name": "host", "value": "db1", "type": 0, "linkedId": None},
            {"name": "pin", "value": "1234", "type": 1, "linkedId": None},
            {"name": "prod", "value": "true", "type": 2, "linkedId": None},
            {"name": "user", "value": None, "type": 3, "linkedId": 100},
        ]
        history = [{"password": "old", "lastUsedDate": "2023-12-01T08:00:00Z"}]
        record = account.blob(1, content(typeData=login, fields=fields, passwordHistory=history))
        announced: list[Secret] = []

        read = opened(account, announced).item(record["id"])

        assert read.uris == ("https://a.example", "https://u:pw@b.example")
        assert isinstance(read.uris[1], Secret)
        assert read.hosts == ("a.example", "b.example")
        assert [(f.name, f.value, f.kind) for f in read.fields] == [
            ("host", "db1", "text"),
            ("pin", "1234", "hidden"),
            ("prod", True, "boolean"),
            ("user", "ada", "linked"),
        ]
        assert isinstance(read.field("pin"), Secret)
        (past,) = read.password_history
        assert (past.password, past.last_used) == ("old", datetime(2023, 12, 1, 8, tzinfo=UTC))
        assert read.passkeys == ({"credentialId": "cid", "counter": "42", "discoverable": "true"},)
        assert {"1234", "old", "42"} <= set(announced)
        assert "1234" not in read.describe()

    def test_what_stays_outside(self) -> None:
        account = writer.Account()
        key = writer.LegacyKey()
        record = account.blob(
            1,
            content(),
            item_key=key,
        )
        record |= {
            "folderId": account.folder("Work"),
            "favorite": True,
            "archivedDate": "2026-01-01T00:00:00Z",
            "attachments": [{"id": "a1", "fileName": key.text("key.json"), "size": "7"}],
        }

        read = item(account, record)

        assert (read.folder, read.is_favorite, read.is_archived) == ("Work", True, True)
        assert [(file.name, file.size) for file in read.attachments] == [("key.json", 7)]

    def test_reprompt_and_hiding_hold(self) -> None:
        account = writer.Account()
        record = account.blob(1, content())
        record["reprompt"] = 1

        with pytest.raises(RepromptRequired):
            _ = item(account, record).password

    def test_it_is_found_like_any_other(self) -> None:
        account = writer.Account()
        account.blob(1, content(name="Café"))
        contents = opened(account)

        assert contents.names == ["Café"]
        assert contents.with_folded_name("CAFÉ") == [0]
        again = Contents(contents.snapshot, contents.keys, previous=contents)
        assert again.decrypted_names == 0

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"protected": {-80002: 3}}, "something else"),
            ({"protected": {-80001: -1}}, "something else"),
            ({"protected": {4: bytes(16)}}, "another key"),
            ({"protected": {3: 42}}, "another kind of contents"),
            ({"version": "2"}, "version that is not known"),
            ({"version": 1}, "version that is not known"),
            ({"members": {"format_version": 2}}, "format that is not known"),
            ({"members": {"format_version": None}}, "format that is not known"),
            ({"members": {"wrapped_cek": None}}, "not sent completely"),
            ({"members": {"envelope": "!"}}, "base64"),
            ({"members": {"envelope": "gA=="}}, "not a COSE_Encrypt0"),
            ({"members": {"wrapped_cek": writer.LegacyKey().text("x")}}, "Integrity check failed"),
            ({"content": content(3)}, "another type"),
            ({"content": {"name": "x"}}, "which type"),
            ({"content": []}, "not those of an item"),
            ({"content": content(name="")}, "no name"),
            ({"content": content(name=1)}, "no name"),
        ],
    )
    def test_a_blob_is_refused_for(self, changes: Json, reason: str) -> None:
        account = writer.Account()
        changes = {"content": content(), **changes}
        record = account.blob(1, changes.pop("content"), **changes)
        account.login("Good", "pw")

        contents = opened(account)
        read = contents.item(record["id"])

        assert contents.names == ["Good"]
        assert read.problem is not None
        with pytest.raises(Unreadable, match=reason):
            raise Unreadable(read.problem)
        if "name" not in reason:
            with pytest.raises(Unreadable):
                _ = read.password
            with pytest.raises(Unreadable):
                read.get("notes")
            for name in ("fields", "uris", "password_history", "passkeys"):
                with pytest.raises(Unreadable):
                    _ = tuple(getattr(read, name))
        assert "unreadable" in read.describe()

    def test_missing_namespaces_are_tolerated(self) -> None:
        account = writer.Account()
        record = account.blob(1, content(), protected={-80001: None, -80002: None})

        assert item(account, record).password == "pw"

    def test_the_contents_of_two_items_cannot_be_exchanged(self) -> None:
        account = writer.Account()
        one, other = account.blob(1, content()), account.blob(1, content())
        one["data"], other["data"] = other["data"], one["data"]

        assert opened(account).unreadable == 2

    @given(data=st.text() | JSON.map(json.dumps))
    @example(data="[" * 100_000)
    @example(data='{"format_version": 1, "wrapped_cek": "7.AAAA", "envelope": ""}')
    def test_any_data_is_a_blob_or_a_typed_refusal(self, data: str) -> None:
        key = ItemKey.generate()
        if is_blob(data):
            with contextlib.suppress(CryptographyError, Unreadable):
                Blob.parse(data).open(key, 1)

    @given(
        contents=st.fixed_dictionaries(
            {
                "name": st.just("Odd"),
                "typeData": st.fixed_dictionaries(
                    {"type": st.just("login")},
                    optional=dict.fromkeys(
                        ("username", "password", "totp", "uris", "fido2Credentials"), JSON
                    ),
                ),
            },
            optional=dict.fromkeys(("notes", "fields", "passwordHistory"), JSON),
        )
    )
    def test_any_contents_read_or_are_a_typed_refusal(self, contents: Json) -> None:
        account = writer.Account()
        read = item(account, account.blob(1, contents))

        assert read.problem is None
        assert read.describe()
        for name in PROPERTIES:
            with contextlib.suppress(BitwardenError):
                getattr(read, name)

    def test_without_an_item_key_it_is_unreadable(self) -> None:
        account = writer.Account()
        account.blob(1, content())["key"] = None

        assert opened(account).unreadable == 1

    def test_a_copy_of_the_members_is_not_a_blob(self) -> None:
        account = writer.Account()
        record = account.login("Plain", "pw")
        record["data"] = json.dumps({"Name": record["name"], "Fields": ["format_version"]})

        read = item(account, record)

        assert not read.is_blob
        assert read.password == "pw"

    def test_an_old_spelling_reads_too(self) -> None:
        account = writer.Account()
        record = account.blob(1, content())
        data = record.pop("data")
        record |= {"Data": data, "type": 1.0}

        assert opened(account).names == ["Sealed whole"]

    def test_after_a_lock_nothing_reads(self) -> None:
        account = writer.Account()
        record = account.blob(1, content())
        contents = opened(account)
        read = contents.item(record["id"])
        assert read.password == "pw"

        contents.keys.forget(lambda: VaultLocked("Locked."))

        for name in ("password", "notes", "uris", "fields"):
            with pytest.raises(VaultLocked):
                getattr(read, name)
        assert contents.keys._opened == ("", {})


def test_accounts_of_version_1_import_nothing_of_this() -> None:
    """A vault of version 1 is read by what is loaded for it, and pays for nothing else."""
    code = """
import json, sys
from bw_magics.crypto import UserKey
from bw_magics.vault.contents import Contents
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.snapshot import Snapshot
key = UserKey.generate()
item = {"id": "1", "type": 1, "name": key.encrypt_text("n"), "data": json.dumps({"Name": "n"}),
        "login": {"password": key.encrypt_text("p")}}
body = {"profile": {"id": "u"}, "ciphers": [item]}
keys = KeyStore(key)
snapshot = Snapshot.parse(json.dumps(body).encode())
keys.renew(snapshot.private_key, ())
assert Contents(snapshot, keys).item("1").password == "p"
import bw_magics.session.security
late = ("bw_magics.crypto.cose", "bw_magics.crypto.key_id")
print([name for name in sys.modules if name.startswith(late)])
print([name for name in ("cbor2", "nacl") if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert result.stdout.split("\n")[:2] == ["[]", "[]"], result.stderr
