"""Deleting for ever, once the name was repeated: on the line, or by a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.panels.question import Again, Field, Question

if TYPE_CHECKING:
    from bw_magics.notebook.magics.shell_session import ShellSession
    from bw_magics.secret import Secret

_NAME = Field("name", "Type its name to delete it for ever", is_masked=False)


def delete_for_ever(
    session: ShellSession,
    arguments: Arguments,
    *,
    name: str,
    server: str,
    delete: Callable[[str], None],
    done: str,
    hint: str = "This cannot be undone.",
) -> None:
    """Deletes what has this name; `delete` gets the repeated one, and says `done`.

    Raises `UsageMistake` where the line does not repeat it and nobody can be asked.
    """
    if arguments.name is not None:
        session.waiting(lambda: delete(arguments.name))
        session.say(done)
        return
    if not session.can_ask(arguments):
        raise UsageMistake(
            f"'{name}' is not deleted for ever without its name.",
            "Repeat it: --permanent --name NAME.",
        )

    def attempt(answers: Mapping[str, Secret]) -> str | Again:
        try:
            session.waiting(lambda: delete(str(answers[_NAME.name])))
        except UsageMistake as other:
            return Again(other.fact, "", (_NAME,))
        return done

    asked = Question(
        title=f"Delete '{name}' for ever",
        fields=(_NAME,),
        button="Delete for ever",
        server=server,
        hint=f"{hint} Its name is: {name}",
    )
    session.prompt.ask(asked, attempt)
