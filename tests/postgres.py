"""A PostgreSQL server of the tests' own: its programs, an unprivileged user, an empty folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

_SUPERUSER = "postgres"
_START = 120.0


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server on 127.0.0.1; roles log in with a password (SCRAM-SHA-256)."""

    port: int
    password: str

    def execute(self, *statements: sql.SQL | sql.Composed) -> None:
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
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    password = "superuser-of-the-tests"
    try:
        (folder / "password").write_text(password)
        if user is not None:
            for path in (folder, folder / "password"):
                shutil.chown(path, user)
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
        port = _free_port()
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
            _wait(postgres, server)
            yield postgres
        finally:
            server.send_signal(signal.SIGINT)  # fast: does not wait for open connections
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(postgres: Postgres, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START
    while True:
        try:
            postgres.execute()
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL ended at its start"
            assert time.monotonic() < deadline, "PostgreSQL did not start in time"
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
