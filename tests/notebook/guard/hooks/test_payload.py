"""Payload is masked in every kind of message; envelopes, keys and numbers never change."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks.payload import has_payload, masked
from bw_magics.notebook.guard.hooks.withheld import SENTENCE, withheld

from .messages import WITHOUT_PAYLOAD, every, leaves

SECRET = "correct horse battery"
KINDS = sorted(every(""))

# Common words as vault passwords. `learn` is below the rule that leaves them alone, so that what
# is seen here is the walk by itself.
WORDS = (
    "password", "postgres", "status", "us-east-1", "123456", "stdout", "variables", "output",
    "ValueError", "update", "custom", "execution_state", "display_data", "image/png", "width",
    "IPY_MODEL_0123456789abcdef", "HTMLModel", "jupyter.widget", "response", "set_next_input",
    "buffer_paths", "text/plain",
)  # fmt: skip


def knowing(*secrets: str) -> Matcher:
    matcher = Matcher()
    for secret in secrets:
        matcher.learn(secret)
    return matcher


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_masked_in_every_place_with_payload(kind: str) -> None:
    content = every(f"say {SECRET}!")[kind]
    before = copy.deepcopy(content)

    clean = masked(kind, content, knowing(SECRET))

    assert content == before, "what was given is not changed"
    assert SECRET not in json.dumps(clean)
    for path, value in leaves(clean).items():
        was = leaves(content)[path]
        assert value == (was.replace(SECRET, MASK) if isinstance(was, str) else was)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_protocol_as_a_password_changes_nothing_but_payload(
    kind: str, word: str
) -> None:
    content = every("shown")[kind]

    assert masked(kind, content, knowing(word)) in (content, _without(content, word))


def _without(content: dict[str, Any], word: str) -> dict[str, Any]:
    """The content with the word masked where it is payload after all: an error's name, say."""
    clean = copy.deepcopy(content)
    if clean.get("ename") == word:
        clean["ename"] = MASK
    for shown in clean.get("user_expressions", {}).values():
        if shown.get("ename") == word:
            shown["ename"] = MASK
    if "matches" in clean:
        clean["matches"] = [MASK if match == word else match for match in clean["matches"]]
    return clean


@pytest.mark.parametrize("kind", WITHOUT_PAYLOAD)
def test_messages_without_payload_are_not_gone_through(kind: str) -> None:
    assert not has_payload(kind, WITHOUT_PAYLOAD[kind])


def test_any_reply_that_is_an_error_is_gone_through() -> None:
    content = {"status": "error", "ename": "E", "evalue": SECRET, "traceback": [SECRET]}

    assert has_payload("apply_reply", content)
    assert SECRET not in json.dumps(masked("apply_reply", content, knowing(SECRET)))


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "application/pdf", "video/mp4"])
def test_base64_of_images_is_never_touched(mime: str) -> None:
    data = {mime: "iVBORw0KGgocorrecthorse+/="}
    content = {"data": data, "metadata": {}}

    assert masked("display_data", content, knowing("iVBORw0KGgocorrecthorse"))["data"] == data


def test_a_long_secret_as_a_key_of_json_data_is_masked_and_no_entry_is_lost() -> None:
    data = {SECRET: 1, f"{SECRET}!": 2, f"({SECRET})": 3, "status": 4}
    content = {"data": {"application/json": {SECRET: data}}, "metadata": {}}

    clean = masked("display_data", content, knowing(SECRET, "status"))
    shown = clean["data"]["application/json"][MASK]

    assert SECRET not in json.dumps(clean)
    assert list(shown.values()) == [1, 2, 3, 4]
    assert "status" in shown


def test_keys_that_become_the_same_stay_apart() -> None:
    first, second = "first secret value", "second secret value"
    content = {"data": {"application/json": {first: 1, second: 2}}, "metadata": {}}

    clean = masked("display_data", content, knowing(first, second))

    assert clean["data"]["application/json"] == {MASK: 1, f"{MASK} 2": 2}


def test_many_keys_that_become_the_same_are_numbered() -> None:
    known = [f"key-of-a-secret-{number:05}" for number in range(5000)]
    data = {f"{MASK} 3": 0} | dict.fromkeys(known, 1)

    clean = masked("display_data", {"data": {"application/json": data}}, knowing(*known))

    names = list(clean["data"]["application/json"])
    assert names[:4] == [f"{MASK} 3", MASK, f"{MASK} 2", f"{MASK} 4"]
    assert names[-1] == f"{MASK} {len(data)}"


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        ({"method": SECRET}, {"method": MASK}),
        ({"method": "update"}, {"method": "update"}),
        ({"buffer_paths": SECRET}, {"buffer_paths": MASK}),
        ({"state": {"_view_data": SECRET}}, {"state": {"_view_data": MASK}}),
        ({"state": {"layout": f"IPY_MODEL_{SECRET}"}}, {"state": {"layout": f"IPY_MODEL_{MASK}"}}),
        ({"state": {"children": ["IPY_MODEL_00ff"]}}, {"state": {"children": ["IPY_MODEL_00ff"]}}),
        (
            {"state": {"value": "<b>correct</b> <i>horse battery</i>"}},
            {"state": {"value": f"<b>{MASK}</b>{MASK}<i>{MASK}</i>"}},
        ),
    ],
)
def test_of_a_comm_only_what_the_protocol_says_is_left_alone(data: Any, clean: Any) -> None:
    matcher = knowing(SECRET, "update", "IPY_MODEL_00ff")

    assert masked("comm_msg", {"comm_id": "1", "data": data}, matcher)["data"] == clean


def test_of_the_debugger_labels_and_lists_of_texts_are_masked() -> None:
    body = {"targets": [{"label": SECRET, "text": SECRET, "type": "value"}], "paths": [SECRET, 1]}

    clean = masked("debug_reply", {"type": "response", "body": body}, knowing(SECRET, "value"))

    assert clean["body"] == {
        "targets": [{"label": MASK, "text": MASK, "type": "value"}],
        "paths": [MASK, 1],
    }


@pytest.mark.parametrize("kind", KINDS)
def test_withholding_takes_the_payload_and_nothing_else(kind: str) -> None:
    content = every(SECRET)[kind]

    clean = withheld(kind, content)

    assert SECRET not in json.dumps(clean)
    assert clean.keys() == content.keys()
    for name in ("name", "transient", "execution_count", "status", "comm_id", "password", "found"):
        assert clean.get(name) == content.get(name)
    if kind in ("stream", "error"):
        assert SENTENCE in json.dumps(clean)


atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from([SECRET, f"x{SECRET}", "status", "password 123456", "\ud800"]),
)
anything = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.sampled_from(KINDS), anything, st.sampled_from([SECRET, "status", "password"]))
def test_whatever_a_message_holds_its_shape_stays(kind: str, data: Any, secret: str) -> None:
    """Also where it is not what the protocol says."""
    content = every("shown")[kind]
    for name in ("data", "text", "payload", "traceback", "history", "matches", "body", "metadata"):
        if name in content:
            content[name] = {"application/json": data} if name == "data" else content[name]
    content["extra"] = data

    clean = masked(kind, content, knowing(secret))

    assert json.loads(json.dumps(clean)).keys() == json.loads(json.dumps(content)).keys()
    before, after = leaves(content), leaves(clean)
    assert list(before) == list(after)
    for path, value in after.items():
        assert type(value) is type(before[path])
        assert not isinstance(value, str) or value.replace(MASK, "") in (
            before[path].replace(secret, ""),
            before[path],
        )
    assert clean["extra"] == data
