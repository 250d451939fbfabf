"""Every public way to a secret leaves exactly one entry; what hands none out leaves none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bw_magics import SecretsManager, Vault
from bw_magics.adapters import remote
from bw_magics.crypto.sealed_box import BoxKey
from bw_magics.demo import DemoServer
from bw_magics.errors import BitwardenError, JournalProblem
from bw_magics.scan.known import values_of
from bw_magics.secret import Secret, SecretBytes
from bw_magics.session.environment.assignments import Assignment, inline
from bw_magics.session.journal.journal import Journal
from bw_magics.vault.reference import Reference
from bw_magics.vault.selection import Selection
from tests.demo_vault import enter
from tests.journals import own_journal, uses

DB, HUB, CONSOLE = "Warehouse DB", "Notebook hub", "Deployment console"
KEYS, ACCOUNT, SSH, DOTENV = (
    "Cloud keys",
    "Forecasting service account",
    "Cluster SSH key",
    "Forecasting .env",
)
FILE = "service-account.json"
TOKEN = "Reporting / MAIL_TOKEN"
NAME = "BWM_TEST_PASSWORD"


class Open:
    """A vault and a Secrets Manager of one server, both open."""

    def __init__(self, server: DemoServer) -> None:
        assert server.machines is not None
        self.server = server
        self.vault = enter(Vault(sync_interval=0, lock_timeout=0), server)
        self.machine = SecretsManager.login(
            access_token=server.machines.store.accounts[0].access_token,
            server=server.url,
            certificate_authority=server.certificate_authority,
            sync_interval=0,
        )
        self.vault.secrets_manager = self.machine
        self.password = server.accounts[0].master_password


@pytest.fixture(scope="module")
def opened() -> Iterator[Open]:
    with DemoServer(iterations=5_000) as server:
        found = Open(server)
        yield found
        found.vault.logout()


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    yield
    os.environ.pop(NAME, None)


@pytest.fixture
def journal() -> Iterator[Journal]:
    """A journal of its own gets the uses."""
    with own_journal() as journal:
        yield journal


def given(value: object) -> Iterator[object]:
    """The secrets in a result."""
    if isinstance(value, Secret | SecretBytes):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from given(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from given(each)
    elif hasattr(value, "password"):
        yield from given(value.password)
    elif hasattr(value, "value"):
        yield from given(value.value)


def in_block(block: Any, take: Callable[[], object] = lambda: None) -> object:
    with block as found:
        return take() or found


def environment_from_note(opened: Open) -> object:
    found = opened.vault.environment.read_text(Reference.parse(f"bw://{DOTENV}/notes"))
    return [each.value for each in found]


def in_environment(opened: Open, reference: str) -> object:
    return in_block(opened.vault.env(**{NAME: reference}), lambda: Secret(os.environ[NAME]))


def view_api_key(opened: Open) -> object:
    return opened.vault.api_key.view(password=opened.password).client_secret


Way = Callable[[Open], object]
Expected = tuple[str, str, str]
WAYS: dict[str, tuple[Way, Expected]] = {
    "attribute": (lambda o: o.vault[DB].password, (DB, "password", "attribute")),
    "notes": (lambda o: o.vault[DB].notes, (DB, "notes", "attribute")),
    "member": (lambda o: o.vault[DB].member("password"), (DB, "password", "attribute")),
    "private key": (lambda o: o.vault[SSH].private_key, (SSH, "privateKey", "attribute")),
    "item.get": (lambda o: o.vault[DB].get("password"), (DB, "password", "attribute")),
    "item.field": (
        lambda o: o.vault[DB].field("connection string"),
        (DB, "connection string", "attribute"),
    ),
    "fields": (lambda o: o.vault[DB].fields, (DB, "connection string", "attribute")),
    "one-time code": (lambda o: o.vault[HUB].totp, (HUB, "totp", "attribute")),
    "seed": (lambda o: o.vault[HUB].totp_seed, (HUB, "totp seed", "attribute")),
    "history": (
        lambda o: [each.password for each in o.vault[CONSOLE].password_history],
        (CONSOLE, "password history", "attribute"),
    ),
    "vault.get": (lambda o: o.vault.get("password", DB), (DB, "password", "get")),
    "vault.get of a code": (lambda o: o.vault.get("totp", HUB), (HUB, "totp", "get")),
    "vault.find": (lambda o: o.vault.find(DB).password, (DB, "password", "attribute")),
    "a loop": (
        lambda o: [each.password for each in o.vault if each.name == DB],
        (DB, "password", "attribute"),
    ),
    "resolve": (
        lambda o: o.vault.resolve(f"bw://{DB}/password"),
        (DB, "password", "reference"),
    ),
    "resolve, parsed": (
        lambda o: o.vault.resolve(Reference.parse(f"bw://{DB}/password")),
        (DB, "password", "reference"),
    ),
    "resolve_all": (
        lambda o: o.vault.resolve_all([f"bw://{DB}/password"]),
        (DB, "password", "reference"),
    ),
    "resolve_all, twice the same": (
        lambda o: o.vault.resolve_all([f"bw://{DB}/password", f"bw://Databases/{DB}/password"]),
        (DB, "password", "reference"),
    ),
    "resolve a file": (
        lambda o: o.vault.resolve(f"bw://{ACCOUNT}/attachment/{FILE}"),
        (ACCOUNT, f"attachment {FILE}", "reference"),
    ),
    "environment": (
        lambda o: in_environment(o, f"bw://{DB}/password"),
        (DB, "password", "environment"),
    ),
    "environment from a note": (environment_from_note, (DOTENV, "notes", "environment")),
    "read a file": (
        lambda o: o.vault[ACCOUNT].attachment(FILE).read(),
        (ACCOUNT, f"attachment {FILE}", "attribute"),
    ),
    "text of a file": (
        lambda o: o.vault[ACCOUNT].attachment(FILE).text(),
        (ACCOUNT, f"attachment {FILE}", "attribute"),
    ),
    "JSON of a file": (
        lambda o: o.vault[ACCOUNT].attachment(FILE).json(),
        (ACCOUNT, f"attachment {FILE}", "attribute"),
    ),
    "open file": (
        lambda o: Secret(o.vault[ACCOUNT].attachment(FILE).open().read().decode()),
        (ACCOUNT, f"attachment {FILE}", "attribute"),
    ),
    "file in a block": (
        lambda o: in_block(o.vault[ACCOUNT].attachment(FILE).as_file()) and Secret("x"),
        (ACCOUNT, f"attachment {FILE}", "attribute"),
    ),
    "contents of a file": (
        lambda o: in_block(o.vault[ACCOUNT].attachment(FILE).contents()) and Secret("x"),
        (ACCOUNT, f"attachment {FILE}", "attribute"),
    ),
    "SSH key file": (
        lambda o: in_block(o.vault[SSH].ssh_key.as_file()) and Secret("x"),
        (SSH, "privateKey", "SSH key file"),
    ),
    "paramiko": (
        lambda o: o.vault[SSH].ssh_key.paramiko() and Secret("x"),
        (SSH, "privateKey", "paramiko"),
    ),
    "asyncssh": (
        lambda o: o.vault[SSH].ssh_key.asyncssh() and Secret("x"),
        (SSH, "privateKey", "asyncssh"),
    ),
    "SQLAlchemy": (
        lambda o: Secret(str(o.vault[DB].sqlalchemy_url().password)),
        (DB, "password", "SQLAlchemy"),
    ),
    "httpx": (lambda o: o.vault[DB].httpx_auth() and Secret("x"), (DB, "password", "httpx")),
    "requests": (
        lambda o: o.vault[DB].requests_auth() and Secret("x"),
        (DB, "password", "requests"),
    ),
    "Spark options": (lambda o: o.vault[DB].spark_options(), (DB, "password", "Spark")),
    "fsspec": (
        lambda o: o.vault[KEYS].storage_options("s3"),
        (KEYS, "secret access key", "fsspec"),
    ),
    "fsspec from a key file": (
        lambda o: o.vault[ACCOUNT].storage_options("gs") and Secret("x"),
        (ACCOUNT, f"attachment {FILE}", "fsspec"),
    ),
    "Polars": (
        lambda o: o.vault[KEYS].polars_options("s3") and Secret("x"),
        (KEYS, "secret access key", "Polars"),
    ),
    "API key": (view_api_key, ("personal API key", "client_secret", "attribute")),
    "managed secret": (
        lambda o: o.machine["MAIL_TOKEN"].value,
        (TOKEN, "value", "attribute"),
    ),
    "machine.get": (lambda o: o.machine.get("MAIL_TOKEN"), (TOKEN, "value", "get")),
    "machine.resolve": (
        lambda o: o.machine.resolve("bws://Reporting/MAIL_TOKEN"),
        (TOKEN, "value", "reference"),
    ),
    "machine.resolve_all": (
        lambda o: o.machine.resolve_all(["bws://Reporting/MAIL_TOKEN"]),
        (TOKEN, "value", "reference"),
    ),
    "bws:// of a vault": (
        lambda o: o.vault.resolve("bws://Reporting/MAIL_TOKEN"),
        (TOKEN, "value", "reference"),
    ),
    "bws:// in the environment": (
        lambda o: in_environment(o, "bws://Reporting/MAIL_TOKEN"),
        (TOKEN, "value", "environment"),
    ),
    "machine.env": (
        lambda o: in_block(
            o.machine.env(**{NAME: "bws://Reporting/MAIL_TOKEN"}), lambda: Secret(os.environ[NAME])
        ),
        (TOKEN, "value", "environment"),
    ),
}


@pytest.mark.parametrize(("way", "expected"), WAYS.values(), ids=[*WAYS])
def test_a_way_to_a_secret_leaves_exactly_one_entry(
    opened: Open, journal: Journal, way: Way, expected: Expected
) -> None:
    value = way(opened)

    assert [*given(value)], "the way gives a secret"
    assert uses(journal) == [expected]


def test_a_saved_file_and_a_value_for_workers_leave_entries(
    opened: Open, journal: Journal, tmp_path: Path
) -> None:
    opened.vault[ACCOUNT].attachment(FILE).save(tmp_path / "key.json")
    password = opened.vault[DB].password
    assert isinstance(password, Secret)
    remote.seal_all({"x": password, "y": "plain"}, "b", {BoxKey().public}, "Dask workers")

    assert uses(journal) == [
        (ACCOUNT, f"attachment {FILE}", "attribute"),
        (DB, "password", "attribute"),
        (DB, "password", "Dask workers"),
    ]


def test_passkeys_leave_one_entry_and_each_hidden_field_its_own(
    opened: Open, journal: Journal
) -> None:
    holders = []
    for item in opened.vault.items():
        with suppress(BitwardenError):
            # A linked field has the value of a member, which the entry names.
            names = [
                "number" if field.kind == "linked" else field.name
                for field in item.fields
                if isinstance(field.value, Secret)
            ]
            names += ["passkeys"] * bool(item.passkeys)
            holders += [(item.name, name, "attribute") for name in names]

    assert uses(journal) == holders
    assert {field for _, field, _ in holders} > {"passkeys", "connection string"}


def list_all(opened: Open) -> None:
    for items in (opened.vault.items(), opened.vault.items(Selection(trash=True))):
        for item in items:
            for look in (
                lambda: (repr(item), item.describe()),  # noqa: B023 - called at once
                lambda: (item.username, item.hosts),  # noqa: B023
                lambda: (item.custom_field_labels, item.attachments),  # noqa: B023
                lambda: item.reference("password"),  # noqa: B023
                lambda: [item.holds(name) for name, _ in item.outline()],  # noqa: B023
            ):
                suppressed(look)


NOTHING: dict[str, Callable[[Open], object]] = {
    "lists": list_all,
    "search": lambda o: o.vault.items(search="demo"),
    "search by address": lambda o: o.vault.items(url="https://hub.demo.example"),
    "names": lambda o: [*o.machine.names(), *o.vault.places("folder")],
    "lists of the Secrets Manager": lambda o: [repr(e) for e in o.machine] and o.machine.projects(),
    "check": lambda o: o.vault.check(Reference.parse(f"bw://{DB}/password")),
    "check of a managed secret": lambda o: o.machine.check("bws://Reporting/MAIL_TOKEN"),
    "the scan's values": lambda o: [*values_of(o.vault, skipped=lambda text: None)],
    "generate": lambda o: o.vault.generate(),
    "a mask for Rich": lambda o: repr(Secret("x", "y")),
    "rotations": lambda o: o.vault.rotations(),
    "a name that is missing": lambda o: suppressed(lambda: o.vault["Nowhere"]),
    "a field that is missing": lambda o: suppressed(lambda: o.vault[DB].field("nothing")),
    "a plain field": lambda o: (o.vault[DB].field("host"), o.vault[DB].uri, o.vault[DB].username),
    "an item": lambda o: o.vault.get("item", DB),
    "a change": lambda o: o.vault[HUB].edit(fields={"note": "changed"}),
    "a literal in the environment": lambda o: o.vault.environment.set(
        inline({NAME: Secret("typed")})
    ),
    "leaving the environment": lambda o: o.vault.environment.lock(),
}


def suppressed(action: Callable[[], object]) -> None:
    with suppress(BitwardenError):
        action()


@pytest.mark.parametrize("action", NOTHING.values(), ids=[*NOTHING])
def test_what_hands_no_secret_out_leaves_no_entry(
    opened: Open, journal: Journal, action: Callable[[Open], object]
) -> None:
    action(opened)

    assert uses(journal) == []


def test_an_entry_names_item_and_moment_and_never_holds_the_value(
    opened: Open, journal: Journal, tmp_path: Path
) -> None:
    journal.to(tmp_path / "uses.jsonl")
    values = set()
    for way, _ in WAYS.values():
        values |= {str(each) for each in given(way(opened)) if isinstance(each, Secret)}
    values = {value for value in values if len(value) > 5}

    text = (tmp_path / "uses.jsonl").read_text()
    assert len(values) > 10
    assert len(text.splitlines()) == len(WAYS)
    assert not [value for value in values if value in text]


def test_a_value_is_written_before_it_is_handed_out(
    opened: Open, journal: Journal, tmp_path: Path
) -> None:
    """Where the journal cannot be written, nothing is handed out."""
    folder = tmp_path / "gone"
    folder.mkdir()
    journal.to(folder / "uses.jsonl")
    (folder / "uses.jsonl").unlink()
    folder.rmdir()

    for way in (
        lambda: opened.vault[DB].password,
        lambda: opened.vault.resolve_all([f"bw://{DB}/password"]),
        lambda: opened.machine.get("MAIL_TOKEN"),
        lambda: opened.vault[ACCOUNT].attachment(FILE).read(),
        lambda: opened.vault.environment.set(
            [Assignment(NAME, Reference.parse(f"bw://{DB}/password"), "the test")]
        ),
    ):
        with pytest.raises(JournalProblem, match=r"uses\.jsonl"):
            way()
    assert uses(journal) == []
    assert NAME not in os.environ
