"""`%bw_generate`: new passwords and passphrases."""

from __future__ import annotations

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.notebook.line.declared import argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.generator_options import generator_options, rules
from bw_magics.notebook.registry import REGISTRY


@REGISTRY.add
class GeneratorMagics(VaultMagics):
    """`%bw_generate`."""

    @magic_arguments()
    @generator_options()
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
        value = self.session.vault(arguments).generate(rules(arguments))
        if arguments.reveal:
            self.session.reveal(value)
        return value
