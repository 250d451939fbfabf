"""`DemoServer`: a Bitwarden-compatible server with a lifelike vault, in this process."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Literal, Self

from bw_magics.demo.account import KEY_CONNECTOR, DemoAccount, Encryption
from bw_magics.demo.accounts import first_account, second_account
from bw_magics.demo.items.machine_secrets import PlainSecret
from bw_magics.demo.items.plain import Item
from bw_magics.demo.service.fault import Fault
from bw_magics.demo.service.limiter import Limiter
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.demo.service.public_api import PublicApi
from bw_magics.demo.service.service import Service
from bw_magics.demo.service.tokens import Tokens
from bw_magics.demo.serving.application import application
from bw_magics.demo.serving.certificate import Certificates, Kind
from bw_magics.demo.serving.key_connector import KeyConnector
from bw_magics.demo.serving.listener import Listener
from bw_magics.demo.shapes.nodewarden import NodeWardenShape
from bw_magics.demo.shapes.official import OfficialShape
from bw_magics.demo.shapes.old import OldShape
from bw_magics.demo.shapes.shape import Shape
from bw_magics.demo.shapes.vaultwarden import VaultwardenShape
from bw_magics.demo.stored.machine_secrets import StoredSecrets
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault

Style = Literal["official", "vaultwarden", "nodewarden", "old"]

_SHAPES: dict[str, type[Shape]] = {
    "official": OfficialShape,
    "vaultwarden": VaultwardenShape,
    "nodewarden": NodeWardenShape,
    "old": OldShape,
}

# The client release for which the sync of a large vault is made ahead.
_PREPARED_FOR = (2026, 6, 0)


class DemoServer:
    """A demo of a Bitwarden server with made-up data; it writes nothing to disk.

    It listens on 127.0.0.1 only, over TLS. Use it as a context manager, or `start` and `stop`;
    started again, it keeps its port.

    - `style` chooses the kind of server that it imitates.
    - `items` adds that many generated items to the first account.
    - `accounts` replaces the accounts. A Key Connector runs too if one of them is unlocked by it.
    - `iterations` lowers the cost of key derivation, for tests; Argon2id then costs its minimum.
    - `strange` adds items of an unknown type and an unknown encryption type.
    - `token_lifetime` and `refusal_delay` are in seconds.
    - `encryption` is the version of account encryption; Vaultwarden has only version 1.
    - `logins` limits logins to a number in a number of seconds.
    - `tells_wait` makes a refused login name the seconds to wait.
    - `writes` limits changes in the same way.
    - `machine_secrets` replaces those of the Secrets Manager, which only the official style has.
    - `azure` takes files like Azure's blob storage; `storage` is the room for them in bytes.
    - `named` is the host under which the server names its own addresses, as `DOMAIN` does in
      Vaultwarden: `127.0.0.1` is another origin than the one that it is reached at.
    - `public_api` is the organisation that an organisation's API key reads.
    """

    def __init__(
        self,
        port: int = 0,
        style: Style = "official",
        items: int = 0,
        accounts: Sequence[DemoAccount] | None = None,
        iterations: int | None = None,
        *,
        strange: bool = False,
        token_lifetime: float | None = None,
        refusal_delay: float = 0,
        encryption: Encryption = 1,
        logins: tuple[int, float] | None = None,
        tells_wait: bool = True,
        public_api: PublicApi | None = None,
        writes: tuple[int, float] | None = None,
        azure: bool = False,
        storage: int | None = None,
        named: str = "localhost",
        machine_secrets: Sequence[PlainSecret] | None = None,
    ) -> None:
        if style not in _SHAPES:
            raise ValueError(f"The style of a demo server is {' or '.join(_SHAPES)}.")
        if encryption == 2 and style != "official":
            raise ValueError("Vaultwarden does not have account encryption V2.")
        self._port = port
        self._shape = _SHAPES[style]("")
        self._certificates = Certificates()
        self._large = items > 0
        self._listener: Listener | None = None
        if accounts is None:
            accounts = (
                first_account(iterations=iterations, items=items, strange=strange),
                second_account(iterations=iterations),
            )
            for account in accounts:
                account.encryption = encryption
        lifetime = self._shape.token_lifetime if token_lifetime is None else token_lifetime
        bound = style != "official"
        self._service = Service(
            self._shape,
            Tokens("bw_magics demo", lifetime=lifetime, bound=bound),
            accounts,
            refusal_delay,
        )
        self._service.public_api = public_api
        self.machines: MachineTokens | None = None
        if style == "official":
            life = 3600 if token_lifetime is None else token_lifetime
            self.machines = MachineTokens(StoredSecrets(machine_secrets), lifetime=life)
        self._service.machines = self.machines
        if logins is not None:
            self._service.limiter = Limiter(*logins, tells=tells_wait)
        if writes is not None:
            self._service.write_limiter = Limiter(*writes, tells=tells_wait)
        self._service.azure = azure or style == "nodewarden"
        self._service.storage = storage
        self._connector: KeyConnector | None = None
        self._context = self._certificates.server_context()
        self.style = style
        self._named = named

    def __repr__(self) -> str:
        where = self.url if self._listener else "not started"
        return f"<DemoServer {self.style} {where}>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Encrypts the first account's vault and starts to listen."""
        if self._listener is not None:
            return self
        service = self._service
        service.stopping.clear()
        self._listener = Listener(self._port, application(service), self._context)
        self._port = self._listener.port
        self._shape.base = self.url.replace("localhost", self._named)
        if any(account.unlocked_by == KEY_CONNECTOR for account in self.accounts):
            self._connector = KeyConnector(service, self._context)
            self._connector.start()
            self._shape.key_connector = self._connector.url
        self._prepare(service.vault(self.accounts[0]))
        self._listener.open()
        return self

    def _prepare(self, vault: StoredVault) -> None:
        """Makes the answer to a sync of a large vault ahead of the first request."""
        if self._large:
            shape = self._shape
            vault.cached(
                ("sync", False, shape.gate(_PREPARED_FOR)),
                lambda: shape.sync(vault, version=_PREPARED_FOR, domains=False),
            )

    def stop(self) -> None:
        """Stops listening and closes every connection."""
        if self._listener is None:
            return
        self._service.stopping.set()
        self._listener.close()
        self._listener = None
        if self._connector is not None:
            self._connector.stop()
            self._connector = None

    def show_certificate(self, kind: Kind) -> None:
        """Presents a certificate of that kind to new connections; closes the open ones."""
        self._certificates.show(self._context, kind)
        if self._listener is not None:
            self._listener.hang_up()

    @property
    def url(self) -> str:
        """The server's address, such as `https://localhost:40123`."""
        if self._listener is None:
            raise RuntimeError("The demo server is not running; call start() first.")
        return f"https://localhost:{self._listener.port}"

    @property
    def key_connector(self) -> str | None:
        """The address of the running Key Connector, or None."""
        return self._connector.url if self._connector else None

    @property
    def certificate_authority(self) -> bytes:
        """The certificate to trust, in PEM; it exists only in memory."""
        return self._certificates.authority

    @property
    def accounts(self) -> tuple[DemoAccount, ...]:
        """The accounts: the first with PBKDF2, the second with Argon2id."""
        return self._service.accounts

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of every request so far; callers may clear the list."""
        return self._service.requests

    @property
    def bytes_sent(self) -> int:
        """The size of the bodies of all answers since `start`."""
        return self._listener.bytes_sent if self._listener else 0

    @property
    def faults(self) -> dict[str, list[Fault]]:
        """Faults by path; each affects one request."""
        return self._service.faults

    def account_items(self, account: DemoAccount) -> list[Item]:
        """Returns the account's items in plain as at start; `items.plain` describes the members."""
        return copy.deepcopy(self._service.vault(account).plain_items)

    def stored_items(self, account: DemoAccount) -> dict[str, Record]:
        """Returns the account's current encrypted records by id."""
        return copy.deepcopy(self._service.vault(account).items)

    def add_item(self, account: DemoAccount, plain: Item) -> None:
        """Adds an item or replaces the one with its id, as another client would."""
        vault = self._service.vault(account)
        with vault.lock:
            vault.insert(plain)
            vault.touch(vault.items[plain["id"]])
            self._prepare(vault)

    def touch(self, account: DemoAccount) -> None:
        """Moves the account's revision date forward, like any change."""
        vault = self._service.vault(account)
        with vault.lock:
            vault.touch()

    def rotate_api_key(self, account: DemoAccount) -> str:
        """Gives the account a new client secret; issued tokens stay valid."""
        vault = self._service.vault(account)
        with vault.lock:
            secret = account.new_client_secret()
            vault.touch()
        return secret

    def change_master_password(
        self, account: DemoAccount, new: str, *, moves_revision: bool = True
    ) -> None:
        """Wraps the user key under another password, with a new security stamp.

        Vaultwarden's tokens end with the old stamp, official ones stay valid. Some servers leave
        the revision date as it is: `moves_revision`.
        """
        vault = self._service.vault(account)
        with vault.lock:
            account.master_password = new
            vault.wrap_user_key()
            vault.new_security_stamp()
            if moves_revision:
                vault.touch()

    def end_sessions(self, account: DemoAccount, *, moves_revision: bool = True) -> None:
        """Gives the account a new security stamp, as deauthorising its sessions does."""
        vault = self._service.vault(account)
        with vault.lock:
            vault.new_security_stamp()
            if moves_revision:
                vault.touch()

    def delete_account(self, account: DemoAccount) -> None:
        """Removes the account, as its owner or an administrator does; its tokens end."""
        service = self._service
        service.accounts = tuple(each for each in service.accounts if each is not account)
        self._service.vault(account).new_security_stamp()
