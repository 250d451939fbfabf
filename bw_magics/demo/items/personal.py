"""Items besides work: passkeys, a card, an identity, documents."""

from __future__ import annotations

import base64
import functools
import uuid
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bw_magics.demo.items.plain import (
    BANK_ACCOUNT,
    CARD,
    DRIVERS_LICENSE,
    IDENTITY,
    PASSPORT,
    Folder,
    Item,
    hidden,
    item,
    linked,
    login,
    stable_id,
    text,
)

PERSONAL = Folder(stable_id("folder", "Personal"), "Personal")


@functools.cache
def _passkey_material() -> str:
    """Makes a real P-256 private key in base64url, once in a process."""
    der = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return base64.urlsafe_b64encode(der).decode().rstrip("=")


def passkey() -> dict[str, Any]:
    """Makes a passkey as clients store it: every member is a text, numbers and booleans too."""
    return {
        "credentialId": str(uuid.UUID(stable_id("passkey", "Photo club"))),
        "keyType": "public-key",
        "keyAlgorithm": "ECDSA",
        "keyCurve": "P-256",
        "keyValue": _passkey_material(),
        "rpId": "photos.demo.example",
        "rpName": "Demo photo club",
        "userHandle": "ZGVtby11c2Vy",
        "userName": "ada@demo.example",
        "userDisplayName": "Ada (demo)",
        "counter": "0",
        "discoverable": "true",
        "creationDate": "2026-01-15T10:20:30.456Z",
    }


def personal_items() -> list[Item]:
    """Makes one item of every type that the working items lack."""
    return [
        login(
            "Photo club",
            "ada@demo.example",
            None,
            (("https://photos.demo.example", 0),),
            passkeys=[passkey()],
            folderId=PERSONAL.id,
            itemKey=True,
        ),
        item(
            CARD,
            "Travel card",
            folderId=PERSONAL.id,
            card={
                "cardholderName": "Ada Demo",
                "brand": "Visa",
                "number": "4111111111111111",
                "expMonth": "11",
                "expYear": "2031",
                "code": "123",
            },
            fields=[hidden("card PIN", "0000"), linked("number again", 305)],
        ),
        item(
            IDENTITY,
            "Ada Demo",
            folderId=PERSONAL.id,
            identity={
                "title": "Ms",
                "firstName": "Ada",
                "middleName": "King",
                "lastName": "Demo",
                "address1": "1 Example Street",
                "address2": "Back house",
                "address3": None,
                "city": "Demoville",
                "state": "Demo State",
                "postalCode": "00000",
                "country": "XX",
                "company": "Demo Analytics",
                "email": "ada@demo.example",
                "phone": "+00 000 0000000",
                "ssn": "000-00-0000",
                "username": "ada",
                "passportNumber": "X0000000",
                "licenseNumber": "D0000000",
            },
            fields=[text("nickname", "Countess")],
        ),
        item(
            BANK_ACCOUNT,
            "Household account",
            folderId=PERSONAL.id,
            itemKey=True,
            bankAccount={
                "bankName": "Demo Bank",
                "nameOnAccount": "Ada Demo",
                "accountType": "checking",
                "accountNumber": "000123456789",
                "routingNumber": "000000000",
                "branchNumber": "001",
                "pin": "0000",
                "swiftCode": "DEMOXX00",
                "iban": "XX00 0000 0000 0000 0000 00",
                "bankContactPhone": "+00 000 0000001",
            },
        ),
        item(
            DRIVERS_LICENSE,
            "Driver's licence",
            driversLicense={
                "firstName": "Ada",
                "middleName": "King",
                "lastName": "Demo",
                "dateOfBirth": "1990-12-10",
                "licenseNumber": "D0000000",
                "issuingCountry": "XX",
                "issuingState": "Demo State",
                "issueDate": "2020-01-01",
                "issuingAuthority": "Demo Road Office",
                "expirationDate": "2035-01-01",
                "licenseClass": "B",
            },
        ),
        item(
            PASSPORT,
            "Passport",
            itemKey=True,
            passport={
                "surname": "Demo",
                "givenName": "Ada King",
                "dateOfBirth": "1990-12-10",
                "sex": "F",
                "birthPlace": "Demoville",
                "nationality": "Demolandish",
                "passportNumber": "X0000000",
                "passportType": "P",
                "issuingCountry": "XX",
                "issuingAuthority": "Demo Passport Office",
                "issueDate": "2022-05-05",
                "expirationDate": "2032-05-04",
                "nationalIdentificationNumber": "000000000000",
            },
        ),
    ]
