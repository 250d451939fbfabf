"""The kernel's side of the vault browser: what it answers, sealed, and where there is none."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from types import SimpleNamespace
from typing import Any

import pytest

import bw_magics
from bw_magics.demo import DemoServer
from bw_magics.errors import NotOffered, VaultLocked
from bw_magics.notebook.panels.browsed import MOST
from bw_magics.notebook.panels.browser import Browser
from bw_magics.notebook.panels.sealing import PromptKey, SealedMessage, to_base64
from bw_magics.session.deadline import Deadline
from tests.journals import own_journal, uses
from tests.notebook.conftest import Notebook, secrets_of


class Panel:
    """The browser's side, without a browser: it asks, and opens what comes back."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.browser = Browser(SimpleNamespace(), bw_magics.bw_session)
        self.browser._is_open = True
        self.browser._widget.send = self.sent.append
        self._key = PromptKey(self.browser._widget.model_id)
        self.first = self.say({"t": "ready", "key": to_base64(self._key.public)})

    def say(self, message: object) -> dict[str, Any]:
        """What the kernel answers to a message."""
        before = len(self.sent)
        self.browser.receive(message)
        (answer,) = self.sent[before:]
        parts = {name: b64decode(text) for name, text in answer["sealed"].items()}
        opened: dict[str, Any] = json.loads(self._key.open(SealedMessage(**parts), answer["nonce"]))
        return opened

    def ask(self, what_for: str, **rest: object) -> dict[str, Any]:
        return self.say({"t": "ask", "n": 1, "what_for": what_for, **rest})

    def names(self, text: str) -> list[str]:
        return [entry["name"] for entry in self.ask("search", text=text)["entries"]]

    def entry(self, text: str) -> int:
        entry: int = self.ask("search", text=text)["entries"][0]["entry"]
        return entry


@pytest.fixture
def panel(unlocked: Notebook) -> Panel:
    return Panel()


def test_it_begins_with_all_items_and_finds_by_name_and_folder(panel: Panel) -> None:
    marks = [mark for entry in panel.first["entries"] for mark in entry["marks"]]
    assert panel.first["archived"] == marks.count("archived") == 1
    assert panel.first["total"] + 1 == len(panel.first["entries"]) <= MOST
    assert panel.names("ware") == [
        "Warehouse DB",
        "Warehouse DB (staging)",
        "Production warehouse",
    ]
    assert {"Warehouse DB", "Warehouse DB (staging)"} <= set(panel.names("databases"))
    assert panel.names("nothing has this") == []
    assert panel.names("x" * 10_000) == []


def test_nothing_that_is_sent_is_readable_without_the_key(panel: Panel, server: DemoServer) -> None:
    entry = panel.entry("warehouse")
    value = panel.ask("reveal", entry=entry, what="password")["value"]
    assert value == str(bw_magics.bw_session["Warehouse DB"].password)
    sent = json.dumps(panel.sent)
    assert "Warehouse" not in sent
    assert [secret for secret in secrets_of(server) if secret in sent] == []
    assert {len(b64decode(each["sealed"]["data"])) % 256 for each in panel.sent} == {16}


def test_a_shown_or_copied_value_leaves_one_entry_and_a_look_at_the_item_none(
    panel: Panel,
) -> None:
    with own_journal() as journal:
        entry = panel.entry("warehouse")
        panel.ask("open", entry=entry)
        panel.ask("edit", entry=entry)
        panel.ask("generate")
        assert uses(journal) == []
        panel.ask("reveal", entry=entry, what="password")

    assert uses(journal) == [("Warehouse DB", "password", "vault browser")]


def test_the_lines_it_offers_give_what_they_say(panel: Panel, unlocked: Notebook) -> None:
    tried = 0
    for row in panel.first["entries"]:
        shown = panel.ask("open", entry=row["entry"])
        for member in shown["members"][:3]:
            if not member["what"] or shown["problem"]:
                continue
            came = panel.ask("reveal", entry=row["entry"], what=member["what"])
            if came["kind"] != "value" or member["what"] == "totp":
                continue
            assert str(unlocked(member["line"]).value) == came["value"]
            assert (
                str(unlocked.shell.user_ns["bw_session"].resolve(member["reference"]))
                == (came["value"])
            )
            tried += 1
    assert tried > 20


def test_of_two_items_of_one_name_each_has_a_line_of_its_own(panel: Panel) -> None:
    entries = panel.ask("search", text="Reporting")["entries"]
    shown = [panel.ask("open", entry=row["entry"]) for row in entries if row["name"] == "Reporting"]
    lines = [each["line"] for each in shown]
    assert len(set(lines)) == len(lines) == 2
    assert all(line.startswith("%bw_get bw://") for line in lines)


@pytest.mark.parametrize(
    ("item", "what", "words"),
    [
        ("Half readable", "password", "cannot be read"),
        ("Billing portal", "password", "hides"),
        ("Warehouse DB", "xyzzy", "no such"),
        ("Warehouse DB", "nonsense", "Did you mean 'notes'"),
        ("Warehouse DB", "", None),
    ],
)
def test_what_cannot_be_shown_is_explained(
    panel: Panel, item: str, what: str, words: str | None
) -> None:
    came = panel.ask("reveal", entry=panel.entry(item), what=what)
    if words is None:
        assert came == {"n": 1, "kind": "value", "value": "<Item Warehouse DB: login>"}
    else:
        assert came["kind"] == "problem"
        assert words in came["text"]


@pytest.mark.parametrize("entry", [-1, 10_000, "0", None, 1.5, [0], {"a": 1}])
def test_an_entry_that_was_never_listed_is_none(panel: Panel, entry: object) -> None:
    assert panel.ask("open", entry=entry)["kind"] == "problem"


@pytest.mark.parametrize(
    "message", [None, 1, "x", [], {}, {"t": 1}, {"t": "answer"}, {"t": "ready", "key": "AAAA"}]
)
def test_what_is_not_a_message_is_passed_over(panel: Panel, message: object) -> None:
    before = len(panel.sent)
    panel.browser.receive(message)
    assert len(panel.sent) == before


def test_after_a_lock_nothing_is_told_and_it_closes(panel: Panel) -> None:
    entry = panel.entry("warehouse")
    bw_magics.bw_session.lock()
    assert panel.ask("reveal", entry=entry, what="password") == {"n": 1, "kind": "nothing"}
    panel.browser._look()
    before = len(panel.sent)
    panel.browser.receive({"t": "ask", "n": 2, "what_for": "search", "text": ""})
    assert len(panel.sent) == before


def test_it_closes_when_the_vault_was_idle_for_too_long_and_does_not_keep_it_open(
    panel: Panel,
) -> None:
    vault: Any = bw_magics.bw_session
    now = 1e9
    deadline = Deadline(60, lambda: now)
    vault._current.state = vault._current.state._replace(deadline=deadline)
    panel.browser._look()
    assert panel.browser._is_open
    now += 61
    panel.browser._look()
    assert not panel.browser._is_open
    assert vault._current.state.contents is not None, "the next use locks it"


@pytest.mark.parametrize(
    ("kernel", "words"),
    [(None, "terminal"), (SimpleNamespace(_allow_stdin=False), "Nobody watches")],
    ids=["terminal", "unattended"],
)
def test_where_there_is_no_panel_a_sentence_names_the_reason(
    unlocked: Notebook, kernel: object, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlocked.shell, "kernel", kernel, raising=False)
    refusal = unlocked.refusal("bw_session.browse()")
    assert isinstance(refusal, NotOffered)
    assert words in refusal.fact


def test_without_anywidget_the_line_to_type_is_said(
    unlocked: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlocked.shell, "kernel", SimpleNamespace(_allow_stdin=True), raising=False)
    monkeypatch.setitem(sys.modules, "bw_magics.notebook.panels.browser", None)
    assert unlocked.refusal("bw_session.browse()").remedy == "Install it: %pip install anywidget"


def test_a_locked_vault_is_not_browsed(unlocked: Notebook) -> None:
    unlocked("%bw_lock")
    assert isinstance(unlocked.refusal("bw_session.browse()"), VaultLocked)
