"""A small program that needs one password: what `bw_magics` is measured with.

The name of the login is its first argument; a second one is a folder to keep the vault in, or
`first`.
"""

import os
import sys
from pathlib import Path

from bw_magics import Vault

place = sys.argv[2] if sys.argv[2:] else ""
vault = Vault(cache="first" if place == "first" else Path(place) if place else False)
vault.login(
    client_id=os.environ["BW_CLIENTID"],
    client_secret=os.environ["BW_CLIENTSECRET"],
    server=os.environ["BW_SERVER"],
)
vault.unlock(password=os.environ["BW_PASSWORD"])
print(vault[sys.argv[1]].password)
