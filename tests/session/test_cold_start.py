"""Twenty processes that start at once behind one address, and so behind one limit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bw_magics.demo import DemoServer

PROGRAM = """
import os
from bw_magics import Vault
from bw_magics.session.accounts.patience import patiently

vault = Vault()
patiently(
    lambda: vault.login(
        client_id=os.environ["BW_CLIENTID"],
        client_secret=os.environ["BW_CLIENTSECRET"],
        server=os.environ["BW_SERVER"],
    ),
    limit=120,
    on_wait=None,
)
vault.unlock(password=os.environ["BW_PASSWORD"])
print(vault.status.state, len(vault["Warehouse DB"].password))
vault.logout()
"""
KERNELS = 20


def test_twenty_processes_that_start_at_once_all_read_their_secret(tmp_path: Path) -> None:
    with DemoServer(iterations=5000, logins=(5, 2.5)) as server:
        account = server.accounts[0]
        authority = tmp_path / "authority.pem"
        authority.write_bytes(server.certificate_authority)
        environment = {
            **os.environ,
            "BW_CLIENTID": account.client_id,
            "BW_CLIENTSECRET": account.client_secret,
            "BW_PASSWORD": account.master_password,
            "BW_SERVER": server.url,
            "SSL_CERT_FILE": str(authority),
        }
        started = [
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(KERNELS)
        ]
        said = [process.communicate(timeout=240)[0].strip() for process in started]
        asked = sum(1 for _, path in server.requests if path == "/identity/connect/token")
    assert said == ["unlocked 25"] * KERNELS
    assert asked > KERNELS, "the limit was met"
