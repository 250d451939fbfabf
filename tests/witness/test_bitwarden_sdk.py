"""The official SDK as a witness: it reads what we write, and we read what it writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import bw_magics
from bw_magics import SecretsManager
from bw_magics.client.access_token import AccessToken
from bw_magics.demo import DemoServer
from bw_magics.demo.items.machine_secrets import machine_secrets
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import BitwardenError, NotFound, TooLong, WriteRefused
from bw_magics.session.machine.keeping import LONGEST
from tests.client.test_access_token import TOKEN, WRONG
from tests.witness.sdk import Sdk, SdkError

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]

REPORTING = "Reporting"
# Key, value and note; the first two must not be empty.
TEXTS = {
    "plain": ("PLAIN_KEY", "made-up-value-1", "a note"),
    "without a note": ("NO_NOTE", "made-up-value-2", ""),
    "signs of every kind": ("k/e%2F y:\\\"'$x", "v|a\tl\r\nue \\ \"'$(x)`y`\u0007", "a|b%20c"),
    "several lines": ("PEM", "-----BEGIN X-----\nbWFkZSB1cA==\n-----END X-----\n", "x\ny"),
    "outside of ASCII": ("Schlüssel ✓ 鍵", "Wért 🔑 값", "Größe"),
    "decomposed": ("Schlu\u0308ssel", "u\u0308", "u\u0308"),
    "blanks around": ("  BLANKS  ", "  keeps its blanks  ", "  trimmed  "),
    "the longest": tuple("x" * LONGEST[name] for name in ("key", "value", "note")),
    "one byte below a block": ("k" * 15, "v" * 15, "n" * 15),
    "one whole block": ("k" * 16, "v" * 16, "n" * 16),
}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    # The SDK reads nothing at all where one value is damaged.
    whole = [each for each in machine_secrets() if not each.defect]
    with DemoServer(iterations=5_000, machine_secrets=whole) as server:
        yield server


@pytest.fixture(scope="module")
def authority(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    path.write_bytes(server.certificate_authority)
    return path


@pytest.fixture(scope="module")
def machines(server: DemoServer) -> MachineTokens:
    assert server.machines is not None
    return server.machines


@pytest.fixture(scope="module")
def sdk(server: DemoServer, machines: MachineTokens, authority: Path) -> Iterator[Sdk]:
    with Sdk(server, authority) as sdk:
        sdk.ask("log in", token=machines.store.accounts[0].access_token)
        yield sdk


@pytest.fixture(scope="module")
def ours(server: DemoServer, machines: MachineTokens) -> Iterator[SecretsManager]:
    with SecretsManager.login(
        access_token=machines.store.accounts[0].access_token,
        server=server.url,
        certificate_authority=server.certificate_authority,
        sync_interval=0,
    ) as manager:
        yield manager


def seen(ours: SecretsManager, id: str) -> tuple[str, str, str]:
    """Key, value and note as we read them now."""
    ours.sync(force=True)
    secret = ours[id]
    return secret.key, str(secret.value), str(secret.note or "")


def trimmed(texts: tuple[str, ...]) -> tuple[str, ...]:
    return texts[0].strip(), texts[1], texts[2].strip()


def project_id(ours: SecretsManager) -> str:
    return next(each.id for each in ours.projects() if each.name == REPORTING)


def test_both_read_the_same(sdk: Sdk, ours: SecretsManager) -> None:
    ours.sync(force=True)

    assert sdk.values() == {
        each.id: (each.key, str(each.value), str(each.note or "")) for each in ours.secrets()
    }
    listed = {each["id"]: each["key"] for each in sdk.ask("list")["data"]}
    assert listed == {each.id: each.key for each in ours.secrets()}
    projects = {each["id"]: each["name"] for each in sdk.ask("list projects")["data"]}
    assert projects == {each.id: each.name for each in ours.projects()}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_it_reads_what_we_create_and_edit(
    sdk: Sdk, ours: SecretsManager, texts: tuple[str, str, str]
) -> None:
    key, value, note = texts
    secret = ours.create(key, value, project=REPORTING, note=note)
    assert sdk.values()[secret.id] == trimmed(texts)
    found = sdk.ask("get", id=secret.id)
    assert (found["key"], found["value"], found["note"]) == trimmed(texts)
    assert found["projectId"] == project_id(ours)
    (found,) = sdk.ask("get by ids", ids=[secret.id])["data"]
    assert found["value"] == value

    secret.edit(value=f"edited {value}"[: LONGEST["value"]])
    found = sdk.ask("get", id=secret.id)
    assert found["value"] == f"edited {value}"[: LONGEST["value"]]
    assert (found["key"], found["note"], found["projectId"]) == (
        *(trimmed(texts)[0], trimmed(texts)[2]),
        project_id(ours),
    )


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_we_read_what_it_creates_and_updates(
    sdk: Sdk, ours: SecretsManager, texts: tuple[str, str, str]
) -> None:
    key, value, note = texts
    project = project_id(ours)
    made = sdk.ask("create", members=[key, value, note], projects=[project])
    assert seen(ours, made["id"]) == trimmed(texts)
    assert ours[made["id"]].project is not None

    members = [f"x{key}"[: LONGEST["key"]], value, note]
    sdk.ask("update", id=made["id"], members=members, projects=[project])
    assert seen(ours, made["id"]) == trimmed(tuple(members))
    # And we edit what it made.
    ours[made["id"]].edit(note="from us")
    assert sdk.values()[made["id"]] == (*trimmed(tuple(members))[:2], "from us")


def test_what_one_deletes_the_other_misses(sdk: Sdk, ours: SecretsManager) -> None:
    mine = ours.create("TO_DELETE", "v", project=REPORTING)
    theirs = sdk.ask("create", members=["TO_DELETE_2", "v", ""], projects=[project_id(ours)])
    ours.sync(force=True)
    mine.delete()
    assert mine.id not in sdk.values()
    sdk.ask("delete", ids=[theirs["id"]])
    ours.sync(force=True)
    with pytest.raises(NotFound):
        ours.get("TO_DELETE_2")


def test_projects_of_both(sdk: Sdk, ours: SecretsManager) -> None:
    mine = ours.create_project("Ours ✓")
    theirs = sdk.ask("create project", name="Theirs ✓")
    names = {each["id"]: each["name"] for each in sdk.ask("list projects")["data"]}
    assert names[mine.id] == "Ours ✓"
    assert {each.id: each.name for each in ours.projects()}[theirs["id"]] == "Theirs ✓"
    sdk.ask("update project", id=mine.id, name="Renamed by them")
    ours.rename_project(theirs["id"], "Renamed by us")
    names = {each["id"]: each["name"] for each in sdk.ask("list projects")["data"]}
    assert (names[mine.id], names[theirs["id"]]) == ("Renamed by them", "Renamed by us")
    sdk.ask("delete projects", ids=[mine.id])
    assert mine.id not in {each.id for each in ours.projects()}


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("an empty key", ("", "v", "")),
        ("an empty value", ("K", "", "")),
        ("a key that is too long", ("k" * 501, "v", "")),
        ("a value that is too long", ("K", "v" * 25_001, "")),
        ("a note that is too long", ("K", "v", "n" * 7_001)),
    ],
)
def test_both_refuse_the_same_texts(
    sdk: Sdk, ours: SecretsManager, name: str, texts: tuple[str, str, str]
) -> None:
    key, value, note = texts
    with pytest.raises((TooLong, WriteRefused)):
        ours.create(key, value, project=REPORTING, note=note)
    with pytest.raises(SdkError):
        sdk.ask("create", members=[*texts], projects=[project_id(ours)])


@pytest.mark.parametrize("text", [each[0] for each in WRONG.values()], ids=WRONG)
def test_both_refuse_the_same_tokens(server: DemoServer, authority: Path, text: str) -> None:
    with pytest.raises(BitwardenError):
        AccessToken.parse(text)
    server.requests.clear()
    with Sdk(server, authority) as fresh, pytest.raises(SdkError):
        fresh.ask("log in", token=text)


def test_both_read_a_token_without_padding(
    server: DemoServer, machines: MachineTokens, authority: Path
) -> None:
    bare = machines.store.accounts[0].access_token.rstrip("=")
    with Sdk(server, authority) as fresh:
        fresh.ask("log in", token=bare)
        assert fresh.values()
    with SecretsManager.login(
        access_token=bare,
        server=server.url,
        certificate_authority=server.certificate_authority,
    ) as manager:
        assert manager.secrets()
    assert AccessToken.parse(TOKEN)


def test_one_damaged_value_stops_the_sdk_and_not_us(
    tmp_path: Path,
) -> None:
    with DemoServer(iterations=5_000) as damaged:
        assert damaged.machines is not None
        token = damaged.machines.store.accounts[0].access_token
        authority = tmp_path / "ca.pem"
        authority.write_bytes(damaged.certificate_authority)
        with Sdk(damaged, authority) as fresh:
            fresh.ask("log in", token=token)
            with pytest.raises(SdkError, match="decryption"):
                fresh.values()
        with SecretsManager.login(
            access_token=token,
            server=damaged.url,
            certificate_authority=damaged.certificate_authority,
        ) as manager:
            assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"


LINES = [
    "new = bw_session.generate()",
    "%bw_create secret FROM_A_CELL --project Reporting --value $new",
    "%bw_edit secret FROM_A_CELL --generate --length 40",
    "value = %bw_get secret FROM_A_CELL",
]


def test_it_reads_what_the_magics_write_and_misses_what_they_delete(
    sdk: Sdk,
    server: DemoServer,
    machines: MachineTokens,
    authority: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BW_SERVER", server.url)
    monkeypatch.setenv("BW_CA_FILE", str(authority))
    monkeypatch.setenv("BWS_ACCESS_TOKEN", machines.store.accounts[0].access_token)
    shell = InteractiveShell.instance()
    bw_magics.load_ipython_extension(shell)
    try:
        for line in ("%bw_login --access-token", *LINES):
            shell.run_cell(line).raise_error()
        written = {key: value for key, value, _ in sdk.values().values()}
        assert written["FROM_A_CELL"] == shell.user_ns["value"]
        assert len(written["FROM_A_CELL"]) == 40

        shell.run_cell("%bw_delete secret FROM_A_CELL").raise_error()
        assert "FROM_A_CELL" not in [key for key, _, _ in sdk.values().values()]
    finally:
        bw_magics.unload_ipython_extension(shell)
        InteractiveShell.clear_instance()
