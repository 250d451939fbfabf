"""The members that a line of `%bw_create` or `%bw_edit` names.

A secret among them comes from the generator, from a variable, or from a file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import argument
from bw_magics.notebook.magics.generator_options import generator_options, is_asked_for, rules
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.vault.changes import hidden
from bw_magics.vault.types import ITEM_TYPES
from bw_magics.vault.uri import secrets_in

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault

Magic = TypeVar("Magic", bound=Callable[..., Any])

# A file is read whole; the server takes no longer texts anyway.
LARGEST_FILE = 1024 * 1024
_NOTES = "notes"
_IN_FILES = (_NOTES, "privateKey")
# How an item is marked, and how the mark is taken away.
_SWITCHES = {
    "favorite": ("make it a favourite", "remove it from the favourites"),
    "reprompt": ("ask for the master password again", "do not ask for the master password again"),
}


def _has_secrets(uri: str) -> bool:
    return bool(secrets_in(uri))


def _is_named_like_secret(text: str) -> bool:
    return bool(is_secret_name(text.partition("=")[0]))


def member_options(magic: Magic) -> Magic:
    """Declares an option for each member that an item can have, and those of the generator."""
    names = dict.fromkeys(name for each in ITEM_TYPES.values() for name in each.members)
    for name in reversed(names):
        types = [each for each in ITEM_TYPES.values() if name in each.members]
        is_secret = any(name in each.secret for each in types)
        magic = argument(
            f"--{name}",
            dest=f"{name}_member",
            carries_secret=is_secret,
            of_types=[each.name for each in types],
            shown_as="[--MEMBER VALUE]",
            metavar="$VARIABLE" if is_secret else "VALUE",
            help="a member of the type",
        )(magic)
    for switch in reversed([*_SWITCHES]):
        told, not_told = _SWITCHES[switch]
        off: dict[str, Any] = {"action": "store_false", "dest": switch, "default": None}
        on: dict[str, Any] = {"action": "store_true", "dest": switch, "default": None}
        magic = argument(f"--no-{switch}", help=not_told, **off)(magic)
        magic = argument(f"--{switch}", help=told, **on)(magic)
    for declare in reversed(_OPTIONS):
        magic = declare(magic)
    return generator_options(but=("--number",), shown_as="[generator's options]")(magic)


_OPTIONS = (
    argument(
        "--generate", action="store_true", help="a new secret, by the options of %%bw_generate"
    ),
    argument("--notes", metavar="$VARIABLE", carries_secret=True, help="the notes"),
    argument("--notesfile", metavar="FILE", help="the notes from a text file"),
    argument("--privateKeyfile", metavar="FILE", help="an SSH key from its file"),
    argument(
        "--uri",
        metavar="URI",
        action="append",
        carries_secret=_has_secrets,
        help="a URI of a login; can be repeated",
    ),
    argument(
        "--field",
        metavar="NAME=TEXT",
        action="append",
        carries_secret=_is_named_like_secret,
        help="a custom field; can be repeated",
    ),
    argument(
        "--hidden",
        metavar="NAME=$VARIABLE",
        action="append",
        carries_secret=True,
        help="a hidden custom field; can be repeated",
    ),
    argument(
        "--json",
        metavar="$VARIABLE",
        carries_secret=True,
        help="an item as the CLI has it: a dict, JSON, or base64 of it",
    ),
)


def members_of(arguments: Arguments) -> dict[str, Any]:
    """Gives the members that the options of a line name, as `Draft.update` takes them.

    Raises `UsageMistake` for a value of another kind.
    """
    names = dict.fromkeys(name for each in ITEM_TYPES.values() for name in each.members)
    found = {name: getattr(arguments, f"{name}_member") for name in names}
    found |= {switch: getattr(arguments, switch) for switch in _SWITCHES}
    found |= {"notes": arguments.notes, "uris": _uris(arguments), "fields": _fields(arguments)}
    for name in _IN_FILES:
        found[name] = or_from_file(arguments, name, found[name])
    return {name: value for name, value in found.items() if value is not None}


def generated(vault: Vault, arguments: Arguments) -> str | None:
    """Gives a new secret where the line has `--generate`.

    Raises `UsageMistake` for an option of the generator without it.
    """
    if arguments.generate:
        return vault.generate(rules(arguments))
    if is_asked_for(arguments):
        raise UsageMistake("The line has options of the generator.", "Add --generate.")
    return None


def _uris(arguments: Arguments) -> list[str] | None:
    uris: list[str] | None = arguments.uri
    if uris and not all(isinstance(uri, str) for uri in uris):
        raise UsageMistake("--uri needs a text.", "Write --uri https://… or --uri $variable.")
    return uris


def _fields(arguments: Arguments) -> dict[str, Any] | None:
    fields: dict[str, Any] = {}
    for held in arguments.field or ():
        name, value = held if isinstance(held, tuple) else _split(held)
        fields[name] = value
    for held in arguments.hidden or ():
        if not isinstance(held, tuple) or not isinstance(held[1], str):
            raise UsageMistake(
                "--hidden needs a name and a variable that holds a text.",
                "Write --hidden NAME=$variable.",
            )
        fields[held[0]] = hidden(held[1])
    return fields or None


def _split(text: object) -> tuple[str, str]:
    name, equals, value = text.partition("=") if isinstance(text, str) else ("", "", "")
    if not (name and equals):
        raise UsageMistake("--field needs a name and a value.", "Write --field NAME=TEXT.")
    return name, value


def or_from_file(arguments: Arguments, name: str, given: Any) -> Any:
    """Gives the value of an option, or the text of the file that its twin names. Raises
    `UsageMistake` where the line has both.
    """
    path = getattr(arguments, f"{name}file")
    if path is None:
        return given
    if given is not None:
        raise UsageMistake(
            f"--{name} and --{name}file both name a value.", "Leave one of them out."
        )
    return text_of_file(path)


def text_of_file(path: str) -> str:
    """Gives the text of a file that a line names. Raises `UsageMistake`."""
    file = Path(path).expanduser()
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise UsageMistake(
                "The file is larger than 1 MiB.", "Attach it: %bw_create attachment --file FILE."
            )
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UsageMistake(
            f"The file cannot be read: {error.strerror}.", "Check its name and its permissions."
        ) from None
    except UnicodeDecodeError:
        raise UsageMistake(
            "The file is not text in UTF-8.", "Attach it: %bw_create attachment --file FILE."
        ) from None
