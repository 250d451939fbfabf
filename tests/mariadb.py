"""A MariaDB server of the tests' own: its programs, an unprivileged user, an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.database_server import folder_of, free_port, wait_until_ended, wait_until_ready

_USER = "mysql"
_START = 60.0


@dataclass(frozen=True, slots=True)
class MariaDb:
    """A running server on 127.0.0.1; its superuser logs in over the socket of the folder."""

    port: int
    socket: Path

    def execute(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Runs statements as the superuser."""
        import pymysql

        connection = pymysql.connect(
            unix_socket=str(self.socket), user="root", password="", autocommit=True
        )
        with connection, connection.cursor() as cursor:
            for statement, values in statements:
                cursor.execute(statement, values)

    def add_user(self, name: str, password: str) -> None:
        """Makes a user who logs in from this machine with a password."""
        self.execute(
            ("CREATE USER %s@'127.0.0.1' IDENTIFIED BY %s", (name, password)),
            ("CREATE USER %s@'localhost' IDENTIFIED BY %s", (name, password)),
        )


def program(name: str) -> str | None:
    """Where a program of MariaDB is; None where it is not installed."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")


@contextmanager
def running() -> Iterator[MariaDb]:
    """Starts a server and stops it; as root under the user `mysql`."""
    from pymysql.err import OperationalError

    user = _USER if os.getuid() == 0 else None
    with folder_of(user, "my-") as folder:
        data, own_socket = folder / "data", folder / "s"
        subprocess.run(
            [
                str(program("mariadb-install-db")), "--no-defaults", f"--datadir={data}",
                "--auth-root-authentication-method=normal", "--skip-test-db",
            ],
            user=user, cwd=folder, check=True, capture_output=True, timeout=_START,
        )  # fmt: skip
        port = free_port()
        server = subprocess.Popen(
            [
                str(program("mariadbd")), "--no-defaults", f"--datadir={data}",
                f"--socket={own_socket}", f"--port={port}", "--bind-address=127.0.0.1",
                "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
                f"--pid-file={folder / 'pid'}",
            ],
            user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            database = MariaDb(port, own_socket)
            wait_until_ready(
                server, database.execute, OperationalError, name="MariaDB", limit=_START
            )
            yield database
        finally:
            server.terminate()
            wait_until_ended(server)
