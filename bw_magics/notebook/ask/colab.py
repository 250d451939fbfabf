"""Colab's own secrets as a source of credentials. Not tried: Colab cannot be run here."""

from __future__ import annotations

import sys

from bw_magics.session.accounts.credentials import Source
from bw_magics.settings import CLIENT_ID, CLIENT_SECRET, MASTER_PASSWORD, SERVER


def userdata_source() -> Source | None:
    """Returns the source with Colab's `userdata`; None outside Colab or without permission."""
    if "google.colab" not in sys.modules:
        return None
    try:
        from google.colab import userdata
    except ImportError:
        return None
    values: dict[str, str | None] = {}
    for name in (CLIENT_ID, CLIENT_SECRET, MASTER_PASSWORD, SERVER):
        try:
            values[name] = userdata.get(name)
        except Exception:
            # Missing, not granted, or no answer within Colab's time-out: each name may be absent,
            # but without an id there is no point in asking for the rest.
            if name == CLIENT_ID:
                break
    return Source("Colab's secrets", values) if values else None
