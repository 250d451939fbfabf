"""`Reference`: a text that names a value of the vault and is safe to save.

bw://[PATH/]ITEM/FIELD          bw://[PATH/]ITEM/attachment/FILE
"""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.errors import UsageMistake
from bw_magics.vault.escapes import as_own, escaped, is_foreign, unescaped
from bw_magics.vault.names import normal

SCHEME = "bw://"
MACHINE_SCHEME = "bws://"
ATTACHMENT = "attachment"


def is_reference(text: str) -> bool:
    """Returns whether a text begins like a reference to a vault or the Secrets Manager, well formed
    or not; `references.parse_reference` reads both.
    """
    start = text.lstrip()[: len(MACHINE_SCHEME)].lower()
    return start.startswith((SCHEME, MACHINE_SCHEME))


@dataclass(frozen=True, slots=True)
class Reference:
    """The place of a value: the item's name or id, the field, and the place that the item is in.

    `field` is an object or member as in `%bw_get`, a custom field, or `field:NAME`; it is None
    where `attachment` names a file. `path` is the name of a folder, collection or organisation, or
    ORGANISATION/COLLECTION; None means anywhere. All names are in NFC.

    `str()` writes it and `Reference.parse` reads it; they are inverse.
    """

    item: str
    field: str | None = None
    path: str | None = None
    attachment: str | None = None

    def __post_init__(self) -> None:
        for name in ("item", "field", "path", "attachment"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, normal(value))
        if self.item and not (self.field or self.attachment):
            raise _without_field()
        if not self.item or self.path == "":
            raise _malformed()
        if self.field and self.attachment:
            raise UsageMistake("A reference names a field or an attachment, not both.")

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Reads a reference; needs no vault. Raises `UsageMistake`, which does not repeat it.

        It is read from the right: the field (with the part before it, where that is `attachment`),
        then the item; the rest is the path, slashes and all. In a name, `%2F` is a slash; an
        invalid escape is literal.
        """
        text = text.strip() if isinstance(text, str) else ""
        if text[: len(SCHEME)].lower() != SCHEME or is_foreign(text[len(SCHEME) :]):
            raise _malformed()
        parts = text[len(SCHEME) :].split("/")
        attachment = None
        if len(parts) > 2 and parts[-2] == ATTACHMENT:
            attachment = unescaped(parts.pop())
        field = unescaped(parts.pop())
        if not parts and field:
            raise _without_field()
        if not parts:
            raise _malformed()
        item = unescaped(parts.pop())
        path = "/".join(unescaped(part) for part in parts) if parts else None
        if attachment is not None:
            return cls(item, None, path, attachment)
        return cls(item, field, path)

    def __str__(self) -> str:
        parts = [] if self.path is None else [escaped(part) for part in self.path.split("/")]
        item = escaped(self.item)
        # As the part before the last it would announce a file.
        parts.append(item.replace("a", "%61", 1) if item == ATTACHMENT else item)
        if self.attachment is not None:
            parts.append(ATTACHMENT)
        parts.append(escaped(self.attachment or self.field or ""))
        return SCHEME + as_own("/".join(parts))

    @property
    def what(self) -> str:
        """The field as `Item.get` takes it; `attachment` for a file."""
        return self.field or ATTACHMENT


def _without_field() -> UsageMistake:
    return UsageMistake(
        "The reference names an item, and no field of it.",
        "Write bw://ITEM/FIELD, as in bw://ITEM/password.",
    )


def _malformed() -> UsageMistake:
    return UsageMistake(
        "Not a valid reference.",
        "A reference is bw://ITEM/FIELD or bw://FOLDER/ITEM/FIELD; a slash in a name is %2F.",
    )
