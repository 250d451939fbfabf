"""The declaration of a magic's arguments: what completes a word, and which words may be secret."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any, TypeVar

from IPython.core import magic_arguments as ipython

Function = TypeVar("Function", bound=Callable[..., object])


class Names(enum.Enum):
    """The names of the vault that complete a word of a line."""

    OBJECT = "what get can be asked for"
    QUERY = "an item or a place, as the object before it says"
    ITEM = "an item"
    FOLDER = "folder"
    COLLECTION = "collection"
    ORGANIZATION = "organization"
    PROFILE = "a profile"
    PROJECT = "a project of the Secrets Manager"
    ASSIGNMENT = "NAME=REF"


Completes = Names | tuple[str, ...]
"""What completes an argument: names of the vault, or fixed words."""


IsSecret = Callable[[str], bool]


def _always(text: str) -> bool:
    return True


class LateParser:
    """The parser of a magic, which IPython builds when it is first used.

    IPython builds the parsers of all magics, and words their help, while the modules load.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function

    @cached_property
    def _parser(self) -> Any:
        return ipython.construct_parser(self._function)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)


class magic_arguments(ipython.magic_arguments):  # noqa: N801 # as IPython writes decorators
    """IPython's decorator, with a `LateParser`; `%bw_get?` asks `getdoc` for the manual."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # IPython's own

    def __call__(self, function: Any) -> Any:
        """Marks the function as a magic with arguments."""
        if not hasattr(function, "decorators"):
            function.decorators = []
        parser = function.parser = LateParser(function)
        function.getdoc = lambda: parser.format_help()
        return function


class argument(ipython.argument):  # noqa: N801 # as IPython writes decorators
    """IPython's `argument`, with what completes it.

    The value of an option that `carries_secret` is never typed on the line, only named there:
    `--password $new`, or `--hidden token=$new`. The magic gets what the variable holds, of
    whatever type; with a name before it, the pair of both. A function tells which texts are
    secret: the others may be typed. With `nargs="?"` the option may stand alone: its value is
    `const` then.

    An option with `of_types` is for these types of items alone, named as Bitwarden names them, or
    for a secret or project of the Secrets Manager.
    `shown_as` stands for several options in the usage.
    """

    def __init__(
        self,
        *names: str,
        completes: Completes = (),
        carries_secret: bool | IsSecret = False,
        of_types: Collection[str] = (),
        shown_as: str = "",
        **options: Any,
    ) -> None:
        super().__init__(*names, **options)  # type: ignore[no-untyped-call] # IPython's own
        self._marks = {
            "completes": completes,
            "is_secret": carries_secret if callable(carries_secret) else _always,
            "carries_secret": bool(carries_secret),
            "of_types": of_types,
            "shown_as": shown_as,
        }

    def add_to_parser(self, parser: Any, group: Any) -> None:
        """Declares the argument; IPython calls this while it builds the parser."""
        action = (parser if group is None else group).add_argument(*self.args, **self.kwds)
        for name, value in self._marks.items():
            setattr(action, name, value)


def completes(action: Any) -> Completes:
    """Gives what completes an argument of a parser."""
    found: Completes = getattr(action, "completes", ())
    return found


def carries_secret(action: Any) -> bool:
    """Tells whether the value of an option can be a secret, which only a variable may name."""
    return getattr(action, "carries_secret", False)


def is_secret(action: Any, text: str) -> bool:
    """Tells whether a text that was typed as the value of such an option is a secret."""
    tell: IsSecret = action.is_secret
    return tell(text)


def of_types(action: Any) -> Collection[str]:
    """Gives the types of items whose member an option sets; empty for any other option."""
    found: Collection[str] = getattr(action, "of_types", ())
    return found


def shown_as(action: Any) -> str:
    """Gives the text that stands for an option and others like it in the usage, or an empty one."""
    text: str = getattr(action, "shown_as", "")
    return text


def brief_usage(magic: Any) -> str:
    """Says in short how the line of a magic is written: `%bw_list OBJECTS`, and the fixed words."""
    parser = magic.parser
    words = [(str(each.metavar), completes(each)) for each in parser._get_positional_actions()]
    usage = " ".join((f"%{magic.__name__}", *(name for name, _ in words)))
    if not words:
        options = (name for name in parser._option_string_actions if name.startswith("--"))
        usage = " ".join((usage, *(f"[{name}]" for name in options)))
    for name, fixed in words:
        if isinstance(fixed, tuple) and len(fixed) > 1:
            usage += f" ({name}: {', '.join(fixed)})"
    return usage


def words_may_be_secret(magic: Function) -> Function:
    """Marks a magic whose words can be a password or a key, as in `bw unlock PASSWORD`.

    A refused line of it loses all of its words. Without positional arguments, any word is refused.
    """
    magic.words_may_be_secret = True  # type: ignore[attr-defined]
    return magic


def may_be_secret(magic: object) -> bool:
    """Tells whether a magic is marked with `words_may_be_secret`."""
    return getattr(magic, "words_may_be_secret", False)


KNOWN_SERVERS = ("us", "eu")

PROFILE = argument(
    "--profile",
    metavar="NAME",
    completes=Names.PROFILE,
    help="a session beside the others, of that name",
)
