"""What is imported when: before the login and the key derivation, nothing that can wait.

While the key is derived, the sync brings in what reads a vault.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bw_magics.demo import DemoServer

ROOT = Path(__file__).parents[2]

REPORT = """
import json, sys
{}
print(json.dumps(sorted(sys.modules)))
"""

LOGIN = """
import bw_magics.session.vault, bw_magics.session.sync
import bw_magics.session.accounts.api_key_account
"""
DERIVATION = f"""
{LOGIN}
import bw_magics.session.unlocking
from bw_magics.crypto.kdf import Pbkdf2
from unittest import mock
import cryptography.hazmat.primitives.kdf.pbkdf2 as pbkdf2, hashlib
pbkdf2.PBKDF2HMAC = hashlib.pbkdf2_hmac = mock.Mock(side_effect=KeyboardInterrupt)
try:
    Pbkdf2(600_000).derive(password="", salt="")
except KeyboardInterrupt:
    pass
"""


def modules(code: str, home: Path) -> set[str]:
    """All that are imported in a fresh interpreter after that code."""
    finished = subprocess.run(
        [sys.executable, "-c", REPORT.format(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return set(json.loads(finished.stdout.splitlines()[-1]))


@pytest.mark.parametrize("code", [LOGIN, DERIVATION], ids=["login", "derivation"])
def test_keys_and_the_vault_are_not_imported_before(code: str, tmp_path: Path) -> None:
    found = modules(code, tmp_path)

    later = {
        "bw_magics.crypto.keys",
        "bw_magics.crypto.rsa",
        "bw_magics.vault.contents",
        "bw_magics.vault.item",
        "bw_magics.vault.snapshot",
        "cryptography.hazmat.primitives.ciphers",
        "cryptography.hazmat.primitives.serialization",
        "msgspec",
    }
    assert "bw_magics.crypto.unlock" in found
    assert found & later == set()


KEPT = """
from pathlib import Path
import bw_magics.session.sync
from bw_magics import Vault
bw_magics.session.sync._ASK_AFTER = 1_000  # the request may come later than a slow machine's secret
vault = Vault(cache={cache})
vault.login(client_id={id!r}, client_secret={secret!r}, server={url!r},
            certificate_authority={authority!r})
vault.unlock(password={password!r})
assert vault["Warehouse DB"].password
"""


def test_the_first_secret_of_a_kept_vault_needs_no_network_rsa_or_writing(
    server: DemoServer, tmp_path: Path
) -> None:
    account = server.accounts[0]
    values = {
        "id": account.client_id,
        "secret": account.client_secret,
        "url": server.url,
        "authority": server.certificate_authority,
        "password": account.master_password,
    }
    kept, first = (
        modules(KEPT.format(cache=cache, **values), tmp_path) for cache in ("True", "'first'")
    )

    later = {
        "bw_magics.client.api_key_api",
        "bw_magics.client.download",
        "bw_magics.client.failure",
        "bw_magics.client.known_reason",
        "bw_magics.client.proxies",
        "bw_magics.client.request_log",
        "bw_magics.client.wire",
        "bw_magics.crypto.rsa",
        "bw_magics.session.accounts.key_connector",
        "bw_magics.session.accounts.server_rule",
        "bw_magics.session.dotenv_lines",
        "bw_magics.session.journal.entry",
        "bw_magics.session.storage.private_files",
        "bw_magics.session.writing.items",
        "bw_magics.vault.attachment",
        "bw_magics.vault.changes",
        "bw_magics.vault.custom_fields",
        "bw_magics.vault.draft",
        "bw_magics.vault.machine_reference",
        "bw_magics.vault.mentions",
        "bw_magics.vault.past_password",
        "bw_magics.vault.places",
        "bw_magics.vault.selection",
        "bw_magics.vault.ssh_key",
        "bw_magics.vault.totp",
        "bw_magics.vault.uri_match",
        "concurrent.futures",
        "cryptography.hazmat.primitives.serialization",
        "difflib",
        "httpx",
        "logging",
        "multiprocessing",
        "platformdirs",
        "tempfile",
    }
    assert {"bw_magics.client.wire", "bw_magics.crypto.rsa", "httpx"} <= kept
    assert first & later == set()


def test_a_new_vault_needs_no_module_for_dates_or_encodings(tmp_path: Path) -> None:
    found = modules("from bw_magics import Vault\nassert len(Vault().journal) == 0", tmp_path)

    assert "bw_magics.session.journal.digest" in found
    assert found & {"base64", "bw_magics.session.journal.entry", "datetime", "socket"} == set()


def test_a_login_needs_no_cryptography_package(tmp_path: Path) -> None:
    found = modules(LOGIN, tmp_path)

    assert {name for name in found if name.partition(".")[0] in ("cryptography", "cffi")} == set()
