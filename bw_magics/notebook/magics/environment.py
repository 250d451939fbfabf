"""`%bw_env` and `%%bw_env`: values of the vault as environment variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.magic import line_cell_magic, no_var_expand

from bw_magics.errors import SecretTyped, UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import (
    PROFILE,
    Names,
    argument,
    magic_arguments,
    words_may_be_secret,
)
from bw_magics.notebook.line.mistaken import may_hold_secret
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.registry import REGISTRY
from bw_magics.vault.reference import is_reference
from bw_magics.vault.references import parse_reference

if TYPE_CHECKING:
    from bw_magics.session.environment.assignments import Assignment
    from bw_magics.session.environment.environment import Environment

_NAME = regex(r"[^\W\d]\w*")
_HOW = 'Write NAME="bw://ITEM/FIELD".'


@REGISTRY.add
class EnvironmentMagics(VaultMagics):
    """`%bw_env` and `%%bw_env`."""

    @magic_arguments()
    @argument(
        "assignments",
        metavar="NAME=REF",
        nargs="*",
        completes=Names.ASSIGNMENT,
        help="a variable and its reference",
    )
    @argument("--dotenv", metavar="FILE|REF", help="dotenv text: a file, or a note in the vault")
    @argument("-o", "--override", action="store_true", help="also what is set already (--dotenv)")
    @argument(
        "--allow",
        metavar="NAMES",
        help="names that --dotenv may set although they steer programs, with ,",
    )
    @argument("--cell", action="store_true", help="only until this cell ends")
    @PROFILE
    @words_may_be_secret
    @no_var_expand
    @line_cell_magic
    def bw_env(self, line: str, cell: str | None = None) -> None:
        """Set environment variables from the vault: %bw_env PGPASSWORD="bw://Warehouse DB/password"

        Until the vault is locked; then they are gone, and the next %bw_unlock sets them again. As
        the first line of a cell, %%bw_env sets them for this cell only, for what it starts too:

            %%bw_env PGPASSWORD="bw://Warehouse DB/password"
            !psql --host warehouse …

        (%bw_env --cell NAME=REF is the same from inside a cell, %%bash and %%time may follow on
        the next line, and in Python it is: with bw_session.env(NAME=REF).) A variable that you
        change yourself is left alone from then on.

        REF is a reference, bw://[FOLDER/]ITEM/FIELD, or $name of a Python variable that holds one;
        plain values are for %env. bws://PROJECT/KEY is one of the Secrets Manager, set until its
        logout. --dotenv FILE reads a .env file in which values are plain or references; --dotenv
        "bw://Forecasting .env/notes" reads one that is kept in a note. Without -o it keeps
        variables that exist and lists them. From there, only data is set: PGHOST, API_KEY, STAGE, a
        number, a token. A name that may change which programs run (MAKEFLAGS, PATH, PIP_INDEX_URL,
        any that is not known) needs --allow NAME[,NAME]. On any mistake nothing is set.

        %bw_env alone lists what is set, never a value.
        """
        if cell is not None:
            raise UsageMistake("%%bw_env is not the first line of its cell.", "Move it there.")
        arguments = self.arguments(self.bw_env, line)
        if arguments.assignments and is_reference(arguments.dotenv or ""):
            _refuse_cut_reference(arguments.assignments[0])
        if not arguments.assignments and arguments.dotenv is None:
            if arguments.cell or arguments.override or arguments.allow:
                raise UsageMistake("The line names no variable.", _HOW)
            self._list(self.session.vault(arguments).environment)
            return
        pairs = pairs_of(arguments.assignments)
        self.session.confirming(arguments, lambda: self._set(arguments, pairs))

    # Inside.

    def _set(self, arguments: Arguments, pairs: Sequence[tuple[str, str]]) -> None:
        from bw_magics.session.environment.ledger import Layer

        environment = self.session.vault(arguments).environment
        layer = Layer("in this cell") if arguments.cell else None
        assignments = [
            *self._in_dotenv(arguments, environment, {name for name, _ in pairs}),
            *_references(pairs),
        ]
        # Before anything is set: an interrupt in between would leave it set.
        if layer is not None:
            self.session.cells.at_end(lambda: environment.remove(layer))
        outcome = environment.set(assignments, layer=layer)
        if outcome.kept:
            self.session.say(f"kept as they were: {', '.join(outcome.kept)} (-o sets them)")
        scopes = {each.name: each.scope for each in environment.variables}
        for scope in dict.fromkeys(scopes[name] for name in outcome.set if layer is None):
            names = [name for name in outcome.set if scopes[name] == scope]
            self.session.say(f"✓ set {scope}: {', '.join(names)}")

    def _in_dotenv(
        self, arguments: Arguments, environment: Environment, inline: set[str]
    ) -> list[Assignment]:
        from bw_magics.session.environment.assignments import read_file

        if arguments.dotenv is None:
            return []
        allow = {name.strip() for name in (arguments.allow or "").split(",")}
        if is_reference(arguments.dotenv):
            found = environment.read_text(parse_reference(arguments.dotenv), allow=allow)
        else:
            found = read_file(Path(arguments.dotenv).expanduser(), allow=allow)
        return [
            replace(assignment, overrides=arguments.override)
            for assignment in found
            if assignment.name not in inline
        ]

    def _list(self, environment: Environment) -> None:
        variables = environment.variables
        width = max((len(variable.name) for variable in variables), default=0)
        for variable in variables:
            self.session.say(f"{variable.name:<{width}}  {variable.source} · {variable.scope}")
        if environment.absent:
            self.session.say(f"set again by %bw_unlock: {', '.join(environment.absent)}")
        elif not variables:
            self.session.say("nothing is set")


def _refuse_cut_reference(behind: str) -> None:
    """Raises `UsageMistake` where a word follows the reference of `--dotenv` and sets nothing."""
    if "=" not in behind:
        raise UsageMistake(
            "The reference behind --dotenv ends at a blank.",
            'Put it in quotes: --dotenv "bw://ITEM/notes".',
        )


def pairs_of(words: Sequence[str], magic: str = "%bw_env") -> list[tuple[str, str]]:
    """Splits a line into names and references; a reference of several words needs no quotes."""
    pairs: list[tuple[str, str]] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and _NAME.fullmatch(name):
            pairs.append((name, value))
        elif equals or not pairs:
            raise UsageMistake(f"The line is not what {magic} takes.", _HOW)
        else:
            name, value = pairs.pop()
            pairs.append((name, f"{value} {word}"))
    return pairs


def _references(pairs: Sequence[tuple[str, str]]) -> list[Assignment]:
    from bw_magics.session.environment.assignments import Assignment

    if not all(value for _, value in pairs):
        raise UsageMistake("A variable on the line has no reference.", _HOW)
    values = [(name, value) for name, value in pairs if not is_reference(value)]
    if values:
        is_suspect = any(may_hold_secret(name, value) for name, value in values)
        raise (SecretTyped if is_suspect else UsageMistake)(
            '%bw_env takes references on the line, NAME="bw://ITEM/FIELD", never values.',
            "Plain values are for %env or a --dotenv file.",
        )
    parsed = [(name, parse_reference(value)) for name, value in pairs]
    return [
        Assignment(name, reference, str(reference), is_named=True) for name, reference in parsed
    ]
