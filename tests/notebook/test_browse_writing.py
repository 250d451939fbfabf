"""The vault browser's New, Edit and Trash: what the kernel answers, and what it saves."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from bw_magics.crypto import SymmetricKey
from bw_magics.demo import DemoServer
from bw_magics.notebook.panels.sealing import PromptKey, seal_message
from bw_magics.session.default import bw_session
from bw_magics.vault.changes import hidden, linked, matching
from tests.notebook.conftest import Notebook
from tests.notebook.test_browse import Panel

SECRET = "made-up-Vx7-secret-41"


@pytest.fixture
def panel(writable: Notebook) -> Panel:
    bw_session.create(
        "login",
        name="Sales DB",
        username="analyst",
        password="made-up-old-7431",
        uris=["https://db.example"],
        fields={"host": "db1", "token": hidden("made-up-token-7431")},
        folder="Work",
    )
    return Panel()


def save(panel: Panel, form: dict[str, Any], values: object, **other: object) -> dict[str, Any]:
    """Sends a form as the page does."""
    plain = json.dumps(values).encode()
    binding = panel.browser._widget.model_id
    nonce = form["nonce"]
    sealed = seal_message(plain, to=b64decode(form["key"]), binding=binding, nonce=nonce)
    return panel.ask("save", **{"nonce": nonce, "sealed": sealed.as_message(), **other})


def fields(form: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: field for field in form["fields"]}


@pytest.mark.parametrize(
    ("type_name", "some", "never"),
    [
        ("login", {"username", "password", "totp", "notes"}, "number"),
        ("note", {"name", "notes"}, "password"),
        ("card", {"cardholderName", "number", "code"}, "password"),
        ("identity", {"firstName", "ssn"}, "uris"),
        ("sshkey", {"privateKey"}, "publicKey"),
    ],
)
def test_a_new_item_has_the_fields_of_its_type(
    panel: Panel, type_name: str, some: set[str], never: str
) -> None:
    form = panel.ask("new", type=type_name)
    assert form["type"] == type_name
    assert some <= set(fields(form))
    assert never not in fields(form)
    assert (form["uris"] is not None) is (type_name == "login")
    assert "Work/Databases" in form["folders"]


def test_a_new_item_is_saved(panel: Panel) -> None:
    form = panel.ask("new", type="login")
    generated = panel.ask("generate")["value"]
    saved = save(
        panel,
        form,
        {
            "name": "From the form",
            "password": generated,
            "folder": "Work",
            "uris": [uri("a.b"), uri("c.d", "exact"), uri(" ")],
        },
    )
    assert (saved["kind"], saved["text"]) == ("saved", "✓ created 'From the form'")
    bw_session.sync(force=True)
    item = bw_session["From the form"]
    assert (item.password, item.folder, item.uris) == (generated, "Work", ("a.b", "c.d"))
    assert panel.ask("open", entry=saved["entry"])["name"] == "From the form"


def test_editing_shows_no_secret_and_changes_the_sent_fields(panel: Panel) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    described = fields(form)
    assert described["username"]["value"] == "analyst"
    assert described["field:host"]["value"] == "db1"
    assert (described["password"]["value"], described["password"]["set"]) == ("", True)
    assert described["notes"]["set"] is False
    assert "7431" not in json.dumps(form)
    saved = save(panel, form, {"username": "", "field:token": SECRET, "folder": ""})
    assert saved["text"] == "✓ saved 'Sales DB'"
    bw_session.sync(force=True)
    item = bw_session["Sales DB"]
    assert (item.username, item.folder, item.field("token")) == (None, None, SECRET)
    assert item.password == "made-up-old-7431"
    assert item.field("host") == "db1"


def uri(text: str, match: str = "default", at: str = "") -> dict[str, str]:
    """A row of the URIs, as the panel sends it."""
    return {"at": at, "uri": text, "match": match}


def added(name: str, kind: str, value: str) -> dict[str, str]:
    return {"name": name, "kind": kind, "value": value}


def test_new_custom_fields_are_added_beside_the_others(panel: Panel) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    new = [
        added("port", "text", "5432"),
        added("key", "hidden", SECRET),
        added("on", "boolean", "true"),
    ]
    assert save(panel, form, {"added": [*new, added("", "text", "")]})["kind"] == "saved"
    bw_session.sync(force=True)
    kinds = {field.name: (field.kind, field.value) for field in bw_session["Sales DB"].fields}
    assert kinds == {
        "host": ("text", "db1"),
        "token": ("hidden", "made-up-token-7431"),
        "port": ("text", "5432"),
        "key": ("hidden", SECRET),
        "on": ("boolean", True),
    }
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert fields(form)["field:on"]["choices"] == ["true", "false"]
    assert save(panel, form, {"field:on": "false"})["kind"] == "saved"
    assert bw_session["Sales DB"].field("on") is False


def seen() -> Any:
    """The item as the server has it."""
    bw_session.sync(force=True)
    return bw_session["Sales DB"]


def test_custom_fields_are_removed_and_one_of_their_names_is_added_anew(panel: Panel) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert {name: each["removable"] for name, each in fields(form).items() if ":" in name} == {
        "field:host": True,
        "field:token": True,
    }
    values = {"removed": ["field:token"], "added": [added("token", "text", "plain")]}
    assert save(panel, form, values)["kind"] == "saved"
    kinds = {field.name: (field.kind, field.value) for field in seen().fields}
    assert kinds == {"host": ("text", "db1"), "token": ("text", "plain")}
    # What was hidden is in the history, as the official clients keep it.
    assert [each.password for each in seen().password_history] == ["token: made-up-token-7431"]
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert save(panel, form, {"removed": ["field:host", "field:token"]})["kind"] == "saved"
    assert seen().fields == ()
    assert seen().password == "made-up-old-7431"


@pytest.mark.parametrize(
    "removed", [["field:nowhere"], ["password"], ["name"], "field:host", [7], [["field:host"]]]
)
def test_only_a_custom_field_that_was_shown_can_be_removed(panel: Panel, removed: Any) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    refused = save(panel, form, {"removed": removed, "username": "other"})
    assert (refused["kind"], "cannot be read" in refused["text"]) == ("refused", True)
    assert seen().username == "analyst"
    assert len(seen().fields) == 2


def test_a_linked_field_can_go_and_one_that_cannot_be_read_stays(
    panel: Panel, own_server: DemoServer
) -> None:
    bw_session["Sales DB"].edit(fields={"user": linked("username")})
    record = own_server._service.vault(own_server.accounts[0]).items[bw_session["Sales DB"].id]
    broken = SymmetricKey.generate().encrypt_text("made up")
    record["fields"].append({"type": 0, "name": broken, "value": None})
    bw_session.sync(force=True)
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    fixed = {each["fixed"]: each for each in form["fields"] if each["fixed"]}
    assert {text: each["removable"] for text, each in fixed.items()} == {
        "shows another field of the item": True,
        "cannot be read": False,
    }
    unreadable = fixed["cannot be read"]["name"]
    refused = save(panel, form, {"removed": [unreadable]})
    assert refused["kind"] == "refused"
    form |= {"nonce": refused["nonce"]}
    refused = save(panel, form, {"field:user": "typed"})
    assert refused["kind"] == "refused"
    form |= {"nonce": refused["nonce"]}
    assert save(panel, form, {"removed": ["field:user"]})["kind"] == "saved"
    assert [field.name for field in seen().fields][:2] == ["host", "token"]
    assert broken in [each["name"] for each in record["fields"]]


def test_uris_are_added_changed_and_removed_each_with_its_match(panel: Panel) -> None:
    secret = "postgresql://ada:made-up-Vx7-pw@db.example/x"
    bw_session["Sales DB"].edit(
        uris=["https://a.example", matching("https://b.example", "exact"), secret]
    )
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert form["uris"]["rows"] == [
        {"value": "https://a.example", "kept": "", "match": "default"},
        {"value": "https://b.example", "kept": "", "match": "exact"},
        {"value": "", "kept": "unchanged", "match": "default"},
    ]
    assert "made-up-Vx7-pw" not in json.dumps(form)
    values = [uri("", "default", "1"), uri("", "never", "2"), uri("https://c.example", "host")]
    assert save(panel, form, {"uris": values})["kind"] == "saved"
    assert seen().uris == ("https://b.example", secret, "https://c.example")
    assert [match for _, match in seen().mentions.uris] == [None, 5, 1]
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert save(panel, form, {"uris": [uri("https://d.example", "exact", "1")]})["kind"] == "saved"
    assert seen().uris == ("https://d.example",)
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert save(panel, form, {"uris": []})["kind"] == "saved"
    assert seen().uris == ()
    assert seen().password == "made-up-old-7431"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("https://x", "cannot be read"),
        ([{"uri": "https://x"}], "cannot be read"),
        ([uri("x", "sometimes")], "cannot be read"),
        ([uri("", "default", "7")], "cannot be read"),
        ([uri("", "default", "0")] * 2, "cannot be read"),
        ([uri("x" * 10_001)], "cannot be read"),
        ([uri("x")] * 102, "cannot be read"),
        ([uri("https://••••••••")], "mask"),
    ],
)
def test_uris_that_cannot_be_saved_say_why(panel: Panel, sent: Any, words: str) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    refused = save(panel, form, {"uris": sent, "username": "other"})
    assert (refused["kind"], words in refused["text"]) == ("refused", True)
    assert (seen().uris, seen().username) == (("https://db.example",), "analyst")


def test_uris_of_which_one_cannot_be_read_stay(panel: Panel, own_server: DemoServer) -> None:
    record = own_server._service.vault(own_server.accounts[0]).items[bw_session["Sales DB"].id]
    record["login"]["uris"].append({"uri": SymmetricKey.generate().encrypt_text("made up")})
    bw_session.sync(force=True)
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert (form["uris"]["rows"], "cannot be read" in form["uris"]["note"]) == ([], True)
    refused = save(panel, form, {"uris": []})
    assert refused["kind"] == "refused"
    assert save(panel, form | {"nonce": refused["nonce"]}, {"notes": "n"})["kind"] == "saved"
    assert len(record["login"]["uris"]) == 2


def shared(form: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The values that share an item with an organisation's first collection."""
    owner = str(form["owners"].index("Demo Analytics"))
    first = next(str(at) for at, each in enumerate(form["collections"]) if each["owner"] == owner)
    return {"owner": owner, "collections": [first], **values}


def test_a_personal_item_is_shared_with_an_organisation(panel: Panel) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    assert (form["owner"], form["owners"]) == ("", ["Demo Analytics"])
    assert "cannot be undone" in form["warning"]
    assert not any(each["chosen"] for each in form["collections"])
    refused = save(panel, form, shared(form, collections=[], username="other"))
    assert "has to be in a collection" in refused["text"]
    assert (seen().organization, seen().username) == (None, "analyst")
    form |= {"nonce": refused["nonce"]}
    values = shared(form, username="loader", added=[added("port", "text", "1")])
    saved = save(panel, form, values)
    assert (saved["kind"], saved["text"]) == ("saved", "✓ saved 'Sales DB'")
    item = seen()
    assert (item.organization, item.username, item.field("port")) == (
        "Demo Analytics",
        "loader",
        "1",
    )
    assert item.collections == (form["collections"][int(values["collections"][0])]["name"],)
    assert (item.password, item.field("token")) == ("made-up-old-7431", "made-up-token-7431")
    assert panel.ask("edit", entry=saved["entry"])["owners"] == []


def test_an_item_that_cannot_be_shared_keeps_what_was_saved_before(
    panel: Panel, own_server: DemoServer
) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    item = bw_session["Sales DB"].attach(b"made up", name="f")
    record = own_server._service.vault(own_server.accounts[0]).items[item.id]
    [attachment] = record["attachments"].values()
    attachment["key"] = None
    refused = save(panel, form, shared(form, username="loader"))
    assert refused["kind"] == "refused"
    assert "The values were saved, and the item not moved:" in refused["text"]
    assert (seen().username, seen().organization) == ("loader", None)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ([added("host", "text", "x")], "'host' already"),
        ([added("x", "text", "1"), added("x", "text", "2")], "'x' already"),
        ([added("", "text", "1")], "has no name"),
        ([added("x", "linked", "1")], "cannot be read"),
        ([added("x", "boolean", "maybe")], "cannot be read"),
        ([{"name": "x", "kind": "text"}], "cannot be read"),
        ([added("x", "text", "1")] * 101, "cannot be read"),
        ("x", "cannot be read"),
        ([added("[REDACTED x]", "text", "1")], "mask"),
    ],
)
def test_a_new_custom_field_overwrites_nothing(panel: Panel, new: Any, words: str) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    refused = save(panel, form, {"username": "other", "added": new})
    assert refused["kind"] == "refused"
    assert words in refused["text"]
    bw_session.sync(force=True)
    assert bw_session["Sales DB"].username == "analyst"


def test_each_of_several_fields_of_one_name_is_the_one_that_was_meant(
    panel: Panel, own_server: DemoServer
) -> None:
    """A field beside another of its name is not changed in place of it."""
    account = own_server.accounts[0]
    plain = next(p for p in own_server.account_items(account) if p["name"] == "Warehouse DB")
    same = [{"type": 0, "name": "host", "value": text, "linkedId": None} for text in ("a", "b")]
    own_server.add_item(account, {**plain, "fields": same})
    bw_session.sync(force=True)
    form = panel.ask("edit", entry=panel.entry("Warehouse DB"))
    assert {name for name in fields(form) if "host" in name} == {"field:host", "field:host#2"}
    assert save(panel, form, {"field:host#2": "c"})["kind"] == "saved"
    assert [field.value for field in bw_session["Warehouse DB"].fields] == ["a", "c"]
    form = panel.ask("edit", entry=panel.entry("Warehouse DB"))
    refused = save(panel, form, {"added": [added("host#2", "text", "x")]})
    assert refused["kind"] == "refused"


def test_a_new_item_goes_into_the_chosen_collections(panel: Panel) -> None:
    form = panel.ask("new", type="login")
    owner = form["owners"].index("Demo Analytics")
    wanted = [at for at, each in enumerate(form["collections"])
              if each["owner"] == str(owner)][:1]  # fmt: skip
    values = {"name": "Shared", "owner": str(owner)}
    refused = save(panel, form, {**values, "collections": []})
    assert "has to be in a collection" in refused["text"]
    form |= {"nonce": refused["nonce"]}
    saved = save(panel, form, {**values, "collections": [str(at) for at in wanted]})
    assert saved["kind"] == "saved"
    item = bw_session["Shared"]
    assert item.organization == "Demo Analytics"
    assert item.collections == tuple(form["collections"][at]["name"] for at in wanted)

    form = panel.ask("edit", entry=saved["entry"])
    assert form["owners"] == []
    of_item = [each["name"] for each in form["collections"] if each["chosen"]]
    assert of_item == list(item.collections)
    everything = [str(at) for at in range(len(form["collections"]))]
    assert save(panel, form, {"collections": everything})["kind"] == "saved"
    assert set(bw_session["Shared"].collections) == {e["name"] for e in form["collections"]}


@pytest.mark.parametrize("chosen", [["99"], ["x"], [7], "0", [""], ["-1"]])
def test_a_collection_that_was_not_offered_is_refused(panel: Panel, chosen: Any) -> None:
    form = panel.ask("new", type="login")
    refused = save(panel, form, {"name": "Shared", "owner": "0", "collections": chosen})
    assert refused["kind"] == "refused"


def test_an_item_that_cannot_be_changed_has_no_form(panel: Panel) -> None:
    # Unlocked from the environment, every item counts as confirmed.
    bw_session._contents().keys._confirmed = frozenset()
    for name, words in (
        ("Billing portal", "may read"),
        ("Payroll", "asks for the master"),
    ):
        problem = panel.ask("edit", entry=panel.entry(name))
        assert problem["kind"] == "problem"
        assert words in problem["text"], problem["text"]


def test_nothing_changed_sends_nothing(panel: Panel, own_server: DemoServer) -> None:
    form = panel.ask("edit", entry=panel.entry("Sales DB"))
    own_server.requests.clear()
    assert save(panel, form, {})["text"] == "'Sales DB' was not changed"
    assert own_server.requests == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "needs a name"),
        ({}, "needs a name"),
        ({"name": "x", "folder": "Nowhere"}, "Nowhere"),
        ({"name": "x", "password": "[REDACTED Warehouse DB/password]"}, "mask"),
        ({"name": "x", "nonsense": "1"}, "cannot be read"),
        ({"name": 7}, "cannot be read"),
        ({"name": "x" * 10_001}, "cannot be read"),
        ([1], "cannot be read"),
        ("x", "cannot be read"),
    ],
)
def test_what_cannot_be_saved_says_why_and_can_be_sent_again(
    panel: Panel, values: object, words: str
) -> None:
    form = panel.ask("new", type="login")
    refused = save(panel, form, values)
    assert refused["kind"] == "refused"
    assert words in refused["text"]
    again = form | {"nonce": refused["nonce"]}
    assert save(panel, again, {"name": "Again"})["kind"] == "saved"


def test_a_form_is_taken_once_and_only_sealed_for_it(panel: Panel) -> None:
    form = panel.ask("new", type="login")
    values = {"name": "Once", "password": SECRET}
    assert save(panel, form, values, sealed=None)["kind"] == "problem"
    assert save(panel, form, values, clear=values)["kind"] == "problem"
    other = PromptKey("another panel")
    assert save(panel, form | {"key": panel_key(other)}, values)["kind"] == "problem"
    form = panel.ask("new", type="login")
    assert save(panel, form, values)["kind"] == "saved"
    assert save(panel, form, values)["kind"] == "problem"
    assert SECRET not in json.dumps(panel.sent)


def test_an_item_that_can_be_read_in_part_has_a_form(panel: Panel) -> None:
    form = panel.ask("edit", entry=panel.entry("Half readable"))
    assert fields(form)["password"]["set"] is True
    assert save(panel, form, {"username": "ada"})["kind"] == "saved"


def panel_key(key: PromptKey) -> str:
    from bw_magics.notebook.panels.sealing import to_base64

    return to_base64(key.public)


def test_an_item_goes_to_the_trash(panel: Panel) -> None:
    entry = panel.entry("Sales DB")
    assert panel.ask("open", entry=entry)["can_trash"] is True
    gone = panel.ask("trash", entry=entry)
    assert (gone["kind"], gone["text"]) == ("gone", "✓ moved 'Sales DB' to the trash")
    assert panel.names("Sales DB") == []
    bw_session.sync(force=True)
    assert "Sales DB" not in [item.name for item in bw_session.items()]


def test_what_is_not_secret_is_shown_at_once(panel: Panel, writable: Notebook) -> None:
    def shown() -> dict[str, str | None]:
        opened = panel.ask("open", entry=panel.entry("Sales DB"))
        return {member["name"]: member.get("value") for member in opened["members"]}

    plain = {"username": "analyst", "uri": "https://db.example", "host": "db1"}
    assert shown() == plain | {"password": None, "token": None}
    panel.browser._browsed._shows_plain = False
    assert set(shown().values()) == {None}


def test_what_can_be_changed_is_told(panel: Panel) -> None:
    bw_session["Sales DB"].archive()
    row = panel.ask("search", text="Sales DB")["entries"][0]
    assert row["marks"] == ["archived"]
    for name, can_edit in (("Sales DB", True), ("Billing portal", False)):
        for each in panel.ask("search", text=name)["entries"]:
            if each["name"] == name:
                assert panel.ask("open", entry=each["entry"])["can_edit"] is can_edit, name
