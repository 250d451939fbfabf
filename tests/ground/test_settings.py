"""Servers and devices: what an address means, and that none with a flaw is repeated."""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.address import Address, is_loopback
from bw_magics.client.identity import _is_guid
from bw_magics.errors import BitwardenError, InsecureServer, UsageMistake
from bw_magics.settings import CLIENT_VERSION, Device, Server, ServerSettings, connector_address

# Near and far from an address as most are written.
LABELS = st.sampled_from(
    [
        "vault",
        "bitwarden",
        "bitwardn",
        "bitwaarden",
        "example",
        "com",
        "eu",
        "org",
        "a",
        "9",
        "x-y",
        "-a",
        "a-",
        "0x7f",
        "127",
        "localhost",
        "us",
        "http",
        "https",
        "httpd",
        "VAULT",
        "é",
        "",
        "%41",
        "user",
        "6f0b3c1e-5d52-5c1c-9f0d-abcdefabcdef",
        "_a",
        "xn--caf-dma",
    ]
)
NEARLY_USUAL = st.builds(
    lambda scheme, labels, rest: scheme + ".".join(labels) + rest,
    st.sampled_from(["https://", "https://", "https://", "http://", "HTTPS://", "https:/", ""]),
    st.lists(LABELS, min_size=1, max_size=4),
    st.sampled_from(
        [
            "",
            "",
            "/",
            "//",
            "/x",
            ":8443",
            ":443/",
            ":0",
            ":08",
            ":99999",
            ":65535",
            ":",
            ":²",
            "?",
            "#",
            ":8443/",
            "/api",
            "/%20",
            " ",
            "\u200b",
            ".",
            ",",
            ":80x",
            "@h.org",
            "/../",
        ]
    ),
)

LETTERS_OF_IDS = "0123456789abcdefABCDEFg-_+ \n"

US = ("https://api.bitwarden.com", "https://identity.bitwarden.com")
EU = ("https://api.bitwarden.eu", "https://identity.bitwarden.eu")


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("us", US),
        (" EU ", EU),
        ("https://vault.bitwarden.com", US),
        ("https://vault.bitwarden.eu/#/login", EU),
        ("https://VAULT.bitwarden.eu", EU),
        ("vault.bitwarden.com", US),
        ("bitwarden.eu", EU),
        ("https://api.bitwarden.com", US),
    ],
)
def test_the_cloud_is_known_by_region_and_by_address(text: str, urls: tuple[str, str]) -> None:
    server = Server.parse(text)
    assert (server.api, server.identity) == urls
    assert server.name.startswith("vault.bitwarden.")


@pytest.mark.parametrize(
    ("text", "name", "api"),
    [
        ("https://vault.example.org", "vault.example.org", "https://vault.example.org/api"),
        ("vault.example.org/", "vault.example.org", "https://vault.example.org/api"),
        ("'https://vault.example.org'", "vault.example.org", "https://vault.example.org/api"),
        ("https://h.example:8443/x/", "h.example:8443/x", "https://h.example:8443/x/api"),
        ("localhost:8443", "localhost:8443", "https://localhost:8443/api"),
        ("http://localhost:8000", "localhost:8000", "http://localhost:8000/api"),
        ("http://127.0.0.1", "127.0.0.1", "http://127.0.0.1/api"),
        ("http://[::1]:8000", "[::1]:8000", "http://[::1]:8000/api"),
        ("https://h.example/x?query#part", "h.example/x", "https://h.example/x/api"),
        ("https://h.example./x", "h.example/x", "https://h.example/x/api"),
        ("h.example.:8443", "h.example:8443", "https://h.example:8443/api"),
        ("https://h.example.:8443/x", "h.example:8443/x", "https://h.example:8443/x/api"),
        ("httpd.example.org", "httpd.example.org", "https://httpd.example.org/api"),
        ("HTTPD2.example.org/", "httpd2.example.org", "https://httpd2.example.org/api"),
        ("httpd-1.example.org", "httpd-1.example.org", "https://httpd-1.example.org/api"),
        ("http2.example.org:8443", "http2.example.org:8443", "https://http2.example.org:8443/api"),
        ("http-in.example.org", "http-in.example.org", "https://http-in.example.org/api"),
        ("cafe\u0301.example", "caf\u00e9.example", "https://caf\u00e9.example/api"),
    ],
)
def test_a_self_hosted_server_has_its_services_below_its_address(
    text: str, name: str, api: str
) -> None:
    server = Server.parse(text)
    assert (server.name, server.api) == (name, api)
    assert server.identity == api.removesuffix("/api") + "/identity"
    assert server.is_insecure == api.startswith("http://")


@pytest.mark.parametrize(
    "text",
    [
        "https:/vault.example.org",
        "https//vault.example.org",
        "https/vault.example.org",
        "https:vault.example.org",
        "https;//vault.example.org",
        "https:///vault.example.org",
        "https:\\\\vault.example.org",
        "HTTPS://vault.example.org",
        "https://https://vault.example.org",
        "https://vault.example.org/identity",
        "https://vault.example.org/identity/",
        "https://vault.example.org/API",
        "https://vault.example.org//api/config",
        "vault.example.org/api",
        "https://vault.example.org/#/login",
        "https://vault.example.org/index.html#/vault",
        "https://vault.example.org/admin/users/overview",
        " https://vault.example.org \t",
        "\u00a0https://vault.example.org\u200b",
        "“https://vault.example.org”",
        "<https://vault.example.org>",
        "(https://vault.example.org)",
        "https://vault.example.org.",
        "https://vault.example.org,",
        "https://vault.example.org;",
        "//vault.example.org",
        "https：//vault.example.org",
        "https://vault。example.org",
        "https://vault.example.org:443",
        "https://vault.example.org:",
        "https://vault.example.org/sso",
        "https://vault.example.org/identity/connect/token",
        "https://vault.example.org/API/config?x=1",
        "https.//vault.example.org",
        "https,//vault.example.org",
        "https:.//vault.example.org",
        "https:://vault.example.org",
        "https:;//vault.example.org",
        "https/:/vault.example.org",
        "https ://vault.example.org",
        "https: //vault.example.org",
        "https:// vault.example.org",
        "https : // vault.example.org",
        "https://.vault.example.org",
        "https:https://vault.example.org",
        "http://https://vault.example.org",
        "https://https//vault.example.org",
        "ｈｔｔｐｓ://ｖault.example．org",
        "https:／／vault.example.org",
        "https:\\/\\/vault.example.org",
        "HtTpS://Vault.Example.ORG",
        "«https://vault.example.org»",
        "「https://vault.example.org」",
        "**https://vault.example.org**",
        "`https://vault.example.org`",
        "\u202ahttps://vault.example.org\u202c",
        "https://vault.\u00adexample.\u200borg\u200b/",
        "https://vault\u2024example.org",
        "https://vault.example.org%20",
        "https://vault.example.org/%20%0A",
        "https://vault.example.org!",
        "https://vault.example.org…",
        "https://vault.example.org/#/vault?organizationId=x",
        "https://vault.example.org/api/identity",
        "https://vault.example.org/identity/.well-known/openid-configuration",
        "/vault.example.org",
    ],
)
def test_a_slip_in_an_address_is_mended(text: str) -> None:
    assert Server.parse(text) == Server.parse("https://vault.example.org")


@pytest.mark.parametrize(
    ("text", "api"),
    [
        ("https://h.example/bw/identity", "https://h.example/bw/api"),
        ("https://h.example:8443/api/", "https://h.example:8443/api"),
        ("https://h.example/apis", "https://h.example/apis/api"),
        ("https://h.example/team/vault", "https://h.example/team/vault/api"),
        ("https.example.org", "https://https.example.org/api"),
        ("https:/[fd00::1]:8443", "https://[fd00::1]:8443/api"),
        ("http:localhost:8000", "http://localhost:8000/api"),
        ("https//vault.bitwarden.eu/identity", "https://api.bitwarden.eu"),
        ("www.bitwarden.com", "https://api.bitwarden.com"),
        ("https://notifications.bitwarden.eu/hub", "https://api.bitwarden.eu"),
        ("https://us", "https://api.bitwarden.com"),
        ("https://bitwarden.com.example.org", "https://bitwarden.com.example.org/api"),
        ("https://notbitwarden.com", "https://notbitwarden.com/api"),
        ("fd00::1", "https://[fd00::1]/api"),
        ("https://[fe80::1%25eth0]:8443", "https://[fe80::1%25eth0]:8443/api"),
        ("https://vault.example.org:８４４３", "https://vault.example.org:8443/api"),
        ("https://mu\u0308ller.example", "https://müller.example/api"),
        ("https://пример.example", "https://пример.example/api"),
        ("https://httpbin.example", "https://httpbin.example/api"),
        ("https://bitwarden.lan", "https://bitwarden.lan/api"),
        ("bitwarden.example.org", "https://bitwarden.example.org/api"),
        ("https://mybitwarden.com", "https://mybitwarden.com/api"),
        ("vaultwarden", "https://vaultwarden/api"),
        ("ip-10-0-0-1.internal", "https://ip-10-0-0-1.internal/api"),
    ],
)
def test_what_is_mended_leaves_the_rest_of_an_address(text: str, api: str) -> None:
    assert Server.parse(text).api == api


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("htps://canary.example", "https://"),
        ("ttps://canary.example", "https://"),
        ("httpss;//canary.example", "https://"),
        ("ssh://canary.example", "https://"),
        ("http:canary.example", "https address"),
        ("http:/canary.example", "https address"),
        ("https:8443", "such as https://"),
        ("htttps://canary.example", "https://"),
        ("httpshttps://canary.example", "https://"),
        ("wss://canary.example", "https://"),
        ("git+https://canary.example", "https://"),
        ("https://http://canary.example", "https address"),
        ("httpscanary.example", "https://"),
        ("httpcanary.example", "https://"),
        ("httpdcanary.example", "https://"),
        ("https2.canary.example", "https://"),
        ("URL: https://canary.example", "the address alone"),
        ("BW_SERVER=https://canary.example", "the address alone"),
        ("[canary](https://canary.example)", "the address alone"),
        ("https://canary.example,https://canary.example", "the address alone"),
        ("https://canary.example https://canary.example", "the address alone"),
        ("https://canary. example.org", "blanks"),
        ("https://canary.example 8443", "blanks"),
        ("https://canary.example: 8443", "blanks"),
        ("https://canary\texample.org", "blanks"),
        ("https://canary.example::8443", "port"),
        ("https://canary.example:844e3", "port"),
        ("https://canary.example:-1", "port"),
        ("https://canary.example:8443:", "port"),
        ("https://canary.example;8443", "port"),
        ("https://canary.example:0", "port"),
        ("https://canary.example:65536", "port"),
        ("https://canary.example:123456/api", "port"),
        ("https://canary,example", "A dot"),
        ("canary.example,org", "A dot"),
        ("https://2001:db8::1", "brackets"),
        ("https://2001:db8::1:8443", "brackets"),
        ("https://[2001:db8::1", "brackets"),
        ("https://[2001:db8::1]8443", "brackets"),
        ("https://[::1].canary.example", "brackets"),
        ("fe80::1%eth0", "brackets"),
        ("user.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f", "sent nowhere"),
        ("organization.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f", "sent nowhere"),
        ("8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f", "sent nowhere"),
        ("canarySecretMadeUp000000000001", "sent nowhere"),
        ("https://canarySecretMadeUp000000000001", "sent nowhere"),
        ("http://0.0.0.0:8080", "localhost"),
        ("https://[::]:8443", "localhost"),
        ("vault.bitwarden.co", "us for bitwarden.com"),
        ("https://vault.bitwarden.us", "us for bitwarden.com"),
        ("https://vault.bitwarden.de", "eu for bitwarden.eu"),
        ("vault.bitwarden.ca", "us for bitwarden.com"),
        ("https://vault.bitwarden.io", "us for bitwarden.com"),
        ("bitwarden.cloud", "us for bitwarden.com"),
        ("https://vault.bitwarden.co.uk", "us for bitwarden.com"),
        ("https://bitwarden.com.au", "us for bitwarden.com"),
        ("usa", "mean us?"),
        ("com", "mean us?"),
        ("Europe", "mean eu?"),
        ("https://eu-central/", "mean eu?"),
        ("https://bitwarden.con/api", "us for bitwarden.com"),
        ("vault.bitwaren.com", "us for bitwarden.com"),
        ("vault.bitwraden.eu", "eu for bitwarden.eu"),
        ("https://c\u0430nary.example", "Latin letters"),
        ("https://example.\u03bfrg", "Latin letters"),
    ],
)
def test_a_slip_that_cannot_be_mended_names_the_likely_meaning(text: str, likely: str) -> None:
    with pytest.raises((UsageMistake, InsecureServer)) as caught:
        Server.parse(text)
    assert likely in caught.value.remedy
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", UsageMistake),
        ("https://", UsageMistake),
        ("hunter2 horse", UsageMistake),
        ("ftp://canary.example", UsageMistake),
        ("https://canary.example:port", UsageMistake),
        ("https://canary.example:99999", UsageMistake),
        ("https://[canary", UsageMistake),
        ("https://canary\x1b[31m.example", UsageMistake),
        ("https://canary\\.example", UsageMistake),
        ("https://vault.example.org/canary\\", UsageMistake),
        ("https://canary,example", UsageMistake),
        ("https://a[::1]", UsageMistake),
        ("https://.:8443", UsageMistake),
        ("https://../canary", UsageMistake),
        ("https://$canary", UsageMistake),
        ("https://<canary>", UsageMistake),
        ("{{ canary }}", UsageMistake),
        ("%canary%", UsageMistake),
        ("https://*.canary.example", UsageMistake),
        ("https://vault.bitwarden.com@canary.example", UsageMistake),
        ("https://vault.bitwarden.com\\@canary.example", UsageMistake),
        ("canary@example.org", UsageMistake),
        ("https%3A%2F%2Fcanary.example", UsageMistake),
        ("javascript:canary(1)", UsageMistake),
        ("https://someone:canary@vault.example.org", UsageMistake),
        ("https://canary@vault.example.org", UsageMistake),
        ("None", UsageMistake),
        ("https://null", UsageMistake),
        ("https://https", UsageMistake),
        ("https://127.1", UsageMistake),
        ("https://0x7f.1", UsageMistake),
        ("https://canary.example:0", UsageMistake),
        ("https://canary..example", UsageMistake),
        ("https://-canary.example", UsageMistake),
        ("https://vault.example.org/../canary", UsageMistake),
        ("https://vault.example.org/%2E%2e/canary", UsageMistake),
        ("BW_SERVER=https://canary.example", UsageMistake),
        ("https://canary.example/" + 2_000 * "a", UsageMistake),
        ("http://canary.example", InsecureServer),
        ("http://192.168.1.5", InsecureServer),
        ("http://vault.bitwarden.com.canary.example", InsecureServer),
        ("http://127.0.0.1.canary.example", InsecureServer),
        ("http://localhost.canary.example", InsecureServer),
        *((text, UsageMistake) for text in ("//canary：//x", "/／h：//canary", "\t//ſ://canary")),
    ],
)
def test_what_is_not_a_safe_address_is_refused_without_repeating_it(
    text: str, kind: type[BitwardenError]
) -> None:
    with pytest.raises(kind) as caught:
        Server.parse(text)
    assert "canary" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.remedy
    assert caught.value.__context__ is None


@given(
    st.lists(st.sampled_from(["//", ":", "https", "http", "：", "／", "ſ", ".", "x", "\t"])).map(
        "".join
    )
    | st.text()
    | st.builds(
        "{}://{}{}{}".format,
        st.sampled_from(["http", "https", "HTTPS", "ftp"]),
        st.text(alphabet="ab.:[]@%-_é\u2100\x00 "),
        st.sampled_from(["", "/", "/x/", "?q", "#f", "\\"]),
        st.text(max_size=4),
    )
)
@example("https://\u2100.example")
def test_any_text_is_a_server_or_one_typed_error(text: str) -> None:
    problem: BitwardenError | None = None
    try:
        server = Server.parse(text)
    except BitwardenError as error:
        problem = error
    if problem is not None:
        assert type(problem) in (UsageMistake, InsecureServer)
        assert len(text) < 12 or text not in str(problem)
        return
    for url in (server.api, server.identity):
        parts = urlsplit(url)
        assert parts.scheme == "https" or is_loopback(parts.hostname or "")
        assert parts.username is None
        assert not parts.query
        assert not parts.fragment
        assert not any(c.isspace() or ord(c) < 32 for c in url)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("128.0.0.1", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


SERVER = Server.parse("https://vault.example.org")


def test_the_same_account_is_the_same_device_every_time() -> None:
    device = Device.derive(SERVER, "user.1")
    assert device == Device.derive(SERVER, "user.1")
    assert uuid.UUID(device.identifier).version == 5
    assert device.type in (23, 24, 25)
    others = {
        Device.derive(SERVER, "user.2").identifier,
        Device.derive(SERVER, "user.1", profile="work").identifier,
        Device.derive(Server.parse("eu"), "user.1").identifier,
    }
    assert len(others | {device.identifier}) == 4


@pytest.mark.parametrize(("platform", "type"), [("win32", 23), ("darwin", 24), ("linux", 25)])
def test_the_device_type_is_that_of_the_cli(
    monkeypatch: pytest.MonkeyPatch, platform: str, type: int
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert Device.derive(SERVER, "user.1").type == type


def test_a_device_id_that_was_given_is_used() -> None:
    given_id = "5F0C6C1E-7D52-4C1C-9F0D-4B1F7A3F2A10"
    assert Device.derive(SERVER, "u", identifier=f" {given_id} ").identifier == given_id.lower()


@given(st.text().filter(lambda text: len(text.strip()) < 32))
def test_a_device_id_is_a_uuid(text: str) -> None:
    with pytest.raises(UsageMistake, match="BW_DEVICE_ID is not a UUID"):
        Device.derive(SERVER, "u", identifier=text)


def test_the_version_claimed_is_a_release_that_servers_can_read() -> None:
    assert all(part.isdigit() for part in CLIENT_VERSION.split("."))


BASE = "https://vault.example.org"


@pytest.mark.parametrize(
    ("given", "identity", "api"),
    [
        ({"text": BASE}, f"{BASE}/identity", f"{BASE}/api"),
        ({"text": BASE, "identity": "id.example.org/"}, "https://id.example.org", f"{BASE}/api"),
        (
            {"text": BASE, "api": "https://a.example.org/v1/"},
            f"{BASE}/identity",
            "https://a.example.org/v1",
        ),
        (
            {"text": "", "identity": "https://i.example", "api": "https://a.example"},
            "https://i.example",
            "https://a.example",
        ),
        (
            {"text": "eu", "api": "http://api.bitwarden.com"},
            "https://identity.bitwarden.eu",
            "https://api.bitwarden.com",
        ),
    ],
)
def test_single_services_can_be_elsewhere(given: dict[str, str], identity: str, api: str) -> None:
    server = Server.parse(**given)
    assert (server.identity, server.api) == (identity, api)
    assert ServerSettings.of(server).parse() == server


def test_what_is_elsewhere_is_told() -> None:
    assert Server.parse(BASE).elsewhere == Server.parse("eu").elsewhere == ()
    server = Server.parse(
        BASE, identity="https://id.example.org:8443/x", key_connector="kc.example"
    )
    assert server.elsewhere == ("identity at id.example.org:8443/x", "Key Connector at kc.example")


@pytest.mark.parametrize("service", ["identity", "api", "key_connector"])
@pytest.mark.parametrize(
    "address", ["https://u:canary@x.example", "http://canary.example", "ftp://canary", "a canary"]
)
def test_a_service_is_a_safe_address_too(service: str, address: str) -> None:
    with pytest.raises(BitwardenError) as caught:
        Server.parse(BASE, **{service: address})
    assert "canary" not in str(caught.value)
    assert caught.value.remedy


def test_one_service_alone_does_not_say_where_the_others_are() -> None:
    with pytest.raises(UsageMistake, match="both --identity and --api"):
        Server.parse("", identity="https://id.example.org")


def test_a_key_connector_is_never_plain_http() -> None:
    with pytest.raises(InsecureServer):
        Server.parse(BASE, key_connector="http://localhost:1")
    with pytest.raises(InsecureServer):
        connector_address("http://localhost:1")
    assert connector_address("https://kc.example/x/") == "https://kc.example/x"


@given(NEARLY_USUAL)
@example("https://vault.example.org:8443")
def test_a_usual_address_is_read_as_any_other(text: str) -> None:
    def told(read: Callable[[str, str], Address]) -> object:
        try:
            return read(text, "server")
        except BitwardenError as error:
            return type(error), str(error)

    assert told(Address.parse) == told(Address._parse)


@given(
    st.text(LETTERS_OF_IDS, max_size=40)
    | st.from_regex(r"[0-9a-fG-]{8}(-[0-9A-F]{4}){3}-[0-9a-f]{12}")
)
def test_an_id_of_a_key_is_a_guid(text: str) -> None:
    is_id = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text, re.IGNORECASE)

    assert _is_guid(text) == (is_id is not None)
