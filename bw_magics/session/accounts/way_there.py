"""The server of a login in Python that names none, and the way there.

It is the one that the kernel's settings name, else the one of the environment, else the one that
was last named for the same key, else `us`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from bw_magics.session.accounts.configured import CONFIGURED
from bw_magics.settings import NO_SETTINGS, Server, ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

    from bw_magics.client.certificates import Authority, ClientCertificate
    from bw_magics.session.accounts.server_rule import ServerRule


class WayThere(NamedTuple):
    """A server, the authority that vouches for it, and the certificate that it is shown."""

    server: Server
    authority: Authority | None
    certificate: ClientCertificate | None

    @classmethod
    def of(
        cls,
        server: str | Server | None,
        authority: Authority | bytes | str | Path | None,
        certificate: ClientCertificate | Path | str | None,
        usual: ServerSettings,
        key_id: str,
    ) -> WayThere:
        """Returns the given way, with what it lacks from the usual one. A `Server` lacks nothing:
        it comes with its own files. The server is kept as that of the key.
        """
        if isinstance(server, Server):
            CONFIGURED.note(key_id, server)
            return cls(server, *_vouched(authority, certificate))
        if server is None:
            there = CONFIGURED.used(key_id, usual)
        else:
            there = Server.parse(server)
            CONFIGURED.note(key_id, there)
        authority = authority or usual.authority
        return cls(there, *_vouched(authority, certificate, usual))


def _vouched(
    authority: Authority | bytes | str | Path | None,
    certificate: ClientCertificate | Path | str | None,
    usual: ServerSettings = NO_SETTINGS,
) -> tuple[Authority | None, ClientCertificate | None]:
    """Reads an authority and a certificate; `usual` names the certificate where none is given."""
    if not authority and certificate is None and not usual.client_certificate:
        return None, None
    from bw_magics.client.certificates import Authority, ClientCertificate

    if certificate is None:
        certificate = ClientCertificate.named(
            usual.client_certificate, usual.client_certificate_key
        )
    return Authority.of(authority), ClientCertificate.of(certificate)


def usual_for_key(
    server: str | Server | None, source: str, key_id: str, own: ServerSettings = NO_SETTINGS
) -> ServerSettings:
    """Returns the settings for an API key that is given in Python; `own` are those of the vault.

    Where nothing names a server, it is the one that was last named for the key of that id.
    Without a `server` it raises `CredentialsConflict` where only a `.env` file names one, or a
    variable that is not read.
    """
    usual = own.completed(CONFIGURED.settings).completed(ServerSettings.read(os.environ.get))
    if server is not None or usual.names_server:
        return usual
    from bw_magics.session.accounts.server_rule import API_KEY_RULE

    return _usual(API_KEY_RULE, usual, source, key_id)


def usual_for_token(server: str | Server | None, source: str, key_id: str) -> ServerSettings:
    """Returns the settings for an access token, as `usual_for_key`; for a token from the
    environment its own server goes first.
    """
    from bw_magics.session.accounts.source import ENVIRONMENT, environment
    from bw_magics.session.accounts.token_credentials import token_settings

    own = token_settings(environment())
    if source == ENVIRONMENT:
        usual = own.completed(CONFIGURED.settings)
    else:
        usual = CONFIGURED.settings.completed(own)
    if server is not None or usual.names_server:
        return usual
    from bw_magics.session.accounts.server_rule import ACCESS_TOKEN_RULE

    return _usual(ACCESS_TOKEN_RULE, usual, source, key_id)


def _usual(rule: ServerRule, usual: ServerSettings, source: str, key_id: str) -> ServerSettings:
    """Completes settings that name no server."""
    from bw_magics.session.accounts.source import environment
    from bw_magics.session.accounts.source_files import found_files

    rule.refuse_unread_name(environment(), source)
    rule.refuse_other_source(found_files(), source)
    return rule.of_key(usual, key_id, source)
