"""What a person is asked, whatever the means: the fields, and what is said around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bw_magics.errors import PromptCancelled
from bw_magics.secret import Secret

RUN_AGAIN = "Run the cell again to be asked again."

# Also in api_key_paste.js: the form splits a paste before a person sees it in a readable field.
_KEY_ID = re.compile(r"(?:user|organization)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_LABELS = re.compile(
    r"(?:BW_)?client_?(?:id|secret)[\"']?\s*[:=]?"
    r"|scope[\"']?\s*[:=]?\s*[\"']?api"
    r"|grant_type[\"']?\s*[:=]?\s*[\"']?client_credentials"
    r"|\bexport\b",
    re.I,
)
_SEPARATORS = re.compile(r"[\s\"',;:={}]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to type. `is_masked` is how a form shows it; the kernel's own box masks all."""

    name: str
    label: str
    is_masked: bool = True
    placeholder: str = ""


CLIENT_ID = Field("client_id", "client_id", is_masked=False, placeholder="user.…")
CLIENT_SECRET = Field("client_secret", "client_secret")
MASTER_PASSWORD = Field("master_password", "Master password")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in one go. `server` and `source` say for which vault, and whence the rest;
    `hint` where to find what is asked for.
    """

    title: str
    fields: tuple[Field, ...]
    button: str
    server: str
    source: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """The answer was refused: why, what may help, and what to ask once more. `title` and `button`
    are new where the question became another one.
    """

    problem: str
    remedy: str
    fields: tuple[Field, ...]
    title: str = ""
    button: str = ""


def interrupted() -> PromptCancelled:
    """What ■ leads to, whatever the means and whether it is asked or tried just then."""
    return PromptCancelled("The question was interrupted.", RUN_AGAIN)


Attempt = Callable[[Mapping[str, Secret]], str | Again]
"""Tries the answers: the line that takes the question's place, or what to ask again."""


def both_halves(text: str) -> tuple[str, str] | None:
    """The two halves of an API key where both were typed or pasted as one text, with labels or
    without; else None.
    """
    found = _KEY_ID.search(text)
    if found is None:
        return None
    rest = _LABELS.sub(" ", text[: found.start()] + " " + text[found.end() :])
    words = [word for word in _SEPARATORS.split(rest) if word]
    return (found[0], words[0]) if len(words) == 1 else None


def tidied(typed: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, Secret]:
    """What was typed, as secrets: an API key without the space around it, both halves apart where
    one field held both. A master password is taken as it is.
    """
    values = dict(typed)
    key_fields = [field.name for field in (CLIENT_ID, CLIENT_SECRET) if field in fields]
    for name in key_fields:
        values[name] = values.get(name, "").strip()
    if len(key_fields) == 2:
        for name in key_fields:
            if halves := both_halves(values[name]):
                values.update(zip(key_fields, halves, strict=True))
                break
    labels = {field.name: field.label for field in fields}
    return {name: Secret(value, labels[name]) for name, value in values.items() if name in labels}
