"""Calls from Python that are nearly right: one typed error that says what was likely meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import bw_magics
from bw_magics import Organization, SecretsManager, Vault
from bw_magics.errors import BitwardenError, CredentialsMissing, FieldNotFound, UsageMistake
from bw_magics.session.presented import PresentedVault
from tests.demo_vault import demo_vault

NAME = "Warehouse DB"


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    with demo_vault() as vault:
        yield vault


def untyped(value: Any) -> Any:
    """Gives a value that a type checker would refuse."""
    return value


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda v: v.items(serach="x"), UsageMistake, ["'serach'", "mean search?"]),
        (lambda v: v.items(folder="Work"), UsageMistake, ["'folder'", "mean folder_id?"]),
        (lambda v: v.items(organisation_id="x"), UsageMistake, ["mean organization_id?"]),
        (lambda v: v.items(name="x"), UsageMistake, ["'name'", "There are: search, url"]),
        (lambda v: v.items("ware"), UsageMistake, ['items(search="ware")']),
        (lambda v: v.items(search=3), UsageMistake, ["search is a text or None, not int"]),
        (lambda v: v.items(search=b"x"), UsageMistake, ["not bytes"]),
        (lambda v: v.items(folder_id=7), UsageMistake, ["folder_id is a text or None"]),
        (lambda v: v.items(url=["x"]), UsageMistake, ["url is a text or None, not list"]),
        (lambda v: v.items(trash="yes"), UsageMistake, ["trash is True or False, not str"]),
        (lambda v: v.items(archived=1), UsageMistake, ["archived is True or False, not int"]),
        (lambda v: v.items(trash=None), UsageMistake, ["trash is True or False"]),
        (lambda v: v.places("nope"), UsageMistake, ["folder, collection, organization"]),
        (lambda v: v.places(3), UsageMistake, ["type int"]),
        (lambda v: v.places(""), UsageMistake, ["folder, collection, organization"]),
        (lambda v: v.resolve_all(f"bw://{NAME}/password"), UsageMistake, ["[reference]"]),
        (lambda v: v.profile(3), UsageMistake, ["profile name"]),
        (lambda v: v.get("password"), UsageMistake, ['get("password", "ITEM")']),
        (lambda v: v.get(f"bw://{NAME}"), UsageMistake, ["no field", "bw://ITEM/password"]),
        (lambda v: v.resolve(f"bw://{NAME}"), UsageMistake, ["bw://ITEM/password"]),
        (lambda v: v.resolve(f"bw://{NAME}/"), UsageMistake, ["bw://ITEM/password"]),
        (lambda v: v.generate(20), UsageMistake, ["PasswordRules(length=20)"]),
        (lambda v: v[NAME].get("pasword"), FieldNotFound, ["'pasword'", "mean 'password'?"]),
        (lambda v: v[NAME].get("url"), FieldNotFound, ["'url'", "mean 'uri'?"]),
        (lambda v: v[NAME].field("hst"), FieldNotFound, ["'hst'", "mean 'host'?"]),
        (lambda v: v[NAME].reference("user"), FieldNotFound, ["mean 'username'?"]),
        (lambda v: v[NAME].member("cardnumber"), FieldNotFound, ["has no such member or field"]),
        (lambda v: v[NAME].get(3), UsageMistake, ["type int"]),
        (lambda v: v[NAME].get(None), UsageMistake, ["type NoneType"]),
        (lambda v: v[NAME].field(3), UsageMistake, ["type int"]),
        (lambda v: v[NAME].attachment(0), UsageMistake, ["type int"]),
        (lambda v: v[NAME].attachment("x.json"), FieldNotFound, ["It has none"]),
        (lambda v: v[NAME].reference(3), UsageMistake, ["type int"]),
        (lambda v: v[NAME].sqlalchemy_url(3), UsageMistake, ["type int"]),
    ],
)
def test_a_call_that_is_nearly_right(
    vault: Vault, call: Callable[[Any], object], kind: type[BitwardenError], words: list[str]
) -> None:
    with pytest.raises(kind) as caught:
        call(untyped(vault))

    assert type(caught.value) is kind
    for each in words:
        assert each in str(caught.value)


def test_get_takes_a_reference_as_the_magic_does(vault: Vault) -> None:
    assert vault.get(f"bw://{NAME}/username") == vault[NAME].username


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("password", 'bw_session["ITEM"].password'),
        ("folders", 'places("folder")'),
        ("search", 'items(search="ware")'),
        ("read", 'resolve("bw://ITEM/FIELD")'),
        ("engine", "sqlalchemy_url()"),
        ("close", "lock()"),
        ("nope", "has no 'nope'."),
    ],
)
def test_a_name_that_a_vault_does_not_have_names_the_likely_one(name: str, meant: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(PresentedVault(), name)

    assert meant in str(caught.value)
    assert not hasattr(PresentedVault(), name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pasword", "password"),
        ("user", "username"),
        ("url", "uri"),
        ("otp", "totp"),
        ("note", "notes"),
        ("pwd", "password"),
        ("attachmentt", "attachment"),
    ],
)
def test_an_attribute_that_is_misspelt_names_the_likely_one(
    vault: Vault, name: str, meant: str
) -> None:
    with pytest.raises(AttributeError, match=f"no member '{name}'. Did you mean {meant}[?]"):
        getattr(vault[NAME], name)


def test_an_attachment_that_is_misspelt_is_named(vault: Vault) -> None:
    item = next(item for item in vault.items() if item.attachments)
    name = item.attachments[0].name

    with pytest.raises(FieldNotFound, match="has no attachment") as caught:
        item.attachment(name[:-1])
    assert name in str(caught.value)
    with pytest.raises(FieldNotFound, match="has no attachment") as caught:
        item.reference(attachment=name[:-1])
    assert name in str(caught.value)


@pytest.mark.parametrize("kind", ["folder", "folders", "Folder", "organisations", "collections"])
def test_places_are_of_the_kind_that_was_asked_for(vault: Vault, kind: str) -> None:
    found = {place.kind for place in vault.places(kind)}

    assert len(found) == 1
    assert found.pop()[:3] == kind[:3].lower()


@pytest.mark.parametrize("name", ["PasswordRules", "PassphraseRules", "Selection", "Tiebreak"])
def test_what_public_methods_take_is_public(name: str) -> None:
    assert name in bw_magics.__all__
    assert getattr(bw_magics, name)()


def test_generated_values_follow_public_rules(vault: Vault) -> None:
    assert len(vault.generate(bw_magics.PasswordRules(length=30))) == 30
    assert vault.generate(bw_magics.PassphraseRules(words=4)).count("-") == 3
    assert bw_magics.hidden("made-up").value == "made-up"


ID = "8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f"
KEY = {"client_id": f"user.{ID}", "client_secret": "made-up", "server": "https://localhost:1"}
OFFICE = {**KEY, "client_id": f"organization.{ID}"}
LOGINS: dict[str, tuple[Callable[..., object], dict[str, str]]] = {
    "a vault": (Vault().login, KEY),
    "an organisation": (Organization.login, OFFICE),
}


@pytest.mark.parametrize(("login", "right"), LOGINS.values(), ids=LOGINS)
@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("client_id", None, "The client_id is empty"),
        ("client_secret", None, "The client_secret is empty"),
        ("client_id", 5, "type int"),
        ("client_secret", b"made-up-canary", "type bytes"),
        ("server", 5, "A server is a text, and this is of type int"),
        ("server", b"https://localhost:1", "type bytes"),
        ("server", ["us"], "type list"),
        ("certificate_authority", 5, "not given as int"),
        ("certificate_authority", {"pem": "made-up"}, "not given as dict"),
        ("client_certificate", ("cert.pem", "key.pem"), "ClientCertificate"),
        ("client_certificate", b"made-up-canary", "not given as bytes"),
    ],
)
def test_a_login_with_a_value_of_another_kind(
    login: Callable[..., object], right: dict[str, str], member: str, value: object, words: str
) -> None:
    with pytest.raises((UsageMistake, CredentialsMissing)) as caught:
        login(**{**right, member: value})
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("token", "words"), [(5, "type int"), (b"0.made-up-canary", "type bytes")])
def test_an_access_token_of_another_kind(token: Any, words: str) -> None:
    with pytest.raises(UsageMistake, match=words) as caught:
        SecretsManager.login(access_token=token, server="https://localhost:1")
    assert "canary" not in str(caught.value)
