"""A secret typed into a cell is refused, and taken out of the cell, the memory and the file."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bw_magics.notebook.typed_calls import typed_in_calls
from bw_magics.session.default import bw_session
from bw_magics.session.vault import Vault

from .kernel import Kernel, kernel

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("typed")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Kernel]:
    with kernel({**os.environ, "IPYTHONDIR": str(folder), "HOME": str(folder)}) as started:
        # What the start has left on the channel would be taken for the reply to a cell.
        with contextlib.suppress(queue.Empty):
            while True:
                started.client.get_shell_msg(timeout=0.5)
        yield started


@pytest.fixture
def secret() -> str:
    return f"typed-{next(_NUMBERS)}-Qx7"


def remembered(running: Kernel, folder: Path, secret: str) -> list[str]:
    """Where the kernel or its files still have it."""
    half = len(secret) // 2
    look = (
        f"import linecache; _s = {secret[:half]!r} + {secret[half:]!r}\n"
        "_places = {'In': In, '_ih': _ih, '_i': _i, '_ii': _ii, '_iii': _iii,\n"
        "  **{k: v for k, v in globals().items() if k.startswith('_i') and k[2:].isdigit()},\n"
        "  'raw': get_ipython().history_manager.input_hist_raw,\n"
        "  'pending': get_ipython().history_manager.db_input_cache,\n"
        "  'sources': linecache.cache,\n"
        "  'last': get_ipython().last_execution_result.info.raw_cell}\n"
        "print([k for k, v in _places.items() if _s in str(v)])\n"
        "get_ipython().history_manager.writeout_cache()"
    )
    places = running.run(look).lines[0]
    files = [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    return [*([] if places == "[]" else [places]), *files]


def payload(running: Kernel) -> list[dict[str, Any]]:
    replies = [m for m in running.messages if m["header"]["msg_type"] == "execute_reply"]
    return list(replies[-1]["content"].get("payload", []))


REFUSED = {
    "%bw_unlock {}": "%bw_unlock",
    "%bw_unlock '{} more": "%bw_unlock",
    "%bw unlock {}": "%bw unlock",
    "%bw_login me@example.org {}": "%bw_login",
    "%bw_unlock --password {}": "%bw_unlock",
    "%bw --session {} list items": "%bw",
    "x = 1\n%bw_unlock --session={}\ny = x": "x = 1\n%bw_unlock\ny = x",
    "%bw_env TOKEN={}": "%bw_env",
    "%bw_env TOKEN='{} more' B=bw://Warehouse/password": "%bw_env",
    "%bw env TOKEN={}": "%bw env",
    "token = %bw_generate --session {}": "token = %bw_generate",
    "%bw_connect Warehouse --session {}": "%bw_connect",
}


@pytest.mark.parametrize("cell", REFUSED)
def test_a_persons_cell_is_refused_without_an_error_and_rewritten(
    running: Kernel, folder: Path, secret: str, cell: str
) -> None:
    came = running.run(cell.format(secret), answers=())

    assert came.ok
    assert secret not in came.text
    assert "Change it" in came.text
    assert payload(running) == [
        {"source": "set_next_input", "text": REFUSED[cell], "replace": True}
    ]
    assert remembered(running, folder, secret) == []


@pytest.mark.parametrize("cell", REFUSED)
def test_unattended_it_is_an_error_and_the_history_is_clean(
    running: Kernel, folder: Path, secret: str, cell: str
) -> None:
    came = running.run(cell.format(secret))

    assert came.ename == "SecretTyped"
    assert secret not in came.evalue + came.text
    assert "by hand" in came.text
    assert remembered(running, folder, secret) == []


FOR_A_CELL = ["%%bw_env TOKEN={}\nran = True", "%bw_env --cell TOKEN={}\nran = True"]


@pytest.mark.parametrize("cell", FOR_A_CELL)
@pytest.mark.parametrize("answers", [(), None], ids=["a person", "nobody"])
def test_a_cell_that_was_to_run_with_it_does_not_run(
    running: Kernel, folder: Path, secret: str, cell: str, answers: tuple[str, ...] | None
) -> None:
    came = running.run(cell.format(secret), answers=answers)

    assert came.ename == "SecretTyped"
    assert "bw://" in came.evalue
    assert secret not in "\n".join([came.text, came.evalue, *came.traceback])
    assert "by hand" in came.text
    assert running.run("print('ran' in globals())").lines == ["False"]
    assert remembered(running, folder, secret) == []


def test_references_beside_it_are_not_taken_for_secrets(running: Kernel, secret: str) -> None:
    running.run(f"%bw_env A='bw://Warehouse DB/password' B={secret}", answers=())

    assert running.run("print('DB/password')").text == "DB/password\n"


CALLS = [
    "bw_session.unlock('{}')",
    'bw_session.unlock("{}")',
    "bw_session.unlock(password='{}')",
    "bw_session.login(client_id='user.x', client_secret='{}')",
    "%%time\nbw_session.unlock(password='{}')",
    "v = bw_session\nv.unlock('{}')",
    "1 +\nbw_session.unlock('{}')",
    "bw_session.confirm('{}')",
    "bw_session.confirm(password='{}', item_id='no such item')",
    "bw_session.api_key.view(password='{}')",
    "bw_session.api_key.rotate(password='{}')",
    "bw_session.profile('work').unlock(password='{}')",
    "bw_magics.bw_session.unlock(password='{}')",
    "from bw_magics import Vault\nVault().unlock(password='{}')",
    "from bw_magics import Vault as V\nmine = V(profile='x')\nmine.unlock('{}')",
    "bw_magics.Vault().login(client_id='user.x', client_secret='{}')",
    "(mine := bw_magics.Vault()).login(client_id='user.x', client_secret='{}')",
    "from bw_magics import Organization\n"
    "Organization.login(client_id='organization.x', client_secret='{}')",
    "%%time\nfrom bw_magics import Organization as O\nO.login(client_id='x', client_secret='{}')",
    "1 +\nOrganization.login(client_id='organization.x', client_secret='{}')",
]


@pytest.mark.parametrize("cell", CALLS)
def test_a_call_with_the_secret_in_it_is_cleaned_where_it_fails(
    running: Kernel, folder: Path, secret: str, cell: str
) -> None:
    running.run("import bw_magics; v = bw_session")
    came = running.run(cell.format(secret), answers=())

    assert not came.ok
    assert secret not in "\n".join([came.text, came.evalue, *came.traceback])
    assert "by hand" in came.text
    assert remembered(running, folder, secret) == []


def test_a_later_error_keeps_the_cell_as_it_is_and_says_so(
    running: Kernel, folder: Path, secret: str
) -> None:
    came = running.run(f"%bw_unlock {secret}\n1/0", answers=())

    assert came.ename == "ZeroDivisionError"
    assert "by hand" in came.text
    assert payload(running) == []
    assert remembered(running, folder, secret) == []


def test_a_cell_without_a_secret_is_left_alone(running: Kernel) -> None:
    came = running.run("door = type('D', (), {'unlock': print})\ndoor.unlock('front-door')")

    assert came.text == "front-door\n"
    assert payload(running) == []


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

    assert typed_in_calls(cell, namespace, lambda text: text) == found


MADE = {
    "a vault": "from bw_magics import Vault\nmade = Vault().generate()",
    "a vault with a listener of its own": (
        "from bw_magics import Vault\nheard = []\n"
        "made = Vault(on_secret=heard.append).generate()\nassert heard == [made]"
    ),
    "a profile": "made = bw_session.profile('another').generate()",
    "an organisation": (
        "from bw_magics import Organization\nmade = ''.join(['Nn4', 'made', 'secret', 'Qq8'])\n"
        "try:\n    Organization.login(server='https://127.0.0.1:9',\n"
        "        client_id='organization.b8ac1c4e-7a01-4a4a-9a3b-b22c00a1b2c3',"
        " client_secret=made)\n"
        "except Exception as problem:\n    print(type(problem).__name__)"
    ),
}


@pytest.mark.parametrize("how", MADE)
def test_whatever_vault_a_secret_comes_from_it_is_masked(running: Kernel, how: str) -> None:
    made = running.run(MADE[how])
    assert made.ok, made.evalue
    assert made.text in ("", "ServerUnreachable\n")

    assert running.run("print(made, end='.')").text.startswith("[REDACTED].")
