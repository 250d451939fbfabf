"""Real kernels: with somebody at the keyboard, with nobody, and what they send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bw_magics.demo import DemoAccount, DemoServer
from tests.notebook.conftest import secrets_of, variables
from tests.notebook.kernel import INTERRUPT, Kernel, Outcome, at_home, kernel

WRONG = "not-the-password-at-all"


@pytest.fixture(scope="module")
def running(
    shared_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    """A kernel in a folder and a home of its own that trusts the demo server's certificate."""
    home = tmp_path_factory.mktemp("home")
    with kernel(at_home(home, shared_server)) as started:
        started.run(f"import os; os.chdir({str(home)!r})")
        yield started


@pytest.fixture
def attended(running: Kernel) -> Kernel:
    running.run("for n in list(os.environ):\n    if n.startswith('BW_'): del os.environ[n]")
    running.fresh()
    return running


@pytest.fixture
def ada(shared_server: DemoServer) -> DemoAccount:
    return shared_server.accounts[0]


def test_a_secret_in_a_kernel_without_the_guard_warns_once(running: Kernel) -> None:
    running.fresh()
    running.run("%unload_ext bw_magics")
    made = (
        "from bw_magics.announcing import Secrets\n"
        "secrets = [Secrets().make('-'.join(['made', 'up', 'value']), 'X / y') for _ in range(2)]"
    )

    first, second = running.run(made), running.run(made)

    assert first.ok
    assert first.whole.count("masks no outputs of this kernel") == 1
    assert "%load_ext bw_magics" in first.whole
    assert "masks no outputs" not in second.whole
    assert "made-up-value" not in first.whole
    assert running.run("%load_ext bw_magics").ok


def export(kernel: Kernel, values: dict[str, str]) -> None:
    # Not part of what is searched for secrets: the cell itself prints nothing.
    assert kernel.run(f"os.environ.update({values!r})").ok


def prompts(outcome: Outcome) -> list[str]:
    assert all(prompt["password"] for prompt in outcome.prompts), "every question is masked"
    return [prompt["prompt"] for prompt in outcome.prompts]


@pytest.mark.parametrize(
    ("have", "cell", "words"),
    [
        pytest.param((), "%bw_login", "BW_CLIENTID and BW_CLIENTSECRET are not set", id="nothing"),
        pytest.param((), "%bw_unlock", "BW_CLIENTID and BW_CLIENTSECRET are not set", id="unlock"),
        pytest.param(("BW_CLIENTID",), "%bw_login", "BW_CLIENTSECRET is not set", id="only the id"),
        pytest.param(
            ("BW_CLIENTSECRET",), "%bw_login", "BW_CLIENTID is not set", id="only the secret"
        ),
        pytest.param(
            ("BW_CLIENTID", "BW_CLIENTSECRET", "BW_SERVER"),
            "%bw_unlock",
            "BW_PASSWORD is not set",
            id="no master password",
        ),
    ],
)
def test_unattended_a_missing_credential_fails_at_once_in_one_line(
    attended: Kernel,
    shared_server: DemoServer,
    have: tuple[str, ...],
    cell: str,
    words: str,
) -> None:
    values = variables(shared_server)
    export(attended, {name: values[name] for name in have})
    came = attended.run(cell)
    text = came.assert_one_line("CredentialsMissing")
    assert words in text
    assert "there is nobody to ask" in text
    assert "Settings → Security → Keys" in text or "--passwordfile" in text
    assert came.prompts == []


def test_unattended_everything_comes_from_the_environment(
    attended: Kernel, shared_server: DemoServer
) -> None:
    export(attended, variables(shared_server))
    attended.messages.clear()
    assert attended.run("%bw_login\n%bw_unlock").lines[-1].startswith("✓ unlocked")
    came = attended.run("%bw_get password Warehouse DB")
    assert came.displayed == [{"text/plain": "•••••••• Warehouse DB / password"}]
    assert attended.run("assert (%bw_get password Payroll)", None).ename is not None
    assert attended.run("p = %bw_get password Payroll\nassert p == 'demo-payroll-' 'password'").ok
    assert attended.run("%bw_status").lines[-1] == "Auto-lock: off"


def test_a_person_types_key_and_password_errs_and_is_asked_again(
    attended: Kernel, shared_server: DemoServer, ada: DemoAccount
) -> None:
    answers = [ada.client_id, ada.client_secret, WRONG, ada.master_password]
    came = attended.run(f"%bw_unlock --server {shared_server.url}", answers)
    assert came.ok, came
    assert prompts(came) == ["client_id: ", "client_secret: ", *["Master password: "] * 2]
    assert "The master password is wrong. Try again, or press Enter to stop." in came.lines
    assert came.lines[-1].startswith("✓ unlocked")
    assert WRONG not in attended.everything()
    assert ada.master_password not in attended.everything()
    assert ada.client_secret not in attended.everything()


def test_an_empty_answer_is_a_way_out(
    attended: Kernel, shared_server: DemoServer, ada: DemoAccount
) -> None:
    values = variables(shared_server)
    export(attended, {name: values[name] for name in values if name != "BW_PASSWORD"})
    came = attended.run("%bw_unlock", [WRONG, ""])
    assert "Run the cell again" in came.assert_one_line("PromptCancelled")
    assert attended.run("%bw_status").lines[0].startswith("locked: it was not unlocked yet.")
    assert attended.run("%bw_unlock", [ada.master_password]).ok


def test_an_interrupt_ends_the_question_and_nothing_else(
    attended: Kernel, shared_server: DemoServer, ada: DemoAccount
) -> None:
    values = variables(shared_server)
    export(attended, {name: values[name] for name in values if name != "BW_PASSWORD"})
    came = attended.run("%bw_unlock", [INTERRUPT])
    came.assert_one_line("PromptCancelled")
    assert attended.run("1 + 1").displayed == [{"text/plain": "2"}]
    assert attended.run("%bw_unlock", [ada.master_password]).lines[-1].startswith("✓ unlocked")


def test_an_item_with_reprompt_asks_for_the_master_password_once(
    attended: Kernel, shared_server: DemoServer, ada: DemoAccount
) -> None:
    values = variables(shared_server)
    export(attended, {name: values[name] for name in values if name != "BW_PASSWORD"})
    assert attended.run("%bw_unlock", [ada.master_password]).ok
    attended.run("%bw_get password Payroll").assert_one_line("RepromptRequired")
    came = attended.run("p = %bw_get password Payroll", [ada.master_password])
    assert came.ok, came
    assert prompts(came) == ["Master password: "]
    assert "'Payroll' asks for the master password again." in came.text
    assert attended.run("p = %bw_get password Payroll", []).prompts == []


def test_the_demo_from_the_first_cell_to_the_last(attended: Kernel) -> None:
    came = attended.run("%bw_demo", [])
    password = came.text.split()[-1]
    assert attended.run("%bw_login --apikey", []).ok
    assert attended.run("%bw_unlock", [password]).lines[-1].startswith("✓ unlocked")
    assert attended.run("p = %bw_get password Warehouse DB", []).ok
    assert attended.run("%bw_demo --stop", []).lines == ["✓ demo stopped"]


def test_nothing_that_a_kernel_sends_holds_a_secret_but_what_was_printed(
    attended: Kernel, shared_server: DemoServer, ada: DemoAccount
) -> None:
    values = variables(shared_server)
    export(attended, {name: values[name] for name in values if name != "BW_PASSWORD"})
    attended.run("%config BwMagics.redact = False", ["yes"])
    attended.messages.clear()
    attended.run("%bw_unlock", [WRONG, ada.master_password])
    secret = "demo-warehouse-password-1"
    cells = [
        "%bw_status",
        "%bw_get password Warehouse DB",
        "items = %bw_list items\nitems",
        "[item for item in items]",
        "%bw_list items --columns user,uri,fields,organization,collections",
        "item = %bw_get item Warehouse DB\nitem",
        "item.fields, item.notes, item.password",
        "%bw_get password Reporting",
        "%bw_get password Nope",
        "%bw_get password Half readable",
        "%bw_get password Billing portal",
        "bw_session",
        "bw_session._current.state",
        "vars(bw_session)",
        "{'a': item.password}",
        "%xmode Verbose\nsecret = item.password\nraise ValueError",
        "%xmode Context\nimport pickle; pickle.dumps(item)",
        "for each in items:\n"
        "    for read in (lambda: each.notes, lambda: each.password, lambda: each.fields):\n"
        "        try:\n            display(read())\n        except Exception as error:\n"
        "            print(error)",
    ]
    for cell in cells:
        attended.run(cell)
    sent = attended.everything()
    found = {each for each in secrets_of(shared_server) if _as_sent(each) in sent}
    assert found == set()
    attended.run("print(str(item.password))")
    assert secret in attended.everything(), "printed on purpose, it is there"


def _as_sent(secret: str) -> str:
    return json.dumps(secret)[1:-1]


def test_the_folder_of_a_kernel_holds_no_new_file(attended: Kernel) -> None:
    listing = attended.run("print(sorted(os.listdir()))").text
    assert Path("authority.pem").name in listing
    assert "bw" not in listing.lower().replace("bw_magics", "")
