"""`--profile`: which session a line is about."""

from __future__ import annotations

from pathlib import Path

import bw_magics
from bw_magics.demo import DemoServer
from bw_magics.errors import UsageMistake, VaultLocked
from tests.notebook.conftest import Notebook, variables


def as_file(server: DemoServer, path: Path) -> Path:
    values = variables(server, server.accounts[1])
    path.write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))
    path.chmod(0o600)
    return path


def test_a_second_account_beside_the_first(
    unlocked: Notebook, known: DemoServer, tmp_path: Path
) -> None:
    file = as_file(known, tmp_path / "grace.env")
    came = unlocked(f"%bw_login --profile grace --dotenv '{file}'")
    assert came.lines[-1].endswith("next: %bw_unlock --profile grace")
    assert "profile grace: locked" in unlocked("%bw_status").lines
    assert isinstance(unlocked.refusal("%bw_list items --profile grace"), VaultLocked)
    unlocked(f"%bw_unlock --profile grace --dotenv '{file}'")
    graces = {item.name for item in unlocked("%bw_list items --profile grace").value}
    own = {item.name for item in unlocked("%bw_list items").value}
    assert graces
    assert graces != own
    work = bw_magics.bw_session.profile("grace")
    name = next(item.name for item in work.items() if item.type == "login")
    came = unlocked(f"%bw_get password '{name}' --profile grace")
    assert came.value == work[name].password
    assert repr(work) == "<Vault grace: unlocked>"
    assert "  another session is still unlocked: %bw_lock --profile grace" in (
        unlocked("%bw_lock").lines
    )
    unlocked("%bw_lock --profile grace")
    assert repr(work) == "<Vault grace: locked>"
    unlocked("%bw_logout --profile grace")
    assert work.status.state == "unauthenticated"
    assert bw_magics.bw_session.status.state == "locked"


def test_unloading_logs_every_profile_out(
    unlocked: Notebook, known: DemoServer, tmp_path: Path
) -> None:
    file = as_file(known, tmp_path / "grace.env")
    unlocked(f"%bw_unlock --profile grace --dotenv '{file}'")
    work = bw_magics.bw_session.profile("grace")
    assert repr(work) == "<Vault grace: unlocked>"
    bw_magics.unload_ipython_extension(unlocked.shell)
    assert work.status.state == "unauthenticated"
    assert work._idle.held == 0


def test_a_name_that_is_none_is_not_repeated(unlocked: Notebook) -> None:
    error = unlocked.refusal("%bw_status --profile 'no name'")
    assert isinstance(error, UsageMistake)
    assert "profile-name" not in str(error).replace("That is not a valid profile name.", "")
