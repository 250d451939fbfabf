"""`Organization`: an organisation's API key, and the tables that it may read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Self

from bw_magics.announcing import Secrets
from bw_magics.client.certificates import pem_of
from bw_magics.client.public_api import PublicApi, PublicApiKey
from bw_magics.client.transport import Transport
from bw_magics.secret import Unpicklable
from bw_magics.session.accounts.way_there import WayThere, usual_for_key
from bw_magics.session.background import OnWait, Task
from bw_magics.session.organization.records import Collection, Event, Group, Member, Policy, Table
from bw_magics.settings import Device

if TYPE_CHECKING:
    from pathlib import Path

    from bw_magics.announcing import OnSecret
    from bw_magics.answer import Answer
    from bw_magics.client.certificates import ClientCertificate
    from bw_magics.session.organization.records import Row
    from bw_magics.settings import Server

MOST_EVENTS = 10_000


class Organization(Unpicklable):
    """The view of an organisation by its API key, read only: members, groups, collections, policies
    and events. It decrypts nothing, and reads no vault::

        organization = Organization.login(client_id="organization.…", client_secret=…)
        organization.members().to_pandas()

    Every call asks the server. Use it as a context manager, or `close`.
    """

    def __init__(self, transport: Transport, api: PublicApi, server: Server) -> None:
        self._transport = transport
        self._api = api
        self._server = server
        self.on_wait: OnWait | None = None

    @classmethod
    def login(
        cls,
        *,
        client_id: str,
        client_secret: str,
        server: str | Server | None = None,
        certificate_authority: bytes | str | Path | None = None,
        client_certificate: ClientCertificate | Path | str | None = None,
        on_secret: OnSecret | None = None,
    ) -> Self:
        """Logs in with the organisation's API key: it is in the Admin Console under Settings →
        Organisation info.

        `server`, `certificate_authority`, `client_certificate` and `on_secret` are those of
        `Vault`. Raises `ClientIdInvalid`, `ApiKeyRefused` or a `ServerError`.
        """
        key = PublicApiKey.parse(client_id=client_id, client_secret=client_secret)
        secrets = Secrets(on_secret)
        secrets.announce(key.client_secret)
        usual = usual_for_key(server, "the arguments", key.client_id)
        way = WayThere.of(server, certificate_authority, client_certificate, usual, key.client_id)
        server = way.server
        device = Device.derive(server, key.client_id)
        transport = Transport(
            server,
            device,
            certificate_authority=pem_of(way.authority),
            client_certificate=way.certificate,
        )
        api = PublicApi(transport, server, device, key)
        try:
            token = Task(api.log_in, f"logging in to {server.name}").wait()
        except BaseException:
            transport.close()
            raise
        secrets.announce(token)
        return cls(transport, api, server)

    def __repr__(self) -> str:
        return f"<Organization at {self._server.name}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections; every later call raises `NotLoggedIn`."""
        self._transport.close()

    def members(self) -> Table[Member]:
        """Lists all members, with their roles and whether they have two-step login."""
        return self._table("members", Member, Member.read)

    def groups(self) -> Table[Group]:
        """Lists all groups, with their collections."""
        return self._table("groups", Group, Group.read)

    def collections(self) -> Table[Collection]:
        """Lists all collections, with their groups; their names are encrypted."""
        return self._table("collections", Collection, Collection.read)

    def policies(self) -> Table[Policy]:
        """Lists all policies."""
        return self._table("policies", Policy, Policy.read)

    def events(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        acting_user_id: str | None = None,
        item_id: str | None = None,
        most: int = MOST_EVENTS,
    ) -> Table[Event]:
        """Lists the event log, the newest first, at most `most` entries.

        The server's own default is the last 30 days. A time without a zone is this machine's.
        """
        given = {
            "start": _moment(start),
            "end": _moment(end),
            "actingUserId": acting_user_id,
            "itemId": item_id,
        }
        asked = {name: value for name, value in given.items() if value}
        return self._table("events", Event, Event.read, parameters=asked, most=most)

    def _table(
        self,
        what: str,
        kind: type[Row],
        read: Callable[[Answer], Row],
        *,
        parameters: dict[str, str] | None = None,
        most: int | None = None,
    ) -> Table[Row]:
        def ask() -> Table[Row]:
            return Table(kind, map(read, islice(self._api.list(what, parameters), most)))

        return Task(ask, f"asking {self._server.name} for {what}").wait(self.on_wait)


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
