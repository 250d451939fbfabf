"""A vault whose every secret is a marker, at a server of its own, and the search for them."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bw_magics import Vault, bw_session
from bw_magics.crypto import Pbkdf2
from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.demo.items.machine_secrets import PLATFORM, PlainSecret
from bw_magics.demo.items.plain import Folder, Item, PlainVault, hidden, login, stable_id, text
from bw_magics.session import process_vault
from tests.demo_vault import enter

ROOT = Path(__file__).parents[2]
WORK = Folder(stable_id("folder", "Work"), "Work")
OTHER = Folder(stable_id("folder", "Other"), "Other")


_made: list[str] = []


def marker(kind: str) -> str:
    """Makes a value that is found again wherever it is written."""
    _made.append(f"leak-{kind}-{secrets.token_hex(9)}-end")
    return _made[-1]


class World:
    """A server, its account, and the environment of a program that opens the vault by itself."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.password, self.key, self.token = marker("password"), marker("key"), marker("token")
        self.account = DemoAccount(
            name="Ada Demo",
            email="ada@demo.example",
            client_secret=marker("client"),
            master_password=marker("master"),
            kdf=Pbkdf2(5000),
            contents=PlainVault(items=self._items(), folders=[WORK, OTHER]),
        )
        self.machine_value = marker("machine")
        self.server = DemoServer(accounts=[self.account], machine_secrets=self._machine_secrets())
        assert self.server.machines is not None
        self.machines = self.server.machines
        _made.extend(each.client_secret for each in self.machines.store.accounts)

    def _machine_secrets(self) -> list[PlainSecret]:
        return [
            PlainSecret("WAREHOUSE", self.machine_value),
            PlainSecret("TWIN", marker("twin")),
            PlainSecret("TWIN", marker("twin"), PLATFORM),
            PlainSecret("DAMAGED", marker("damaged"), defect=True),
        ]

    def _items(self) -> list[Item]:
        return [
            login(
                "Warehouse DB",
                "analyst",
                self.password,
                ("postgresql://warehouse.demo.example:5432/analytics",),
                folderId=WORK.id,
                fields=[text("host", "warehouse.demo.example"), hidden("token", self.token)],
            ),
            login("Lake", "AKIADEMO", self.key, ("https://s3.demo.example",)),
            login("Twin", "ada", marker("twin"), label="one", folderId=WORK.id),
            login("Twin", "ada", marker("twin"), label="two", folderId=OTHER.id),
            login("No password", "ada", None, notes=marker("notes")),
        ]

    def add(self, *items: Item) -> None:
        """Adds items as another client would."""
        for item in items:
            self.server.add_item(self.account, item)

    @property
    def credentials(self) -> dict[str, str]:
        """The variables that open the vault."""
        return {
            "BW_CLIENTID": self.account.client_id,
            "BW_CLIENTSECRET": self.account.client_secret,
            "BW_PASSWORD": self.account.master_password,
            **self._place,
        }

    @property
    def machine_credentials(self) -> dict[str, str]:
        """The variables that open the Secrets Manager, and no vault."""
        return {"BWS_ACCESS_TOKEN": self.machines.store.accounts[0].access_token, **self._place}

    @property
    def _place(self) -> dict[str, str]:
        authority = self.folder / "authority.pem"
        authority.write_bytes(self.server.certificate_authority)
        return {"BW_SERVER": self.server.url, "BW_CA_FILE": str(authority)}

    def found_in(self, *texts: str | bytes, folders: Iterable[Path] = ()) -> list[str]:
        """Where markers are: the texts by number, and the files below the folders."""
        parts = [part.encode() if isinstance(part, str) else part for part in texts]
        places = {f"text {number}": part for number, part in enumerate(parts)}
        for folder in folders:
            places |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        return [
            f"{value[:12]}… in {place}"
            for place, data in places.items()
            for value in _made
            if value.encode() in data
        ]

    def run(
        self,
        *command: str,
        variables: Mapping[str, str] | None = None,
        check: bool = True,
        credentials: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program in a folder of its own, with credentials in its environment: those of the
        vault where none are given.
        """
        base = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BW_", "BWS_", "PIP_", "TWINE_"))
        }
        base |= {"PYTHONPATH": str(ROOT), "HOME": str(self.folder)} | dict(
            self.credentials if credentials is None else credentials
        )
        done = subprocess.run(
            command,
            env=base | dict(variables or {}),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def python(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Runs Python with these arguments, as `run` runs it."""
        return self.run(sys.executable, *arguments, **options)


@contextmanager
def entered(world: World) -> Iterator[Vault]:
    """`bw_session`, unlocked; afterwards it is as if nobody had logged in."""
    try:
        yield enter(bw_session, world.server)
    finally:
        forget()


def forget() -> None:
    """Makes this process one that has never opened a vault."""
    from bw_magics.session.state import State

    bw_session.logout()
    bw_session._current.state = State()
    bw_session.secrets_manager = None
    process_vault.forget()
