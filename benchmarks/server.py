"""A demo server to be measured against; told what to do by one word a line on its input.

`traffic` prints the requests and the bytes of bodies since it was asked last, `change` gives the
first generated item another password and makes the next answer ready. Ends with its input.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bw_magics.demo import DemoServer
from bw_magics.demo.__main__ import as_json
from bw_magics.demo.accounts import first_account
from bw_magics.demo.items.generated import generated_items


def change(server: DemoServer, number: int) -> str:
    """Changes the first generated item; its name."""
    (plain,) = generated_items(1)
    plain["login"]["password"] = f"demo-changed-{number}"
    server.add_item(server.accounts[0], plain)
    return str(plain["name"])


def served(items: int, *, is_ordinary: bool) -> DemoServer:
    """A server with that many generated items beside the demo's own, as an official one.

    An ordinary one is Vaultwarden, and every item of its account can be read by every client.
    """
    if not is_ordinary:
        return DemoServer(items=items)
    account = first_account(iterations=None, items=items)
    ordinary = {plain["name"] for plain in generated_items(items)}
    account.contents.items = [each for each in account.contents.items if each["name"] in ordinary]
    return DemoServer(style="vaultwarden", accounts=[account])


def serve(server: DemoServer) -> None:
    """Does what the lines say."""
    told, changes = 0, 0
    for line in sys.stdin:
        answer: object = None
        match line.strip():
            case "traffic":
                total = server.bytes_sent
                answer = {"requests": server.requests[:], "bytes": total - told}
                server.requests.clear()
                told = total
            case "change":
                changes += 1
                answer = change(server, changes)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    with (
        served(int(sys.argv[1]), is_ordinary="ordinary" in sys.argv[2:]) as demo,
        tempfile.TemporaryDirectory() as folder,
    ):
        authority = Path(folder, "demo-ca.pem")
        authority.write_bytes(demo.certificate_authority)
        print(as_json(demo, authority), flush=True)
        serve(demo)
