"""`Reference`: a text that names a value of the vault and is safe to save.

bw://[PATH/]ITEM/FIELD          bw://[PATH/]ITEM/attachment/FILE
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bw_magics.errors import UsageMistake
from bw_magics.shown import harmless
from bw_magics.vault.names import normal

SCHEME = "bw://"
ATTACHMENT = "attachment"

_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LOOKS_ESCAPED = re.compile(r"%(?=[0-9A-Fa-f]{2})")


def is_reference(text: str) -> bool:
    """Returns whether a text begins like a reference, well formed or not."""
    return text.lstrip()[: len(SCHEME)].lower() == SCHEME


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
        if not self.item or not (self.field or self.attachment) or self.path == "":
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
        if not isinstance(text, str) or not is_reference(text):
            raise _malformed()
        text = text.strip()
        parts = text[len(SCHEME) :].split("/")
        attachment = None
        if len(parts) > 2 and parts[-2] == ATTACHMENT:
            attachment = _decoded(parts.pop())
        field = _decoded(parts.pop())
        if not parts:
            raise _malformed()
        item = _decoded(parts.pop())
        path = "/".join(_decoded(part) for part in parts) if parts else None
        if attachment is not None:
            return cls(item, None, path, attachment)
        return cls(item, field, path)

    def __str__(self) -> str:
        parts = [] if self.path is None else [_encoded(part) for part in self.path.split("/")]
        item = _encoded(self.item)
        # As the part before the last it would announce a file.
        parts.append(item.replace("a", "%61", 1) if item == ATTACHMENT else item)
        if self.attachment is not None:
            parts.append(ATTACHMENT)
        parts.append(_encoded(self.attachment or self.field or ""))
        return SCHEME + "/".join(parts)

    @property
    def what(self) -> str:
        """The field as `Item.get` takes it; `attachment` for a file."""
        return self.field or ATTACHMENT


def _malformed() -> UsageMistake:
    return UsageMistake(
        "Not a valid reference.",
        "A reference is bw://ITEM/FIELD or bw://FOLDER/ITEM/FIELD; a slash in a name is %2F.",
    )


def _encoded(part: str) -> str:
    """Returns a name as one part: only what would be read as something else is escaped.

    That is a slash, what looks like an escape, quotes and backslashes (dotenv files, lines), the
    start of a comment, spaces at the ends, and characters that are unprintable or invisible.
    """
    part = _LOOKS_ESCAPED.sub("%25", part)
    last = len(part) - 1
    return "".join(
        _escape(character)
        if character in '/"\\'
        or (character == " " and index in (0, last))
        or (character == "#" and part[index - 1 : index] in ("", " "))
        or not character.isprintable()
        or character not in harmless(character)
        else character
        for index, character in enumerate(part)
    )


def _escape(character: str) -> str:
    try:
        return "".join(f"%{byte:02X}" for byte in character.encode())
    except UnicodeEncodeError:
        return character  # half of a surrogate pair has no escape


def _decoded(part: str) -> str:
    return _ESCAPES.sub(lambda found: _unescaped(found[0]), part)


def _unescaped(escapes: str) -> str:
    data = bytes.fromhex(escapes.replace("%", ""))
    text = ""
    start = 0
    while True:
        try:
            return text + data[start:].decode()
        except UnicodeDecodeError as error:
            # Invalid UTF-8 is not an escape: it stays as it was written.
            bad, end = start + error.start, start + error.end
            text += data[start:bad].decode() + escapes[3 * bad : 3 * end]
            start = end
