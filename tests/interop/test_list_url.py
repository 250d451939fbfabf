"""`items(url=…)` lists what `bw list items --url` lists, for every match type of a URI.

One `bw serve` answers all the queries: a call of the CLI for each would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from bw_magics import Vault
from bw_magics.client.cli_serve import CliServe
from bw_magics.demo import DemoServer
from bw_magics.demo.accounts import first_account
from bw_magics.demo.items.plain import PlainVault, login
from bw_magics.vault.selection import Selection
from tests.demo_vault import enter
from tests.interop.conftest import Run

pytestmark = pytest.mark.bw

DOMAIN, HOST, STARTS, EXACT, REGEX, NEVER = range(6)

URIS: dict[str, str | tuple[str, int]] = {
    "default": "https://app.example.org/login",
    "default bare": "www.example.org",
    "default port": "https://app.example.org:8443",
    "default other": "https://other.example.com",
    "default co.uk": "https://shop.example.co.uk",
    "default github": "https://one.github.io",
    "default internal": "https://db.corp.internal:5432",
    "default single": "http://warehouse:8080",
    "default localhost": "http://localhost:8888/lab",
    "default address": "https://10.1.2.3:9000",
    "default scheme": "postgresql://db.example.org:5432/sales",
    "default app": "androidapp://com.example.app",
    "default google": "https://accounts.google.com",
    "domain": ("https://a.b.example.net", DOMAIN),
    "host": ("https://app.example.org", HOST),
    "host port": ("https://app.example.org:8443", HOST),
    "host bare": ("app.example.org", HOST),
    "starts": ("https://app.example.org/team", STARTS),
    "exact": ("https://app.example.org/team", EXACT),
    "regex": (r"^https://(app|api)\.example\.org/.*$", REGEX),
    "regex case": (r"HTTPS://APP\.", REGEX),
    "regex named": (r"^https://(?<name>\w+)\.example\.net", REGEX),
    "regex broken": (r"https://(app", REGEX),
    "never": ("https://app.example.org", NEVER),
}

QUERIES = [
    "https://app.example.org",
    "https://app.example.org/",
    "https://app.example.org/team",
    "https://app.example.org/team/7?x=1#y",
    "https://app.example.org:8443",
    "https://app.example.org:443",
    "https://app.example.org:9999/x",
    "http://app.example.org",
    "HTTPS://APP.EXAMPLE.ORG/login",
    "app.example.org",
    "app.example.org:8443",
    "api.example.org",
    "example.org",
    "deep.sub.app.example.org",
    "notexample.org",
    "https://example.com",
    "https://example.co.uk",
    "https://pay.example.co.uk",
    "https://co.uk",
    "https://two.github.io",
    "https://one.github.io/x",
    "https://x.example.net",
    "https://db.corp.internal",
    "https://web.corp.internal",
    "http://warehouse:8080",
    "warehouse",
    "http://localhost:8888",
    "localhost",
    "https://10.1.2.3",
    "https://10.1.2.4:9000",
    "postgresql://db.example.org:5432/sales",
    "androidapp://com.example.app",
    "https://script.google.com",
    "https://mail.google.com",
    "mailto:ada@example.org",
    "no such address",
]


def test_a_url_lists_what_bw_lists(
    bw_session_factory: Callable[..., Run], bw_on_path: Callable[[Run], str]
) -> None:
    account = first_account(iterations=5000)
    items = [login(name, "ada", f"demo-{name}", [uri]) for name, uri in URIS.items()]
    account = replace(account, contents=PlainVault(items=items))
    with DemoServer(accounts=[account]) as server:
        session = bw_on_path(bw_session_factory(server, account))
        vault = enter(Vault(sync_interval=0), server)
        with CliServe(session=session) as cli:
            listed = {
                query: names(cli.list(f"items?url={quote(query, safe='')}")) for query in QUERIES
            }
        ours = {
            query: sorted(item.name for item in vault.items(Selection(url=query)))
            for query in QUERIES
        }
        vault.logout()
    assert ours == listed
    assert len({tuple(found) for found in listed.values()}) > 12, "the queries differ"
    assert not any("never" in found for found in listed.values())


def names(items: list[Any]) -> list[str]:
    return sorted(item["name"] for item in items)
