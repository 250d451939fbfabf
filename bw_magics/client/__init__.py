"""The HTTP side: transport, login with the personal API key, the vault API.

Nothing here imports httpx, ssl or truststore before the first request, and this package imports
nothing before it is asked for: a kept vault gives its first secret without the transport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bw_magics.client.identity import ApiKey, Login, log_in
    from bw_magics.client.transport import Transport
    from bw_magics.client.vault_api import Bearer, VaultApi

__all__ = ["ApiKey", "Bearer", "Login", "Transport", "VaultApi", "log_in"]

_HOMES = {
    "ApiKey": "identity",
    "Bearer": "vault_api",
    "Login": "identity",
    "Transport": "transport",
    "VaultApi": "vault_api",
    "log_in": "identity",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
