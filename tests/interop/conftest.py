"""The official CLI as a witness: started for real, in a folder of its own.

It is looked for in `node_modules` beside this file (`npm ci --ignore-scripts` puts it there), then
at `BW_CLI`. Where it or Node 20 is missing, the tests here are skipped with that reason.

A call takes seconds, so sessions are shared: `bw_vault` is a server of each style and a CLI that
is logged in and unlocked there, for tests that only read.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.demo.server import Style

HERE = Path(__file__).parent

OLDEST_NODE = 20

# Nothing the CLI does takes longer than this many seconds.
LONGEST = 60


@dataclass(frozen=True)
class Result:
    """What a call of the CLI left: exit status and what it wrote."""

    status: int
    out: str
    error: str


class Run:
    """Calls the CLI in one data folder: `run("list", "items")` is the parsed answer.

    Answers that are JSON come parsed, others as text. A call that fails raises AssertionError;
    `attempt` returns the `Result` either way.
    """

    def __init__(self, command: tuple[str, ...], folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self._command = command

    def __call__(self, *words: str) -> Any:
        result = self.attempt(*words)
        assert result.status == 0, f"bw {words[0]} failed: {result.error}"
        return json.loads(result.out) if result.out[:1] in ("[", "{") else result.out

    def attempt(self, *words: str) -> Result:
        """One call, whatever comes of it."""
        ended = subprocess.run(
            [*self._command, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )
        return Result(ended.returncode, ended.stdout.removesuffix("\n"), ended.stderr)

    def login(self) -> None:
        """Logs in and unlocks."""
        self("login", "--apikey")
        session = self("unlock", "--passwordenv", "BW_PASSWORD", "--raw")
        self.environment["BW_SESSION"] = session


Served = tuple[DemoServer, Run]


@pytest.fixture(scope="session")
def bw_command(outside: Mapping[str, str]) -> tuple[str, ...]:
    """How to start the CLI."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed; the official CLI needs Node 20 or newer")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major[1]) < OLDEST_NODE:
        pytest.skip(f"Node is {version.strip()}; the official CLI needs Node 20 or newer")
    installed = HERE / "node_modules" / "@bitwarden" / "cli" / "build" / "bw.js"
    if installed.exists():
        return node, str(installed)
    if "BW_CLI" in outside:
        return node, str(Path(outside["BW_CLI"]).resolve())
    pytest.skip("the official CLI is not installed; run npm ci --ignore-scripts in tests/interop")


@pytest.fixture(scope="session")
def bw_folder_factory(
    bw_command: tuple[str, ...],
    outside: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[DemoServer, DemoAccount], Run]:
    """Makes data folders of the CLI, set to a server and with an account's credentials."""

    def make(server: DemoServer, account: DemoAccount) -> Run:
        folder = tmp_path_factory.mktemp("bw")
        authority = folder / "demo-ca.pem"
        authority.write_bytes(server.certificate_authority)
        run = Run(
            bw_command,
            folder,
            {
                "PATH": outside["PATH"],
                "HOME": str(folder),
                "BITWARDENCLI_APPDATA_DIR": str(folder),
                "BW_NOINTERACTION": "true",
                "NODE_EXTRA_CA_CERTS": str(authority),
                "BW_CLIENTID": account.client_id,
                "BW_CLIENTSECRET": account.client_secret,
                "BW_PASSWORD": account.master_password,
            },
        )
        run("config", "server", server.url)
        return run

    return make


@pytest.fixture(scope="session")
def bw_session_factory(
    bw_folder_factory: Callable[[DemoServer, DemoAccount], Run],
) -> Callable[..., Run]:
    """Makes CLIs that are logged in and unlocked; the account is the first if not given."""

    def make(server: DemoServer, account: DemoAccount | None = None) -> Run:
        run = bw_folder_factory(server, account or server.accounts[0])
        run.login()
        return run

    return make


@pytest.fixture(scope="session")
def bw_vault_of(bw_session_factory: Callable[..., Run]) -> Iterator[Callable[[Style], Served]]:
    """The server of a style and the CLI unlocked there, made when first asked for."""
    with ExitStack() as servers:
        vaults: dict[Style, Served] = {}

        def make(style: Style) -> Served:
            if style not in vaults:
                server = servers.enter_context(DemoServer(style=style, iterations=5000))
                vaults[style] = server, bw_session_factory(server)
            return vaults[style]

        yield make


@pytest.fixture(scope="session", params=["official", "vaultwarden"])
def bw_vault(request: pytest.FixtureRequest, bw_vault_of: Callable[[Style], Served]) -> Served:
    """A server of each style and the CLI unlocked there; not to be changed."""
    return bw_vault_of(request.param)


@pytest.fixture(scope="session")
def bw_official_vault(bw_vault_of: Callable[[Style], Served]) -> Served:
    """The official one only, for what the CLI does from its own copy of the vault."""
    return bw_vault_of("official")


@pytest.fixture(scope="session")
def bw_items(bw_vault: Served) -> dict[str, dict[str, Any]]:
    """What `bw list items` says about that vault, by id."""
    _, run = bw_vault
    return {item["id"]: item for item in run("list", "items")}


@pytest.fixture
def bw_on_path(
    bw_command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Run], str]:
    """Puts the CLI on the PATH as `bw`, in the data folder of a run; returns its session key."""

    def put(run: Run) -> str:
        program = tmp_path / "bw"
        program.write_text(f'#!/bin/sh\nexec {shlex.join(bw_command)} "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        for name, value in run.environment.items():
            if name not in ("BW_PASSWORD", "BW_CLIENTID", "BW_CLIENTSECRET", "BW_SESSION"):
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{run.environment['PATH']}")
        return run.environment["BW_SESSION"]

    return put


@pytest.fixture
def session(bw_official_vault: Served, bw_on_path: Callable[[Run], str]) -> str:
    """The session key of a CLI that is unlocked and on the PATH."""
    return bw_on_path(bw_official_vault[1])
