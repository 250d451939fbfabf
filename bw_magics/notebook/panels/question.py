"""A question to a person: its fields, and the texts around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bw_magics.errors import PromptCancelled
from bw_magics.lean_regex import regex
from bw_magics.secret import Secret
from bw_magics.settings import pasted

RUN_AGAIN = "Run the cell again to be asked again."

# Also in api_key_paste.js: the form splits a paste before a person sees it in a readable field.
_KEY_ID = regex(r"(?:user|organization)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_LABELS = regex(
    r"(?:BW_)?client_?(?:id|secret)[\"']?\s*[:=]?"
    r"|scope[\"']?\s*[:=]?\s*[\"']?api"
    r"|grant_type[\"']?\s*[:=]?\s*[\"']?client_credentials"
    r"|\bexport\b",
    re.I,
)
_SEPARATORS = regex(r"[\s\"',;:={}]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a field offers, and the address of the web vault that belongs to it."""

    value: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to type. A form masks it with `is_masked`; the kernel's own box masks all.

    A field with `choices` takes one of them or an address; the first is the default.
    """

    name: str
    label: str
    is_masked: bool = True
    placeholder: str = ""
    choices: tuple[Choice, ...] = ()


CLIENT_ID = Field("client_id", "client_id", is_masked=False, placeholder="user.…")
CLIENT_SECRET = Field("client_secret", "client_secret")
MASTER_PASSWORD = Field("master_password", "Master password")
AGREEMENT = Field("agreement", "Type yes to agree", is_masked=False, placeholder="yes")
ACCESS_TOKEN = Field("access_token", "Access token", placeholder="0.…")


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that is asked at once. `server` and `source` name the vault and where the rest
    comes from; `hint` says where to find the values. `web_vault` is the address of the one that
    shows the API key. `is_repeatable` says that the same answers can be sent again after a network
    error, as those that log in or unlock; a change could be made twice.
    """

    title: str
    fields: tuple[Field, ...]
    button: str
    server: str
    source: str = ""
    hint: str = ""
    web_vault: str = ""
    is_repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """A refused answer: why, what can help, and the fields to ask again. `title` and `button` are
    set if the question became another one. `at` names the field that the problem is in.
    `keeps_typed` says that the other answers may be right: they need not be typed again.
    """

    problem: str
    remedy: str
    fields: tuple[Field, ...]
    title: str = ""
    button: str = ""
    at: str = ""
    keeps_typed: bool = False


def interrupted() -> PromptCancelled:
    """Returns the error for ■, for any way to ask and at any moment."""
    return PromptCancelled("The question was interrupted.", RUN_AGAIN)


Attempt = Callable[[Mapping[str, Secret]], str | Again]
"""Tries the answers: the line that takes the question's place, or what to ask again."""


def agrees(answers: Mapping[str, str]) -> bool:
    """Returns whether a person typed yes into `AGREEMENT`."""
    return answers[AGREEMENT.name].strip().lower() == "yes"


def both_halves(text: str) -> tuple[str, str] | None:
    """Splits an API key that was typed or pasted as one text, with or without labels. None if it is
    not one.
    """
    found = _KEY_ID.search(text)
    if found is None:
        return None
    rest = _LABELS.sub(" ", text[: found.start()] + " " + text[found.end() :])
    words = [word for word in _SEPARATORS.split(rest) if word]
    return (found[0], words[0]) if len(words) == 1 else None


def tidied(typed: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, Secret]:
    """Returns the typed values as secrets.

    An API key, an access token and a server lose the blanks and quotes around them. A key is split
    if one field held both halves. A master password stays as it is.
    """
    values = dict(typed)
    key_fields = [field.name for field in (CLIENT_ID, CLIENT_SECRET) if field in fields]
    tokens = [field.name for field in fields if field == ACCESS_TOKEN]
    for name in (*key_fields, *tokens, *(field.name for field in fields if field.choices)):
        values[name] = pasted(values.get(name, ""))
    if len(key_fields) == 2:
        for name in key_fields:
            if halves := both_halves(values[name]):
                values.update(zip(key_fields, halves, strict=True))
                break
    labels = {field.name: field.label for field in fields}
    return {name: Secret(value, labels[name]) for name, value in values.items() if name in labels}
