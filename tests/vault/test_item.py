"""`Item`: every member of every type, and what it shows of itself."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bw_magics.errors import FieldNotFound, HiddenByOrganization, RepromptRequired, Unreadable
from bw_magics.secret import Secret
from bw_magics.vault.item import Item
from tests.vault.conftest import HOLDERS, Json, Raw, Writer, locked, spoiled

# docs/protocol.md, Items, written down again; an asterisk marks a secret member.
MEMBERS = {
    1: "username password* totp*",
    2: "",
    3: "cardholderName brand number* expMonth expYear code*",
    4: "title firstName middleName lastName address1 address2 address3 city state postalCode "
    "country company email phone ssn* username passportNumber* licenseNumber*",
    5: "privateKey* publicKey keyFingerprint",
    6: "bankName nameOnAccount accountType accountNumber* routingNumber* branchNumber pin* "
    "swiftCode iban* bankContactPhone",
    7: "firstName middleName lastName dateOfBirth licenseNumber* issuingCountry issuingState "
    "issueDate issuingAuthority expirationDate licenseClass",
    8: "surname givenName dateOfBirth sex birthPlace nationality passportNumber* passportType "
    "issuingCountry issuingAuthority issueDate expirationDate nationalIdentificationNumber*",
}
SEED = "JBSWY3DPEHPK3PXP"


def names_of(type: int) -> list[tuple[str, bool]]:
    return [(name.rstrip("*"), name.endswith("*")) for name in MEMBERS[type].split()]


def snake(name: str) -> str:
    return re.sub("([A-Z]|[0-9]+)", r"_\1", name).lower()


def value_of(name: str) -> str:
    return SEED if name == "totp" else f"made-up {name}"


def full_item(writer: Writer, type: int, **members: Any) -> Json:
    members[HOLDERS[type]] = {name: value_of(name) for name, _ in names_of(type)}
    return writer.add(f"Type {type}", type, **members)


@pytest.mark.parametrize("has_key", [False, True], ids=["owner's key", "own key"])
@pytest.mark.parametrize(
    ("type", "name", "is_secret"),
    [(type, *member) for type in MEMBERS for member in names_of(type)],
    ids=[f"{HOLDERS[type]}.{name}" for type in MEMBERS for name, _ in names_of(type)],
)
def test_every_member_of_every_type_is_read(
    writer: Writer, type: int, name: str, is_secret: bool, has_key: bool
) -> None:
    item = writer.item(full_item(writer, type, has_key=has_key))
    assert item.type == HOLDERS[type]
    reads: list[Callable[[], object]] = [
        lambda: item.member(name),
        lambda: item.member(snake(name)),
    ]
    if name != "totp":  # its attribute is the code; the member is the seed
        reads += [lambda: getattr(item, name), lambda: getattr(item, snake(name))]
        reads += [lambda: item.get(name), lambda: item.get(snake(name))]
    else:
        reads += [lambda: item.totp_seed]
    for read in reads:
        value = read()
        assert value == value_of(name)
        assert isinstance(value, Secret) == is_secret
    assert name in dir(item)
    assert item.holds(name)
    assert value_of(name) not in repr(item) + item.describe()


@pytest.mark.parametrize("type", MEMBERS)
def test_members_are_none_where_they_are_empty(writer: Writer, type: int) -> None:
    empty: Json = {HOLDERS[type]: None}
    item = writer.item(writer.add("Empty", type, **empty))
    for name, _ in names_of(type):
        assert item.member(name) is None
        assert getattr(item, name) is None
        assert not item.holds(name)
        with pytest.raises(FieldNotFound):
            item.get(name)


@pytest.mark.parametrize("name", ["password", "username", "totp", "totp_seed", "uri", "notes"])
def test_common_attributes_are_none_where_the_type_has_none(writer: Writer, name: str) -> None:
    assert getattr(writer.item(full_item(writer, 3)), name) is None


def test_an_unknown_attribute_is_an_attribute_error_and_a_member_a_lookup_error(
    writer: Writer,
) -> None:
    item = writer.item(full_item(writer, 3))
    assert not hasattr(item, "privateKey")
    with pytest.raises(AttributeError, match="card items have no member"):
        item.no_such_thing  # type: ignore[attr-defined] # noqa: B018
    for read in (item.member, item.get, item.field):
        with pytest.raises(FieldNotFound) as caught:
            read("what-was-typed")
        assert isinstance(caught.value, KeyError)
        assert "what-was-typed" not in str(caught.value)
        assert "cardholderName" in str(caught.value)


def test_what_is_in_clear(writer: Writer) -> None:
    folder, guild = writer.folder("Work"), writer.organization("Guild")
    data = writer.collection("Data", guild)
    item = writer.item(
        writer.login(
            "Warehouse",
            folderId=folder,
            organizationId=guild,
            collectionIds=[data, "unknown"],
            favorite=True,
            edit=False,
        )
    )
    assert (item.folder, item.organization, item.collections) == ("Work", "Guild", ("Data",))
    assert (item.folder_id, item.organization_id) == (folder, guild)
    assert item.collection_ids == (data, "unknown")
    assert (item.is_favorite, item.is_editable, item.is_trashed, item.is_archived) == (
        True,
        False,
        False,
        False,
    )
    assert item.revised is not None
    assert item.created is not None
    assert item.revised.year == 2026
    assert item.created.tzinfo is not None


def fields(*entries: tuple[Any, ...]) -> list[Json]:
    return [
        {"type": kind, "name": name, "value": value, "linkedId": rest[0] if rest else None}
        for kind, name, value, *rest in entries
    ]


def test_the_four_kinds_of_custom_fields(writer: Writer) -> None:
    item = writer.item(
        writer.login(
            "Warehouse",
            "ada",
            fields=fields(
                (0, "host", "db.vault.example"),
                (1, "token", "made-up token"),
                (2, "tls", "true"),
                (2, "ssh", "false"),
                (3, "who", None, 100),
                (3, "key", None, 101),
                (0, "nothing", None),
                (9, "future", "of an unknown kind"),
            ),
        )
    )
    shown = {field.name: (field.kind, field.value) for field in item.fields}
    assert shown == {
        "host": ("text", "db.vault.example"),
        "token": ("hidden", "made-up token"),
        "tls": ("boolean", True),
        "ssh": ("boolean", False),
        "who": ("linked", "ada"),
        "key": ("linked", "pw-Warehouse"),
        "nothing": ("text", None),
        "future": ("hidden", "of an unknown kind"),
    }
    for name, is_secret in {"host": False, "token": True, "key": True, "future": True}.items():
        assert isinstance(item.field(name), Secret) == is_secret
        assert item.get(name) == item.get(f"field:{name}") == item.field(name)
        assert item.holds(name)
    for name in ("nothing", "absent"):
        assert not item.holds(name)
        assert not item.holds(f"field:{name}")
        with pytest.raises(FieldNotFound):
            item.get(f"field:{name}")
    assert item.get("tls") is True
    assert item.get("ssh") is False


LINKS = {
    1: {100: "username", 101: "password"},
    3: {300: "cardholderName", 301: "expMonth", 302: "expYear", 303: "code", 304: "brand",
        305: "number"},
    4: {400: "title", 401: "middleName", 402: "address1", 403: "address2", 404: "address3",
        405: "city", 406: "state", 407: "postalCode", 408: "country", 409: "company",
        410: "email", 411: "phone", 412: "ssn", 413: "username", 414: "passportNumber",
        415: "licenseNumber", 416: "firstName", 417: "lastName"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("type", "link", "member"),
    [(type, link, member) for type, links in LINKS.items() for link, member in links.items()],
)
def test_a_linked_field_is_the_member_it_points_at(
    writer: Writer, type: int, link: int, member: str
) -> None:
    item = writer.item(full_item(writer, type, fields=fields((3, "link", None, link))))
    assert item.field("link") == item.member(member) == value_of(member)
    assert isinstance(item.field("link"), Secret) == dict(names_of(type))[member]


def test_a_link_to_the_full_name(writer: Writer) -> None:
    links = fields((3, "link", None, 418))
    item = writer.item(full_item(writer, 4, fields=links))
    assert item.field("link") == "made-up firstName made-up middleName made-up lastName"


@pytest.mark.parametrize("link", [418, 305, 999, None, "x", 0])
def test_a_link_to_nothing_does_not_affect_other_fields(writer: Writer, link: object) -> None:
    record = writer.login("Odd", fields=fields((3, "link", None, link), (0, "host", "h")))
    item = writer.item(record)
    assert [(field.name, field.value) for field in item.fields] == [("link", None), ("host", "h")]
    assert item.field("host") == "h"
    assert not item.holds("link")


def test_a_field_that_cannot_be_read_does_not_affect_the_others(writer: Writer) -> None:
    record = writer.login(
        "Half", fields=fields((0, "good", "g"), (1, "bad", "b"), (0, "lost", "l"), (1, "new", "n"))
    )
    record["fields"][1]["value"] = spoiled(record["fields"][1]["value"])
    record["fields"][2]["name"] = spoiled(record["fields"][2]["name"])
    record["fields"][3]["value"] = "9.AAAA"
    item = writer.item(record)
    assert [(f.name, f.value, f.kind) for f in item.fields] == [
        ("good", "g", "text"),
        ("bad", None, "hidden"),
        ("(unreadable)", None, "text"),
        ("new", None, "hidden"),
    ]
    assert "Integrity check" in (item.fields[1].problem or "")
    assert "type 9 is not supported" in (item.fields[3].problem or "")
    with pytest.raises(
        Unreadable, match="The bad of 'Half' cannot be read: Integrity check failed"
    ):
        item.field("bad")
    assert item.password == "pw-Half"
    assert "(unreadable)" in item.describe()


def test_a_value_that_cannot_be_read_names_its_reason(writer: Writer) -> None:
    record = writer.login("Half", "ada")
    record["login"]["password"] = "9.AAAA"
    item = writer.item(record)
    assert item.problem is None
    with pytest.raises(Unreadable, match=r"The password of 'Half' .* type 9 is not supported"):
        item.password  # noqa: B018
    assert item.username == "ada"


def test_earlier_passwords_are_secrets_in_their_order(writer: Writer) -> None:
    past = [{"password": f"old {n}", "lastUsedDate": f"2026-01-0{n}T00:00:00Z"} for n in (2, 1)]
    item = writer.item(writer.login("Console", passwordHistory=[*past, {"password": None}]))
    assert [(p.password, p.last_used) for p in item.password_history] == [
        ("old 2", datetime(2026, 1, 2, tzinfo=UTC)),
        ("old 1", datetime(2026, 1, 1, tzinfo=UTC)),
    ]
    assert all(isinstance(p.password, Secret) for p in item.password_history)


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999Z", "garbage", "", None, 1705312800],
)
def test_odd_dates_of_earlier_passwords_are_none(writer: Writer, written: object) -> None:
    past = [{"password": "old", "lastUsedDate": each} for each in (written, "2024-01-15T10:00:00")]
    item = writer.item(writer.login("Console", passwordHistory=past))

    assert [p.last_used for p in item.password_history] == [
        None,
        datetime(2024, 1, 15, 10, tzinfo=UTC),
    ]


def test_attachments_are_listed_with_the_name_that_cannot_be_read_marked(writer: Writer) -> None:
    files = [{"id": "a", "fileName": "ü.txt", "size": "12"}, {"id": "b", "fileName": "x"}]
    record = writer.login("Files", has_key=True, attachments=[*files, {"id": "c", "size": 3}])
    record["attachments"][1]["fileName"] = spoiled(record["attachments"][1]["fileName"])
    listed = writer.item(record).attachments
    assert [(f.id, f.name, f.size) for f in listed] == [
        ("a", "ü.txt", 12),
        ("b", "(unreadable)", None),
        ("c", "", 3),
    ]
    assert "Integrity check" in (listed[1].problem or "")
    assert listed[0].problem is None


def test_passkeys_are_secret_all_over(writer: Writer) -> None:
    passkey = {"credentialId": "made-up", "rpId": "site.vault.example", "counter": "0"}
    login = {"fido2Credentials": [{**passkey, "creationDate": "2026-01-01T00:00:00Z"}]}
    (found,) = writer.item(writer.add("Site", login=login)).passkeys
    assert found == passkey
    assert all(isinstance(value, Secret) for value in found.values())


# What the item itself withholds.


def guarded(writer: Writer, **members: Any) -> Item:
    record = writer.login(
        "Payroll",
        "ada",
        "https://pay.vault.example",
        totp=SEED,
        notes="made-up note",
        fields=fields((0, "open", "o"), (1, "pin", "made-up pin"), (3, "link", None, 101)),
        passwordHistory=[{"password": "old"}],
        **members,
    )
    return writer.item(record)


WITHHELD: list[Callable[[Item], object]] = [
    lambda item: item.password,
    lambda item: item.totp,
    lambda item: item.totp_seed,
    lambda item: item.field("pin"),
    lambda item: item.field("link"),
    lambda item: item.password_history,
    lambda item: item.get("password"),
]


@pytest.mark.parametrize("read", WITHHELD)
def test_what_the_organisation_hides_stays_hidden(
    writer: Writer, read: Callable[[Item], object]
) -> None:
    item = guarded(writer, viewPassword=False)
    with pytest.raises(HiddenByOrganization, match="hides the secrets of 'Payroll'"):
        read(item)
    assert writer.announced == []
    assert (item.username, item.uri, item.field("open")) == (
        "ada",
        "https://pay.vault.example",
        "o",
    )
    assert item.notes == "made-up note"
    assert [field.value for field in item.fields] == ["o", None, None]


@pytest.mark.parametrize("read", [*WITHHELD, lambda item: item.notes])
def test_reprompt_asks_before_any_secret(writer: Writer, read: Callable[[Item], object]) -> None:
    item = guarded(writer, reprompt=1)
    with pytest.raises(RepromptRequired) as caught:
        read(item)
    assert caught.value.item_id == item.id
    assert item.username == "ada"
    item._sealed._keys.confirm(item.id)
    assert read(item)


def test_confirming_one_item_confirms_no_other(writer: Writer) -> None:
    first, second = (writer.login(name, reprompt=1)["id"] for name in ("One", "Two"))
    contents = writer.open()
    contents.keys.confirm(first)
    assert contents.item(first).password == "pw-One"
    with pytest.raises(RepromptRequired):
        contents.item(second).password  # noqa: B018
    contents.keys.confirm("")
    assert contents.item(second).password == "pw-Two"


# What it shows of itself.


def test_describe_and_repr_show_names_and_masks_only(writer: Writer) -> None:
    folder = writer.folder("Work")
    record = writer.login(
        "Warehouse",
        "made-up-user",
        "https://made-up-host.vault.example",
        totp=SEED,
        notes="made-up note",
        folderId=folder,
        fields=fields((0, "host", "made-up field"), (1, "token", "made-up token")),
        attachments=[{"id": "a", "fileName": "made-up file", "size": "1"}],
    )
    item = writer.item(record)
    pretty: list[str] = []
    item._repr_pretty_(type("Printer", (), {"text": pretty.append})(), False)
    for text in (repr(item), item.describe(), str(item), pretty[0]):
        for kept in ("made-up", "pw-", SEED, record["id"], "vault.example"):
            assert kept not in text
    assert "Warehouse · login · Work" in item.describe()
    for name in ("username", "password", "totp", "uri", "host", "token", "notes", "attachments"):
        assert name in item.describe()
    assert writer.announced == []


def test_a_forgotten_item_can_still_be_displayed(writer: Writer) -> None:
    item = writer.item(writer.login("Warehouse", fields=fields((0, "host", "h"))))
    item._sealed._keys.forget(locked)
    pretty: list[str] = []
    item._repr_pretty_(type("Printer", (), {"text": pretty.append})(), False)
    assert pretty == ["<Item Warehouse: login>"]


def test_items_are_not_pickled_or_copied(writer: Writer) -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    item = writer.item(writer.login("Warehouse"))
    for value in (item, item._home, item._sealed._keys, item._sealed, [item]):
        for take in (pickle.dumps, copy.copy, copy.deepcopy, cloudpickle.dumps):
            if value is not item and take is copy.copy and isinstance(value, list):
                continue  # a copy of the list holds the same item
            with pytest.raises(TypeError, match="not pickled"):
                take(value)


def test_a_custom_field_stands_in_for_an_object_that_the_type_has_not(writer: Writer) -> None:
    names = ("username", "password", "totp", "uri")
    card = writer.add("Card", 3, card={}, fields=fields(*((0, name, name) for name in names)))
    item = writer.item(card)
    for name in names:
        assert item.holds(name)
        assert item.get(name) == name


def test_get_item_is_the_item(writer: Writer) -> None:
    item = writer.item(writer.login("Warehouse"))
    assert item.get("item") is item


@pytest.mark.parametrize("text", ["", "not a date", "2026-13-45T00:00:00Z"])
def test_an_odd_date_is_none(writer: Writer, text: str) -> None:
    item = writer.item(writer.login("Warehouse", revisionDate=text, creationDate=Raw(text)))
    assert item.revised is None
    assert item.created is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05.1234567Z", datetime(2026, 1, 2, 3, 4, 5, 123456, UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        (" 2026-01-02t03:04:05z\n", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02 03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-01-02T24:00:00.000+02:00", datetime(2026, 1, 2, 22, tzinfo=UTC)),
        ("2026-01-02T24:00:01Z", None),
        ("2026-06-30T23:59:60Z", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-06-30T23:59:60.250+02:00", datetime(2026, 6, 30, 22, 0, 0, 250000, UTC)),
        ("2026-01-02 03:04:05 UTC", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05GMT", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:61Z", None),
        ("9999-12-31T23:59:60Z", None),
        ("2026-01-02T03:04:05ZZ", None),
        ("10000-01-01T00:00:00Z", None),
        ("9999-12-31T24:00:00Z", None),
        ("/Date(1767322800000)/", None),
        ("1767322800", None),
        (1767322800, None),
        (True, None),
        ({}, None),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59.9999999", None),
        (None, None),
    ],
)
def test_every_date_has_a_zone(writer: Writer, text: Any, expected: datetime | None) -> None:
    item = writer.item(writer.login("x", revisionDate=text, creationDate=text))

    assert item.revised == item.created == expected


def test_dates_of_all_kinds_compare(writer: Writer) -> None:
    for text in ("2026-01-02T03:04:05", "2025-01-02T03:04:05Z", "2024-06-01T00:00:00-05:00"):
        writer.login(text, revisionDate=text)
    moments = [item.revised for item in writer.open().items()]

    assert sorted(filter(None, moments)) == moments[::-1]
