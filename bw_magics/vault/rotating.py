"""Which items may have a rotation that did not end, told without opening them."""

from __future__ import annotations

import msgspec

from bw_magics.vault.types import HIDDEN

# An encrypted name of at most 15 bytes: `rotating ` and a member have more.
_SHORT, _SHORT_LENGTH = "2.", 96


class _Field(msgspec.Struct, gc=False):
    type: int | None = None
    name: str | None = None


class _Fields(msgspec.Struct, gc=False):
    id: str
    fields: list[_Field] | None = None


_DECODER = msgspec.json.Decoder(_Fields)


def may_rotate(record: msgspec.Raw) -> bool:
    """Tells whether an item may have a rotation that did not end, by its hidden fields."""
    try:
        fields = _DECODER.decode(record).fields
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True  # an old server's spelling, or a record that is not one
    return any(field.type == HIDDEN and _is_long(field.name) for field in fields or ())


def _is_long(name: str | None) -> bool:
    return name is not None and not (name.startswith(_SHORT) and len(name) <= _SHORT_LENGTH)
