"""The table of rotations by a kernel that is killed, at each database that is installed here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from bw_magics.demo import DemoServer
from tests import mariadb, postgres
from tests.session.killed_rotation import (
    Database,
    at_mariadb,
    at_postgres,
    killed_rotations,
    rotated_session,
)


def rotations() -> list[list[str]]:
    """A row each: the database, the step, what is readable, what the database takes, the same
    call again.
    """
    lines = []
    with ExitStack() as stack, DemoServer(iterations=5_000) as server:
        session = rotated_session(server)
        for name, database in _databases(stack):
            lines += [[name, *row] for row in killed_rotations(session, database)]
    return lines


def _databases(stack: ExitStack) -> Iterator[tuple[str, Database]]:
    where = postgres.programs()
    if where is not None:
        yield "PostgreSQL", at_postgres(stack.enter_context(postgres.running(where)))
    if mariadb.program("mariadbd") is not None:
        yield "MariaDB", at_mariadb(stack.enter_context(mariadb.running()))
