"""Secrets that are written out in Python: which are found, and what becomes of the cell."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bw_magics.demo import DemoServer
from bw_magics.notebook.typed.typed_calls import typed_in_cell, without
from bw_magics.session.default import bw_session
from bw_magics.session.vault import Vault

from .conftest import TypingKernel


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("bw_session.unlock('abc')", ["abc"]),
        ("bw_session . unlock( 'abc', 'def')", ["abc", "def"]),
        ("v.unlock(password='abc', lock_timeout=3)", ["abc"]),
        ("bw_session.login(server='us', client_id='user.1', client_secret='abc')", ["abc"]),
        ("bw_session.confirm(password='abc', item_id='id')", ["abc"]),
        ("other.unlock('abc')", []),
        ("bw_session.unlock(password=value)", []),
        ("bw_session.get('password', 'unlock(')", []),
        ("nothing here", []),
        ("%%timeit\nbw_session.unlock('abc')", ["abc"]),
        ("%%timeit\nv.unlock('abc')", ["abc"]),
        ("v.api_key.view(password='abc', code='123456')", ["abc"]),
        ("other.api_key.view(password='abc')", []),
        ("v.view(password='abc')", []),
        ("Vault().unlock(password='abc')", ["abc"]),
        ("from elsewhere import Organization as O\nO.login(client_secret='abc')", []),
        ("from bw_magics import Organization as O\nO.login(client_secret='abc')", ["abc"]),
        ("with v as w:\n    w.unlock(password='abc')", ["abc"]),
        ("w: object = v\nw.unlock(password='abc')", ["abc"]),
        ("w = other\nw.unlock(password='abc')", []),
        ("Other().unlock(password='abc')", []),
    ],
)
def test_literals_are_found_in_calls_of_a_vault_only(cell: str, found: list[str]) -> None:
    namespace = {
        "v": Vault(),
        "Vault": Vault,
        "other": SimpleNamespace(),
        "Other": SimpleNamespace,
        "bw_session": bw_session,
    }

    assert [s.value for s in typed_in_cell(cell, namespace, lambda text: text)] == found


WRITTEN = {
    "bw_session.unlock(password='abc')": "bw_session.unlock(password='M')",
    'bw_session.unlock(password="""abc""")': 'bw_session.unlock(password="""M""")',
    "pw = 'abc'\nbw_session.unlock(password=pw)": "pw = 'M'\nbw_session.unlock(password=pw)",
    "pw: str = 'abc'\nbw_session.unlock(password=pw)": (
        "pw: str = 'M'\nbw_session.unlock(password=pw)"
    ),
    "a, pw = 'x', 'abc'\nbw_session.unlock(password=pw)": (
        "a, pw = 'x', 'M'\nbw_session.unlock(password=pw)"
    ),
    "pw = 'x'\npw = 'abc'\nbw_session.unlock(password=pw)": (
        "pw = 'x'\npw = 'M'\nbw_session.unlock(password=pw)"
    ),
    "bw_session.unlock(password=(pw := 'abc'))": "bw_session.unlock(password=(pw := 'M'))",
    "bw_session.unlock(password=given or 'abc')": "bw_session.unlock(password=given or 'M')",
    "bw_session.unlock(password=f'abc')": "bw_session.unlock(password='M')",
    "bw_session.unlock(password='a' + 'bc')": "bw_session.unlock(password='M' + 'M')",
    "bw_session.unlock(password='abc'" + " + ''" * 40 + ")": (
        "bw_session.unlock(password='M'" + " + 'M'" * 40 + ")"
    ),
    "bw_session.unlock(password='a' 'bc')": "bw_session.unlock(password='M')",
    "a = 'ab'\nbw_session.unlock(password=f'{a}c')": ("a = 'M'\nbw_session.unlock(password='M')"),
    "bw_session.unlock(**{'password': 'abc'})": "bw_session.unlock(**{'password': 'M'})",
    "bw_session.unlock(**dict(password='abc'))": "bw_session.unlock(**dict(password='M'))",
    "d = {'password': 'abc', 'other': 'abc'}\nbw_session.unlock(**d)": (
        "d = {'password': 'M', 'other': 'abc'}\nbw_session.unlock(**d)"
    ),
    "os.environ['BW_PASSWORD'] = 'abc'": "os.environ['BW_PASSWORD'] = 'M'",
    "from os import environ\nenviron['BW_SESSION'] = 'abc'": (
        "from os import environ\nenviron['BW_SESSION'] = 'M'"
    ),
    "e = os.environ\ne['BW_PASSWORD'] = 'abc'": "e = os.environ\ne['BW_PASSWORD'] = 'M'",
    "os.environ.update(BW_CLIENTSECRET='abc', X='abc')": (
        "os.environ.update(BW_CLIENTSECRET='M', X='abc')"
    ),
    "os.environ.update({'BW_PASSWORD': 'abc'})": "os.environ.update({'BW_PASSWORD': 'M'})",
    "os.environ |= {'BW_PASSWORD': 'abc'}": "os.environ |= {'BW_PASSWORD': 'M'}",
    "os.environ.setdefault('BW_PASSWORD', 'abc')": "os.environ.setdefault('BW_PASSWORD', 'M')",
    "os.putenv('BW_PASSWORD', 'abc')": "os.putenv('BW_PASSWORD', 'M')",
    "%env BW_PASSWORD=abc": "%env BW_PASSWORD=M",
    "x = 1\n  %set_env BW_SESSION abc  \ny = 2": "x = 1\n  %set_env BW_SESSION M  \ny = 2",
    "env BW_CLIENTSECRET = abc": "env BW_CLIENTSECRET = M",
    "get_ipython().run_line_magic('env', 'BW_PASSWORD=abc')": (
        "get_ipython().run_line_magic('env', 'BW_PASSWORD=M')"
    ),
    # Beside what only looks like it.
    "d = {'abc': 1}\nbw_session.unlock(password='abc')\nprint(d['abc'], 'abc')": (
        "d = {'abc': 1}\nbw_session.unlock(password='M')\nprint(d['abc'], 'abc')"
    ),
    "é = 'abc'; bw_session.unlock(password='abc'); 'abc'": (
        "é = 'abc'; bw_session.unlock(password='M'); 'abc'"
    ),
    "\n\nif True:\n    bw_session.unlock(\n        password='abc',\n    )": (
        "\n\nif True:\n    bw_session.unlock(\n        password='M',\n    )"
    ),
}


@pytest.mark.parametrize("cell", WRITTEN)
def test_what_is_given_to_a_vault_or_the_environment_is_replaced_where_it_stands(
    cell: str,
) -> None:
    found = typed_in_cell(cell, {"bw_session": bw_session}, lambda text: text)

    assert {each.value for each in found} == {"abc"}
    assert without(cell, found, "M") == WRITTEN[cell]


@pytest.mark.parametrize(
    "cell",
    [
        "pw = input()\nbw_session.unlock(password=pw)",
        "pw = 'prod'\npw = getpass()\nbw_session.unlock(password=pw)",
        "pw = 'x'\ndef open(pw):\n    bw_session.unlock(password=pw)",
        "bw_session.unlock(password=f'{name}c')",
        "bw_session.unlock(**{'lock_timeout': 'abc'})",
        "os.environ['BW_SERVER'] = 'abc'",
        "os.environ['PASSWORD'] = 'abc'",
        "settings['BW_PASSWORD'] = 'abc'",
        "os.environ['BW_PASSWORD'] = bw_session['X'].password",
        "%env BW_SERVER=abc",
        "%env BW_PASSWORD=$bw_session",
        "%env BW_PASSWORD={bw_session}",
        "%env BW_PASSWORD",
        "print('environ')",
    ],
)
def test_nothing_else_is_taken_for_a_secret(cell: str) -> None:
    assert typed_in_cell(cell, {"bw_session": bw_session}, lambda text: text) == []


LIVE = {
    "import os\npw = '{}'\nfor os.environ['BW_SERVER'] in (): bw_session.unlock(password=pw)": (
        "import os\npw = '[REDACTED]'\n"
        "for os.environ['BW_SERVER'] in (): bw_session.unlock(password=pw)"
    ),
    "import os; os.environ['BW_PASSWORD'] = '{}'; del os.environ['BW_PASSWORD']": (
        "import os; os.environ['BW_PASSWORD'] = '[REDACTED]'; del os.environ['BW_PASSWORD']"
    ),
    "%env BW_PASSWORD={}\ndel os.environ['BW_PASSWORD']": (
        "%env BW_PASSWORD=[REDACTED]\ndel os.environ['BW_PASSWORD']"
    ),
    "%set_env BW_SESSION {}\ndel os.environ['BW_SESSION']": (
        "%set_env BW_SESSION [REDACTED]\ndel os.environ['BW_SESSION']"
    ),
    "if False: bw_session.unlock(**{'password': '{}'})": (
        "if False: bw_session.unlock(**{'password': '[REDACTED]'})"
    ),
    "%%time\nif False: bw_session.unlock(password=f'{}')": (
        "%%time\nif False: bw_session.unlock(password='[REDACTED]')"
    ),
}


@pytest.mark.parametrize("cell", LIVE)
@pytest.mark.parametrize("word", ["correct", "hunter8horse9x"])
def test_a_cell_that_ends_well_is_rewritten(newest: TypingKernel, cell: str, word: str) -> None:
    came = newest.type(cell.replace("'{}'", f"'{word}'").replace("{}", word))

    assert came.ok, came.whole
    assert newest.rewritten == LIVE[cell]
    assert word not in came.whole
    assert newest.remembered(word) == []


def test_a_cleaned_cell_that_is_run_again_has_no_secret(newest: TypingKernel) -> None:
    came = newest.type("if False: bw_session.unlock(password='[REDACTED]' + '[REDACTED]')")

    assert came.text == ""
    assert newest.rewritten is None


def test_calls_that_succeed_are_rewritten_too(
    running: TypingKernel, shared_server: DemoServer, tmp_path: Path
) -> None:
    account = shared_server.accounts[0]
    authority = tmp_path / "authority.pem"
    authority.write_bytes(shared_server.certificate_authority)
    login = (
        f"import pathlib\nbw_session.login(client_id={account.client_id!r}, client_secret={{}},\n"
        f"    server={shared_server.url!r}, certificate_authority=pathlib.Path({str(authority)!r}))"
    )
    unlock = "pw = {}\nbw_session.unlock(password=pw)"
    try:
        for cell, value in ((login, account.client_secret), (unlock, account.master_password)):
            came = running.type(cell.format(repr(value)))

            assert came.ok, came.whole
            assert running.rewritten == cell.format("'[REDACTED]'")
            assert "removed from the cell and the history" in came.text
            assert value not in came.whole
            assert running.remembered(value) == []
        assert running.value("bw_session.status.state") == "unlocked"
    finally:
        running.run("%bw_logout")
