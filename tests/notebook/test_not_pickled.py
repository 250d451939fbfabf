"""Secrets, items and vaults are refused by everything that would write them somewhere."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import dill
import joblib
import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.secret import Secret, SecretBytes

MARKER = "never-in-a-file-4711"


@pytest.fixture(scope="module")
def vault() -> Any:
    with DemoServer(iterations=5000) as server:
        account = server.accounts[0]
        vault = Vault()
        vault.login(
            client_id=account.client_id,
            client_secret=account.client_secret,
            server=server.url,
            certificate_authority=server.certificate_authority,
        )
        vault.unlock(password=account.master_password)
        yield vault
        vault.logout()


HELD: dict[str, Callable[[Any], object]] = {
    "secret": lambda vault: Secret(MARKER, "X / password"),
    "secret bytes": lambda vault: SecretBytes(MARKER.encode(), "X / attachment"),
    "list of secrets": lambda vault: [Secret(MARKER)],
    "dictionary of secrets": lambda vault: {"password": Secret(MARKER)},
    "item": lambda vault: vault["Warehouse DB"],
    "items": lambda vault: vault.items(),
    "vault": lambda vault: vault,
}
WAYS: dict[str, Callable[[object, Path], object]] = {
    "pickle": lambda value, path: path.write_bytes(pickle.dumps(value)),
    "pickle, oldest protocol": lambda value, path: path.write_bytes(pickle.dumps(value, 0)),
    "cloudpickle": lambda value, path: path.write_bytes(cloudpickle.dumps(value)),
    "cloudpickle of a closure": lambda value, path: path.write_bytes(
        cloudpickle.dumps(lambda: value)
    ),
    "dill": lambda value, path: path.write_bytes(dill.dumps(value)),
    "joblib": lambda value, path: joblib.dump(value, path),
    "joblib compressed": lambda value, path: joblib.dump(value, path, compress=3),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("held", HELD)
def test_it_is_refused_with_what_to_do_instead(
    vault: Any, held: str, way: str, tmp_path: Path
) -> None:
    path = tmp_path / "written"

    with pytest.raises((TypeError, pickle.PicklingError), match="not pickled or stored") as refused:
        WAYS[way](HELD[held](vault), path)

    assert MARKER not in str(refused.value)
    assert not path.exists() or MARKER.encode() not in path.read_bytes()


def test_store_keeps_nothing(shell: Any, tmp_path: Path, capsys: Any) -> None:
    shell.user_ns["kept"] = Secret(MARKER, "X / password")
    result = shell.run_cell("%store kept")

    assert isinstance(result.error_in_exec, TypeError)
    assert "not pickled or stored" in str(result.error_in_exec)
    assert "autorestore/kept" not in shell.db
