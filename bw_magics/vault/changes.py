"""The changes that a draft holds: each names one thing and its wanted value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bw_magics.errors import MaskRefused, UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.secret import MASK, Secret, Unpicklable
from bw_magics.vault.types import HIDDEN, LINKED, LINKED_MEMBERS

# The ways to compare a login's URI with a page, by their numbers on the wire.
MATCHES = ("domain", "host", "startsWith", "exact", "regularExpression", "never")
# The account's own way, which a URI without a number has.
DEFAULT_MATCH = "default"
NO_MATCH = -1

_CAPITAL = regex(r"_([a-z0-9])")
_MASKED = regex(rf"\[REDACTED|{MASK[:3]}")


@dataclass(frozen=True, slots=True, repr=False)
class FieldValue(Unpicklable):
    """The value of a custom field with its kind: 0 text, 1 hidden, 2 boolean, 3 linked.

    `kind` is None where an existing field keeps its own.
    """

    value: str | bool | None
    kind: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class UriValue(Unpicklable):
    """A URI of a login; `match` is its number on the wire, `NO_MATCH` for the account's own way, or
    None where it stays as it is.
    """

    uri: str
    match: int | None = None


def hidden(value: str) -> FieldValue:
    """Makes the value of a hidden custom field.

    For example `fields={"token": hidden(value)}`.
    """
    _refuse_other_types(value, "the value of a hidden field")
    return FieldValue(value, HIDDEN)


def linked(member: str) -> FieldValue:
    """Makes a custom field that shows a member of the item, such as `linked("username")`."""
    wanted = camel_case(member)
    if wanted not in LINKED_MEMBERS.values():
        raise UsageMistake(
            f"A custom field cannot be linked to '{member}'.",
            f"Link it to one of: {', '.join(sorted(set(LINKED_MEMBERS.values())))}.",
        )
    return FieldValue(wanted, LINKED)


def matching(uri: str, match: str) -> UriValue:
    """Makes a URI with a way to compare it with a page.

    `match` is one of `MATCHES`, or `default` for the account's own way.
    """
    if match not in (*MATCHES, DEFAULT_MATCH):
        known = ", ".join((*MATCHES, DEFAULT_MATCH))
        raise UsageMistake(f"'{match}' is not a way to match a URI.", f"Use one of: {known}.")
    _refuse_other_types(uri, "a URI")
    refuse_mask(uri, "a URI")
    return UriValue(uri, NO_MATCH if match == DEFAULT_MATCH else MATCHES.index(match))


@dataclass(frozen=True, slots=True, repr=False)
class SetMember(Unpicklable):
    """A change that sets a member of the type or of every item; None empties it."""

    name: str
    value: str | bool | None


@dataclass(frozen=True, slots=True, repr=False)
class SetField(Unpicklable):
    """A change that sets or adds the custom field of that name; `value` None removes it.

    `name#2` is the second field of that name.
    """

    name: str
    value: FieldValue | None


@dataclass(frozen=True, slots=True, repr=False)
class RenameField(Unpicklable):
    """A change that renames the custom field of that name."""

    name: str
    to: str


@dataclass(frozen=True, slots=True, repr=False)
class SetUris(Unpicklable):
    """A change that sets all URIs of a login, in their order."""

    uris: tuple[UriValue, ...]


Change = SetMember | SetField | RenameField | SetUris


def camel_case(name: str) -> str:
    """Returns the name in Bitwarden's spelling: `private_key` is `privateKey`."""
    return _CAPITAL.sub(lambda found: found[1].upper(), name)


def refuse_mask(value: str, what: str) -> None:
    """Raises `MaskRefused` where a text is the mask of a secret."""
    if not isinstance(value, Secret) and _MASKED.search(str.__str__(value)):
        raise MaskRefused(
            f"The new value of {what} is the mask of a secret, not the secret.",
            "Read the value from the vault again, and use it without printing it first.",
        )


def touched(changes: Iterable[Change]) -> Iterator[str]:
    """Yields the names of what changes: members, `field:NAME`, `uris`; no values."""
    for change in changes:
        match change:
            case SetMember(name, _):
                yield name
            case SetField(name, _):
                yield f"field:{name}"
            case RenameField(name, to):
                yield f"field:{name}"
                yield f"field:{to}"
            case SetUris():
                yield "uris"


def _refuse_other_types(value: object, what: str) -> None:
    if not isinstance(value, str):
        raise UsageMistake(f"{what} has to be a text, not {type(value).__name__}.", "")
