"""Masks that name the secret that they stand for, on every way out of a kernel."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks.terminal import TerminalStream
from bw_magics.secret import Secret, SecretBytes
from tests.notebook.guard.test_guard import SECRET, Stage

NAMED = "[REDACTED Warehouse DB/password]"
TOKEN = "t0k3n-of-the-warehouse & 'more'"
ODD = '<img src=x onerror=alert(1)> "]\n\x1b[31m\u202e'
ODD_MASK = "[REDACTED ‹img src·x onerror·alert(1)› ”) �(31m�/password]"


@pytest.fixture
def stage() -> Any:
    stage = Stage()
    stage.guard.show_secrets("named")
    yield stage
    stage.guard.close()


def sent(stage: Stage, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a message's content."""
    message = stage.session.msg(kind, content)
    unpacked: dict[str, Any] = stage.session.unpack(stage.session.serialize(message)[-1])
    return unpacked


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "repr": lambda text: repr(text)[1:-1],
    "HTML": html.escape,
    "URL": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "signs by number": lambda text: "".join(
        each if each.isalnum() else f"&#{ord(each)};" for each in text
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_mask_names_the_item_whatever_form_the_value_has(stage: Stage, form: str) -> None:
    stage.guard.learn(Secret(TOKEN, "Warehouse DB / password"))

    assert NAMED in stage.sent(f"<{FORMS[form](TOKEN)}>")


CONTENTS: dict[str, dict[str, Any]] = {
    "stream": {"name": "stdout", "text": SECRET},
    "display_data": {"data": {"text/html": f"<b>{SECRET}</b>"}, "metadata": {}, "transient": {}},
    "execute_result": {"data": {"application/json": {"a": [SECRET]}}, "metadata": {}},
    "error": {"ename": "E", "evalue": SECRET, "traceback": [f"\x1b[31mE\x1b[0m: {SECRET}"]},
    "comm_msg": {"comm_id": "c", "data": {"method": "update", "state": {"value": SECRET}}},
    "execute_reply": {"status": "ok", "payload": [{"source": "page", "text": SECRET}]},
    "input_request": {"prompt": SECRET, "password": False},
}


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize(
    ("name", "mask"), [("Warehouse DB", NAMED), (ODD, ODD_MASK)], ids=["plain", "odd"]
)
def test_every_kind_of_message_has_the_name(stage: Stage, kind: str, name: str, mask: str) -> None:
    stage.guard.learn(Secret(SECRET, f"{name} / password"))

    content = sent(stage, kind, CONTENTS[kind])

    expected = json.loads(json.dumps(CONTENTS[kind]).replace(SECRET, mask))
    assert content == expected


def test_a_secret_in_the_name_of_an_item_is_not_shown_by_the_mask(stage: Stage) -> None:
    stage.guard.learn(Secret("first-long-secret", "second-long-secret / password"))
    assert stage.sent("first-long-secret") == "[REDACTED second-long-secret/password]"
    stage.guard.learn(Secret("second-long-secret", "Other / password"))

    assert stage.sent("first-long-secret") == MASK
    assert stage.sent("second-long-secret") == "[REDACTED Other/password]"


def test_a_value_in_two_items_has_both_in_its_mask(stage: Stage) -> None:
    for name in ("Warehouse DB", "Copy of it", "Warehouse DB"):
        stage.guard.learn(Secret(SECRET, f"{name} / password"))

    assert stage.sent(SECRET) == "[REDACTED Warehouse DB/password or Copy of it/password]"


@pytest.mark.parametrize("is_note_first", [True, False])
def test_a_value_of_its_own_is_not_called_a_part_of_a_note(
    stage: Stage, is_note_first: bool
) -> None:
    secrets = [
        Secret("PGPASSWORD=s3cr3t-pw-99\nTOKEN=an0ther-t0ken-77\n", "Deploy / notes"),
        Secret("s3cr3t-pw-99", "Warehouse DB / password"),
    ]
    for secret in secrets if is_note_first else reversed(secrets):
        stage.guard.learn(secret)

    assert stage.sent("s3cr3t-pw-99 an0ther-t0ken-77") == f"{NAMED} [REDACTED Deploy/notes]"
    assert stage.sent(secrets[0]) == "[REDACTED Deploy/notes]"


def test_codes_files_and_cut_values_have_their_names(stage: Stage) -> None:
    key = "kQ7x-Zp2w-9LmT-4vRb-8cNs"
    stage.guard.learn(Secret("739204", "GitHub / totp"), lifetime=20)
    stage.guard.learn(SecretBytes(b"a file with a s3cret-in-it", "Deploy / key.txt"))
    stage.guard.learn(Secret(key, "API / field key"))

    assert stage.sent("739204") == "[REDACTED GitHub/totp]"
    assert stage.sent("a file with a s3cret-in-it") == "[REDACTED Deploy/key.txt]"
    assert stage.sent(f"{key[:12]}…") == "[REDACTED API/field key]…"


def test_a_value_with_tags_inside_is_named_once(stage: Stage) -> None:
    stage.guard.learn(Secret(SECRET, "Warehouse DB / password"))
    data = {"text/html": "<p>correct <b>horse</b> battery</p>"}

    shown = sent(stage, "display_data", {"data": data, "metadata": {}, "transient": {}})

    assert shown["data"]["text/html"] == f"<p>{NAMED}<b>{MASK}</b>{MASK}</p>"


def test_pieces_of_a_stream_are_named_as_one(stage: Stage) -> None:
    from bw_magics.notebook.guard.hooks.stream import Joint

    matcher = Matcher()
    matcher.is_named = True
    matcher.learn(SECRET, "Warehouse DB / password")
    joint = Joint(matcher)

    pieces = [joint.feed(piece)[0] for piece in (b"a correct ho", b"rse bat", b"tery b")]
    assert b"".join(pieces).decode() == f"a {NAMED} b"


def test_a_terminal_that_cannot_show_a_name_still_shows_the_mask() -> None:
    matcher = Matcher()
    matcher.is_named = True
    matcher.learn(SECRET, "Bücher 倉庫 / password")
    data = io.BytesIO()
    stream = io.TextIOWrapper(data, encoding="latin-1", write_through=True)
    tap = TerminalStream(Writer(stream), matcher, on_mask=lambda: None)

    tap.show(f"é {SECRET}", stream.write)

    assert data.getvalue().decode("latin-1") == "é [REDACTED Bücher ??/password]"


class Writer:
    """A stream whose `write` can be replaced."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.encoding = stream.encoding
        self.write = stream.write


def test_where_names_are_private_the_mask_is_plain(stage: Stage) -> None:
    stage.guard.learn(Secret(SECRET, "Warehouse DB / password"))
    stage.guard.show_secrets("plain")
    assert stage.sent(SECRET) == MASK
    stage.guard.show_secrets("named")

    assert stage.sent(SECRET) == NAMED


@pytest.mark.parametrize("name", ["Warehouse DB", ODD])
def test_a_value_that_equals_a_key_of_json_leaves_the_message_whole(
    stage: Stage, name: str
) -> None:
    stage.guard.learn(Secret("data-of-the-row", f"{name} / password"))
    stage.guard.learn(Secret("metadata", f"{name} / pin"))
    mask = NAMED if name == "Warehouse DB" else ODD_MASK
    shown = {"data-of-the-row": 1, "metadata": "data-of-the-row", "x": "data-of-the-row"}

    content = sent(
        stage,
        "display_data",
        {"data": {"application/json": shown}, "metadata": {}, "transient": {}},
    )

    assert content["data"]["application/json"] == {mask: 1, "metadata": mask, "x": mask}
    assert content["metadata"] == content["transient"] == {}
