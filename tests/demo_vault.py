"""A vault at a demo server, logged in with the API key of an account and unlocked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bw_magics import Vault
from bw_magics.demo import DemoAccount, DemoServer


def log_in(vault: Vault, server: DemoServer, account: DemoAccount | None = None) -> bool:
    """Logs in with the account's API key; None is the server's first account."""
    account = account or server.accounts[0]
    return vault.login(
        client_id=account.client_id,
        client_secret=account.client_secret,
        server=server.url,
        certificate_authority=server.certificate_authority,
    )


def enter(vault: Vault, server: DemoServer, account: DemoAccount | None = None) -> Vault:
    """Logs in and unlocks; returns the vault, which the caller logs out."""
    account = account or server.accounts[0]
    log_in(vault, server, account)
    vault.unlock(password=account.master_password)
    return vault


@contextmanager
def demo_vault() -> Iterator[Vault]:
    """The vault of the first account of a demo server of its own."""
    with DemoServer(iterations=5000) as server:
        vault = enter(Vault(), server)
        yield vault
        vault.logout()
