"""The examples of docs/secrets-manager.md run; what stands for the reader's own is replaced."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bw_magics import SecretsManager
from bw_magics.demo import DemoServer
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import NotFound, NotWritable
from bw_magics.vault.references import parse_reference
from tests.session.machine.conftest import Login

PAGE = (Path(__file__).parents[3] / "docs" / "secrets-manager.md").read_text(encoding="utf-8")
PROGRAM, CHANGES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_program_runs(server: DemoServer, machines: MachineTokens) -> None:
    names: dict[str, Any] = {"server": server, "token": machines.store.accounts[0].access_token}
    own = 'access_token=…, server="eu"'
    assert own in PROGRAM
    exec(
        PROGRAM.replace(
            own,
            "access_token=token, server=server.url, "
            "certificate_authority=server.certificate_authority",
        ),
        names,
    )

    assert names["api_key"] == "demo-machine-api-key-reporting-4"
    assert not names["secrets_manager"].status.is_logged_in


def test_the_changes_run(login: Login) -> None:
    manager: SecretsManager = login()
    names: dict[str, Any] = {"secrets_manager": manager, "value": "first", "other": "second"}
    lines = CHANGES.splitlines(keepends=True)
    moving = next(line for line in lines if 'project="Data platform"' in line and "edit" in line)
    exec("".join(lines[: lines.index(moving)]), names)
    assert manager.get("NEW_TOKEN") == "second"
    with pytest.raises(NotWritable):  # this account may only read the other project
        exec(moving, names)
    exec("".join(lines[lines.index(moving) + 1 :]), names)

    with pytest.raises(NotFound):
        manager.get("NEW_TOKEN")
    assert names["project"].name == "Experiments"


def test_every_reference_of_the_page_resolves(login: Login) -> None:
    found = set(re.findall(r"bws://[A-Za-z]+/[A-Z_]+", PAGE)) - {"bws://PROJECT/KEY"}
    own = {"bws://Reporting/DOTENV"}  # which only a reader has
    manager = login()

    assert len(found - own) >= 2
    assert all(manager.resolve(parse_reference(each)) for each in found - own)
