"""`python -m bw_magics.demo`: the demo server alone, in the foreground."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from bw_magics.demo.server import DemoServer


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bw_magics.demo",
        description="A Bitwarden-compatible DEMO server with a made-up vault, on loopback only.",
    )
    parser.add_argument("--port", type=int, default=0, help="default: a free port")
    styles = ("official", "vaultwarden", "nodewarden")
    parser.add_argument("--style", choices=styles, default="official")
    parser.add_argument("--items", type=int, default=0, help="add this many generated items")
    parser.add_argument("--iterations", type=int, help="cheaper key derivation, for tests")
    parser.add_argument("--ca-file", type=Path, help="where to write the certificate to trust")
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead")
    return parser.parse_args(words)


def environment(server: DemoServer, authority: Path) -> dict[str, str]:
    """Returns the variables with which `bw_magics` and `bw` reach the server's first account."""
    account = server.accounts[0]
    machines = server.machines
    token = {"BWS_ACCESS_TOKEN": machines.store.accounts[0].access_token} if machines else {}
    return {
        "BW_SERVER": server.url,
        "BW_CLIENTID": account.client_id,
        "BW_CLIENTSECRET": account.client_secret,
        "BW_PASSWORD": account.master_password,
        **token,
        "SSL_CERT_FILE": str(authority),
        "NODE_EXTRA_CA_CERTS": str(authority),
    }


def describe(server: DemoServer, authority: Path) -> str:
    """Describes for a person what to type."""
    variables = environment(server, authority)
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    return f"""\
# DEMO, not a real vault: {server.style} style, account {server.accounts[0].email}.
# Everything in it is made up and gone when this ends (Ctrl-C).
{exports}

# bw_magics:  %load_ext bw_magics, %bw_login --apikey, %bw_unlock
# bw:         bw config server {server.url}
#             bw login --apikey
#             export BW_SESSION="$(bw unlock --passwordenv BW_PASSWORD --raw)"
"""


def as_json(server: DemoServer, authority: Path) -> str:
    """Describes the server and every account in one line of JSON."""
    return json.dumps(
        {
            "demo": True,
            "style": server.style,
            "url": server.url,
            "environment": environment(server, authority),
            "accounts": [
                {
                    "name": account.name,
                    "email": account.email,
                    "client_id": account.client_id,
                    "client_secret": account.client_secret,
                    "master_password": account.master_password,
                }
                for account in server.accounts
            ],
        }
    )


def main(words: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or Ctrl-C."""
    options = arguments(words)
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server = DemoServer(
        port=options.port, style=options.style, items=options.items, iterations=options.iterations
    )
    try:
        server.start()
    except OSError as error:
        print(f"The demo server cannot listen there: {error.strerror}.", file=sys.stderr)
        return 1
    with server, tempfile.TemporaryDirectory(prefix="bw_magics_demo_") as directory:
        authority = (options.ca_file or Path(directory, "demo-ca.pem")).absolute()
        authority.write_bytes(server.certificate_authority)
        try:
            show = as_json if options.json else describe
            print(show(server, authority), flush=True)
            while not ended.wait(1):
                pass
        finally:
            authority.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
