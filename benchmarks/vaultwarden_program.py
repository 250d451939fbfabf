"""The same with python-vaultwarden, as far as it goes.

It logs in with the API key, syncs and derives the key; of a personal vault it returns the items
as the server sent them. Finding one by name is left to its caller, with its `decrypt`: the search
ends at the first hit, which is the shortest way. It needs the e-mail
address, which it takes for the salt.
"""

import os
import sys
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from vaultwarden.clients.bitwarden import BitwardenAPIClient
from vaultwarden.utils.crypto import decrypt


def password_of(name: str, client: Any) -> str:
    """The password of the first login of that name."""
    vault = client.sync()
    token = client.connect_token
    owners: dict[str | None, bytes] = {None: token.user_key}
    for organization in vault.Profile.Organizations:
        owners[str(organization.Id)] = decrypt(organization.Key, token.orgs_key)
    wanted = name.encode()
    for item in vault.Ciphers:
        try:
            key = owners[item["organizationId"]]
            if item["key"]:
                key = decrypt(item["key"], key)
            if decrypt(item["name"], key) == wanted:
                return str(decrypt(item["login"]["password"], key).decode())
        except Exception:
            continue  # it has no error of its own for an item that nobody can read
    raise SystemExit("There is no such login.")


if __name__ == "__main__":
    print(
        password_of(
            sys.argv[1],
            BitwardenAPIClient(
                url=os.environ["BW_SERVER"],
                email=os.environ["BW_EMAIL"],
                password=os.environ["BW_PASSWORD"],
                client_id=os.environ["BW_CLIENTID"],
                client_secret=os.environ["BW_CLIENTSECRET"],
                device_id=uuid5(NAMESPACE_URL, os.environ["BW_SERVER"]),
                timeout=300,
            ),
        )
    )
