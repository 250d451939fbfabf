"""`CustomFieldRows`: the custom fields in an item's form: shown, changed, added, removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.errors import UsageMistake
from bw_magics.notebook.panels.form_field import (
    TRUTHS,
    Answer,
    form_field,
    not_read,
    rows_of,
    truth,
)
from bw_magics.notebook.panels.given import is_secret_value, shown_text
from bw_magics.secret import Secret
from bw_magics.using import unrecorded
from bw_magics.vault.changes import hidden
from bw_magics.vault.field_labels import field_labels
from bw_magics.vault.names import normal

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

CUSTOM = "field:"
KINDS = ("text", "hidden", "boolean")


class CustomFieldRows:
    """The custom fields of an item, or those that a line gives for a new one.

    `described` is what the panel draws. One that is linked, or that cannot be read, shows why it
    takes no text; the one that cannot be read stays.
    """

    def __init__(self, item: Item | None, given: Mapping[str, Any], kept: str) -> None:
        self._is_new = item is None
        self._kept = kept
        if item is None:
            self._names = {label: label for label in given}
            self.described = [*self._of_line(given)]
        else:
            with unrecorded():  # a secret does not go into the form
                fields = [*item.fields]
            labels = field_labels(field.name for field in fields)
            self._names = dict(zip(labels, (field.name for field in fields), strict=True))
            self.described = [*self._of_item(labels, fields)]
        self._known = {str(field["name"]): field for field in self.described}

    def takes(self, name: str) -> bool:
        """Tells whether the panel may send a value of that name."""
        return name in self._known and not self._known[name]["fixed"]

    def value(self, name: str, text: str) -> Any:
        """Returns the value that the panel sends for a field, as `Draft.update` takes it."""
        field = self._known[name]
        if field["choices"]:
            return truth(text)
        # A field of the item keeps its kind; one that is new has none yet.
        return hidden(text) if self._is_new and field["secret"] and text else text or None

    def removed(self, sent: object) -> list[str]:
        """Returns the labels of the fields that are to go. Raises `UsageMistake`."""
        if not isinstance(sent, list):
            raise not_read()
        for name in sent:
            field = self._known.get(name) if isinstance(name, str) else None
            if field is None or not field["removable"]:
                raise not_read()
        return [name.removeprefix(CUSTOM) for name in dict.fromkeys(sent)]

    def added(self, sent: object, removed: list[str]) -> dict[str, Any]:
        """Returns the new fields. Raises `UsageMistake` for a missing name, and for that of a field
        that stays.
        """
        staying = {label: name for label, name in self._names.items() if label not in removed}
        known = {*map(normal, staying), *map(normal, staying.values())}
        found: dict[str, Any] = {}
        for each in rows_of(sent, ("name", "kind", "value")):
            name, kind, value = each["name"].strip(), each["kind"], each["value"]
            if kind not in KINDS:
                raise not_read()
            if not name and not value:
                continue
            if not name:
                raise UsageMistake("A new custom field has no name.", "Give it one, or remove it.")
            if normal(name) in known:
                raise UsageMistake(
                    f"There is a custom field '{name}' already.", "Choose another name."
                )
            known.add(normal(name))
            if kind == "boolean":
                found[name] = truth(value)
            else:
                found[name] = hidden(value) if kind == "hidden" else value
        return found

    # Inside.

    def _of_line(self, given: Mapping[str, Any]) -> Iterator[Answer]:
        for name, value in given.items():
            text = shown_text(value)
            is_truth = isinstance(getattr(value, "value", value), bool)
            yield self._row(name, text, is_secret_value(value), bool(text), is_truth)

    def _of_item(self, labels: list[str], fields: list[Any]) -> Iterator[Answer]:
        for label, field in zip(labels, fields, strict=True):
            if field.problem is not None:
                yield self._fixed(label, "cannot be read", can_go=False)
            elif field.kind == "linked":
                yield self._fixed(label, "shows another field of the item", can_go=bool(label))
            elif label:
                is_secret = isinstance(field.value, Secret) or field.kind == "hidden"
                text = "" if field.value is None else shown_text(field.value)
                is_set = field.value is not None
                yield self._row(label, text, is_secret, is_set, field.kind == "boolean")

    def _row(self, name: str, text: str, is_secret: bool, is_set: bool, is_truth: bool) -> Answer:
        return form_field(
            f"{CUSTOM}{name}",
            name,
            value=text or ("false" if is_truth else ""),
            kept=self._kept,
            is_secret=is_secret,
            is_set=is_set,
            can_generate=is_secret,
            can_go=True,
            choices=TRUTHS if is_truth else (),
        )

    def _fixed(self, label: str, why: str, *, can_go: bool) -> Answer:
        return form_field(f"{CUSTOM}{label}", label, fixed=why, can_go=can_go)
