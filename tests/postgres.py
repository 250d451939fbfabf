"""A PostgreSQL server of the tests' own: its programs, an unprivileged user, an empty folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.database_server import folder_of, free_port, wait_until_ended, wait_until_ready
from tests.later import psycopg
from tests.later import psycopg_sql as sql

if TYPE_CHECKING:
    from psycopg.sql import SQL, Composed

_SUPERUSER = "postgres"
_START = 120.0


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server on 127.0.0.1; roles log in with a password (SCRAM-SHA-256)."""

    port: int
    password: str

    def execute(self, *statements: SQL | Composed) -> None:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=_SUPERUSER,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def add_role(self, name: str, password: str) -> None:
        self.execute(
            sql.SQL("create role {} login password {}").format(
                sql.Identifier(name), sql.Literal(password)
            )
        )

    def add_database(self, name: str) -> None:
        self.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def programs() -> Path | None:
    """Where `initdb` and `postgres` are; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    where = shutil.which("postgres")
    if where is not None:
        found.append(Path(where).resolve())
    return next((path.parent for path in found if (path.parent / "initdb").exists()), None)


@contextmanager
def running(programs: Path) -> Iterator[Postgres]:
    """Starts a server and stops it; as root under the user `postgres`, which it insists on."""
    user = _SUPERUSER if os.getuid() == 0 else None
    password = "superuser-of-the-tests"
    with folder_of(user, "pg-") as folder:
        (folder / "password").write_text(password)
        if user is not None:
            shutil.chown(folder / "password", user)
        data = folder / "data"
        subprocess.run(
            [
                programs / "initdb",
                f"--pgdata={data}",
                f"--username={_SUPERUSER}",
                f"--pwfile={folder / 'password'}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            user=user,
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=_START,
        )
        port = free_port()
        server = subprocess.Popen(
            [
                programs / "postgres",
                "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F",
            ],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            postgres = Postgres(port, password)
            wait_until_ready(
                server, postgres.execute, psycopg.OperationalError, name="PostgreSQL", limit=_START
            )
            yield postgres
        finally:
            server.send_signal(signal.SIGINT)  # fast: does not wait for open connections
            wait_until_ended(server)
