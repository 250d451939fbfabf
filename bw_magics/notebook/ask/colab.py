"""Colab's own secrets as a source of credentials. Not tried: Colab cannot be run here."""

from __future__ import annotations

import sys

from bw_magics.errors import CredentialsMissing
from bw_magics.session.accounts.source import Source
from bw_magics.settings import ADDRESS_VARIABLES, CLIENT_ID, CLIENT_SECRET, MASTER_PASSWORD

# The error of `userdata.get` for a name that no secret has.
_MISSING = "SecretNotFoundError"


def userdata_source() -> Source | None:
    """Returns the source with Colab's `userdata`; None outside Colab or without permission.

    Raises `CredentialsMissing` where the key can be read and an address beside it cannot: the key
    would go to another server.
    """
    if "google.colab" not in sys.modules:
        return None
    try:
        from google.colab import userdata
    except ImportError:
        return None
    values: dict[str, str | None] = {}
    for name in (CLIENT_ID, CLIENT_SECRET, MASTER_PASSWORD, *ADDRESS_VARIABLES):
        try:
            values[name] = userdata.get(name)
        except Exception as error:
            # Missing, not granted, or no answer within Colab's time-out: each name may be absent,
            # but without an id there is no point in asking for the rest.
            if name == CLIENT_ID:
                break
            if name in ADDRESS_VARIABLES and type(error).__name__ != _MISSING:
                raise CredentialsMissing(
                    f"Colab's secret {name} cannot be read, and it would name the server for the "
                    "API key.",
                    "Switch on “Notebook access” for it, beside the API key's.",
                ) from None
    return Source("Colab's secrets", values) if values else None
