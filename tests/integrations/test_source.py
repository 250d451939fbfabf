"""Which vault a library gets its secrets from, and when it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from bw_magics import Vault, bw_session, current_vault
from bw_magics.errors import CredentialsMissing, NotLoggedIn, UnsafeFile, VaultLocked
from bw_magics.integrations.source import resolve
from bw_magics.session.process_vault import can_open
from tests.integrations.world import World, entered, forget

PASSWORD = "bw://Warehouse DB/password"


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_is_bw_session_where_somebody_logged_in(vault: Vault) -> None:
    assert current_vault() is bw_session


def test_a_lock_and_a_logout_hold_although_credentials_are_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in world.credentials.items():
        monkeypatch.setenv(name, value)
    with entered(world):
        bw_session.lock()
        with pytest.raises(VaultLocked):
            resolve(PASSWORD)
        bw_session.logout()
        with pytest.raises(NotLoggedIn):
            resolve(PASSWORD)


def test_a_notebook_that_did_not_log_in_is_not_logged_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in world.credentials.items():
        monkeypatch.setenv(name, value)

    class Presenter:
        def reveal(self, value: str) -> None: ...

        def browse(self, vault: Vault) -> None: ...

        def hide(self) -> None: ...

    monkeypatch.setattr(bw_session, "presenter", Presenter())
    with pytest.raises(NotLoggedIn):
        resolve(PASSWORD)


def test_the_authority_may_name_a_further_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = world.credentials
    values["BW_CA_FILE"] += " https://files.example.org"
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert resolve(PASSWORD) == world.password
    forget()


def test_credentials_may_be_in_a_dotenv_file_that_only_the_owner_writes(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    lines = [f"{name}='{value}'" for name, value in world.credentials.items()]
    file.write_text("\n".join(lines))
    file.chmod(0o666)
    assert can_open()
    with pytest.raises(UnsafeFile):
        resolve(PASSWORD)

    file.chmod(0o600)
    found = resolve(PASSWORD)
    forget()

    assert found == world.password


def test_what_is_missing_is_named() -> None:
    assert not can_open()
    with pytest.raises(CredentialsMissing, match="BW_CLIENTID and BW_CLIENTSECRET are not set"):
        current_vault()


FORK = """\
import os, sys
from bw_magics.integrations.source import resolve

def read():
    return resolve(sys.argv[1])

first = read()
child = os.fork()
if child == 0:
    os._exit(0 if read() == first else 1)
status = os.waitpid(child, 0)[1]
print("child", os.waitstatus_to_exitcode(status), "parent", read() == first)
"""


@pytest.mark.libraries
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork on this system")
@pytest.mark.parametrize("reference", [PASSWORD, "bws://Reporting/WAREHOUSE"])
def test_a_forked_process_opens_its_source_again(world: World, reference: str) -> None:
    world.server.requests.clear()
    given = world.credentials | world.machine_credentials

    done = world.python("-W", "ignore", "-c", FORK, reference, credentials=given)

    logins = [path for _, path in world.server.requests if path.endswith("/connect/token")]
    assert done.stdout == "child 0 parent True\n"
    assert len(logins) == 2


LOADED = """\
import sys, IPython
shell = IPython.InteractiveShell.instance()
shell.run_line_magic("load_ext", "bw_magics")
names = {"keyring", "pydantic_settings", "omegaconf", "fsspec", "dlt", "polars", "airflow"}
print(sorted(name for name in sys.modules
             if name in names or name.startswith("bw_magics.integrations")))
"""


@pytest.mark.libraries
def test_loading_the_extension_imports_none_of_it(world: World) -> None:
    done = world.python("-c", LOADED, variables={"IPYTHONDIR": str(world.folder / "ipython")})
    assert done.stdout.strip() == "[]"
