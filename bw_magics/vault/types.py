"""The eight item types, their members, and which of them are secret (docs/protocol.md, Items)."""

from __future__ import annotations

from typing import NamedTuple

# The kinds of custom fields, by their numbers on the wire.
TEXT, HIDDEN, BOOLEAN, LINKED = range(4)
# The name of the hidden field that holds the new value while a secret is rotated begins so.
ROTATING = "rotating "


class ItemType(NamedTuple):
    """One type of item: its number on the wire, its name, which is also the name of the object
    that holds its members, the encrypted text members, and which of these are secret.

    Official clients list no item of a vault at all where one of `needed` is missing.
    """

    number: int
    name: str
    members: tuple[str, ...]
    secret: frozenset[str] = frozenset()
    needed: tuple[str, ...] = ()


LOGIN = ItemType(1, "login", ("username", "password", "totp"), frozenset({"password", "totp"}))
SECURE_NOTE = ItemType(2, "secureNote", ())
CARD = ItemType(
    3,
    "card",
    ("cardholderName", "brand", "number", "expMonth", "expYear", "code"),
    frozenset({"number", "code"}),
)
IDENTITY = ItemType(
    4,
    "identity",
    (
        "title", "firstName", "middleName", "lastName", "address1", "address2", "address3",
        "city", "state", "postalCode", "country", "company", "email", "phone", "ssn",
        "username", "passportNumber", "licenseNumber",
    ),
    frozenset({"ssn", "passportNumber", "licenseNumber"}),
)  # fmt: skip
_OF_KEY = ("privateKey", "publicKey", "keyFingerprint")
SSH_KEY = ItemType(5, "sshKey", _OF_KEY, frozenset({"privateKey"}), _OF_KEY)
BANK_ACCOUNT = ItemType(
    6,
    "bankAccount",
    (
        "bankName", "nameOnAccount", "accountType", "accountNumber", "routingNumber",
        "branchNumber", "pin", "swiftCode", "iban", "bankContactPhone",
    ),
    frozenset({"accountNumber", "routingNumber", "pin", "iban"}),
)  # fmt: skip
DRIVERS_LICENSE = ItemType(
    7,
    "driversLicense",
    (
        "firstName", "middleName", "lastName", "dateOfBirth", "licenseNumber", "issuingCountry",
        "issuingState", "issueDate", "issuingAuthority", "expirationDate", "licenseClass",
    ),
    frozenset({"licenseNumber"}),
)  # fmt: skip
PASSPORT = ItemType(
    8,
    "passport",
    (
        "surname", "givenName", "dateOfBirth", "sex", "birthPlace", "nationality",
        "passportNumber", "passportType", "issuingCountry", "issuingAuthority", "issueDate",
        "expirationDate", "nationalIdentificationNumber",
    ),
    frozenset({"passportNumber", "nationalIdentificationNumber"}),
)  # fmt: skip

ITEM_TYPES = {
    type.number: type
    for type in (
        LOGIN, SECURE_NOTE, CARD, IDENTITY, SSH_KEY, BANK_ACCOUNT, DRIVERS_LICENSE, PASSPORT,
    )
}  # fmt: skip

# The encrypted members of a passkey; all are secret.
PASSKEY_MEMBERS = (
    "credentialId", "keyType", "keyAlgorithm", "keyCurve", "keyValue", "rpId", "rpName",
    "userHandle", "userName", "userDisplayName", "counter", "discoverable",
)  # fmt: skip

# The members that a linked custom field can show (docs/protocol.md, Items).
LINKED_MEMBERS = {
    100: "username", 101: "password",
    300: "cardholderName", 301: "expMonth", 302: "expYear", 303: "code", 304: "brand",
    305: "number",
    400: "title", 401: "middleName", 402: "address1", 403: "address2", 404: "address3",
    405: "city", 406: "state", 407: "postalCode", 408: "country", 409: "company", 410: "email",
    411: "phone", 412: "ssn", 413: "username", 414: "passportNumber", 415: "licenseNumber",
    416: "firstName", 417: "lastName", 418: "fullName",
}  # fmt: skip
