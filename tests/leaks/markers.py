"""A vault in which every secret is a unique marker, and the search for them in any form."""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, quote_plus

from bw_magics.crypto import Pbkdf2
from bw_magics.demo import DemoAccount
from bw_magics.demo.items.plain import (
    BANK_ACCOUNT,
    CARD,
    IDENTITY,
    NOTE,
    SSH_KEY,
    Item,
    PlainVault,
    attachment,
    hidden,
    item,
    login,
)

# The two ends of `nasty`, which no escape changes.
_BEGIN, _END = secrets.token_hex(5), secrets.token_hex(5)
# As far as they are apart in any form.
_APART = 400


def _unique(kind: str) -> str:
    # One of a hundred is nearly a number, which a line of a note may have (SECURITY.md, Parts).
    token = secrets.token_hex(9)
    changes = sum(one.isdigit() is not other.isdigit() for one, other in pairwise(token))
    return f"leak-{kind}-{token}-end" if changes > 3 else _unique(kind)


def _digits(count: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))


# By what `%bw_get` would call it. `nasty` has all that escapes are made for.
MARKERS = {
    "master password": _unique("master"),
    "client_secret": _unique("client"),
    "password": _unique("password"),
    "nasty": f"leak \"{_BEGIN}\" & 'Zwölf' <Ähre> \\ 100% a/b+c@{_END}",
    "short": f"q{secrets.token_hex(4)}",
    "totp seed": base64.b32encode(secrets.token_bytes(20)).decode(),
    "hidden field": _unique("field"),
    "notes": f"{_unique('note one')}\nsecond line {_unique('note two')}",
    "card number": _digits(16),
    "ssn": _unique("ssn"),
    "iban": _unique("iban"),
    "private key": "-----BEGIN PRIVATE KEY-----\n"
    + "\n".join(base64.b64encode(secrets.token_bytes(48)).decode() for _ in range(3))
    + "\n-----END PRIVATE KEY-----",
    "user info": f"ada:{_unique('uri')}",
    "old password": _unique("history"),
    "attachment": _unique("attachment"),
}


def account() -> DemoAccount:
    """An account with these and nothing else."""
    made = login(
        "Warehouse DB",
        "etl",
        MARKERS["password"],
        (("https://warehouse.demo.example", 0), (f"https://{MARKERS['user info']}@db.example", 0)),
        totp=MARKERS["totp seed"],
        notes=MARKERS["notes"],
        fields=[hidden("token", MARKERS["hidden field"]), hidden("nasty", MARKERS["nasty"])],
        passwordHistory=[
            {"password": MARKERS["old password"], "lastUsedDate": "2026-01-15T10:20:30.456Z"}
        ],
        attachments=[attachment("Warehouse DB", "key.txt", MARKERS["attachment"].encode())],
    )
    items: list[Item] = [
        made,
        login("Short", "ada", MARKERS["short"]),
        item(CARD, "Card", card={"brand": "Visa", "number": MARKERS["card number"], "code": "123"}),
        item(IDENTITY, "Identity", identity={"firstName": "Ada", "ssn": MARKERS["ssn"]}),
        item(BANK_ACCOUNT, "Bank", bankAccount={"bankName": "B", "iban": MARKERS["iban"]}),
        item(SSH_KEY, "Key", sshKey={"privateKey": MARKERS["private key"], "publicKey": "ssh-x"}),
        item(NOTE, "Note", notes=MARKERS["notes"]),
    ]
    return DemoAccount(
        name="Ada Demo",
        email="ada@demo.example",
        client_secret=MARKERS["client_secret"],
        master_password=MARKERS["master password"],
        kdf=Pbkdf2(5000),
        contents=PlainVault(items=items),
    )


def forms(value: str) -> set[str]:
    """How a value may be written, made without the guard's own code."""
    data = value.encode()
    written = {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        repr(data)[2:-1],
        html.escape(value),
        html.escape(value, quote=False),
        quote(value),
        quote_plus(value),
        data.hex(),
        base64.b64encode(data).decode().rstrip("=")[:-2],
        base64.b64encode(b"\0" + data).decode().rstrip("=")[2:-2],
        base64.b64encode(b"\0\0" + data).decode().rstrip("=")[3:-2],
    }
    if "\n" in value:
        written |= {line for line in value.splitlines() if len(line) > 16 and "-----" not in line}
    return {form for form in written if len(form) > 6}


def found(text: str, values: Iterable[str] | None = None) -> list[str]:
    """The names of the markers that are in a text, in any form, also once more as JSON."""
    names = MARKERS if values is None else values
    return [
        name
        for name in names
        if any(form in text for form in _forms_and_json(name))
        or (name == "nasty" and _is_nasty_in(text))
    ]


def _is_nasty_in(text: str) -> bool:
    """Whether `nasty` is in a text, in whichever way it was escaped, on one line."""
    rests = (text[found.start() : found.start() + _APART] for found in re.finditer(_BEGIN, text))
    return any(_END in re.split(r"\n|\\n", rest)[0] for rest in rests)


def _forms_and_json(name: str) -> Iterator[str]:
    for form in forms(MARKERS[name]):
        yield form
        for is_ascii in (True, False):
            yield json.dumps(form, ensure_ascii=is_ascii)[1:-1]


def found_in_files(folders: Iterable[Path]) -> list[str]:
    """Which markers are in which files below some folders."""
    hits = []
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            if path.is_file():
                text = path.read_bytes().decode("utf-8", "replace")
                hits += [f"{name} in {path.name}" for name in found(text)]
    return hits
