"""`%bw_rotate` in a shell: a real PostgreSQL role, and the ways to end what did not end."""

from __future__ import annotations

import pytest

from bw_magics.errors import DatabaseRefused, NotOffered, UsageMistake
from bw_magics.session.default import bw_session
from tests.adapters.conftest import postgres as postgres
from tests.later import psycopg
from tests.later import psycopg_sql as sql
from tests.notebook.conftest import Notebook
from tests.postgres import Postgres

ITEM = "Rotated"
OLD = "made-up-old-7431"


def add_item(uri: str) -> None:
    bw_session.create("login", name=ITEM, username="loader", password=OLD, uris=[uri])


@pytest.mark.postgres
def test_a_role_and_its_item_get_a_new_password(writable: Notebook, postgres: Postgres) -> None:
    postgres.execute(sql.SQL("drop role if exists loader"))
    postgres.add_role("loader", OLD)
    add_item(f"postgresql://127.0.0.1:{postgres.port}/postgres")
    came = writable(f"%bw_rotate password {ITEM}")
    assert came.lines == [f"✓ rotated the password of '{ITEM}'; the database accepts it"]
    new = bw_session[ITEM].password
    assert new is not None
    assert new not in (None, OLD)
    psycopg.connect(
        host="127.0.0.1", port=postgres.port, user="loader", password=str(new), dbname="postgres"
    ).close()
    assert bw_session[ITEM].password_history[0].password == OLD


@pytest.mark.parametrize(("option", "which"), [("--finish", "new"), ("--undo", "old")])
def test_a_rotation_that_did_not_end_is_ended_by_hand(
    writable: Notebook, option: str, which: str
) -> None:
    add_item("https://hub.example.org")
    with pytest.raises(RuntimeError), bw_session[ITEM].rotating("password") as new:
        raise RuntimeError
    came = writable(f"%bw_rotate password {ITEM} {option}")
    assert came.lines == [f"✓ '{ITEM}' has the {which} password"]
    assert bw_session[ITEM].password == {"new": new, "old": OLD}[which]
    assert isinstance(writable.refusal(f"%bw_rotate password {ITEM} {option}"), UsageMistake)


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("token Rotated", NotOffered, "rotating(MEMBER)"),
        ("password Rotated --finish --undo", UsageMistake, "exclude each other"),
        ("password Rotated", DatabaseRefused, "127.0.0.1"),
    ],
)
def test_what_cannot_be_rotated_is_told(
    writable: Notebook, line: str, kind: type[Exception], words: str
) -> None:
    add_item("postgresql://127.0.0.1:1/nowhere")
    refused = writable.refusal(f"%bw_rotate {line}")
    assert isinstance(refused, kind)
    assert words in str(refused)
    assert bw_session[ITEM].rotation is None
