"""The options of a generator, for every magic that makes a secret."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import argument

if TYPE_CHECKING:
    from bw_magics.vault.generate import PassphraseRules, PasswordRules

Magic = TypeVar("Magic", bound=Callable[..., Any])

_SEPARATORS = {"space": " ", "empty": ""}


_OPTIONS = (
    (("-u", "--uppercase"), "upper-case letters"),
    (("-l", "--lowercase"), "lower-case letters"),
    (("-n", "--number"), "numbers"),
    (("-s", "--special"), "special characters: !@#$%%^&*"),
    (("-p", "--passphrase"), "words instead of characters"),
    (("--length",), "how many characters: 14, at least 5"),
    (("--words",), "how many words: 6, at least 3"),
    (("--minNumber",), "at least so many numbers: 1"),
    (("--minSpecial",), "at least so many special characters: 1"),
    (("--separator",), "between words: -, or one character, space, empty"),
    (("-c", "--capitalize"), "each word with a capital letter"),
    (("--includeNumber",), "a number behind one of the words"),
    (("--ambiguous",), "avoid what looks alike: I O l 0 1"),
)
_TAKE_VALUE = {"length": "N", "words": "N", "minNumber": "N", "minSpecial": "N", "separator": "C"}


def generator_options(*, but: Container[str] = (), shown_as: str = "") -> Callable[[Magic], Magic]:
    """Declares the options of a generator for a magic.

    `but` are names that mean something else there, `shown_as` stands for all of them in its usage.
    """

    def declare(magic: Magic) -> Magic:
        for names, told in reversed(_OPTIONS):
            dest = names[-1].lstrip("-")
            value = _TAKE_VALUE.get(dest)
            how: dict[str, Any] = {"metavar": value} if value else {"action": "store_true"}
            left = [name for name in names if name not in but]
            magic = argument(*left, dest=f"generator_{dest}", help=told, shown_as=shown_as, **how)(
                magic
            )
        return magic

    return declare


def is_asked_for(arguments: Arguments) -> bool:
    """Tells whether a line has an option of the generator."""
    return any(getattr(arguments, f"generator_{names[-1].lstrip('-')}") for names, _ in _OPTIONS)


def rules(arguments: Arguments) -> PasswordRules | PassphraseRules:
    """Gives the rules that the options of a line name."""
    from bw_magics.vault.generate import PassphraseRules, PasswordRules

    if arguments.generator_passphrase:
        separator = "-" if arguments.generator_separator is None else arguments.generator_separator
        return PassphraseRules(
            words=_number(arguments.generator_words, 6),
            separator=_SEPARATORS.get(separator, separator[:1]),
            capitalize=arguments.generator_capitalize,
            include_number=arguments.generator_includeNumber,
        )
    return PasswordRules(
        uppercase=arguments.generator_uppercase,
        lowercase=arguments.generator_lowercase,
        number=arguments.generator_number,
        special=arguments.generator_special,
        length=_number(arguments.generator_length, 14),
        min_number=_number(arguments.generator_minNumber, 1),
        min_special=_number(arguments.generator_minSpecial, 1),
        avoid_ambiguous=arguments.generator_ambiguous,
    )


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise UsageMistake("An option of the generator that counts was given no number.")
    return int(text)
