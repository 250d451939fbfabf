"""A secret typed into a cell is refused, and taken out of the cell, the memory and the file."""

from __future__ import annotations

import pytest

from .conftest import TypingKernel

REFUSED = {
    "%bw_unlock {}": "%bw_unlock",
    "%bw_unlock '{} more": "%bw_unlock",
    "%bw unlock {}": "%bw unlock",
    "%bw_login me@example.org {}": "%bw_login",
    "%bw_unlock --password {}": "%bw_unlock",
    "%bw --session {} list items": "%bw list items",
    "x = 1\n%bw_unlock --session={}\ny = x": "x = 1\n%bw_unlock\ny = x",
    "%bw_env TOKEN={}": "%bw_env",
    "%bw_env TOKEN='{} more' B=bw://Warehouse/password": "%bw_env",
    "%bw env TOKEN={}": "%bw env",
    "token = %bw_generate --session {}": "token = %bw_generate",
    "%bw_connect Warehouse --session {}": "%bw_connect Warehouse",
    "%bw_unlock {}?": "%bw_unlock",
}


@pytest.mark.parametrize("cell", REFUSED)
def test_a_persons_cell_is_refused_without_an_error_and_rewritten(
    running: TypingKernel, secret: str, cell: str
) -> None:
    came = running.type(cell.format(secret))

    assert came.ok
    assert secret not in came.text
    assert "Change it" in came.text
    assert running.rewritten == REFUSED[cell]
    assert running.remembered(secret) == []


@pytest.mark.parametrize("cell", REFUSED)
def test_unattended_it_is_an_error_and_the_history_is_clean(
    running: TypingKernel, secret: str, cell: str
) -> None:
    came = running.run(cell.format(secret))

    assert came.ename == "SecretTyped"
    assert secret not in came.evalue + came.text
    assert "delete it" in came.text
    assert running.remembered(secret) == []


FOR_A_CELL = ["%%bw_env TOKEN={}\nran = True", "%bw_env --cell TOKEN={}\nran = True"]


@pytest.mark.parametrize("cell", FOR_A_CELL)
@pytest.mark.parametrize("answers", [(), None], ids=["a person", "nobody"])
def test_a_cell_that_was_to_run_with_it_does_not_run(
    running: TypingKernel, secret: str, cell: str, answers: tuple[str, ...] | None
) -> None:
    came = running.run(cell.format(secret), answers=answers)

    assert came.ename == "SecretTyped"
    assert "bw://" in came.evalue
    assert secret not in came.whole
    assert "delete it" in came.text
    assert running.value("'ran' in globals()") is False
    assert running.remembered(secret) == []


NEEDS = {
    '%%bw_needs\nTOKEN = "{}"': '%%bw_needs\nTOKEN = "[REDACTED]"',
    "%%bw_needs\nTOKEN = {}": "%%bw_needs\nTOKEN = [REDACTED]",
    '%%bw_needs\nA = "bw://a/b"\nB = {{ reference = "{}", description = "d" }}':
        '%%bw_needs\nA = "bw://a/b"\nB = {{ reference = "[REDACTED]", description = "d" }}',
}  # fmt: skip


@pytest.mark.parametrize("cell", NEEDS)
def test_a_value_in_a_cell_of_needs_is_refused_and_taken_out(
    running: TypingKernel, secret: str, cell: str
) -> None:
    came = running.type(cell.format(secret))

    assert came.ok
    assert secret not in came.text
    assert "bw://ITEM/FIELD" in came.text
    assert running.rewritten == NEEDS[cell].format()
    assert running.remembered(secret) == []
    unattended = running.run(cell.format(secret))
    assert unattended.ename == "SecretTyped"
    assert secret not in unattended.whole
    assert running.remembered(secret) == []


def test_references_beside_it_are_not_taken_for_secrets(running: TypingKernel, secret: str) -> None:
    running.type(f"%bw_env A='bw://Warehouse DB/password' B={secret}")

    assert running.value("'DB/password'") == "DB/password"


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
    running: TypingKernel, secret: str, cell: str
) -> None:
    running.run("import bw_magics; v = bw_session")
    came = running.type(cell.format(secret))

    assert not came.ok
    assert secret not in came.whole
    # IPython before 9 shows the error of a `%%time` cell and takes it for a good one.
    assert ("delete it" in came.text) is (running.rewritten is None)
    assert secret not in (running.rewritten or "")
    assert running.remembered(secret) == []


def test_a_later_error_keeps_the_cell_as_it_is_and_names_the_reason(
    running: TypingKernel, secret: str
) -> None:
    came = running.type(f"%bw_unlock {secret}\n1/0")

    assert came.ename == "ZeroDivisionError"
    assert "delete it" in came.text
    assert running.payload == []
    assert running.remembered(secret) == []


def test_a_cell_without_a_secret_is_left_alone(running: TypingKernel) -> None:
    came = running.run("door = type('D', (), {'unlock': print})\ndoor.unlock('front-door')")

    assert came.text == "front-door\n"
    assert running.payload == []


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
def test_whatever_vault_a_secret_comes_from_it_is_masked(running: TypingKernel, how: str) -> None:
    made = running.run(MADE[how])
    assert made.ok, made.evalue
    assert made.text in ("", "ServerUnreachable\n")

    assert running.run("print(made, end='.')").text.startswith("[REDACTED")
