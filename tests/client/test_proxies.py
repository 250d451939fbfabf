"""Which proxy the environment means: as curl and requests read it, and named where it fails."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys

import pytest
import requests.utils
import trustme
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.client import ApiKey, log_in
from bw_magics.client.proxies import Exemption, Proxy, proxy_for, unread_exemptions
from bw_magics.errors import ServerUnreachable
from bw_magics.settings import Server
from tests.client.conftest import (
    DEVICE,
    Connect,
    Serve,
    answer,
    assert_silent,
    failed_login,
)
from tests.proxy import SocksProxy, proxy_to

PROXY = "http://proxy.example.org:3128"
FAR = "https://vault.example.org"

# NO_PROXY, address, whether it goes straight; and whether requests knows this form at all.
EXEMPTIONS = [
    ("localhost,[::1]", FAR, False, True),
    ("localhost,127.0.0.1,::1", FAR, False, True),
    ("vault.example.org", FAR, True, True),
    (".example.org", FAR, True, True),
    ("example.org", FAR, True, True),
    ("EXAMPLE.ORG", FAR, True, False),
    ("example.org.", FAR, True, False),
    ("*.example.org", FAR, True, False),
    ("vault.example.org:443", FAR, True, False),
    ("vault.example.org:8443", FAR, False, True),
    ("other.org example.org", FAR, True, False),
    ("other.org ,\texample.org", FAR, True, False),
    ("ample.org", FAR, False, False),
    ("vault.example.org.other", FAR, False, True),
    ("*", FAR, True, False),
    ("*,other.org", FAR, False, True),
    ("localhost *", FAR, False, False),
    ("*.org", FAR, True, False),
    ("10.0.0.0-10.9.9.9", "https://10.1.2.3", False, True),
    ("10.0.0.0/8", "https://10.1.2.3", True, True),
    ("10.0.0.0/8", "https://11.1.2.3", False, True),
    ("10.0.0.0/8", FAR, False, True),
    ("192.168.1.5", "https://192.168.1.5:8443", True, True),
    ("192.168.1.5:8443", "https://192.168.1.5:8443", True, False),
    ("192.168.1.50", "https://192.168.1.5", False, True),
    ("fd00::/8", "https://[fd00::1]", True, False),
    ("[fd00::]/8", "https://[fd00::1]", True, False),
    ("fd00::/8", "https://[fe80::1]", False, False),
    ("fd00::1", "https://[fd00:0:0::1]", True, False),
    ("[fd00::1]", "https://[fd00::1]:8443", True, False),
    ("[fd00::1]:8443", "https://[fd00::1]:8443", True, False),
    ("[fd00::1]:8444", "https://[fd00::1]:8443", False, False),
    ("10.0.0.0/255.0.0.0", "https://10.1.2.3", True, False),
    ("0.0.0.0/0", "https://10.1.2.3", True, False),
    ("fe80::1%eth0", "https://[fe80::1%25eth0]", True, False),
    ("[fe80::1%25eth0]:443", "https://[fe80::1%25eth0]", True, False),
    ("fe80::/10", "https://[fe80::1%25eth0]", True, False),
    ("FD00::1", "https://[fd00::1]", True, False),
    ('"vault.example.org"', FAR, True, False),
    ("https://vault.example.org/", FAR, True, False),
    ("münchen.example", "https://xn--mnchen-3ya.example", True, False),
    ("xn--mnchen-3ya.example", "https://münchen.example", True, False),
    ("10.,192.168.,10.*,vault.*", "https://10.1.2.3", False, False),
    ("10.0.0.0/99,[::1,fd00::/8/8,http://", FAR, False, False),
    ("", FAR, False, True),
]


@pytest.mark.parametrize(("exempt", "url", "straight", "known"), EXEMPTIONS)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_goes_straight(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    exempt: str,
    url: str,
    straight: bool,
    known: bool,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv(name, exempt)
    assert (proxy_for(url) is None) is straight
    if known:
        assert requests.utils.should_bypass_proxies(url, None) is straight


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize(
    ("exempt", "url", "straight"),
    # It reads no ports here; "*.example.org", a last dot and IPv6 depend on its version. Netmasks,
    # quotes, schemes and names beyond ASCII are read here and not by it.
    [
        row[:3]
        for row in EXEMPTIONS
        if "[" not in row[1] and not re.search(r""":\d+$|\*\.|\.$|["/]$|/0$|/255|ü""", row[0])
    ],
)
def test_curl_reads_it_alike(exempt: str, url: str, straight: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    host = url.removeprefix("https://").split("/")[0]
    run = subprocess.run(
        ["curl", "--verbose", "--connect-timeout", "0.2", "--max-time", "0.5", f"http://{host}"],
        env={"http_proxy": f"http://127.0.0.1:{port}", "no_proxy": exempt},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (f"127.0.0.1:{port}" not in run.stderr.replace("127.0.0.1 port ", "127.0.0.1:")) is (
        straight
    )


@given(st.text() | st.from_regex(r"\[?[0-9a-f:.]{1,12}\]?(/[0-9]{1,3})?(:[0-9]{1,6})?"))
def test_any_entry_is_an_exemption_or_none(entry: str) -> None:
    exemption = Exemption.parse(entry)
    if exemption is not None:
        assert exemption.covers("vault.example.org", 443) in (True, False)
        assert exemption.covers("fd00::1", 443) in (True, False)


@pytest.mark.parametrize(
    ("variables", "source"),
    [
        ({"HTTPS_PROXY": PROXY}, "HTTPS_PROXY"),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other.example"}, "https_proxy"),
        ({"ALL_PROXY": PROXY}, "ALL_PROXY"),
        ({"all_proxy": PROXY, "HTTPS_PROXY": ""}, "all_proxy"),
        ({"ALL_PROXY": PROXY, "https_proxy": "  "}, "ALL_PROXY"),
        ({"https_proxy": "proxy.example.org:3128"}, "https_proxy"),
        ({"HTTPS_PROXY": "//proxy.example.org:3128"}, "HTTPS_PROXY"),
        ({"Https_Proxy": PROXY}, "Https_Proxy"),
        ({"HTTPS_PROXY": '"http://PROXY.example.org:3128/"'}, "HTTPS_PROXY"),
        (
            {"ALL_PROXY": "socks5://h.example", "HTTPS_PROXY": "proxy.example.org:3128"},
            "HTTPS_PROXY",
        ),
    ],
)
def test_which_variable_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], source: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_for(FAR)
    assert proxy is not None
    assert (proxy.name, proxy.source) == ("proxy.example.org:3128", source)
    assert proxy_for("https://localhost:8443") is None


def test_blanks_name_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "  ")
    assert proxy_for(FAR) is None


def test_entries_that_only_begin_an_address_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "10.,192.168,10.*,example.org")
    assert unread_exemptions() == "NO_PROXY has entries that cannot be read: 10., 192.168, 10.*."


@pytest.mark.parametrize(
    "exempt",
    ["vault.example.org\u00a0", "\u00a0vault.example.org", ",, vault.example.org ,\u2003,", " , "],
)
def test_blanks_of_any_kind_separate_entries(monkeypatch: pytest.MonkeyPatch, exempt: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", exempt)
    assert unread_exemptions() == ""
    assert (proxy_for(FAR) is None) is ("vault" in exempt)


def test_a_variable_in_mixed_case_exempts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("No_Proxy", "10.0.0.0/8,10.*")
    assert proxy_for("https://10.1.2.3") is None
    assert unread_exemptions() == "No_Proxy has entries that cannot be read: 10.*."


def test_the_user_name_and_password_are_decoded_and_not_shown() -> None:
    proxy = Proxy.parse("http://ada:p%40ss%2Fword@proxy.example.org", "HTTPS_PROXY")
    assert (proxy.username, proxy.password) == ("ada", "p@ss/word")
    assert (proxy.name, proxy.port) == ("proxy.example.org:80", 80)
    assert "p@ss" not in repr(proxy)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://ada:pr0xy/canary@proxy.example.org:3128", "percent-encoded"),
        ("http://ada:pr0xy#canary@proxy.example.org:3128", "percent-encoded"),
        ("socks4://pr0xy-canary:1080", "SOCKS 4"),
        ("socks://pr0xy-canary:1080", "socks5://"),
        ("gopher://pr0xy-canary", "not the address of a proxy"),
        ("http://pr0xy-canary:port", "not the address of a proxy"),
        ("http://", "not the address of a proxy"),
        ("http://[", "not the address of a proxy"),
        ("pr0xy canary", "not the address of a proxy"),
        ("socks4a://pr0xy-canary", "SOCKS 4"),
        ("http:/pr0xy-canary:3128", "slip in its scheme"),
        ("https//pr0xy-canary:3128", "slip in its scheme"),
        ("socks5:pr0xy-canary", "slip in its scheme"),
        ("http://pr0xy-canary:0", "not the address of a proxy"),
        ("http://::1:3128", "not the address of a proxy"),
        ("http://http://pr0xy-canary:3128", "slip in its scheme"),
        ("http://pr0xy-canary/proxy.pac", "chooses a proxy"),
        ("file:///pr0xy-canary.PAC", "chooses a proxy"),
        ("None", "names no proxy"),
        ("DIRECT", "names no proxy"),
        ("false", "names no proxy"),
        ("http://0", "names no proxy"),
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
def test_a_broken_proxy_is_named_by_its_variable(
    connect: Connect,
    api_key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    text: str,
    words: str,
) -> None:
    monkeypatch.setenv(variable, text)
    server = Server.parse(FAR)
    error = failed_login(connect(server), server, api_key)
    assert type(error) is ServerUnreachable
    assert error.fact.startswith(variable)
    assert words in str(error)
    assert "vault.example.org" not in str(error)
    assert_silent(error, "pr0xy", "canary")


def test_a_missing_package_is_named(
    connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "socksio", None)
    server = Server.parse(FAR)
    error = failed_login(connect(server), server, api_key)
    assert "ALL_PROXY names a SOCKS proxy" in error.fact
    assert error.remedy == "pip install 'bw_magics[socks]'"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_used(
    serve: Serve,
    authority: trustme.CA,
    connect: Connect,
    api_key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    host = "vault.demo-networks.example"
    server = serve(
        answer(200, {"access_token": "a.b.c"}), certificate=authority.issue_cert(host), host=host
    )
    with proxy_to(server.port, SocksProxy) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url.replace("socks5", scheme))
        log_in(connect(server.server), server.server, DEVICE, api_key)
        assert proxy.asked == [f"{host}:{server.port}"], "the proxy looks the name up"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (407, "asks for a user name and password"),
        (403, "did not connect to vault.example.org"),
        (502, "did not connect to vault.example.org"),
    ],
)
def test_a_proxy_that_refuses_is_named(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    reply: int,
    words: str,
) -> None:
    proxy = serve(answer(reply, "body-canary"), certificate=None)
    monkeypatch.setenv("HTTPS_PROXY", f"http://u:pr0xy-canary@127.0.0.1:{proxy.port}")
    server = Server.parse(FAR)
    error = failed_login(connect(server), server, api_key)
    assert f"The proxy 127.0.0.1:{proxy.port} {words}" in error.fact
    assert "HTTPS_PROXY" in error.remedy
    assert_silent(error, "pr0xy-canary", "body-canary")


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("http://no-such-proxy.invalid:3128", "The host name of the proxy no-such-proxy.invalid"),
        ("https://no-such-proxy.invalid", "The host name of the proxy no-such-proxy.invalid"),
        ("http://127.0.0.1:1", "The proxy 127.0.0.1:1 refused the connection"),
        ("socks5h://127.0.0.1:1", "The proxy 127.0.0.1:1 refused the connection"),
    ],
)
def test_a_proxy_that_cannot_be_reached_is_named_and_not_the_server(
    connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch, proxy: str, words: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/99, user:canary@x")
    server = Server.parse(FAR)
    error = failed_login(connect(server), server, api_key)
    assert words in error.fact
    assert "vault.example.org" not in error.fact
    assert "ALL_PROXY names a proxy" in error.remedy
    assert "NO_PROXY has entries that cannot be read: 10.0.0.0/99" in error.remedy
    assert_silent(error, "canary")
