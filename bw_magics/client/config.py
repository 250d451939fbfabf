"""The answer of `/api/config`: what a server says about itself."""

from __future__ import annotations

from bw_magics.answer import Answer
from bw_magics.client.body import MIB, parse_json
from bw_magics.client.transport import Transport
from bw_magics.errors import BitwardenError
from bw_magics.settings import Server

# Nothing depends on this answer: a login or a change waits no longer for it, in seconds.
PATIENCE = 15.0


def ask_config(transport: Transport, server: Server) -> Answer | None:
    """Asks the server; None where it does not say or fails. No token is sent."""
    from bw_magics.client.wire import deadline  # with httpx, which an import does not need

    try:
        with deadline(PATIENCE):
            body = transport.get(f"{server.api}/config", bearer=None, ceiling=MIB)
    except BitwardenError:
        return None
    return Answer(parse_json(body))
