"""Secrets and projects of the Secrets Manager that `%bw_create`, `%bw_edit` and `%bw_delete`
change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import Ambiguous, SecretTyped, UsageMistake
from bw_magics.notebook.complete.candidates import OF_MACHINE, PROJECT
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import Names, argument
from bw_magics.notebook.magics.commands import machine_of, show_candidates
from bw_magics.notebook.magics.for_ever import delete_for_ever
from bw_magics.notebook.magics.wanted import generated, or_from_file, text_of_file
from bw_magics.notebook.panels.question import Field, Question
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.reference import is_reference

if TYPE_CHECKING:
    from bw_magics.notebook.magics.shell_session import ShellSession
    from bw_magics.secret import Secret
    from bw_magics.vault.managed_secret import ManagedSecret

Magic = TypeVar("Magic", bound=Callable[..., Any])

_VALUE = Field("value", "Value")
_WAYS = "--generate or --value $variable or --valuefile FILE"
_NEW = "%bw_create secret KEY --project NAME --value $variable"
_RENAME = "%bw_edit project OLD --name NEW"
_HAS_NONE = "A project has nothing but its name."
_EDIT = f"%bw_edit secret KEY, with {_WAYS}, --notes $variable or --name KEY"
# Names of an argument that every line has.
_EVERY = frozenset({"object", "name", "query", "profile"})
_MEMBERS = frozenset({"project", "value", "valuefile", "notes", "notesfile", "generate"})

PROJECT_OPTION = argument(
    "--project",
    metavar="NAME",
    completes=Names.PROJECT,
    of_types=OF_MACHINE,
    help="of a secret: the project that it is in",
)
_OPTIONS = (
    PROJECT_OPTION,
    argument(
        "--value",
        metavar="$VARIABLE",
        carries_secret=True,
        of_types=OF_MACHINE,
        help="of a secret: its value",
    ),
    argument("--valuefile", metavar="FILE", of_types=OF_MACHINE, help="or its value from a file"),
)


def machine_options(magic: Magic) -> Magic:
    """Declares the options of a secret of the Secrets Manager."""
    for declare in reversed(_OPTIONS):
        magic = declare(magic)
    return magic


def refuse_machine_options(arguments: Arguments) -> None:
    """Raises `UsageMistake` for the options of a secret on the line of an item."""
    if arguments.given & {"project", "value", "valuefile"}:
        raise UsageMistake(
            "--project, --value and --valuefile are for secrets of the Secrets Manager.",
            f"{_NEW}. An item's password is --password $variable.",
        )


class MachineWriting:
    """One line about a secret or a project; `words` are those after the object."""

    def __init__(
        self, shell: Any, session: ShellSession, arguments: Arguments, words: Sequence[str]
    ) -> None:
        self._shell, self._session = shell, session
        self._arguments, self._words = arguments, words
        self._vault = session.vault(arguments)
        self._machine = machine_of(self._vault)
        self._is_project = arguments.object.lower() == PROJECT

    def create(self) -> ManagedSecret | None:
        """Creates a secret or a project."""
        if self._is_project:
            self._refuse_options(but=())
            name = self._name("%bw_create project NAME")
            project = self._session.waiting(lambda: self._machine.create_project(name))
            self._session.say(f"✓ created the project '{project.name}'")
            return None
        self._refuse_options(but=_MEMBERS)
        new = self._new()
        if not new.project:
            raise UsageMistake("The line does not say in which project.", f"{_NEW}.")
        place = new.project
        into = self._session.waiting(lambda: self._machine.project(place))
        value, note = self._value(), self._note()

        def save(value: str) -> tuple[ManagedSecret, str]:
            made = self._machine.create(new.key, value, project=into, note=note or "")
            return made, f"✓ created the secret '{made.key}' · {_place(made)}"

        return self._saved(value, save, f"New secret '{new.key}'", "Create")

    def edit(self) -> ManagedSecret | None:
        """Changes value, note or key of a secret, or the name of a project."""
        name = self._arguments.name
        if self._is_project:
            self._refuse_options(but=())
            old = self._name(_RENAME)
            if not name:
                raise UsageMistake(_HAS_NONE, _RENAME)
            project = self._session.waiting(lambda: self._machine.rename_project(old, name))
            self._session.say(f"✓ renamed the project to '{project.name}'")
            return None
        self._refuse_options(but=_MEMBERS)
        secret = self._found()
        rest = {"key": name, "note": self._note()}
        changes = {member: text for member, text in rest.items() if text is not None}
        value = self._value()

        def save(value: str | None) -> tuple[ManagedSecret, str]:
            wanted = changes if value is None else {**changes, "value": value}
            edited = secret.edit(**wanted)
            return edited, f"✓ saved '{edited.key}' · {', '.join(wanted)} · {_place(edited)}"

        if value is None and changes:
            made, line = self._session.waiting(lambda: save(None))
            self._session.say(line)
            return made
        return self._saved(value, save, f"Change '{secret.key}'", "Save")

    def delete(self) -> None:
        """Puts a secret into the trash, or deletes a project for ever."""
        if not self._is_project:
            self._refuse_options(but={"project"})
            if self._arguments.name is not None:
                raise UsageMistake(
                    "A secret is put into the trash, and needs no name once more.",
                    "%bw_delete secret KEY --project NAME",
                )
            secret = self._found()
            self._session.waiting(secret.delete)
            self._session.say(
                f"✓ moved the secret '{secret.key}' to the trash; the web vault restores it"
            )
            return
        self._refuse_options(but={"permanent"})
        name = self._name("%bw_delete project NAME --permanent --name NAME")
        project = self._session.waiting(lambda: self._machine.project(name))
        delete_for_ever(
            self._session,
            self._arguments,
            name=project.name,
            server=self._machine.status.server or "",
            delete=lambda again: self._machine.delete_project(project, name=again),
            done=f"✓ deleted the project '{project.name}' for ever; its secrets stay",
            hint="This cannot be undone. Its secrets stay, in no project.",
        )

    # Inside.

    def _name(self, usage: str) -> str:
        if not self._words:
            raise UsageMistake("The line does not name the project.", usage)
        return " ".join(self._words)

    def _new(self) -> MachineReference:
        """Reads the key and the project of a new secret. Raises `SecretTyped` for a line that may
        hold the value too, as the `bws` CLI takes it.
        """
        if not self._words:
            raise UsageMistake("The line does not say the key of the secret.", f"{_NEW}.")
        text = self._words[0]
        is_named = is_reference(text)
        if len(self._words) > 1 or ("=" in text and not is_named):
            raise SecretTyped(
                "The line has more than a key, and a value does not belong there.",
                f"{_NEW}. Put a key with blanks in quotes.",
            )
        if is_named:
            return self._referred(text)
        return MachineReference(text, self._arguments.project)

    def _found(self) -> ManagedSecret:
        text = " ".join(self._words)
        is_named = is_reference(text)
        named = self._referred(text) if is_named else self._key(text)
        try:
            return self._session.waiting(lambda: self._machine.find(named))
        except Ambiguous as several:
            show_candidates(self._shell, several)
            raise

    def _key(self, text: str) -> MachineReference:
        if not text.strip():
            raise UsageMistake("The line does not say the key of the secret.", _EDIT)
        return MachineReference(text, self._arguments.project)

    def _referred(self, text: str) -> MachineReference:
        if self._arguments.project is not None:
            raise UsageMistake(
                "A reference says itself in which project the secret is.", "Leave out --project."
            )
        return MachineReference.parse(text)

    def _value(self) -> str | None:
        given = self._arguments.given
        if len(given & {"value", "valuefile", "generate"}) > 1:
            raise UsageMistake(
                "--value, --valuefile and --generate each give a value.", "Leave two of them out."
            )
        if self._arguments.valuefile is not None:
            return text_of_file(self._arguments.valuefile)
        secret = generated(self._vault, self._arguments)
        return self._arguments.value if secret is None else secret

    def _note(self) -> str | None:
        note: str | None = or_from_file(self._arguments, "notes", self._arguments.notes)
        return note

    def _saved(
        self,
        value: str | None,
        save: Callable[[str], tuple[ManagedSecret, str]],
        title: str,
        button: str,
    ) -> ManagedSecret:
        """Saves a value; asks a person for it where the line has none."""
        if value is not None:
            made, line = self._session.waiting(lambda: save(value))
            self._session.say(line)
            return made
        if not self._session.can_ask(self._arguments):
            raise UsageMistake(
                "The line has no value, and there is nobody to ask.", f"Write {_WAYS}."
            )
        saved: list[ManagedSecret] = []

        def attempt(answers: Mapping[str, Secret]) -> str:
            made, line = self._session.waiting(lambda: save(answers[_VALUE.name]))
            saved.append(made)
            return line

        server = self._machine.status.server or ""
        asked = Question(title=title, fields=(_VALUE,), button=button, server=server)
        self._session.prompt.ask(asked, attempt)
        return saved[0]

    def _refuse_options(self, *, but: Collection[str]) -> None:
        """Raises `UsageMistake` for an option that is not about this kind of object."""
        allowed = {*_EVERY, *but}
        given = {name for name in self._arguments.given if not name.startswith("generator_")}
        if not given <= allowed:
            raise UsageMistake(
                f"The line has an option that a {self._arguments.object.lower()} does not have.",
                _HAS_NONE if self._is_project else f"A secret has: {_WAYS}, --notes, --project.",
            )


def _place(secret: ManagedSecret) -> str:
    return f"in {secret.project.name}" if secret.project is not None else "in no project"
