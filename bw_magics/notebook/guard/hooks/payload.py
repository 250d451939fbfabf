"""The parts of each kind of message that hold a cell's output.

Envelopes, keys, `status`, ids and options of the protocol are never touched: a vault
password `status` must not change what a message means (docs/jupyter.md, Messages of the kernel).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from bw_magics.lean_regex import regex
from bw_magics.matching.matcher import Matcher

Content = Mapping[str, Any]
Walk = Callable[[Content, Matcher], dict[str, Any]]

# Mime types whose strings are base64 of something else, or belong to a protocol.
_BINARY = ("image/", "audio/", "video/", "font/")
_UNTOUCHED = frozenset(
    {
        "application/octet-stream",
        "application/pdf",
        "application/zip",
        "application/vnd.jupyter.widget-view+json",
    }
)
_TEXT_AFTER_ALL = ("+xml", "+json")

# What has no text in it.
_BARE = frozenset([int, float, bool, type(None)])

# From this length on a text inside JSON data counts where it is a key, too: no schema has it.
_LONG_KEY = 12

# Traits that name the kind of a widget; other private ones hold its contents.
_WIDGET_CLASS = frozenset(
    f"_{part}_{what}"
    for part in ("model", "view")
    for what in ("count", "module", "module_version", "name")
)
_WIDGET = regex("IPY_MODEL_[0-9a-f-]+")

# Members of the widgets' protocol beside the state.
_METHODS = frozenset(
    ["custom", "echo_update", "request_state", "request_states", "update", "update_states"]
)

# The members of a debugger's answers that show values.
_DEBUGGER = frozenset(
    [
        "value",
        "result",
        "name",
        "evaluateName",
        "label",
        "text",
        "content",
        "message",
        "output",
        "description",
        "details",
        "stackTrace",
    ]
)
# Those that hold a display, by mime type.
_BUNDLES = frozenset(["data", "metadata"])


def has_payload(message_type: str, content: object) -> bool:
    """Returns whether such a message can hold a cell's output."""
    if not isinstance(content, Mapping):
        return False
    return message_type in _WALKS or content.get("status") == "error"


def masked(message_type: str, content: Content, matcher: Matcher) -> dict[str, Any]:
    """Returns the content with every secret in its payload masked; does not change `content`."""
    walk = _WALKS.get(message_type)
    clean = walk(content, matcher) if walk is not None else dict(content)
    return _error(clean, matcher) if content.get("status") == "error" else clean


def strings(value: Any, matcher: Matcher) -> Any:
    """Returns the value with every string in it masked; keys stay as they are."""
    return _rebuilt(value, matcher.mask, dict)


def _rebuilt(
    value: Any,
    clean: Callable[[str], str],
    copied: Callable[[Mapping[Any, Any]], dict[Any, Any]],
    chosen: Callable[[Mapping[Any, Any]], list[Any]] | None = None,
) -> Any:
    """Returns the value with every string in it cleaned and every mapping copied.

    `chosen` gives the members of a mapping that are looked at: all, without it. It does not call
    itself: a value may be as deeply nested as its packer allows.
    """
    root = [value]
    waiting: list[tuple[Any, Any]] = [(root, 0)]
    while waiting:
        parent, place = waiting.pop()
        part = parent[place]
        if isinstance(part, str):
            parent[place] = clean(part)
        elif isinstance(part, Mapping):
            parent[place] = members = copied(part)
            if chosen is None:
                names = [name for name, at in members.items() if type(at) not in _BARE]
            else:
                names = chosen(members)
            waiting += [(members, name) for name in names]
        elif isinstance(part, list | tuple):
            parent[place] = items = list(part)
            waiting += [(items, index) for index, at in enumerate(items) if type(at) not in _BARE]
    return root[0]


# The parts of a payload.


def mime_bundle(bundle: Any, matcher: Matcher) -> Any:
    """Returns the data of a display, by mime type."""
    if not isinstance(bundle, Mapping):
        return strings(bundle, matcher)
    return {mime: _mime(str(mime), value, matcher) for mime, value in bundle.items()}


def _mime(mime: str, value: Any, matcher: Matcher) -> Any:
    is_html = _is_html(mime)
    if is_html is None:
        return value
    return matcher.mask(value, is_html=is_html) if isinstance(value, str) else _data(value, matcher)


@lru_cache(64)
def _is_html(mime: str) -> bool | None:
    """Returns whether a part of a display is HTML; None where it is never touched."""
    kind = mime.partition(";")[0].strip().lower()
    if kind in _UNTOUCHED or (kind.startswith(_BINARY) and not kind.endswith(_TEXT_AFTER_ALL)):
        return None
    return "html" in kind


class Text(NamedTuple):
    """A text of a display; where its kind is never touched, `is_html` is None."""

    text: str
    is_html: bool | None


def texts_of(message_type: str, content: Content) -> tuple[list[Text], bool] | None:
    """Returns the texts of a display, and whether it has nothing else to mask; None for another
    kind of message.
    """
    data = content.get("data")
    if _WALKS.get(message_type) is not _display or type(data) is not dict:
        return None
    texts: list[Text] = []
    for mime, value in data.items():
        if type(value) is str and type(mime) is str:
            texts.append(Text(value, _is_html(mime)))
    is_all = len(texts) == len(data) and not content.get("metadata") and "status" not in content
    return texts, is_all


def _data(value: Any, matcher: Matcher) -> Any:
    """Returns strings as `strings` does, and keys: in the user's own data they may be secrets."""
    return _rebuilt(value, matcher.mask, lambda members: _keys_masked(members, matcher))


def _keys_masked(members: Mapping[Any, Any], matcher: Matcher) -> dict[Any, Any]:
    clean: dict[Any, Any] = {}
    alike: Counter[str] = Counter()
    for key, part in members.items():
        name = key
        if isinstance(key, str) and len(key) >= _LONG_KEY:
            name = masked_key = matcher.mask(key)
            while name in clean:
                alike[masked_key] += 1
                name = f"{masked_key} {alike[masked_key] + 1}"
        clean[name] = part
    return clean


def _changed(content: Content, **parts: Any) -> dict[str, Any]:
    return {**content, **{name: part for name, part in parts.items() if name in content}}


def _error(content: Content, matcher: Matcher) -> dict[str, Any]:
    return _changed(
        content,
        ename=strings(content.get("ename"), matcher),
        evalue=strings(content.get("evalue"), matcher),
        traceback=strings(content.get("traceback"), matcher),
    )


# One for each kind of message.


def _stream(content: Content, matcher: Matcher) -> dict[str, Any]:
    return _changed(content, text=strings(content.get("text"), matcher))


def _display(content: Content, matcher: Matcher) -> dict[str, Any]:
    # Not `transient`: it holds the display's id.
    return _changed(
        content,
        data=mime_bundle(content.get("data"), matcher),
        metadata=strings(content.get("metadata"), matcher),
    )


def _execute_reply(content: Content, matcher: Matcher) -> dict[str, Any]:
    actions, expressions = content.get("payload"), content.get("user_expressions")
    actions = _each(actions, _action, matcher)
    if isinstance(expressions, Mapping):
        expressions = {name: _expression(shown, matcher) for name, shown in expressions.items()}
    else:
        expressions = strings(expressions, matcher)
    return _changed(content, payload=actions, user_expressions=expressions)


def _expression(shown: Any, matcher: Matcher) -> Any:
    """Returns what a reply shows of one of the user's expressions, or its error."""
    if not isinstance(shown, Mapping):
        return strings(shown, matcher)
    return _error(_display(shown, matcher), matcher)


def _each(values: Any, clean: Walk, matcher: Matcher) -> Any:
    """Returns a list with each of its mappings made clean; all else as texts."""
    if not isinstance(values, list):
        return strings(values, matcher)
    return [
        clean(value, matcher) if isinstance(value, Mapping) else strings(value, matcher)
        for value in values
    ]


def _action(action: Content, matcher: Matcher) -> dict[str, Any]:
    """Returns a payload of a reply: the pager, or text for the next cell."""
    return _changed(
        action,
        data=mime_bundle(action.get("data"), matcher),
        text=strings(action.get("text"), matcher),
    )


def _comm(content: Content, matcher: Matcher) -> dict[str, Any]:
    data = content.get("data")
    if not isinstance(data, Mapping):
        return _changed(content, data=_data(data, matcher))
    clean: dict[str, Any] = {}
    for name, value in data.items():
        if name == "state" and isinstance(value, Mapping):
            clean[name] = {key: _trait(key, part, matcher) for key, part in value.items()}
        else:
            clean[name] = value if _is_protocol(name, value) else _data(value, matcher)
    return _changed(content, data=clean)


def _is_protocol(name: Any, value: Any) -> bool:
    if name == "method":
        return isinstance(value, str) and value in _METHODS
    return name == "buffer_paths" and isinstance(value, list)


def _trait(name: Any, value: Any, matcher: Matcher) -> Any:
    """Returns a trait of a widget; which model and view it has is the protocol's."""
    return value if name in _WIDGET_CLASS else _without_models(value, matcher)


def _without_models(value: Any, matcher: Matcher) -> Any:
    def clean(text: str) -> str:
        is_reference = _WIDGET.fullmatch(text)
        return text if is_reference else matcher.mask(text, is_html="</" in text)

    return _rebuilt(value, clean, lambda members: _keys_masked(members, matcher))


def _complete_reply(content: Content, matcher: Matcher) -> dict[str, Any]:
    metadata = content.get("metadata")
    if isinstance(metadata, Mapping):
        experimental = metadata.get("_jupyter_types_experimental")
        experimental = _each(experimental, _completion, matcher)
        metadata = _changed(metadata, _jupyter_types_experimental=experimental)
    return _changed(content, matches=strings(content.get("matches"), matcher), metadata=metadata)


def _completion(entry: Content, matcher: Matcher) -> dict[str, Any]:
    return _changed(
        entry,
        text=strings(entry.get("text"), matcher),
        signature=strings(entry.get("signature"), matcher),
    )


def _history_reply(content: Content, matcher: Matcher) -> dict[str, Any]:
    return _changed(content, history=strings(content.get("history"), matcher))


def _debugger(content: Content, matcher: Matcher) -> dict[str, Any]:
    return _changed(
        content,
        body=_debugger_values(content.get("body"), matcher),
        message=strings(content.get("message"), matcher),
    )


def _debugger_values(value: Any, matcher: Matcher) -> Any:
    def copied(members: Mapping[Any, Any]) -> dict[Any, Any]:
        return {
            name: mime_bundle(part, matcher) if name in _BUNDLES else part
            for name, part in members.items()
        }

    def chosen(members: Mapping[Any, Any]) -> list[Any]:
        return [
            name
            for name, part in members.items()
            if name not in _BUNDLES and (name in _DEBUGGER or not isinstance(part, str))
        ]

    return _rebuilt(value, matcher.mask, copied, chosen)


def _input_request(content: Content, matcher: Matcher) -> dict[str, Any]:
    return _changed(content, prompt=strings(content.get("prompt"), matcher))


def _execute_input(content: Content, matcher: Matcher) -> dict[str, Any]:
    return _changed(content, code=strings(content.get("code"), matcher))


_WALKS: dict[str, Walk] = {
    "stream": _stream,
    "display_data": _display,
    "update_display_data": _display,
    "execute_result": _display,
    "error": _error,
    "execute_reply": _execute_reply,
    "execute_input": _execute_input,
    "comm_open": _comm,
    "comm_msg": _comm,
    "comm_close": _comm,
    "inspect_reply": _display,
    "complete_reply": _complete_reply,
    "history_reply": _history_reply,
    "debug_reply": _debugger,
    "debug_event": _debugger,
    "input_request": _input_request,
}
