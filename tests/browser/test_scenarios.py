"""What happens around a form: long notebooks, missing parts, places that are not yours."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import expect

from bw_magics.demo import DemoServer
from tests.browser.conftest import Open
from tests.browser.jupyter import JupyterServer, NotebookPage
from tests.browser.markers import found, plain_marker
from tests.browser.person import Person

Leaks = Callable[..., list[str]]

LOAD = "%load_ext bw_magics"
CONTEXT = "window.jupyterapp.shell.currentWidget.sessionContext"
NO_WEBCRYPTO = "Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined});"
KERNELS_SETTINGS = "@jupyterlab/apputils-extension/kernels-settings"
NOTEBOOK_SETTINGS = "@jupyterlab/notebook-extension/tracker"
REVEAL = "%bw_get password Warehouse DB --reveal"


def warehouse_password(demo: DemoServer) -> str:
    """What `REVEAL` would show."""
    items = demo.account_items(demo.accounts[0])
    value: str = next(item["login"]["password"] for item in items if item["name"] == "Warehouse DB")
    return value


def answer_everything(notebook: NotebookPage, person: Person) -> None:
    person.give_key(notebook)
    person.give_password(notebook)


def test_another_client_of_the_kernel_does_not_see_the_form(
    open_notebook: Open, jupyter: JupyterServer, person: Person
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", "print('done')")
    notebook.run_cell(0)
    identity = notebook.page.evaluate(f"{CONTEXT}.session.kernel.id")
    other: Any = BlockingKernelClient()
    other.load_connection_file(str(jupyter.folder / "runtime" / f"kernel-{identity}.json"))
    other.start_channels()
    try:
        other.wait_for_ready(timeout=240)
        notebook.run_all()
        person.give_key(notebook)
        person.give_password(notebook, person.wrong_password())
        notebook.form.get_by_text("The master password is wrong.").wait_for()
        person.give_password(notebook)
        notebook.wait_for_text(2, "done")
        heard = list(everything_published(other))
    finally:
        other.stop_channels()
        other.context.term()

    told = [
        each["content"]["data"].get("content", {}) for each in heard if "comm" in each["msg_type"]
    ]
    assert [each["problem"][:19] for each in told if each.get("t") == "ask"][
        -1
    ] == "The master password"
    sent = json.dumps([each["content"] for each in heard], ensure_ascii=False)
    assert "✓ unlocked" in sent
    assert found(person.typed, {"iopub": sent.encode()}) == []


def everything_published(client: Any) -> Iterator[dict[str, Any]]:
    """What came so far, until the last cell has printed."""
    while True:
        message = client.get_iopub_msg(timeout=240)
        yield message
        if message["content"].get("text") == "done\n":
            return


@pytest.mark.parametrize("mode", ["full", "contentVisibility"])
def test_sixty_cells_run_all(
    open_notebook: Open, jupyter: JupyterServer, person: Person, leaks: Leaks, mode: str
) -> None:
    jupyter.settings({NOTEBOOK_SETTINGS: {"windowingMode": mode}})
    cells = ["print('line\\n' * 12)"] * 30 + ["%bw_unlock"] + ["print('line\\n' * 12)"] * 29
    notebook = open_notebook(LOAD, *cells, "%bw_logout")

    notebook.run_all()
    means = answer_where_asked(notebook, person)
    notebook.page.get_by_text("✓ logged out").wait_for()

    # With "full", a cell that is off the screen is not in the page, so no form is seen there.
    assert means == ("stdin" if mode == "full" else "form")
    assert leaks(notebook, person, sealed=means == "form") == []


def answer_where_asked(notebook: NotebookPage, person: Person) -> str:
    """Answers in the form or in the front end's own box, whichever is there; says which."""
    notebook.page.locator("form.bw-card, .jp-Stdin-input").first.wait_for()
    if notebook.form.count():
        answer_everything(notebook, person)
        return "form"
    account = person.account
    for label, answer in {
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "Master password": account.master_password,
    }.items():
        box = notebook.page.locator(".jp-Stdin", has_text=f"{label}:").locator("input").last
        box.fill(answer)
        box.press("Enter")
    return "stdin"


def test_comms_need_no_subshells(
    open_notebook: Open, jupyter: JupyterServer, person: Person, leaks: Leaks
) -> None:
    jupyter.settings({KERNELS_SETTINGS: {"commsOverSubshells": "disabled"}})
    notebook = open_notebook(LOAD, "%bw_unlock", "%bw_logout")

    for _ in range(2):
        notebook.run_all()
        answer_everything(notebook, person)
        notebook.wait_for_text(2, "✓ logged out")

    assert leaks(notebook, person) == []


@pytest.mark.parametrize("kernel", ["newest", "6.31"])
def test_without_the_front_end_part_of_anywidget_the_own_box_asks(
    open_notebook: Open,
    jupyter: JupyterServer,
    demo: DemoServer,
    person: Person,
    leaks: Leaks,
    kernel: str,
) -> None:
    configuration = jupyter.folder / "config" / "labconfig" / "page_config.json"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text(json.dumps({"disabledExtensions": {"anywidget": True}}))
    try:
        notebook = open_notebook(LOAD, "%bw_unlock", REVEAL, "%bw_logout", kernel=kernel)
        notebook.run_all()
        assert answer_where_asked(notebook, person) == "stdin"
        notebook.wait_for_text(2, "NotOffered: This front end shows no panel")
        assert "✓ unlocked" in notebook.text(1)
        notebook.run_cell(3)
        notebook.wait_for_text(3, "✓ logged out")

        assert b"comm_open" in b"".join(notebook.frames), "the control: a form was tried"
        seen = len(notebook.frames)
        notebook.run_cell(1)
        notebook.page.locator(".jp-Stdin-input").first.wait_for()
        assert b"comm_open" not in b"".join(notebook.frames[seen:]), "a form was tried once more"
        assert answer_where_asked(notebook, person) == "stdin"
        notebook.wait_for_text(1, "✓ unlocked")
        assert leaks(notebook, person, sealed=False) == []
        frames = {"frames": b"\n".join(notebook.frames)}
        assert found([warehouse_password(demo)], jupyter.kept() | frames) == []
    finally:
        configuration.unlink()


def test_saved_while_somebody_types(
    open_notebook: Open, demo: DemoServer, person: Person, leaks: Leaks
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", "%bw_lock", "%bw_unlock")
    notebook.run_all()
    expect(notebook.form.locator(".bw-server")).to_have_text(demo.url.removeprefix("https://"))
    person.fill(
        notebook,
        client_id=person.account.client_id,
        client_secret=person.account.client_secret,
        Master_password=person.account.master_password,
    )

    saved = notebook.save()

    states = saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    scripts = [state for state in states.values() if "_esm" in state["state"]]
    assert len(scripts) == 1, "the state of widgets is not saved, so that nothing is tried"
    assert person.account.client_id not in json.dumps(states)
    assert saved["cells"][1]["outputs"][0]["data"]["text/plain"] == ["(bw_magics is asking here)"]
    notebook.page.keyboard.press("Enter")
    notebook.wait_for_text(1, "✓ unlocked")
    # Logged in meanwhile, so it is known whence the API key came.
    expect(notebook.form.locator(".bw-server")).to_have_text(demo.url.removeprefix("https://"))
    expect(notebook.form.locator(".bw-source")).to_have_text(
        "Logged in with the API key from the keyboard"
    )
    person.give_password(notebook)
    notebook.wait_for_text(3, "✓ unlocked")
    assert leaks(notebook, person) == []
    kept = notebook.save()
    assert "_esm" not in notebook.path.read_text()
    for number in (1, 3):
        [output] = kept["cells"][number]["outputs"]
        [line] = output["data"].pop("text/plain")
        assert output == {"output_type": "display_data", "metadata": {}, "data": {}}
        assert re.fullmatch(r"✓ unlocked · \d+ items · localhost:\d+.*", line)


# Something new to save all the time.
GOES_ON_PRINTING = """
import threading, time
def go_on():
    while not stop.wait(0.3):
        print(".", end="", flush=True)
stop = threading.Event()
threading.Thread(target=go_on, daemon=True).start()
"""


def saved_after(moment: float, notebook: NotebookPage) -> bytes:
    """The file as it is next saved, which takes JupyterLab the longer the longer a save takes."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        is_new = notebook.path.stat().st_mtime >= moment
        contents = notebook.path.read_bytes()
        with contextlib.suppress(ValueError):  # The server was writing.
            json.loads(contents)
            if is_new:
                return contents
        notebook.page.wait_for_timeout(200)
    raise AssertionError("it was never saved meanwhile")


def test_the_front_end_saves_by_itself_while_somebody_types(
    open_notebook: Open, jupyter: JupyterServer, person: Person, leaks: Leaks
) -> None:
    jupyter.settings({"@jupyterlab/docmanager-extension/plugin": {"autosaveInterval": 1}})
    notebook = open_notebook(LOAD, GOES_ON_PRINTING, "%bw_unlock", "stop.set()", "%bw_logout")
    notebook.run_all()
    person.give_key(notebook)
    field = notebook.form.get_by_label("Master password")
    half = len(person.account.master_password) // 2

    for part in (person.account.master_password[:half], person.account.master_password[half:]):
        field.press_sequentially(part, delay=50)
        contents = saved_after(time.time(), notebook)
        assert b"bw_magics is asking here" in contents
        assert found(person.typed, {"a file": contents}) == []
    notebook.page.keyboard.press("Enter")
    notebook.wait_for_text(4, "✓ logged out")

    assert leaks(notebook, person) == []


def test_a_page_that_cannot_seal_warns_and_sends_it_once(
    open_notebook: Open, jupyter: JupyterServer, person: Person
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", before=NO_WEBCRYPTO)
    notebook.run_all()
    person.give_key(notebook)
    assert "not encrypted (plain http)" in notebook.form.inner_text()
    notebook.screenshot("form-plain-http")
    person.give_password(notebook)
    notebook.wait_for_text(1, "✓ unlocked")
    notebook.save()

    secret = person.account.client_secret.encode()
    assert sum(frame.count(secret) for frame in notebook.frames) == 1, "and the search finds it"
    assert found(person.typed, jupyter.kept()) == []


def test_what_is_not_ours_to_trust_is_said(open_notebook: Open, person: Person) -> None:
    notebook = open_notebook(
        LOAD,
        "import os\nos.environ['JUPYTERHUB_USER'] = 'somebody'",
        "%bw_login",
        "os.environ['BINDER_REPO_URL'] = 'https://example.org'",
        "%bw_login",
    )
    notebook.run_all()
    notebook.form.get_by_text("This machine is a shared hub's, not yours").wait_for()
    notebook.screenshot("form-hub")
    notebook.form.locator("input:focus").wait_for()
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_text(2, "cancelled")
    notebook.run_cell(3)
    notebook.run_cell(4)
    notebook.form.get_by_text("%bw_demo tries everything").wait_for()


def test_a_refused_key_is_asked_again_and_both_halves_fit_in_one_field(
    open_notebook: Open, person: Person, leaks: Leaks
) -> None:
    notebook = open_notebook(LOAD, "%bw_login", "%bw_status")
    wrong = plain_marker("refused")
    person.typed.add(wrong)
    notebook.run_all()
    person.fill(notebook, client_id=person.account.client_id, client_secret=wrong)
    notebook.page.keyboard.press("Enter")
    notebook.form.locator("[role=alert]", has_text="refuse").or_(
        notebook.form.locator("[role=alert]", has_text="accept")
    ).first.wait_for()
    notebook.screenshot("login-refused")
    # The client_id is still there; the secret was forgotten, so it is asked for.
    assert notebook.form.get_by_label("client_id").input_value() == person.account.client_id
    expect(notebook.form.get_by_label("client_secret")).to_be_focused()
    both = f"client_id: {person.account.client_id}\nclient_secret: {person.account.client_secret}\n"
    paste(notebook, "client_id", both)
    assert notebook.form.get_by_label("client_id").input_value() == person.account.client_id
    secret = notebook.form.get_by_label("client_secret")
    assert secret.input_value() == person.account.client_secret
    secret.press("Enter")
    notebook.wait_for_text(1, "✓ logged in at")
    assert notebook.text(1).endswith("still locked, next: %bw_unlock")
    assert "\n" not in notebook.text(1)
    notebook.wait_for_text(2, "locked: ")
    assert leaks(notebook, person) == []


def paste(notebook: NotebookPage, label: str, text: str) -> None:
    notebook.form.get_by_label(label).evaluate(
        """(input, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            input.focus();
            input.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_the_keyboard_alone_is_enough_and_reaches_nothing_else(
    open_notebook: Open, person: Person, leaks: Leaks
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", "%bw_logout")
    notebook.run_all()
    notebook.form.wait_for()
    notebook.page.wait_for_function("() => document.activeElement.id.endsWith('client_id')")
    keyboard = notebook.page.keyboard
    # In command mode each of these would do something to the notebook.
    keyboard.type("aabbddzx00ii")
    keyboard.press("Control+a")
    keyboard.type(person.account.client_id)
    keyboard.press("Tab")
    keyboard.type(person.account.client_secret)
    keyboard.press("Tab")
    keyboard.press("Enter")
    notebook.form.get_by_text("Master password is empty.").wait_for()
    keyboard.type(person.account.master_password)
    for expected in ("Log in and unlock", "Cancel"):
        keyboard.press("Tab")
        assert notebook.page.evaluate("document.activeElement.textContent") == expected
    keyboard.press("Shift+Tab")
    keyboard.press("Space")
    notebook.wait_for_text(2, "✓ logged out")

    assert notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == 3
    assert leaks(notebook, person) == []


def test_labels_and_hints(open_notebook: Open) -> None:
    """For screen readers, and for what would like to fill in or keep a password."""
    notebook = open_notebook(LOAD, "%bw_unlock")
    notebook.run_all()
    notebook.form.wait_for()

    for label in ("client_id", "client_secret", "Master password"):
        field = notebook.form.get_by_label(label, exact=True)
        assert field.get_attribute("autocomplete") in ("off", "one-time-code")
        assert field.get_attribute("data-bwignore") == "true"
        assert field.get_attribute("data-1p-ignore") == "true"
        kind = "text" if label == "client_id" else "password"
        assert field.get_attribute("type") == kind
    assert notebook.form.get_attribute("role") == "group"
    assert notebook.page.get_by_role("group", name="Log in to Bitwarden and unlock").count() == 1
    assert notebook.form.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_the_box_of_the_front_end_is_asked_for(open_notebook: Open, person: Person) -> None:
    notebook = open_notebook(LOAD, "%config BwMagics.prompt = 'stdin'", "%bw_unlock")
    notebook.run_all()

    assert answer_where_asked(notebook, person) == "stdin"
    notebook.wait_for_text(2, "✓ unlocked")


@pytest.fixture(autouse=True)
def _settings_as_they_were(jupyter: JupyterServer) -> None:
    Path(jupyter.folder / "config" / "labconfig" / "page_config.json").unlink(missing_ok=True)
