"""`%bw_generate`: new passwords and passphrases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import line_magic, no_var_expand
from IPython.core.magic_arguments import magic_arguments

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import argument
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.registry import REGISTRY

if TYPE_CHECKING:
    from bw_magics.vault.generate import PassphraseRules, PasswordRules

_SEPARATORS = {"space": " ", "empty": ""}


@REGISTRY.add
class GeneratorMagics(VaultMagics):
    """`%bw_generate`."""

    @magic_arguments()
    @argument("-u", "--uppercase", action="store_true", help="upper-case letters")
    @argument("-l", "--lowercase", action="store_true", help="lower-case letters")
    @argument("-n", "--number", action="store_true", help="numbers")
    @argument("-s", "--special", action="store_true", help="special characters: !@#$%%^&*")
    @argument("-p", "--passphrase", action="store_true", help="words instead of characters")
    @argument("--length", metavar="N", help="how many characters: 14, at least 5")
    @argument("--words", metavar="N", help="how many words: 6, at least 3")
    @argument("--minNumber", metavar="N", help="at least so many numbers: 1")
    @argument("--minSpecial", metavar="N", help="at least so many special characters: 1")
    @argument("--separator", metavar="C", help="between words: -, or one character, space, empty")
    @argument("-c", "--capitalize", action="store_true", help="each word with a capital letter")
    @argument("--includeNumber", action="store_true", help="a number behind one of the words")
    @argument("--ambiguous", action="store_true", help="avoid what looks alike: I O l 0 1")
    @argument("--reveal", action="store_true", help="show it to you for 30 s, and save it nowhere")
    @no_var_expand
    @line_magic
    def bw_generate(self, line: str) -> object:
        """Make a new password or passphrase: token = %bw_generate -ulns --length 25

        The options, their defaults (-uln --length 14) and their limits are those of bw generate.
        The words of a passphrase come from the EFF's long list of 7,776. The value is a string
        that shows itself masked; it is not stored anywhere, nor in the vault. No login is needed.
        """
        arguments = self.arguments(self.bw_generate, line)
        value = self.session.vault(arguments).generate(_rules(arguments))
        if arguments.reveal:
            self.session.reveal(value)
        return value


def _rules(arguments: Arguments) -> PasswordRules | PassphraseRules:
    from bw_magics.vault.generate import PassphraseRules, PasswordRules

    if arguments.passphrase:
        separator = "-" if arguments.separator is None else arguments.separator
        return PassphraseRules(
            words=_number(arguments.words, 6),
            separator=_SEPARATORS.get(separator, separator[:1]),
            capitalize=arguments.capitalize,
            include_number=arguments.includeNumber,
        )
    return PasswordRules(
        uppercase=arguments.uppercase,
        lowercase=arguments.lowercase,
        number=arguments.number,
        special=arguments.special,
        length=_number(arguments.length, 14),
        min_number=_number(arguments.minNumber, 1),
        min_special=_number(arguments.minSpecial, 1),
        avoid_ambiguous=arguments.ambiguous,
    )


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise UsageMistake("An option of %bw_generate that counts was given no number.")
    return int(text)
