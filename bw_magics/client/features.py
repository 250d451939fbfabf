"""What a server can do, by `/api/config` (docs/protocol.md, Writing)."""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.client.config import ask_config
from bw_magics.client.transport import Transport
from bw_magics.lean_regex import regex
from bw_magics.settings import Server

_RELEASE = regex(r"(\d{4})\.(\d{1,2})\.")
# Clients of this release and later read items with keys of their own.
_ITEM_KEYS_SINCE = (2024, 2)


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a server; with `has_item_keys` new items get keys of their own."""

    has_item_keys: bool = False


def ask_features(transport: Transport, server: Server) -> Features:
    """Asks the server; without an answer, what every server can do. No token is sent."""
    config = ask_config(transport, server)
    return Features() if config is None else read_features(config)


def read_features(config: Answer) -> Features:
    """Reads the features in the answer."""
    found = _RELEASE.match(config.text("version") or "")
    is_recent = found is not None and (int(found[1]), int(found[2])) >= _ITEM_KEYS_SINCE
    flag = config.object("featureStates").get("cipher-key-encryption")
    return Features(has_item_keys=is_recent and flag is True)
