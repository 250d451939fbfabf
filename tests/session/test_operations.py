"""What a session asks of the network and of the machine, counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bw_magics.demo import DemoServer
from bw_magics.vault.selection import Selection
from tests.session.conftest import REVISION, SYNC, TOKEN, WAREHOUSE, Begin, Session

ROOT = Path(__file__).parents[2]


def asked(session: Session) -> list[str]:
    """The paths of the requests since the last time."""
    session.settle()
    paths = [path for _, path in session.server.requests]
    session.server.requests.clear()
    return paths


def decrypted(session: Session) -> int:
    """How many names were decrypted for the vault as it is now."""
    contents = session.vault._current.state.contents
    assert contents is not None
    return contents.decrypted_names


@pytest.mark.parametrize("items", [0, 50])
def test_every_request_is_counted(begin: Begin, items: int) -> None:
    with DemoServer(iterations=5_000, items=items) as server:
        session = begin(server).enter()
        assert asked(session) == [TOKEN, REVISION, SYNC]

        assert session.password == WAREHOUSE
        session.vault.get("username", "Warehouse DB")
        session.vault.items(Selection(search="warehouse"))
        assert asked(session) == []

        assert session.vault.sync() is False
        assert asked(session) == [REVISION]


def test_a_kept_vault_is_not_downloaded_again(
    server: DemoServer, begin: Begin, tmp_path: Path
) -> None:
    begin(server, cache=tmp_path).enter()
    server.requests.clear()

    session = begin(server, cache=tmp_path).enter()

    assert session.password == WAREHOUSE
    assert asked(session) == [TOKEN, REVISION]


def test_after_one_change_one_name_is_decrypted(begin: Begin) -> None:
    with DemoServer(iterations=5_000, items=100) as server:
        session = begin(server).enter()
        contents = session.vault._current.state.contents
        assert contents is not None
        assert decrypted(session) == len(contents.snapshot.records) > 100
        session.rename("Warehouse DB", "Renamed")
        asked(session)

        assert session.vault.sync() is True

        assert asked(session) == [REVISION, SYNC]
        assert decrypted(session) == 1


READS = """
import json, os, sys
from bw_magics import Vault
from bw_magics.vault.selection import Selection

vault = Vault(sync_interval=0)
vault.login(
    client_id=os.environ["BW_CLIENTID"],
    client_secret=os.environ["BW_CLIENTSECRET"],
    server=os.environ["BW_SERVER"],
)
vault.unlock(password=os.environ["BW_PASSWORD"])

def read():
    assert vault["Warehouse DB"].password
    assert vault.get("password", "Warehouse DB")
    assert vault.resolve("bw://Warehouse DB/username")
    assert vault.items(Selection(search="warehouse"))

read()  # imports
events = []
sys.addaudithook(lambda event, arguments: events.append(event))
for _ in range(50):
    read()
found = sorted(set(events))
open(os.devnull).close()
print(json.dumps([found, "open" in events]))
"""


def test_reading_touches_no_file_no_socket_and_no_lock_of_others(
    server: DemoServer, tmp_path: Path
) -> None:
    account = server.accounts[0]
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate_authority)
    told = subprocess.run(
        [sys.executable, "-c", READS],
        env={
            **os.environ,
            "BW_CLIENTID": account.client_id,
            "BW_CLIENTSECRET": account.client_secret,
            "BW_PASSWORD": account.master_password,
            "BW_SERVER": server.url,
            "PYTHONPATH": str(ROOT),
            "SSL_CERT_FILE": str(authority),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    ).stdout
    events, sees_files = json.loads(told)

    touching = [
        event
        for event in events
        if event == "open" or event.startswith(("os.", "fcntl.", "socket.", "msvcrt.", "shutil."))
    ]
    assert touching == []
    assert sees_files, "the hook works"
