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
    "regex alternatives": (r"^(https?|ftp)://(?:[\w-]+\.)*example\.(org|net)(:\d{1,5})?/?", REGEX),
    "regex not": (r"^(?!.*app).*example", REGEX),
    "regex behind": (r"(?<=//)app\.", REGEX),
    "regex unit": (r"^https://.{2}\.example\.org", REGEX),
    "regex end": (r"example\.org$", REGEX),
    "regex braces": (r"/{2,}app{,3}", REGEX),
    "regex Python only": (r"(?i)app", REGEX),
    "regex again": (r"(?<a>\w)\k<a>", REGEX),
    "regex class": (r"[^\W\d_]{3,}\.[a-z-]+\.org:\d", REGEX),
    "regex user": (r"^https://[^@]*@app\.", REGEX),
    "host idn": ("https://bücher.example", HOST),
    "host punycode": ("https://xn--bcher-kva.example", HOST),
    "regex blank": (" ", REGEX),
    "host upper": ("HTTPS://APP.EXAMPLE.ORG", HOST),
    "host slash": ("https://app.example.org/", HOST),
    "host default port": ("https://app.example.org:443/x", HOST),
    "host user": ("https://ada@app.example.org/x", HOST),
    "host ipv6": ("https://[fd00::1]:8443", HOST),
    "domain ipv6": ("https://[fd00::1]", DOMAIN),
    "domain idn": ("https://bücher.example.org", DOMAIN),
    "domain unicode": ("https://bücher.example", DOMAIN),
    "domain punycode": ("https://xn--bcher-kva.example", DOMAIN),
    "domain dot": ("https://dotted.example.net.", DOMAIN),
    "domain blank": (" https://blank.example.com ", DOMAIN),
    "domain path only": ("/login", DOMAIN),
    "domain underscore": ("https://a_b.example.edu", DOMAIN),
    "domain jdbc": ("jdbc:postgresql://db.example.info:5432/x", DOMAIN),
    "starts upper": ("https://APP.example.org/team", STARTS),
    "exact upper": ("HTTPS://app.example.org/team", EXACT),
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
    "https://app.example.org\n",
    "https://\N{GRINNING FACE}.example.org",
    "https://ab.example.org",
    "https://user@app.example.org/",
    "https://[fd00::1]:8443/x",
    "https://[fd00::1]",
    "https://xn--bcher-kva.example",
    "https://bücher.example",
    "https://BÜCHER.example/x",
    "https://www.dotted.example.net",
    "https://app.example.org.",
    "https://blank.example.com",
    "  https://app.example.org  ",
    "https://x.example.edu",
    "https://db.example.info",
    "jdbc:postgresql://db.example.info:5432/x",
    "https:app.example.org",
    "//app.example.org",
    "app.example.org/login",
    "https://app.example.org:0443",
    "https://app.example.org:99999",
    "https://2130706433",
    "https://10.1.2.3.",
    "https://0x0a010203:9000",
    "ftp://app.example.org",
    "wss://app.example.org:443",
    "javascript:alert(1)",
    "chrome://extensions",
    "iosapp://com.example.app",
    "https://googleusercontent.com",
    "https://sub.script.google.com",
    "https://a.kawasaki.jp",
    "https://city.kawasaki.jp",
    "https://x.blogspot.com",
    "EXAMPLE.ORG",
    "https://app%2eexample.org",
    "https://app.example.org?x",
    "https://app.example.org#x",
    "https:///app.example.org",
    "https:/app.example.org",
    "https:////app.example.org",
    "http:\\\\app.example.org\\x",
    "https:\\app.example.org",
    "ftp:app.example.org",
    "wss:/app.example.org",
    "postgresql:/app.example.org",
    "mailto:app.example.org",
    "foo:app.example.org",
    "HTTPS:app.example.org",
    "https:app.example.org:8443",
    "https:/app.example.org:8443/x",
    "/app.example.org",
    "///app.example.org",
    "\\\\app.example.org",
    ":app.example.org",
    "https://",
    "https://app.example.org:",
    "https://ada:made-up-1@app.example.org/",
    "https://app.example.org@example.com/",
    "https://app.example.org%40example.com/",
    "https://app.example.org/?token=made-up-1",
    "https://APP.EXAMPLE.ORG:8443",
    "https://app。example。org",
    "https://ａｐｐ.example.org",
    "https://straße.example.org",
    "https://app_1.example.org",
    "https://-app.example.org",
    "https://app..example.org",
    "https://.example.org",
    "https://*.example.org",
    "*.example.org",
    "https://app.example.org:443:443",
    "https://app example.org",
    "about:blank",
    "data:text/html,app.example.org",
    "file:///srv/app.example.org",
    "view-source:https://app.example.org",
    "blob:https://app.example.org/x",
    "https://app.example.org\\x",
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
    differing = {
        query: {"ours alone": a - b, "theirs alone": b - a}
        for query in QUERIES
        if (a := {*ours[query]}) != (b := {*listed[query]})
    }
    assert differing == {}
    assert len({tuple(found) for found in listed.values()}) > 12, "the queries differ"
    assert not any("never" in found for found in listed.values())


def names(items: list[Any]) -> list[str]:
    return sorted(item["name"] for item in items)
