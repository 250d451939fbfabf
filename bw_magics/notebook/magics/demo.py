"""`%bw_demo`: the vault that ships with the package."""

from __future__ import annotations

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.notebook.line.declared import argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.registry import REGISTRY


@REGISTRY.add
class DemoMagics(VaultMagics):
    """`%bw_demo`."""

    @magic_arguments()
    @argument("--stop", action="store_true", help="stop the demo and go back to the real sources")
    @no_var_expand
    @line_magic
    def bw_demo(self, line: str) -> None:
        """Try everything with a demo vault that runs in this kernel; nothing in it is real.

        While it is on, %bw_login and %bw_unlock use it and nothing else; your own BW_* variables
        are not touched. %bw_demo --stop ends it.
        """
        arguments = self.arguments(self.bw_demo, line)
        if arguments.stop:
            stopped = self.session.demo.stop()
            self.session.say("✓ demo stopped" if stopped else "the demo is not on")
            return
        was_on = self.session.demo.is_on
        password = self.session.demo.start()
        self.session.say(
            ("The demo vault is on already" if was_on else "✓ The demo vault is on")
            + ": nothing in it is real, and it ends with this kernel."
        )
        self.session.say("  Next: %bw_login --apikey, then %bw_unlock")
        if self.session.can_ask(arguments):
            self.session.say(f"  Its master password, to type when you are asked: {password}")
