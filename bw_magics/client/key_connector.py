"""A Key Connector's answer: the key that takes the place of a master password.

See docs/protocol.md, Key Connector.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from bw_magics.answer import Answer
from bw_magics.client.body import MIB, parse_json
from bw_magics.client.transport import Transport
from bw_magics.client.vault_api import Bearer
from bw_magics.crypto import MasterKey
from bw_magics.errors import AnswerUnusable, RequestRefused
from bw_magics.secret import Secret
from bw_magics.settings import Device, Server, connector_address


def fetch_key(
    address: str, bearer: Bearer, device: Device, *, certificate_authority: bytes | None = None
) -> MasterKey:
    """Fetches the member's key from the connector at an address.

    The bearer's token goes to this host and nowhere else: https only, no redirects. It is renewed
    once after a 401. Raises `InsecureServer`, `Redirected`, `RequestRefused`, `AnswerUnusable` and
    the other `ServerError`s.
    """
    url = connector_address(address)
    host = Server(urlsplit(url).netloc, web_vault=url, api=url, identity=url)
    transport = Transport(host, device, certificate_authority=certificate_authority)
    try:
        token = Secret(bearer.current(), "access token")
        try:
            body = transport.get(f"{url}/user-keys", bearer=token, ceiling=MIB)
        except RequestRefused as refusal:
            if refusal.status != 401:
                raise
            token = Secret(bearer.renewed(token), "access token")
            body = transport.get(f"{url}/user-keys", bearer=token, ceiling=MIB)
    except RequestRefused as refusal:
        raise _refused(host.name, refusal) from None
    except AnswerUnusable:
        body = bytearray()
    finally:
        transport.close()
    key = _read(body)
    if key is None:
        raise AnswerUnusable(
            f"The Key Connector at {host.name} did not answer with a key of 32 bytes.",
            "Ask the administrators of your organisation.",
        )
    return key


def _refused(name: str, refusal: RequestRefused) -> RequestRefused:
    """Words the refusal of a connector, which is not a Bitwarden server."""
    reasons = {401: "does not accept the access token", 404: "has no key for this account"}
    reason = reasons.get(refusal.status)
    if reason is None:
        return refusal
    return RequestRefused(
        f"The Key Connector at {name} {reason} (status {refusal.status}).",
        "Ask the administrators of your organisation.",
        status=refusal.status,
    )


def _read(body: bytearray) -> MasterKey | None:
    text = Answer(parse_json(body)).text("key") or ""
    try:
        material = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return MasterKey(material) if len(material) == MasterKey.LENGTH else None
