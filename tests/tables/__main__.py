"""Prints all tables, from what really happens: `make tables`, or `python -m tests.tables`."""

from __future__ import annotations

import sys

from bw_magics.demo import DemoServer
from tests.tables.accounts import accounts
from tests.tables.cuts import cuts
from tests.tables.faults import OWN_KEYS, ROWS
from tests.tables.rotations import rotations
from tests.tables.stage import come, stage
from tests.tables.writes import writes


def faults() -> list[list[str]]:
    """A row each: what went wrong, at what, the error, the state, the vault in memory."""
    lines = []
    with DemoServer(iterations=5_000) as server:
        for rows, account in ((ROWS, server.accounts[0]), (OWN_KEYS, server.accounts[1])):
            for name, act, cause in rows:
                with stage(server, account) as made:
                    came, _ = come(made, act, cause)
                lines.append([name, act, came.message, came.state, came.memory])
    return lines


def show(title: str, heads: list[str], lines: list[list[str]]) -> None:
    """A table in Markdown."""
    print(f"\n## {title}: {len(lines)} rows\n")
    for line in (heads, ["---"] * len(heads), *lines):
        print(f"| {' | '.join(line)} |")
    sys.stdout.flush()


if __name__ == "__main__":
    heads = ["account", "server", "read", "written", "witness"]
    show("Accounts and servers", heads, accounts())
    heads = ["fault", "at", "error", "state afterwards", "vault in memory"]
    show("Faults", heads, faults())
    heads = ["change", "cut", "error", "on the server", "the same call again"]
    show("Changes that are cut", heads, writes())
    heads = ["change", "request", "cut", "server", "error", "on the server", "the same call again"]
    show("Changes that are cut at each request and answer", heads, cuts())
    heads = ["database", "killed", "readable", "taken", "the same call again"]
    show("Rotations by a kernel that is killed", heads, rotations())
