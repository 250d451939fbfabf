"""Values that are unique, and the search for them in everything that is kept or sent."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus


def marker(kind: str) -> str:
    """A value that nothing else contains."""
    return f"{kind}-{secrets.token_hex(6)}-Zwölf&Ähre"


def plain_marker(kind: str) -> str:
    """The same of letters and digits only."""
    return f"{kind}{secrets.token_hex(8)}"


def forms_of(value: str) -> set[bytes]:
    """How it might be written."""
    data = value.encode()
    forms = {data, quote(value).encode(), quote_plus(value).encode(), data.hex().encode()}
    forms |= {
        json.dumps(value)[1:-1].encode(),
        json.dumps(value, ensure_ascii=False)[1:-1].encode(),
    }
    for shift in range(3):
        # Without the characters that depend on the neighbours.
        encoded = base64.b64encode(b"\0" * shift + data)
        forms.add(encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4])
    forms |= {value.upper().encode(), value.lower().encode(), value[::-1].encode()}
    return forms


def found(values: Iterable[str], places: Mapping[str, bytes]) -> list[str]:
    """Where any of the values is, in any form."""
    return [
        f"{value[:6]}… in {name}"
        for value in values
        for form in forms_of(value)
        for name, contents in places.items()
        if form in contents
    ]
