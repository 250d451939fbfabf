"""Asks a person for what a line of `%bw_create` or `%bw_edit` does not name: in a form for the
item where the front end shows one, else value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bw_magics.errors import UsageMistake
from bw_magics.notebook.panels.question import Field, Question
from bw_magics.secret import Secret
from bw_magics.using import unrecorded
from bw_magics.vault.types import CARD, LOGIN, SECURE_NOTE, SSH_KEY, ItemType

if TYPE_CHECKING:
    from bw_magics.notebook.ask.prompt import Prompt
    from bw_magics.notebook.panels.item_form import ItemForm
    from bw_magics.notebook.panels.item_panel import ItemPanel
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item

# An item without these is of no use.
_NEEDED = {
    LOGIN: ("password",),
    SECURE_NOTE: ("notes",),
    CARD: ("number", "code"),
    SSH_KEY: ("privateKey",),
}
_GENERATED = ("password", "privateKey")
_IN_FILES = ("notes", "privateKey")


def missing_secrets(item_type: ItemType, members: Collection[str]) -> tuple[str, ...]:
    """Gives the secret members that a new item needs and that `members` do not name."""
    return tuple(name for name in _NEEDED.get(item_type, ()) if name not in members)


def fill_in(
    prompt: Prompt, vault: Vault, form: ItemForm, line: Callable[[Item, str], str]
) -> tuple[Item] | None:
    """Shows the form of an item and gives the item that was saved; None where this front end shows
    no form. `line` says what was saved, from the item and the form's own words.
    """

    def make() -> ItemPanel:
        from bw_magics.notebook.panels.item_panel import ItemPanel

        return ItemPanel(form, generate=vault.generate, line=line, timeout=prompt.timeout)

    return prompt.show(make)


def ask_for(
    prompt: Prompt | None,
    *,
    title: str,
    button: str,
    names: Sequence[str],
    server: str,
    save: Callable[[Mapping[str, Any]], tuple[Item, str]],
    item: Item | None = None,
) -> Item:
    """Asks for members or custom fields by their names, and saves the answers.

    `prompt` is None where nobody can be asked; then it raises `UsageMistake` with what to write.
    """
    if prompt is None:
        raise UsageMistake(
            f"The line has no value for {' and '.join(names)}, and there is nobody to ask.",
            f"Write {'; '.join(_ways(name, item) for name in names)}.",
        )
    made: list[Item] = []

    def attempt(answers: Mapping[str, Secret]) -> str:
        new, line = save(answers)
        made.append(new)
        return line

    fields = tuple(Field(name, name, is_masked=_is_secret(name, item)) for name in names)
    prompt.ask(Question(title=title, fields=fields, button=button, server=server), attempt)
    return made[0]


def _ways(name: str, item: Item | None) -> str:
    custom = name.removeprefix("field:")
    if item is not None and name not in _members(item):
        return (
            f"--hidden {custom}=$variable" if _is_secret(name, item) else f"--field {custom}=TEXT"
        )
    if item is not None and not _is_secret(name, item):
        return f"--{name} VALUE"
    ways = [f"--{name} $variable"]
    if name in _GENERATED:
        ways.insert(0, "--generate")
    if name in _IN_FILES:
        ways.append(f"--{name}file FILE")
    return " or ".join(ways)


def _is_secret(name: str, item: Item | None) -> bool:
    if name == "name":
        return False
    if item is None or name == "notes":
        return True
    if name in _members(item):
        return item.item_type is not None and name in item.item_type.secret
    custom = name.removeprefix("field:")
    with unrecorded():
        return any(field.name == custom and field.kind == "hidden" for field in item.fields)


def _members(item: Item) -> tuple[str, ...]:
    return (*(item.item_type.members if item.item_type else ()), "name", "notes", "uri")
