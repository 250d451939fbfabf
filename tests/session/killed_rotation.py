"""Rotations of a database role by a kernel that dies at one of its steps.

The program ends itself with SIGKILL before or after a step. Then another session looks at what can
be read, the database says what it takes, and the rotation is run again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pymysql

from bw_magics.demo import DemoServer
from bw_magics.errors import BitwardenError
from bw_magics.vault.changes import hidden
from tests import mariadb, postgres
from tests.later import psycopg
from tests.session.conftest import Session

ITEM = "Rotated"
ROLE = 'ana"lyst'
# Every character that a careless statement would stumble over.
OLD = "made-up-old'\"\\%s:@/$1;--"


class Database:
    """A database with the role of the item; `accepts` tells whether a password logs in."""

    def __init__(self, uri: str, accepts: Callable[[str], bool], reset: Callable[[], None]) -> None:
        self.uri, self.accepts, self.reset = uri, accepts, reset


def at_postgres(running_postgres: postgres.Postgres) -> Database:
    """A role of that name at PostgreSQL, with the old password."""

    def reset() -> None:
        quoted = psycopg.sql.Identifier(ROLE)
        running_postgres.execute(psycopg.sql.SQL("drop role if exists {}").format(quoted))
        running_postgres.add_role(ROLE, OLD)

    def accepts(password: str) -> bool:
        try:
            psycopg.connect(
                host="127.0.0.1", port=running_postgres.port, user=ROLE, password=password,
                dbname="postgres",
            ).close()  # fmt: skip
        except psycopg.OperationalError:
            return False
        return True

    reset()
    uri = f"postgresql://127.0.0.1:{running_postgres.port}/postgres"
    return Database(uri, accepts, reset)


def at_mariadb(running_mariadb: mariadb.MariaDb) -> Database:
    """A user of that name at MariaDB, with the old password."""

    def reset() -> None:
        for host in ("127.0.0.1", "localhost"):
            running_mariadb.execute(("DROP USER IF EXISTS %s@%s", (ROLE, host)))
        running_mariadb.add_user(ROLE, OLD)

    def accepts(password: str) -> bool:
        try:
            pymysql.connect(
                host="127.0.0.1", port=running_mariadb.port, user=ROLE, password=password
            ).close()
        except pymysql.err.OperationalError:
            return False
        return True

    reset()
    return Database(f"mysql://127.0.0.1:{running_mariadb.port}", accepts, reset)


PROGRAM = """
import json, os, signal, sys
from bw_magics import Vault
from bw_magics.adapters import roles
from bw_magics.client.transport import Transport
from bw_magics.session.writing import items

# The test changed the item just now, and clocks differ: a rest would read it once more.
items._TOLD_APART = -60.0

given = json.load(sys.stdin)
vault = Vault(sync_interval=0)
vault.login(client_id=given["id"], client_secret=given["secret"], server=given["url"],
            certificate_authority=given["authority"])
vault.unlock(password=given["password"])
item = vault["Rotated"]
steps = 0

def counted(function):
    def run(*args, **kwargs):
        global steps
        step(steps, "before")
        result = function(*args, **kwargs)
        step(steps, "after")
        steps += 1
        return result
    return run

def step(number, when):
    if [number, when] == given["at"]:
        os.kill(os.getpid(), signal.SIGKILL)

Transport.send = counted(Transport.send)
roles._change_postgresql = counted(roles._change_postgresql)
roles._change_mysql = counted(roles._change_mysql)
item.rotate_database()
print(steps)
"""

# Read, store the new value, change the role, read, put it in the place of the old one.
STEPS = 5


def rotated_until(session: Session, at: tuple[int, str] | None) -> subprocess.CompletedProcess[str]:
    """Runs the program until a step and `before` or `after` it; None runs it to its end."""
    account = session.account
    given = {
        "id": account.client_id,
        "secret": account.client_secret,
        "url": session.server.url,
        "authority": session.server.certificate_authority.decode(),
        "password": account.master_password,
        "at": at,
    }
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        check=False,
    )


_STEPS = ("read", "store the new value", "change the database", "read", "take the new value over")


def rotated_session(server: DemoServer) -> Session:
    """A session whose vault has the item of the role."""
    session = Session(server, server.accounts[0]).enter()
    session.vault.create(
        "login",
        name=ITEM,
        username=ROLE,
        password="made-up-old",
        fields={"token": hidden("made-up-token"), "stage": "x"},
    )
    return session


def killed_rotations(session: Session, database: Database) -> list[list[str]]:
    """A row for each step, killed before and after it: what is readable, which of it the database
    takes, and what the same call says afterwards.
    """
    rows = []
    for number in range(STEPS):
        for when in ("before", "after"):
            database.reset()
            _seen(session).edit(password=OLD, uris=[database.uri])
            ended = rotated_until(session, (number, when))
            assert ended.returncode == -9, ended.stderr
            item = _seen(session)
            past = [each.password for each in item.password_history]
            if item.rotation is not None:
                readable = {"old": item.password, "new": item.rotation.new}
            elif item.password == OLD:
                readable = {"old": OLD}
            else:
                readable = {"old, in the history": past[0], "new": item.password}
            working = [name for name, value in readable.items() if database.accepts(value)]
            assert working, f"nothing readable works after {when} step {number}"
            assert OLD in (item.password, *past)
            step = f"{when} {number + 1}: {_STEPS[number]}"
            rows.append([step, ", ".join(readable), ", ".join(working), _again(item, database)])
    return rows


def _again(item: Any, database: Database) -> str:
    try:
        again = item.rotate_database()
    except BitwardenError as error:
        return str(error)
    assert again.rotation is None
    assert database.accepts(again.password)
    return "nothing: it was done"


def _seen(session: Session) -> Any:
    return Session(session.server, session.account).enter().vault[ITEM]
