"""An organisation's API key: what it reads, as tables, and what it never shows."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bw_magics import Organization, Vault
from bw_magics.client.certificates import ClientCertificate
from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.service.public_api import PublicApi
from bw_magics.errors import (
    AnswerUnusable,
    ApiKeyRefused,
    CertificateRefused,
    ClientIdInvalid,
    CredentialsMissing,
    ExtraMissing,
    NotLoggedIn,
    RateLimited,
    RequestRefused,
)
from bw_magics.secret import Secret

EVENTS = "/api/public/events"
MEMBERS = "/api/public/members"
TOKEN = "/identity/connect/token"


class Office:
    """A server with an organisation, and the organisation as its key sees it."""

    def __init__(self, server: DemoServer, api: PublicApi) -> None:
        self.server, self.api = server, api
        self.announced: list[Any] = []

    def login(self, **changes: Any) -> Organization:
        given: dict[str, Any] = {
            "client_id": self.api.client_id,
            "client_secret": self.api.client_secret,
            "server": self.server.url,
            "certificate_authority": self.server.certificate_authority,
            "on_secret": self.announced.append,
        }
        return Organization.login(**given | changes)

    def asked(self, path: str) -> int:
        return sum(1 for _, asked in self.server.requests if asked == path)


@pytest.fixture
def office() -> Iterator[Office]:
    api = PublicApi()
    with DemoServer(iterations=5_000, public_api=api) as server:
        yield Office(server, api)


@pytest.fixture
def organization(office: Office) -> Iterator[Organization]:
    with office.login() as organization:
        yield organization


def test_members_groups_collections_and_policies_are_tables(organization: Organization) -> None:
    members = organization.members()
    assert [(m.name, m.type, m.status, m.two_factor) for m in members] == [
        ("Ada Demo", "owner", "confirmed", True),
        ("Grace Demo", "admin", "confirmed", True),
        ("Alan Demo", "user", "confirmed", False),
        (None, "user", "invited", False),
        ("Edsger Demo", "user", "revoked", False),
    ]
    groups, collections = organization.groups(), organization.collections()
    assert [group.name for group in groups] == ["Analysts", "Engineers"]
    assert set(groups[0].collections) < {each.id for each in collections}
    assert members[0].collections == (collections[0].id,)
    assert collections[0].groups == (groups[0].id,)
    policies = organization.policies()
    assert [(p.type, p.is_enabled) for p in policies] == [
        ("two-step login", True),
        ("master password", True),
        ("single organisation", False),
        ("99", True),
    ]
    assert policies[1].data == {"minLength": 14}


def test_tables_are_read_only_and_show_a_number(organization: Organization) -> None:
    members = organization.members()
    assert repr(members) == "<5 × Member: .to_pandas() shows them>"
    assert repr(members[0]) == "<Member>"
    assert repr(members[1:3]) == "<2 × Member: .to_pandas() shows them>"
    with pytest.raises(AttributeError):
        members[0].name = "x"  # type: ignore[misc] # that is what is tried
    with pytest.raises(TypeError):
        members[0] = members[1]  # type: ignore[index] # the same


@pytest.mark.parametrize("what", ["members", "groups", "collections", "policies", "events"])
def test_every_table_becomes_a_data_frame(organization: Organization, what: str) -> None:
    table = getattr(organization, what)()
    frame = table.to_pandas()
    assert tuple(frame.columns) == table.columns
    assert len(frame) == len(table)


def test_without_pandas_it_says_what_to_install(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = organization.members()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ExtraMissing, match="pip install"):
        members.to_pandas()


def test_the_event_log_comes_in_pages(office: Office, organization: Organization) -> None:
    events = organization.events()
    assert len(events) == 120
    assert office.asked(EVENTS) == 3
    assert len({event.date for event in events}) == 120
    office.server.requests.clear()
    assert len(organization.events(most=60)) == 60
    assert office.asked(EVENTS) == 2, "pages are asked for as they are needed"
    day = organization.events(
        start=datetime(2026, 11, 19, 12, tzinfo=UTC), end=datetime(2026, 11, 20, 0, tzinfo=UTC)
    )
    assert 0 < len(day) < 24
    user = events[0].acting_user_id
    assert user is not None
    assert {event.acting_user_id for event in organization.events(acting_user_id=user)} == {user}


def test_a_token_that_ended_is_renewed_once(office: Office, organization: Organization) -> None:
    office.api.end_tokens()
    assert len(organization.members()) == 5
    assert office.asked(TOKEN) == 2
    organization._api._expires_at = 0
    assert len(organization.members()) == 5
    assert office.asked(TOKEN) == 3


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "made-up-secret"}, ApiKeyRefused),
        ({"client_id": "user.0b5a9f5c-1d0e-4b1e-9d57-b3a1f2c4d6e8"}, ClientIdInvalid),
        ({"client_id": "made-up-id"}, ClientIdInvalid),
        ({"client_secret": " "}, CredentialsMissing),
    ],
)
def test_a_key_that_is_not_right_is_refused_and_not_repeated(
    office: Office, changes: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        office.login(**changes)
    assert not any(value in str(refused.value) for value in changes.values() if value.strip())


def test_nothing_secret_is_shown_or_pickled(office: Office, organization: Organization) -> None:
    assert office.api.client_secret in office.announced
    assert len(office.announced) == 2
    assert all(isinstance(each, Secret) for each in office.announced)
    shown = repr(organization) + repr(organization._api) + repr(vars(organization._api))
    assert not any(secret in shown for secret in office.announced)
    with pytest.raises(TypeError):
        pickle.dumps(organization)


FAULTS: dict[str, tuple[list[Fault], type[Exception]]] = {
    "too many": ([Fault(status=429, headers={"Retry-After": "3"})], RateLimited),
    "out of order": ([Fault(status=502)], RequestRefused),
    "not there": ([Fault(status=404)], RequestRefused),
    "refused twice": ([Fault(status=401), Fault(status=401)], RequestRefused),
    "no list": ([Fault(status=200, body=b"{}")], AnswerUnusable),
    "damaged": ([Fault(status=200, body=b'{"data": [')], AnswerUnusable),
    "the same page": (
        [Fault(status=200, body=b'{"data": [], "continuationToken": "again"}')] * 2,
        AnswerUnusable,
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_each_fault_is_one_typed_error(
    office: Office, organization: Organization, what: str
) -> None:
    faults, error = FAULTS[what]
    office.server.faults[EVENTS] = [
        Fault(each.status, {"Content-Type": "application/json", **each.headers}, each.body)
        for each in faults
    ]
    with pytest.raises(error):
        organization.events()
    assert len(organization.members()) == 5


def test_what_vaultwarden_lacks_is_told(organization: Organization, office: Office) -> None:
    office.server.faults[MEMBERS] = [Fault(status=404)]
    with pytest.raises(RequestRefused, match="Vaultwarden does not"):
        organization.members()


class TestAtVaultwarden:
    """It gives a token to an organisation's key that names a device, but lacks the lists."""

    @pytest.fixture
    def office(self) -> Iterator[Office]:
        api = PublicApi()
        with DemoServer(style="vaultwarden", iterations=5_000, public_api=api) as server:
            yield Office(server, api)

    @pytest.mark.parametrize("what", ["members", "groups", "collections", "policies", "events"])
    def test_a_right_key_logs_in_and_every_list_says_what_is_missing(
        self, office: Office, what: str
    ) -> None:
        with office.login() as organization, pytest.raises(RequestRefused) as refused:
            getattr(organization, what)()
        assert refused.value.fact.startswith("Vaultwarden does not offer the Public API")
        assert refused.value.status == 404
        assert "Update" not in refused.value.remedy

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"client_secret": "made-up-secret"}, "the client_secret is wrong"),
            (
                {"client_id": "organization.0b5a9f5c-1d0e-4b1e-9d57-b3a1f2c4d6e8"},
                "no organisation with this client_id",
            ),
        ],
    )
    def test_a_wrong_half_of_the_key_is_named(
        self, office: Office, changes: dict[str, str], words: str
    ) -> None:
        with pytest.raises(ApiKeyRefused) as refused:
            office.login(**changes)
        assert words in refused.value.fact
        assert "View API key" in refused.value.remedy


@pytest.mark.parametrize("kind", ["bytes", "text", "path", "path as text"])
def test_the_authority_is_pem_or_the_path_of_a_file(
    office: Office, tmp_path: Path, kind: str
) -> None:
    pem = office.server.certificate_authority
    path = tmp_path / "authority.pem"
    path.write_bytes(pem)
    given: Any = {"bytes": pem, "text": pem.decode(), "path": path, "path as text": str(path)}[kind]
    with office.login(certificate_authority=given) as organization:
        assert len(organization.members()) == 5
    vault, account = Vault(), office.server.accounts[0]
    assert vault.login(
        client_id=account.client_id,
        client_secret=account.client_secret,
        server=office.server.url,
        certificate_authority=given,
    )
    vault.logout()


@pytest.mark.parametrize("kind", [Path, str])
def test_an_authority_that_is_not_there_is_a_typed_error(
    office: Office, tmp_path: Path, kind: type[Any]
) -> None:
    with pytest.raises(CertificateRefused, match="does not exist"):
        office.login(certificate_authority=kind(tmp_path / "missing.pem"))


@pytest.mark.parametrize("is_path", [True, False])
def test_a_client_certificate_is_shown(office: Office, tmp_path: Path, is_path: bool) -> None:
    """One that cannot be used raises, as it would not if nobody looked at it."""
    path = tmp_path / "shown.pem"
    path.write_text("no certificate")
    with pytest.raises(CertificateRefused, match="client certificate"):
        office.login(client_certificate=path if is_path else ClientCertificate(path))


def test_closed_is_closed(office: Office) -> None:
    organization = office.login()
    organization.close()
    calls: list[Callable[[], object]] = [organization.members, organization.events]
    for call in calls:
        with pytest.raises(NotLoggedIn):
            call()
