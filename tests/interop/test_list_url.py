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
from bw_magics.demo.account import DemoPolicy
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
    "default ipv6": "https://[2001:db8::7]:8443/x",
    "host ipv6 long": ("https://[2001:0db8:0:0::7]", HOST),
    "host ipv4 octal": ("https://012.1.2.3", HOST),
    "host trailing dot": ("https://app.example.org./x", HOST),
    "host jdbc": ("jdbc:postgresql://app.example.org:5432/x", HOST),
    "host mailto": ("mailto:ada@app.example.org", HOST),
    "host app": ("androidapp://com.example.app", HOST),
    "host unknown scheme": ("foo://app.example.org:443", HOST),
    "host password": ("https://ada:made-up-1@app.example.org", HOST),
    "exact app": ("androidapp://com.example.app", EXACT),
    "exact about": ("about:blank", EXACT),
    "exact dot": ("https://app.example.org.", EXACT),
    "exact blank": (" https://app.example.org", EXACT),
    "starts scheme": ("https://", STARTS),
    "starts word": ("app", STARTS),
    "starts app": ("androidapp://com.", STARTS),
    "domain three": ("https://a.b.c.kobe.jp", DOMAIN),
    "domain city": ("https://x.city.kobe.jp", DOMAIN),
    "domain s3": ("https://bucket.s3.eu-west-1.amazonaws.com/k", DOMAIN),
    "domain azure": ("https://acme.blob.core.windows.net", DOMAIN),
    "domain cloudfront": ("https://d111.cloudfront.net", DOMAIN),
    "domain databricks": ("https://adb-1.azuredatabricks.net", DOMAIN),
    "domain onion": ("https://expyuzz4wqqyqhjn.onion", DOMAIN),
    "domain arpa": ("https://1.0.0.10.in-addr.arpa", DOMAIN),
    "domain ck": ("https://www.ck", DOMAIN),
    "domain ck other": ("https://shop.gov.ck", DOMAIN),
    "domain long suffix": ("https://a.pvt.k12.ma.us", DOMAIN),
    "domain test": ("https://a.b.test", DOMAIN),
    "domain number": ("https://a.b.123", DOMAIN),
    "domain uppercase": ("HTTPS://A.B.EXAMPLE.COM.AU", DOMAIN),
    "domain mixed idn": ("https://a.xn--p1ai", DOMAIN),
    "domain rf": ("https://a.b.рф", DOMAIN),
    "domain about": ("about:blank", DOMAIN),
    "domain app": ("androidapp://org.example.other", DOMAIN),
    "domain file": ("file:///srv/x", DOMAIN),
    "regex flags": (r"/^https:\/\/app/i", REGEX),
    "regex sticky": (r"^(?i:https)://app", REGEX),
    "regex unicode": (r"^https://b\u00fccher\.", REGEX),
    "regex property": (r"\p{L}ucher", REGEX),
    "regex lazy": (r"^https://.+?\.org$", REGEX),
    "regex slash": (r"https:\/\/app\.example\.org\/team", REGEX),
    "regex dotall": (r"^https.*x$", REGEX),
    "regex empty class": (r"app[]", REGEX),
    "regex any": (r"app[^]example", REGEX),
    "regex octal": (r"\141pp", REGEX),
    "regex hex": (r"\x61pp\.", REGEX),
    "regex control": (r"\cJ", REGEX),
    "regex plus": (r"ap++", REGEX),
    "regex star": (r"*.example.org", REGEX),
    "regex brace": (r"p{2", REGEX),
    "regex close": (r"app]", REGEX),
    "regex word": (r"\bapp\b", REGEX),
    "regex digits": (r":\d{4,5}(?:/|$)", REGEX),
    "regex astral": (r"^https://.\.example", REGEX),
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
    "https://[2001:db8::7]",
    "https://[2001:DB8:0::7]:8443",
    "https://[2001:db8::8]",
    "[2001:db8::7]",
    "2001:db8::7",
    "https://[fe80::1%25eth0]",
    "https://10.1.2.3:9000/x",
    "https://012.1.2.3",
    "https://10.66051:9000",
    "https://app.example.org./x",
    "app.example.org.",
    "https://app.example.org.:8443",
    "androidapp://com.example.other",
    "androidapp://org.example.app",
    "ANDROIDAPP://com.example.app",
    "androidapp:com.example.app",
    "foo://app.example.org",
    "foo://app.example.org:443",
    "About:Blank",
    "about:config",
    "about:",
    "https://c.kobe.jp",
    "https://b.c.kobe.jp",
    "https://city.kobe.jp",
    "https://other.s3.eu-west-1.amazonaws.com",
    "https://bucket.s3.eu-west-1.amazonaws.com",
    "https://other.blob.core.windows.net",
    "https://d222.cloudfront.net",
    "https://adb-2.azuredatabricks.net",
    "https://x.expyuzz4wqqyqhjn.onion",
    "https://in-addr.arpa",
    "https://ck",
    "https://x.www.ck",
    "https://gov.ck",
    "https://b.pvt.k12.ma.us",
    "https://x.a.pvt.k12.ma.us",
    "https://b.test",
    "https://c.b.123",
    "https://x.example.com.au",
    "https://a.рф",
    "https://b.рф",
    "https://a.xn--p1ai/x",
    "https://A.РФ",
    "file:///srv/x",
    "file://app.example.org/x",
    "mailto:ada@app.example.org",
    "jdbc:postgresql://app.example.org:5432/x",
    "jdbc:postgresql://app.example.org/x",
    "mongodb+srv://ada:made-up-1@app.example.org/x",
    "https://ada:made-up-1@app.example.org:8443/team",
    "https://app.example.org/team?next=https://x.example.net",
    "https://app.example.org/TEAM",
    "HTTPS://app.example.org/team",
    "https://app.example.org/team/",
    "http://app.example.org:443",
    "https://app.example.org:80",
    "ws://app.example.org:80",
    "ssh://app.example.org:22",
    "app",
    "app]",
    "https://bucher.example",
    "https://appexample",
    "https://app\nexample.org",
    "https://\u00e4.example.org",
    "https://app.example.org\t",
    "https:\t//app.example.org",
    "\u00a0https://app.example.org",
    "https://app.example.org\u200b",
    "https://a\u00adpp.example.org",
    "https://app\uff0eexample\uff0eorg",
    "https://%61pp.example.org",
    "https://app.example.org:\u0661",
    "https://localhost.",
    "http://LOCALHOST:8888",
    "https://app.localhost",
    "http://warehouse",
    "warehouse:8080",
    "http://warehouse.:8080",
    "https://127.1",
    "https://256.256.256.256",
    "https://1.2.3.4.5",
    "https://0.0.0.0",
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


@pytest.mark.parametrize(
    ("role", "policy"),
    [
        (2, DemoPolicy(16, {"uriMatchDetection": HOST})),
        (2, DemoPolicy(16, {"uriMatchDetection": NEVER})),
        (2, DemoPolicy(16, {"uriMatchDetection": 9})),
        (0, DemoPolicy(16, {"uriMatchDetection": HOST})),
    ],
    ids=["host", "never", "unknown", "owner"],
)
def test_a_policy_sets_the_match_type_of_uris_without_one(
    bw_session_factory: Callable[..., Run],
    bw_on_path: Callable[[Run], str],
    role: int,
    policy: DemoPolicy,
) -> None:
    account = first_account(iterations=5000)
    items = [login(name, "ada", f"demo-{name}", [uri]) for name, uri in URIS.items()]
    contents = replace(account.contents, items=items)
    account = replace(account, contents=contents, role=role, policies=[policy])
    with DemoServer(accounts=[account]) as server:
        session = bw_on_path(bw_session_factory(server, account))
        vault = enter(Vault(sync_interval=0), server)
        with CliServe(session=session) as cli:
            for query in ("https://app.example.org", "https://db.example.org", "example.org"):
                theirs = names(cli.list(f"items?url={quote(query, safe='')}"))
                assert sorted(each.name for each in vault.items(Selection(url=query))) == theirs
        vault.logout()


def names(items: list[Any]) -> list[str]:
    return sorted(item["name"] for item in items)
