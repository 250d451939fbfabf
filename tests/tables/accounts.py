"""The table of accounts: every kind of account at every kind of server, and whether it reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bw_magics import Vault
from bw_magics.crypto import Argon2id, Kdf, Pbkdf2
from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.demo.items.awkward import strange_items
from bw_magics.demo.items.personal import personal_items
from bw_magics.demo.items.plain import Organization, PlainVault, login
from bw_magics.errors import BitwardenError
from bw_magics.vault.item import Item

BW = "real bw"
VECTORS = "published vectors"
DOCUMENTS = "documents alone"

GUILD = Organization("11111111-1111-4111-8111-111111111111", "Guild")
PROVIDED = Organization("22222222-2222-4222-8222-222222222222", "Managed", provider="p-1")
CLOSED = Organization("33333333-3333-4333-8333-333333333333", "Closed", is_enabled=False)


_CHEAP = Pbkdf2(5_000)


@dataclass(frozen=True)
class Kind:
    """A kind of account: how it is made, what it is asked for, and who else has read it so.

    `asks` gives what is read; `expected` is that, or the sentence that says why not. `writes` names
    the item that is edited, or chooses it; `refusal` is part of the sentence that says why that
    cannot be, where reading goes.
    """

    name: str
    style: str = "official"
    members: dict[str, Any] = field(default_factory=dict)
    organizations: tuple[Organization, ...] = (GUILD,)
    kdf: Kdf = _CHEAP
    spoil: Callable[[DemoServer], object] = bool
    agrees: bool = False
    asks: Callable[[Vault], object] = lambda vault: (
        [str(vault[name].password) for name in ("Mine", "Shared Guild")]
    )
    expected: object = ("demo-member-mine", "demo-shared-Guild")
    witness: str = DOCUMENTS
    writes: str | Callable[[Item], bool] = "Mine"
    refusal: str = ""


def _hidden(vault: Vault) -> object:
    return vault["Hidden"].password


def _problem(vault: Vault) -> object:
    return next(item.problem for item in vault.items() if item.problem)


def _new_types(vault: Vault) -> object:
    return sorted({item.type for item in vault.items()} & {"bankAccount", "passport"})


def _unknown_type(vault: Vault) -> object:
    return sorted({item.type for item in vault.items() if item.type.startswith("type ")})


def _spoil_private_key(server: DemoServer) -> None:
    shape = server._service.shape
    profile = shape.profile

    def spoiled(vault: Any) -> dict[str, Any]:
        answer = profile(vault)
        key = answer["privateKey"]
        answer["privateKey"] = f"{key[: key.rindex('|')]}|{'A' * 43}="
        answer["accountKeys"]["publicKeyEncryptionKeyPair"]["wrappedPrivateKey"] = answer[
            "privateKey"
        ]
        return answer

    shape.profile = spoiled  # type: ignore[method-assign]


_BOTH = ("official", "vaultwarden")
_NO_PASSWORD = "only devices that your organisation trusts"

KINDS: list[Kind] = [
    *[Kind("PBKDF2, an organisation", style, witness=BW) for style in _BOTH],
    *[Kind("Argon2id", style, kdf=Argon2id(2, 16, 1), witness=BW) for style in _BOTH],
    Kind("salt that is not the e-mail", members={"salt": "Other-Salt@demo.example"}, witness=BW),
    Kind("account encryption V2", members={"encryption": 2}, witness=BW),
    Kind("PBKDF2, an organisation", "old"),
    Kind("Argon2id", "old", kdf=Argon2id(2, 16, 1)),
    *[
        Kind("user key of before 2018 (type 0)", style, {"is_legacy": True}, witness=BW)
        for style in _BOTH
    ],
    Kind("user key of before 2018 (type 0)", "old", {"is_legacy": True}, witness=VECTORS),
    Kind(
        "Key Connector, a person agrees",
        members={"unlocked_by": "key-connector"},
        agrees=True,
        witness=VECTORS,
    ),
    Kind(
        "Key Connector, nobody agrees",
        members={"unlocked_by": "key-connector"},
        expected="which nobody has confirmed",
    ),
    Kind("trusted devices only", members={"unlocked_by": "trusted-device"}, expected=_NO_PASSWORD),
    Kind(
        "organisation's key wrapped by a provider's",
        organizations=(GUILD, PROVIDED),
        asks=lambda vault: [str(vault["Shared Managed"].password)],
        expected=("demo-shared-Managed",),
        witness=BW,
        writes="Shared Managed",
    ),
    Kind(
        "disabled organisation: only its items are missing",
        organizations=(GUILD, CLOSED),
        asks=lambda vault: [item.name for item in vault.items() if "hared" in item.name],
        expected=("Shared Guild",),
        witness=BW,
    ),
    Kind(
        "private key unreadable: personal items",
        spoil=_spoil_private_key,
        asks=lambda vault: [str(vault["Mine"].password)],
        expected=("demo-member-mine",),
        witness=BW,
    ),
    Kind(
        "private key unreadable: the organisation's",
        spoil=_spoil_private_key,
        asks=_problem,
        expected="the account's private key cannot be read",
        writes=lambda item: item.problem is not None and not item.is_hidden,
    ),
    Kind(
        "an item whose password is hidden",
        asks=_hidden,
        expected="hide",
        witness=BW,
        writes="Hidden",
    ),
    Kind(
        "bank account, passport",
        asks=_new_types,
        expected=("bankAccount", "passport"),
        witness=BW,
        writes=lambda item: item.type == "bankAccount",
    ),
    Kind(
        "a type not invented yet",
        asks=_unknown_type,
        expected=("type 99",),
        writes=lambda item: item.type == "type 99",
        refusal="of a type that this version does not know",
    ),
]


def make(kind: Kind) -> DemoAccount:
    """An account of that kind, with an item of its own and some in its organisations."""
    hidden = login(
        "Hidden", "member", "demo-hidden", (), organizationId=GUILD.id, viewPassword=False
    )
    items = [login("Mine", "member", "demo-member-mine", ()), hidden]
    items += [
        login(f"Shared {o.name}", "member", f"demo-shared-{o.name}", (), organizationId=o.id)
        for o in kind.organizations
    ]
    if kind.asks is _new_types:
        items += personal_items()
    if kind.asks is _unknown_type:
        items += strange_items()
    account = DemoAccount(
        name="Mary Demo",
        email="mary@demo.example",
        client_secret="demoSecretNotRealMaryMary00001",
        master_password="demo-master-password-of-mary",
        kdf=kind.kdf,
        contents=PlainVault(items=items, organizations=list(kind.organizations)),
        **kind.members,
    )
    for item in items:
        item["folderId"] = None
    return account


def read(kind: Kind) -> object:
    """What comes of reading: the values, or the error."""
    with _entered(kind) as vault:
        if isinstance(vault, BitwardenError):
            return vault
        try:
            asked = kind.asks(vault)
        except BitwardenError as error:
            return error
        return tuple(asked) if isinstance(asked, list) else asked


def write(kind: Kind) -> object:
    """What comes of an edit and a create: None where a fresh download has both, or the error."""
    with _entered(kind) as vault:
        if isinstance(vault, BitwardenError):
            return vault
        chosen = kind.writes
        is_it = (lambda item: item.name == chosen) if isinstance(chosen, str) else chosen
        item = next(filter(is_it, vault.items()))
        try:
            before = item.password if item.type == "login" else None
            item.edit(notes="demo-written", fields={"new": "1"})
            vault.create("login", name="New", password="demo-created")
        except BitwardenError as error:
            return error
        vault.sync(force=True)
        seen = vault[item.id]
        assert (seen.notes, seen.field("new")) == ("demo-written", "1")
        assert before is None or seen.password == before
        assert vault["New"].password == "demo-created"
        return None


@contextmanager
def _entered(kind: Kind) -> Iterator[Vault | BitwardenError]:
    """A vault of that kind, unlocked; the error where it cannot be."""
    account = make(kind)
    vault = Vault(sync_interval=0)
    with ExitStack() as stack:
        server = stack.enter_context(DemoServer(style=kind.style, accounts=[account]))  # type: ignore[arg-type]
        stack.callback(vault.logout)
        kind.spoil(server)
        try:
            vault.login(
                client_id=account.client_id,
                client_secret=account.client_secret,
                server=server.url,
                certificate_authority=server.certificate_authority,
            )
            if vault.way_to_unlock == "master-password":
                vault.unlock(password=account.master_password)
            else:
                vault.unlock(key_connector=server.key_connector if kind.agrees else None)
        except BitwardenError as error:
            yield error
            return
        yield vault


def accounts() -> list[list[str]]:
    """A row each: the kind, the server, the results of reading and of writing, the witness."""
    return [row(kind) for kind in KINDS]


def row(kind: Kind) -> list[str]:
    """The row of a kind."""
    told = (verdict(kind, read(kind)), written_verdict(kind, write(kind)))
    named = (re.sub(r"localhost:\d+", "connector.example", text) for text in told)
    return [kind.name, kind.style, *named, kind.witness]


def verdict(kind: Kind, came: object) -> str:
    """`yes`, the sentence that says why not, or `WRONG` where neither is what it should be."""
    if not isinstance(kind.expected, str):
        return "yes" if came == kind.expected else f"WRONG: {came}"
    said = came.fact if isinstance(came, BitwardenError) else str(came)
    return f"no: {said}" if kind.expected in said else f"WRONG: {said}"


def written_verdict(kind: Kind, came: object) -> str:
    """The same about writing: what cannot be read cannot be written, for the same reason."""
    wanted = kind.refusal or (kind.expected if isinstance(kind.expected, str) else "")
    if came is None:
        return "yes" if not wanted else "WRONG: written"
    said = came.fact if isinstance(came, BitwardenError) else str(came)
    return f"no: {said}" if wanted and wanted in said else f"WRONG: {said}"
