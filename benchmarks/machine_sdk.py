"""The same with the official `bitwarden-sdk`, as its documentation shows it: list, find, get.

It runs with the interpreter that has the SDK. The list holds no project names, so a project would
take one request more; the key alone is looked for.
"""

import os
import sys

from bitwarden_sdk import BitwardenClient
from bitwarden_sdk.schemas import client_settings_from_dict

server, organization = os.environ["BW_SERVER"], os.environ["ORGANIZATION"]
client = BitwardenClient(
    client_settings_from_dict(
        {
            "apiUrl": f"{server}/api",
            "identityUrl": f"{server}/identity",
            "deviceType": "SDK",
            "userAgent": "benchmark",
        }
    )
)
client.auth().login_access_token(os.environ["BWS_ACCESS_TOKEN"])
key = sys.argv[1].rpartition("/")[2]
listed = client.secrets().list(organization).data.data
(secret,) = [each for each in listed if each.key == key]
print(client.secrets().get(str(secret.id)).data.value)
