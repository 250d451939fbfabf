"""Secrets, items and vaults are refused by everything that would write them somewhere."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import dill
import pytest

from bw_magics.demo import DemoServer
from bw_magics.secret import Secret, SecretBytes
from tests.demo_vault import demo_vault
from tests.later import joblib

from .conftest import secrets_of, variables
from .kernel import Kernel, kernel

MARKER = "never-in-a-file-4711"


@pytest.fixture(scope="module")
def vault() -> Any:
    with demo_vault() as vault:
        yield vault


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


@pytest.fixture(scope="module")
def running(
    shared_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Kernel, Path]]:
    """A kernel with the vault unlocked, and its home."""
    home = tmp_path_factory.mktemp("home")
    authority = home / "authority.pem"
    authority.write_bytes(shared_server.certificate_authority)
    environment = {
        **os.environ,
        **variables(shared_server),
        "HOME": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "SSL_CERT_FILE": str(authority),
    }
    with kernel(environment) as started:
        came = started.run("%bw_login\n%bw_unlock")
        assert came.ok, came.whole
        yield started, home


STORED = {
    "a secret": "bw_session['Warehouse DB'].password",
    "an item": "bw_session['Warehouse DB']",
    "items": "list(bw_session.items())",
    "the vault": "bw_session",
    "a vault": "type(bw_session)()",
    "a client": "bw_session._current.state.account.api",
    "a connection": "bw_session._current.state.account._transport",
}


@pytest.mark.parametrize("what", STORED)
def test_store_keeps_nothing_and_says_why(
    running: tuple[Kernel, Path], shared_server: DemoServer, what: str
) -> None:
    kernel, home = running
    assert kernel.run(f"kept = {STORED[what]}").ok
    came = kernel.run("%store kept")

    assert came.ename == ("NotPickled" if what == "a secret" else "TypeError")
    assert "not pickled or stored: " in came.evalue
    assert "again where it is needed" in came.evalue
    # IPython has opened the file by then, and leaves it there without a value.
    assert "kept             -> '<unavailable>'" in kernel.run("%store").text
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert [each for each in secrets_of(shared_server) if each.encode() in written] == []


def test_store_keeps_the_rest(running: tuple[Kernel, Path]) -> None:
    """The control: the same magic, in the same kernel."""
    kernel, _ = running
    kernel.run("plain = [1, 2]")

    assert kernel.run("%store plain").ok
    assert "plain" in kernel.run("%store").text
    assert kernel.run("%store -d plain").ok
