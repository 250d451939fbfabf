"""Templates: the JSON of items and folders, as `bw get template` gives it to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bw_magics.errors import NotFound
from bw_magics.vault.names import closest

# The values are those of the official CLI, version 2026.6.0.
_TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "item": {
        "type": 1,
        "name": "Item name",
        "notes": "Some notes about this item.",
        "favorite": False,
        "fields": [],
        "reprompt": 0,
        "passwordHistory": [],
    },
    "item.field": {"name": "Field name", "value": "Some value", "type": 0},
    "item.login": {
        "uris": [],
        "username": "jdoe",
        "password": "myp@ssword123",
        "totp": "JBSWY3DPEHPK3PXP",
        "fido2Credentials": [],
    },
    "item.login.uri": {"uri": "https://google.com"},
    "item.card": {
        "cardholderName": "John Doe",
        "brand": "visa",
        "number": "4242424242424242",
        "expMonth": "04",
        "expYear": "2023",
        "code": "123",
    },
    "item.identity": {
        "title": "Mr",
        "firstName": "John",
        "middleName": "William",
        "lastName": "Doe",
        "address1": "123 Any St",
        "address2": "Apt #123",
        "city": "New York",
        "state": "NY",
        "postalCode": "10001",
        "country": "US",
        "company": "Acme Inc.",
        "email": "john@company.com",
        "phone": "5555551234",
        "ssn": "000-123-4567",
        "username": "jdoe",
        "passportNumber": "US-123456789",
        "licenseNumber": "D123-12-123-12333",
    },
    "item.securenote": {"type": 0},
    "item.sshKey": {"privateKey": "", "publicKey": "", "keyFingerprint": ""},
    "folder": {"name": "Folder name"},
}


def template(name: str) -> dict[str, Any]:
    """Returns a new copy of a template, such as `item` or `item.login`. Raises `NotFound`."""
    known = {each.casefold(): each for each in _TEMPLATES}
    wanted = known.get(name.strip().casefold())
    if wanted is None:
        raise NotFound(
            "No template has that name.",
            f"There are: {', '.join(_TEMPLATES)}.",
            closest=closest(name, _TEMPLATES),
        )
    return deepcopy(dict(_TEMPLATES[wanted]))
