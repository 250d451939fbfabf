"""A secret is rotated in steps; a kernel that dies at any of them leaves both values readable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import (
    DatabaseRefused,
    FieldNotFound,
    NotOffered,
    RotationOpen,
    WriteConflict,
)
from tests import mariadb, postgres
from tests.session.conftest import Session
from tests.session.killed_rotation import (
    ITEM,
    OLD,
    STEPS,
    Database,
    at_mariadb,
    at_postgres,
    killed_rotations,
    rotated_session,
    rotated_until,
)

# PyMySQL leaves the socket of a refused login to the collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(iterations=5000) as server:
        yield server


@pytest.fixture
def session(server: DemoServer) -> Session:
    return rotated_session(server)


def seen(session: Session) -> Any:
    """The item as a second session of the account downloads it."""
    other = Session(session.server, session.account).enter()
    return other.vault[ITEM]


def test_both_values_are_stored_while_the_block_runs(session: Session) -> None:
    with session.vault[ITEM].rotating() as new:
        during = seen(session)
        assert during.password == "made-up-old"
        assert during.rotation.new == new
        assert during.rotation.old == "made-up-old"
        assert new in {str(secret) for secret in session.announced}
        assert repr(new).startswith("••••")
    after = seen(session)
    assert after.password == new
    assert after.rotation is None
    assert [past.password for past in after.password_history] == ["made-up-old"]
    assert [field.name for field in after.fields] == ["token", "stage"]


def test_a_hidden_field_is_rotated_too(session: Session) -> None:
    with session.vault[ITEM].rotating("token", value="made-up-token-2") as new:
        assert new == "made-up-token-2"
    after = seen(session)
    assert (after.field("token"), after.password) == ("made-up-token-2", "made-up-old")
    assert [past.password for past in after.password_history] == ["token: made-up-token"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_in_the_block_leaves_both_and_tells_it(
    session: Session, error: type[BaseException]
) -> None:
    with pytest.raises(error) as caught, session.vault[ITEM].rotating():
        raise error
    assert "both stored" in caught.value.__notes__[0]
    item = seen(session)
    with pytest.raises(RotationOpen, match="did not end") as opened, item.rotating():
        pytest.fail("the block of a second rotation runs")
    assert "finish()" in opened.value.remedy
    assert "made-up" not in str(opened.value)


@pytest.mark.parametrize("way", ["finish", "undo"])
def test_what_did_not_end_is_finished_or_undone(session: Session, way: str) -> None:
    with pytest.raises(ZeroDivisionError), session.vault[ITEM].rotating():
        raise ZeroDivisionError
    [rotation] = Session(session.server, session.account).enter().vault.rotations()
    new = str(rotation.new)
    item = getattr(rotation, way)()
    assert item.rotation is None
    kept = [past.password for past in item.password_history]
    if way == "finish":
        assert (item.password, kept) == (new, ["made-up-old"])
    else:
        assert (item.password, kept) == ("made-up-old", [f"rotating password: {new}"])


def test_two_rotations_at_once_do_not_mix(session: Session) -> None:
    other = Session(session.server, session.account).enter()
    mine, theirs = session.vault[ITEM], other.vault[ITEM]
    with mine.rotating() as new, pytest.raises(WriteConflict), theirs.rotating():
        pytest.fail("the second block runs")
    assert seen(session).password == new


def test_only_a_hidden_field_with_a_value_is_rotated(session: Session) -> None:
    for member in ("nothing", "stage", "username"):
        with (
            pytest.raises(FieldNotFound, match="no hidden field"),
            session.vault[ITEM].rotating(member),
        ):
            pytest.fail("the block runs")
    assert seen(session).rotation is None


# Databases.


@pytest.fixture(scope="module")
def running_postgres() -> Iterator[postgres.Postgres]:
    where = postgres.programs()
    if where is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.running(where) as database:
        yield database


@pytest.fixture(scope="module")
def running_mariadb() -> Iterator[mariadb.MariaDb]:
    if mariadb.program("mariadbd") is None:
        pytest.skip("MariaDB is not installed")
    with mariadb.running() as database:
        yield database


@pytest.fixture
def on_postgres(running_postgres: postgres.Postgres) -> Database:
    return at_postgres(running_postgres)


@pytest.fixture
def on_mariadb(running_mariadb: mariadb.MariaDb) -> Database:
    return at_mariadb(running_mariadb)


@pytest.fixture(
    params=[
        pytest.param("on_postgres", marks=pytest.mark.postgres),
        pytest.param("on_mariadb", marks=pytest.mark.mariadb),
    ]
)
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


def test_a_role_gets_the_new_password(session: Session, database: Database) -> None:
    session.vault[ITEM].edit(password=OLD, uris=[database.uri])
    item = session.vault[ITEM].rotate_database()
    new = str(item.password)
    assert new != OLD
    assert database.accepts(new)
    assert not database.accepts(OLD)
    assert seen(session).password == new
    assert seen(session).password_history[0].password == OLD
    assert database.accepts(str(item.rotate_database().password))


def test_a_failed_change_goes_on_with_the_same_new_password(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bw_magics.adapters import roles

    session.vault[ITEM].edit(password=OLD, uris=[database.uri])
    with monkeypatch.context() as patch:
        patch.setattr(roles, "_change_postgresql", lambda *_: 1 / 0)
        patch.setattr(roles, "_change_mysql", lambda *_, **__: 1 / 0)
        with pytest.raises(DatabaseRefused, match=r"did not change .*ZeroDivisionError") as caught:
            session.vault[ITEM].rotate_database()
    assert "both stored" in caught.value.__notes__[0]
    stored = str(seen(session).rotation.new)
    assert database.accepts(OLD)
    assert session.vault[ITEM].rotate_database().password == stored
    assert database.accepts(stored)


def test_a_wrong_password_in_the_item_changes_nothing(session: Session, database: Database) -> None:
    session.vault[ITEM].edit(password="made-up-wrong", uris=[database.uri])
    with pytest.raises(DatabaseRefused, match="does not accept the password") as caught:
        session.vault[ITEM].rotate_database()
    assert "made-up-wrong" not in str(caught.value)
    assert seen(session).rotation is None
    assert database.accepts(OLD)


def test_a_database_that_is_away_is_told(session: Session) -> None:
    session.vault[ITEM].edit(password=OLD, uris=["postgresql://127.0.0.1:1/x"])
    with pytest.raises(DatabaseRefused, match="cannot be reached"):
        session.vault[ITEM].rotate_database()
    assert seen(session).rotation is None


def test_other_databases_are_left_to_the_person(session: Session) -> None:
    session.vault[ITEM].edit(password=OLD, uris=["sqlite:///x.db"])
    with pytest.raises((NotOffered, FieldNotFound)):
        session.vault[ITEM].rotate_database()


def test_a_kernel_killed_at_any_step_leaves_what_the_database_takes(
    session: Session, database: Database
) -> None:
    """The cell that is run again ends the rotation, whatever step the first one died at."""
    rows = killed_rotations(session, database)
    assert len(rows) == 2 * STEPS
    assert [(readable, taken) for _, readable, taken, _ in rows] == [
        *[("old", "old")] * 3,  # until the new value is stored
        *[("old, new", "old")] * 2,  # until the database has it
        *[("old, new", "new")] * 4,
        ("old, in the history, new", "new"),
    ]
    assert {row[3] for row in rows} == {"nothing: it was done"}
    ended = rotated_until(session, None)
    assert int(ended.stdout) == STEPS, "the program was killed at each of its steps"
