"""Reading the Secrets Manager: names, freshness, tokens, and the end of a session."""

from __future__ import annotations

import logging
import os
import pickle
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bw_magics import SecretsManager, Vault
from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.items.machine_secrets import ODD, REPORTING, PlainSecret
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import (
    AccessTokenInvalid,
    AccessTokenRefused,
    Ambiguous,
    AnswerUnusable,
    BitwardenError,
    CredentialsMissing,
    NoSecretsManager,
    NotFound,
    NotLoggedIn,
    NotPickled,
    ProjectNotFound,
    RateLimited,
    RequestRefused,
    ServerUnreachable,
    Unreadable,
    UsageMistake,
)
from bw_magics.secret import Secret
from tests.session.machine.conftest import TOKEN, Login, asked

WAREHOUSE = "demo-machine-warehouse-1"


def test_the_first_value_takes_two_requests(server: DemoServer, login: Login) -> None:
    value = login().resolve("bws://Reporting/WAREHOUSE_PASSWORD")

    assert isinstance(value, Secret)
    assert value == WAREHOUSE
    assert repr(value).endswith("Reporting / WAREHOUSE_PASSWORD")
    assert [path.rpartition("/")[2] for _, path in server.requests] == ["token", "sync"]


def test_values_notes_and_the_token_are_announced_before_they_are_returned(
    machines: MachineTokens, login: Login
) -> None:
    announced: list[Secret] = []
    manager = login(on_secret=announced.append)
    token = machines.store.accounts[0].access_token
    secret = manager["WAREHOUSE_PASSWORD"]

    assert token in announced
    assert machines.store.accounts[0].client_secret in announced
    assert WAREHOUSE not in announced  # only what is used
    assert secret.value in announced
    assert secret.note in announced


NAMES: dict[str, str | type[BitwardenError]] = {
    "bws://Reporting/WAREHOUSE_PASSWORD": WAREHOUSE,
    "bws://WAREHOUSE_PASSWORD": WAREHOUSE,
    "bws://reporting/warehouse_password": WAREHOUSE,
    "bws://Data platform/API_KEY": "demo-machine-api-key-platform-5",
    "bws://API_KEY": Ambiguous,
    "bws:///LONELY": "demo-machine-lonely-12",
    "bws://LONELY": "demo-machine-lonely-12",
    "bws:///API_KEY": NotFound,
    f"bws://{ODD}/TWICE": Ambiguous,
    f"bws://{ODD}/a%2Fb 100 %252F": "demo-machine-slash-9",
    f"bws://{ODD}/Schlüssel ✓": "demo-machine-ümlaut-10",
    unicodedata.normalize("NFD", f"bws://{ODD}/Schlüssel ✓"): "demo-machine-ümlaut-10",
    f"bws://{ODD}/DAMAGED": Unreadable,
    "bws://Reporting/NOTHING": NotFound,
    "bws://Reports/API_KEY": ProjectNotFound,
    "bws://Payroll/SALARIES": ProjectNotFound,
    "bw://Reporting/API_KEY": UsageMistake,
    "API_KEY": UsageMistake,
}


def test_what_each_reference_gives(login: Login) -> None:
    manager = login()
    found = manager.resolve_all(NAMES)

    assert {
        name: value if isinstance(value, str) else type(value) for name, value in found.items()
    } == NAMES


def test_an_ambiguous_key_names_references_that_work(login: Login) -> None:
    manager = login()
    for reference in ("bws://API_KEY", f"bws://{ODD}/TWICE"):
        with pytest.raises(Ambiguous) as caught:
            manager.resolve(reference)
        offered = caught.value.remedy.removeprefix("Write one of: ").rstrip(".").split(", ")
        assert len({str(manager.resolve(each)) for each in offered}) == 2


def test_the_closest_references_work(login: Login) -> None:
    manager = login()
    with pytest.raises(NotFound) as caught:
        manager.resolve("bws://Reporting/WAREHOUSE_PASWORD")

    assert manager.resolve(caught.value.closest[0]) == WAREHOUSE


def test_an_address_of_secretspec_is_told_apart_and_gives_no_value(login: Login) -> None:
    """SecretSpec's `bws://UUID` is a store: a project of the Secrets Manager, by its id."""
    manager = login()
    project = manager["MAIL_TOKEN"].project
    assert project is not None

    with pytest.raises(NotFound, match="SecretSpec") as refused:
        manager.resolve(f"bws://{project.id}")

    assert "bws://PROJECT/KEY" in refused.value.remedy
    assert project.id not in str(refused.value)


def test_every_reference_that_is_written_is_read_again(login: Login) -> None:
    manager = login()
    for secret in manager.secrets():
        if secret.key not in ("TWICE", "DAMAGED"):
            assert manager.find(secret.reference).id == secret.id


def test_an_id_names_a_secret_and_a_project(login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    assert secret.project is not None

    assert manager.find(f"bws://{secret.id.upper()}").key == "MAIL_TOKEN"
    assert manager.get(secret.id, project=secret.project.id) == secret.value


def test_the_lists_have_names_and_dates_and_no_values(login: Login) -> None:
    announced: list[Secret] = []
    manager = login(on_secret=announced.append)
    told = len(announced)

    assert [each.key for each in manager.secrets("Reporting")] == [
        *("API_KEY", "MAIL_TOKEN", "WAREHOUSE_PASSWORD", "WAREHOUSE_URL")
    ]
    assert [each.key for each in manager.secrets("")] == ["LONELY"]
    assert [project.name for project in manager.projects()] == ["Data platform", ODD, REPORTING]
    damaged = [each.key for each in manager.secrets() if each.problem]
    assert damaged == ["DAMAGED"]
    assert len(announced) == told, "a list announces nothing, because it decrypts no value"


def test_an_account_sees_only_what_it_may_read(login: Login) -> None:
    manager = login(1)

    assert {each.project.name for each in manager.secrets() if each.project} == {REPORTING}
    with pytest.raises(NotFound):
        manager.resolve("bws://Data platform/S3_SECRET")


def test_an_account_without_a_project_is_told_what_to_do(login: Login) -> None:
    manager = login(2)

    assert (manager.secrets(), manager.projects()) == ([], [])
    with pytest.raises(NotFound, match="may read no secrets"):
        manager.resolve("bws://Reporting/API_KEY")


def test_a_secret_without_a_readable_name_does_not_affect_the_others(
    machines: MachineTokens, login: Login
) -> None:
    store = machines.store
    broken = next(iter(store.secrets.values()))
    broken["key"] = "2.broken"
    manager = login()

    assert manager["MAIL_TOKEN"].value == "demo-machine-mail-token-3"
    assert manager.find(f"bws://{broken['id']}").key == "(unreadable)"
    assert manager.find(manager[broken["id"]].reference).value == WAREHOUSE


# Fresh or not.


def test_a_changed_value_is_read_when_the_interval_is_over(
    server: DemoServer, machines: MachineTokens, login: Login
) -> None:
    manager = login(sync_interval=0.05)
    assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"
    machines.store.add(PlainSecret("MAIL_TOKEN", "demo-machine-changed"))
    time.sleep(0.06)

    assert manager.get("MAIL_TOKEN") == "demo-machine-changed"


def test_an_unchanged_account_is_not_downloaded_again(
    server: DemoServer, machines: MachineTokens, login: Login
) -> None:
    manager = login()
    manager.secrets()

    assert manager.sync() is False
    assert manager.sync(force=True) is True
    machines.store.add(PlainSecret("MAIL_TOKEN", "demo-machine-changed"))
    assert manager.sync() is True
    assert manager.get("MAIL_TOKEN") == "demo-machine-changed"


def test_a_change_in_the_second_of_the_last_sync_is_seen(
    machines: MachineTokens, login: Login
) -> None:
    manager = login()
    for number in range(5):
        machines.store.add(PlainSecret("MAIL_TOKEN", f"demo-machine-change-{number}"))
        assert manager.sync() is True
        assert manager.get("MAIL_TOKEN") == f"demo-machine-change-{number}"


def test_without_the_server_the_secrets_in_memory_go_on(server: DemoServer, login: Login) -> None:
    manager = login(sync_interval=0.01)
    assert manager.get("MAIL_TOKEN")
    server.stop()
    time.sleep(0.02)

    assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"
    assert "refused the connection" in (manager.status.problem or "")
    begun = time.monotonic()
    assert all(manager.get("MAIL_TOKEN") for _ in range(50))
    assert time.monotonic() - begun < 5, "the server is not asked for every value"


def test_a_first_download_that_fails_is_tried_again(server: DemoServer, login: Login) -> None:
    path = "/api/organizations/" + _organization(server) + "/secrets/sync"
    server.faults[path] = [Fault(status=503, body=b"")]
    manager = login()

    with pytest.raises(RequestRefused, match="503"):
        manager.get("MAIL_TOKEN")
    assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault(status=404, body=b'{"message":"Resource not found."}'), NoSecretsManager, "no sec"),
        (Fault(status=403, body=b"{}"), RequestRefused, "403"),
        (Fault(status=429, body=b"", headers={"Retry-After": "9"}), RateLimited, "9 seconds"),
        (Fault(status=500, body=b"oops"), RequestRefused, "500"),
        (Fault(status=200, body=b"[]"), AnswerUnusable, "not a list of secrets"),
        (Fault(status=200, body=b'{"hasChanges":true}'), AnswerUnusable, "not a list"),
        (Fault(status=200, body=b'{"hasChanges":false}'), AnswerUnusable, "not a list"),
        (Fault(status=200, body=b"<html>"), AnswerUnusable, "not a list"),
        (Fault(reset=True), ServerUnreachable, "connection"),
    ],
)
def test_a_download_that_goes_wrong_is_one_typed_error(
    server: DemoServer, login: Login, fault: Fault, kind: type[BitwardenError], words: str
) -> None:
    path = "/api/organizations/" + _organization(server) + "/secrets/sync"
    # An idle connection that was reset is tried once more.
    server.faults[path] = [fault, fault]
    with pytest.raises(kind, match=words):
        login().get("MAIL_TOKEN")


# Tokens.


def test_a_token_is_renewed_before_it_ends(server: DemoServer, login: Login) -> None:
    assert server.machines is not None
    server.machines.lifetime = 1.0
    manager = login()
    manager.secrets()
    server.requests.clear()
    deadline = time.monotonic() + 30
    while asked(server, TOKEN) == 0:
        assert time.monotonic() < deadline
        manager.sync()
        time.sleep(0.05)

    assert all(path != TOKEN or method == "POST" for method, path in server.requests)


def test_a_token_that_the_server_ended_is_renewed_once(
    server: DemoServer, machines: MachineTokens, login: Login
) -> None:
    manager = login()
    manager.secrets()
    machines.end()
    server.requests.clear()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: manager.sync(), range(8)))

    assert asked(server, TOKEN) == 1


def test_a_revoked_token_is_told_and_not_tried_again(
    server: DemoServer, machines: MachineTokens, login: Login
) -> None:
    manager = login()
    manager.secrets()
    machines.store.accounts[0].is_revoked = True
    machines.end()
    server.requests.clear()
    for _ in range(3):
        with pytest.raises(AccessTokenRefused, match="accepted before"):
            manager.sync()

    assert asked(server, TOKEN) == 1
    assert "refuses it now" in (manager.status.problem or "")


@pytest.mark.parametrize("how", ["revoked", "expired", "of another server"])
def test_a_token_that_is_not_accepted_is_told_at_login(
    server: DemoServer, machines: MachineTokens, login: Login, how: str
) -> None:
    account = machines.store.accounts[0]
    token = account.access_token
    if how == "revoked":
        account.is_revoked = True
    elif how == "expired":
        account.expires = datetime.now(UTC) - timedelta(seconds=1)
    else:
        machines.store.accounts.remove(account)
    with pytest.raises(AccessTokenRefused, match="revoked, it has expired, or it belongs") as told:
        login(access_token=token)
    assert account.client_secret not in str(told.value)
    assert len(server.requests) == 1


def test_a_token_with_the_key_of_another_is_told(machines: MachineTokens, login: Login) -> None:
    one, other = (each.access_token for each in machines.store.accounts[:2])
    mixed = f"{one.partition(':')[0]}:{other.partition(':')[2]}"
    with pytest.raises(AccessTokenInvalid, match="behind its colon opens nothing"):
        login(access_token=mixed)


def test_a_busy_server_is_told_and_not_asked_again_before_it_said(login: Login) -> None:
    with DemoServer(iterations=5_000, logins=(2, 600)) as busy:
        assert busy.machines is not None
        token = busy.machines.store.accounts[0].access_token
        given = {
            "access_token": token,
            "server": busy.url,
            "certificate_authority": busy.certificate_authority,
        }
        login(**given)
        login(**given)
        for _ in range(5):
            with pytest.raises(RateLimited) as caught:
                login(**given)
            assert caught.value.wait is not None
            assert timedelta(0) < caught.value.wait <= timedelta(seconds=300)

        assert asked(busy, TOKEN) == 3, "the third was refused, and the others were not sent"


def test_a_renewal_is_not_hammered_while_the_server_is_busy(
    server: DemoServer, machines: MachineTokens, login: Login
) -> None:
    manager = login()
    manager.secrets()
    machines.end()
    server.faults[TOKEN] = [Fault(status=429, body=b"")] * 9
    server.requests.clear()
    for _ in range(4):
        with pytest.raises(RateLimited):
            manager.sync()

    assert asked(server, TOKEN) == 1
    assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"


# Servers.


def test_vaultwarden_is_told_to_have_none(login: Login) -> None:
    with DemoServer(style="vaultwarden", iterations=5_000) as other:
        with pytest.raises(NoSecretsManager, match="is Vaultwarden, which has no Secrets Manager"):
            login(server=other.url, certificate_authority=other.certificate_authority)
        assert [path for _, path in other.requests] == [TOKEN, "/api/config"]


def test_the_environment_gives_the_token_and_its_server(
    server: DemoServer,
    machines: MachineTokens,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    authority = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.write_bytes(server.certificate_authority)
    with pytest.raises(CredentialsMissing, match="BWS_ACCESS_TOKEN is not set"):
        SecretsManager.login()
    monkeypatch.setenv("BWS_ACCESS_TOKEN", machines.store.accounts[0].access_token)
    monkeypatch.setenv("BW_CA_FILE", str(authority))
    monkeypatch.setenv("BW_SERVER", "https://vault.example.invalid")
    monkeypatch.setenv("BWS_SERVER_URL", server.url)
    with SecretsManager.login() as manager:
        assert manager.status.source == "the environment"
        assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"


# The end.


def test_a_logout_forgets_everything(login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    assert secret.value

    assert manager.logout() is True
    assert manager.logout() is False
    for use in (lambda: secret.value, lambda: manager.get("MAIL_TOKEN"), manager.sync):
        with pytest.raises(NotLoggedIn, match=r"you logged out at .*Next: "):
            use()
    assert [*manager.names()] == []
    assert repr(manager) == "<SecretsManager: logged out>"


def test_a_download_that_ends_after_the_logout_brings_nothing_back(
    server: DemoServer, login: Login
) -> None:
    path = "/api/organizations/" + _organization(server) + "/secrets/sync"
    server.faults[path] = [Fault(delay=0.3)]
    manager = login()
    manager.logout()
    time.sleep(0.5)

    assert manager.known() == []


def test_nothing_is_pickled(login: Login) -> None:
    manager = login()
    for each in (manager, manager["MAIL_TOKEN"], manager["MAIL_TOKEN"].value):
        with pytest.raises((TypeError, NotPickled)):
            pickle.dumps(each)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_logged_out(login: Login) -> None:
    manager = login()
    assert manager.get("MAIL_TOKEN")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            manager.get("MAIL_TOKEN")
            os.write(write, b"read")
        except BaseException as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)

    assert b"forked process" in os.read(read, 1000)
    os.close(read)
    assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"


def test_nothing_secret_is_logged(
    login: Login, machines: MachineTokens, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    manager = login()
    values = [str(each.value) for each in manager.secrets() if not each.problem]
    account = machines.store.accounts[0]
    markers = [*values, account.access_token, account.client_secret, manager.account.login.token]

    assert caplog.records
    assert not [marker for marker in markers if marker in caplog.text]


# Beside a vault.


def test_a_vault_resolves_both_kinds_of_references(login: Login) -> None:
    vault = Vault()
    with pytest.raises(NotLoggedIn, match="nobody is logged in there"):
        vault.resolve("bws://Reporting/MAIL_TOKEN")
    vault.secrets_manager = login()

    assert vault.resolve("bws://Reporting/MAIL_TOKEN") == "demo-machine-mail-token-3"
    with pytest.raises(NotLoggedIn, match="The vault is logged out"):
        vault.resolve("bw://Warehouse DB/password")
    with pytest.raises(UsageMistake):
        vault.resolve("bws://")


@pytest.mark.parametrize("end", ["lock", "logout"])
def test_a_lock_ends_the_secrets_manager_too(login: Login, end: str) -> None:
    vault = Vault()
    vault.secrets_manager = login()
    getattr(vault, end)()

    with pytest.raises(NotLoggedIn):
        vault.resolve("bws://Reporting/MAIL_TOKEN")


def _organization(server: DemoServer) -> str:
    assert server.machines is not None
    return server.machines.store.organization_id
