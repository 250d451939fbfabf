"""The memory that a vault takes, for every way to keep it: what chose `Snapshot`.

The vault is the body of one `/sync` answer of the demo server, in which every item is sent twice
as official servers do it: its members, and the same again in `data`. Each way has a process of
its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.markdown import table
from benchmarks.options import Options
from benchmarks.process import bare_environment, run_program
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.ways import WAYS, orjson_tree
from bw_magics.announcing import Secrets
from bw_magics.client import ApiKey
from bw_magics.client.certificates import Authority
from bw_magics.demo import DemoServer
from bw_magics.session.accounts.api_key_account import ApiKeyAccount
from bw_magics.settings import Device, Server

SIZE = 10_000


def download(items: int) -> bytearray:
    """The body of a `/sync` answer with that many generated logins."""
    with DemoServer(items=items, iterations=5_000) as server:
        person = server.accounts[0]
        address = Server.parse(server.url)
        account = ApiKeyAccount(
            address,
            Device.derive(address, person.client_id),
            ApiKey.parse(client_id=person.client_id, client_secret=person.client_secret),
            source="the demo",
            secrets=Secrets(),
            certificate_authority=Authority(server.certificate_authority),
        )
        try:
            return account.api.sync()
        finally:
            account.close()


def compare(items: int) -> str:
    """The table of all ways for a vault of that size."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder), Path(folder, "sync.json")
        file.write_bytes(download(items))
        size = file.stat().st_size / 1e6
        for name, way in WAYS.items():
            if way is orjson_tree and importlib.util.find_spec("orjson") is None:
                continue
            found = json.loads(
                run_program("ways.py", bare_environment(home), name, str(file)).output
            )
            rows.append(
                [
                    (way.__doc__ or name).rstrip("."),
                    f"{found['peak']:.0f}",
                    f"{found['steady']:.0f}",
                    f"{found['seconds']:.3f}",
                    f"{found['microseconds']:.1f}",
                ]
            )
    heading = f"{items:,} items, {size:.0f} MB"
    return table([heading, "peak MB", "steady MB", "parse and index, s", "open one, µs"], rows)


def measure(report: Report, options: Options) -> None:
    """Adds a table for the largest vault up to 10,000 items."""
    for items in sorted(items for items in options.sizes if items <= SIZE)[-1:]:
        say(f"ways to keep {items:,} items")
        report.text_detail("Memory of one downloaded vault, by the way it is kept", compare(items))


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.snapshot",
        description="The memory that a vault takes, for every way to keep it.",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[SIZE], metavar="N")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    options = arguments(words)
    print("## Memory that one downloaded vault adds, by the way it is kept")
    for items in options.sizes:
        print(f"\n{compare(items)}")


if __name__ == "__main__":
    main()
