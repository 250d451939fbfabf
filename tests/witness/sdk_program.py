"""Runs the official `bitwarden-sdk`: one JSON request a line, one JSON answer a line.

It runs in an environment of its own. The first line is the access token, which is never an
argument; the arguments are the server's address and the organisation's id.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bitwarden_sdk import BitwardenClient
from bitwarden_sdk.schemas import client_settings_from_dict


def answer(client: Any, organization: str, request: dict[str, Any]) -> Any:
    """Makes one call."""
    secrets, projects = client.secrets(), client.projects()
    given = request.get("given", {})
    match request["call"]:
        case "log in":
            return client.auth().login_access_token(given["token"])
        case "sync":
            return secrets.sync(organization, None).data.to_dict()
        case "list":
            return secrets.list(organization).data.to_dict()
        case "get":
            return secrets.get(given["id"]).data.to_dict()
        case "get by ids":
            return secrets.get_by_ids(given["ids"]).data.to_dict()
        case "create":
            return secrets.create(organization, *given["members"], given["projects"]).data.to_dict()
        case "update":
            return secrets.update(
                organization, given["id"], *given["members"], given["projects"]
            ).data.to_dict()
        case "delete":
            return secrets.delete(given["ids"]).data.to_dict()
        case "list projects":
            return projects.list(organization).data.to_dict()
        case "create project":
            return projects.create(organization, given["name"]).data.to_dict()
        case "update project":
            return projects.update(organization, given["id"], given["name"]).data.to_dict()
        case "delete projects":
            return projects.delete(given["ids"]).data.to_dict()
    raise ValueError(request["call"])


def main() -> None:
    server, organization = sys.argv[1:3]
    settings = {
        "apiUrl": f"{server}/api",
        "identityUrl": f"{server}/identity",
        "deviceType": "SDK",
        "userAgent": "bw_magics tests",
    }
    client = BitwardenClient(client_settings_from_dict(settings))
    for line in sys.stdin:
        reply: dict[str, Any]
        try:
            found = answer(client, organization, json.loads(line))
            reply = {"answer": found if isinstance(found, (dict, list)) else None}
        except Exception as error:
            reply = {"error": str(error)}
        print(json.dumps(reply, default=str), flush=True)


if __name__ == "__main__":
    main()
