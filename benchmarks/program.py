"""A small program that needs one password: what `bw_magics` is measured with."""

import os
import sys

from bw_magics import Vault

vault = Vault()
vault.login(
    client_id=os.environ["BW_CLIENTID"],
    client_secret=os.environ["BW_CLIENTSECRET"],
    server=os.environ["BW_SERVER"],
)
vault.unlock(password=os.environ["BW_PASSWORD"])
print(vault[sys.argv[1]].password)
