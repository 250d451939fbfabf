"""By which means a person is asked, in a real kernel, and that nobody is asked where nobody is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.demo.service.fault import Fault
from bw_magics.notebook.panels.handshake import PATIENCE
from tests.notebook.conftest import variables
from tests.notebook.kernel import Kernel, at_home, kernel
from tests.notebook.panels.front_end import HIDDEN, LOADED, READY, Page

AGAIN = "Run the cell again to be asked again."
INTERRUPTED = f"The question was interrupted. {AGAIN}"
MISSING = "CredentialsMissing"
TOKENS = "/identity/connect/token"


@pytest.fixture(scope="module")
def running(
    shared_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    home = tmp_path_factory.mktemp("home")
    with kernel(at_home(home, shared_server)) as started:
        assert started.run(f"import os, threading; os.chdir({str(home)!r})").ok
        yield started


@pytest.fixture
def attended(running: Kernel, shared_server: DemoServer) -> Kernel:
    """A kernel that forms were never tried in; all it lacks is the master password."""
    values = {k: v for k, v in variables(shared_server).items() if k != "BW_PASSWORD"}
    prepared = f"""
for n in list(os.environ):
    if n.startswith(('BW_', 'COLAB_')): del os.environ[n]
os.environ.update({values!r})
globals().pop('__vsc_ipynb_file__', None)
%bw_logout
%reload_ext bw_magics
%bw_login
%config BwMagics.prompt_timeout = 600
%config BwMagics.prompt = 'auto'
"""
    assert running.run(prepared).ok
    running.messages.clear()
    return running


def password(server: DemoServer) -> str:
    return server.accounts[0].master_password


@pytest.fixture
def given(shared_server: DemoServer) -> dict[str, str]:
    """The answers to the form."""
    return {"master_password": password(shared_server)}


def test_a_form_that_is_seen_is_answered(attended: Kernel, given: dict[str, str]) -> None:
    page = Page((LOADED, READY), [{"master_password": "not-it"}, given])

    came = attended.run("%bw_unlock", [], page)

    assert came.ok, came
    assert [each["problem"][:12] for each in page.asked] == ["", "The master p"]
    [kept] = [
        m["content"] for m in attended.messages if "update_display" in m["header"]["msg_type"]
    ]
    assert list(kept["data"]) == ["text/plain"]
    assert kept["data"]["text/plain"].startswith("✓ unlocked · ")
    assert given["master_password"] not in attended.everything()


# What the front end says of the form, and how many seconds it takes until the own box is there.
@pytest.mark.parametrize("says", [(), (LOADED,)], ids=["absent", "out of sight"])
def test_after_one_failed_proof_the_own_box_asks_at_once(
    attended: Kernel,
    shared_server: DemoServer,
    given: dict[str, str],
    says: tuple[dict[str, object]],
) -> None:
    page = Page(says)
    started = time.monotonic()
    assert attended.run("%bw_unlock", [password(shared_server)], page).ok
    assert time.monotonic() - started > PATIENCE
    assert len(attended.forms) == 1

    came = attended.run("%bw_lock\n%bw_unlock", [password(shared_server)], page)
    assert came.ok, came
    assert len(attended.forms) == 1, "a form was tried once more"

    # A person who asks for the form gets it; this proves that it works the next time.
    attended.run("%bw_lock\n%config BwMagics.prompt = 'form'")
    seen = Page((LOADED, READY), [given, given])
    assert attended.run("%bw_unlock", [], seen).ok
    attended.run("%bw_lock\n%config BwMagics.prompt = 'auto'")
    assert attended.run("%bw_unlock", [], seen).ok
    assert len(attended.forms) == 3


def test_a_page_in_the_background_is_waited_for_until_the_time_is_over(
    attended: Kernel, given: dict[str, str]
) -> None:
    attended.run("%config BwMagics.prompt_timeout = 5")
    started = time.monotonic()
    came = attended.run("%bw_unlock", [], Page((HIDDEN,)))
    assert came.assert_one_line("PromptCancelled") == f"Nobody answered within 5 seconds. {AGAIN}"
    assert came.prompts == []
    assert time.monotonic() - started > 5 > PATIENCE

    assert attended.run("%bw_unlock", [], Page((HIDDEN, LOADED, READY), [given])).ok


def test_a_page_that_comes_to_the_front_and_shows_no_form_is_not_waited_for(
    attended: Kernel, shared_server: DemoServer
) -> None:
    came = attended.run("%bw_unlock", [password(shared_server)], Page((HIDDEN, LOADED)))

    assert came.ok, came
    assert len(came.prompts) == 1


@pytest.mark.parametrize(
    ("place", "said"),
    [
        pytest.param(
            "os.environ['COLAB_RELEASE_TAG'] = 'r'", "This machine is Google's", id="colab"
        ),
        pytest.param("__vsc_ipynb_file__ = 'n.ipynb'", "", id="vs code"),
    ],
)
def test_colab_and_vs_code_ask_in_their_own_box_at_once(
    attended: Kernel, shared_server: DemoServer, place: str, said: str
) -> None:
    assert attended.run(place).ok

    came = attended.run("%bw_unlock", [password(shared_server)], Page((LOADED, READY)))

    assert came.ok, came
    assert [each["prompt"] for each in came.prompts] == ["Master password: "]
    assert attended.forms == [], "a form was tried first"
    assert ("not yours" in came.text) == bool(said)
    assert said in came.text


@pytest.mark.parametrize("mode", ["auto", "form", "stdin", "never"])
def test_without_a_person_no_setting_asks(attended: Kernel, mode: str) -> None:
    attended.run(f"%config BwMagics.prompt = {mode!r}")

    came = attended.run("%bw_unlock", front_end=Page((LOADED, READY)))
    assert "BW_PASSWORD is not set, and there is nobody to ask" in came.assert_one_line(MISSING)
    came = attended.run(
        "%bw_logout\ndel os.environ['BW_CLIENTSECRET']\n%bw_unlock", front_end=Page((LOADED, READY))
    )
    assert "BW_CLIENTSECRET is not set" in came.evalue
    assert came.ename == MISSING
    assert attended.forms == [], "a form was tried"

    typed = "hunter4horse"
    came = attended.run(f"%bw_unlock {typed}\nprint('went on')")
    came.assert_one_line("SecretTyped")
    assert "went on" not in came.text


@pytest.mark.parametrize("mode", ["form", "auto"])
def test_where_nobody_is_names_are_exact(
    attended: Kernel, shared_server: DemoServer, mode: str
) -> None:
    attended.run(f"os.environ['BW_PASSWORD'] = {password(shared_server)!r}\n%bw_unlock")
    attended.run(f"%config BwMagics.prompt = {mode!r}")

    attended.run("p = %bw_get password Wareh (st").assert_one_line("NotFound")


class Impatient:
    """Interrupts what says that it waits."""

    def hear(self, kernel: Kernel, message: dict[str, Any]) -> None:
        if str(message["content"].get("text", "")).lstrip().startswith("…"):
            kernel.manager.interrupt_kernel()


def test_an_interrupt_while_an_answer_is_tried_is_one_line(
    attended: Kernel, shared_server: DemoServer
) -> None:
    attended.run("%config BwMagics.prompt = 'stdin'\n%bw_logout\ndel os.environ['BW_CLIENTSECRET']")
    shared_server.faults[TOKENS] = [Fault(delay=10)]
    came = attended.run("%bw_login", [shared_server.accounts[0].client_secret], Impatient())
    shared_server.faults.clear()

    assert came.assert_one_line("PromptCancelled") == INTERRUPTED
    assert len(came.prompts) == 1


def test_a_question_in_another_thread_costs_the_kernel_no_form(
    attended: Kernel, given: dict[str, str]
) -> None:
    asked = """
shell = get_ipython()
def ask():
    try:
        shell.run_line_magic('bw_unlock', '')
    except BaseException as error:
        print(type(error).__name__)
thread = threading.Thread(target=ask)
thread.start()
thread.join()
"""
    attended.run(asked, [""], Page((LOADED, READY)))

    assert attended.run("%bw_unlock", [], Page((LOADED, READY), [given])).ok


def test_a_form_waits_ten_minutes_if_nothing_else_is_set(attended: Kernel) -> None:
    """By a clock of the form's that is 200 times as fast."""
    attended.run("%reload_ext bw_magics\n%config BwMagics.prompt = 'form'")
    faster = """
import time, types
from bw_magics.notebook.panels import form
form.time = types.SimpleNamespace(monotonic=lambda: time.monotonic() * 200)
"""
    assert attended.run(faster).ok
    started = time.monotonic()
    came = attended.run("%bw_unlock", [], Page((LOADED, READY)))
    waited = time.monotonic() - started
    attended.run("form.time = time")

    assert came.assert_one_line("PromptCancelled") == f"Nobody answered within 10 minutes. {AGAIN}"
    assert waited * 200 >= 600
