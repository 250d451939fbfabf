"""URIs of logins: checksums, hosts, and user info that is secret however it is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import HiddenByOrganization, RepromptRequired, Unreadable
from bw_magics.secret import Secret
from bw_magics.vault.uri import (
    hostname,
    secrets_in,
    user_info,
    without_secrets,
    without_user_info,
)
from tests.vault.conftest import Writer, checksum, spoiled


@pytest.mark.parametrize(
    ("uri", "info"),
    [
        ("https://ada:pw@site.vault.example/x", "ada:pw"),
        ("https://ada@site.vault.example", "ada"),
        ("https://:pw@site.vault.example", ":pw"),
        ("//ada:pw@site.vault.example", "ada:pw"),
        ("postgresql://ada:p%40w@db.vault.example:5432/x", "ada:p%40w"),
        ("postgresql://ada:p@w@db.vault.example/x", "ada:p@w"),
        ("postgresql://ada:pa/ss@db.vault.example/x", "ada:pa/ss"),
        ("postgresql://ada:pa#ss@db.vault.example/x", "ada:pa#ss"),
        ("postgresql://ada:pa?ss@db.vault.example/x", "ada:pa?ss"),
        ("ada:pw@db.vault.example", "ada:pw"),
        ("jdbc:postgresql://ada:pw@db.vault.example/x", "ada:pw"),
        ("jdbc:oracle:thin:ada/pw@//db.vault.example:1521/x", "ada/pw"),
        ("jdbc:oracle:thin:@db.vault.example:1521:X", ""),
        ("jdbc:sqlite:/srv/a@b.db", ""),
        ("https://site.vault.example/@ada", ""),
        ("https://site.vault.example:8443/@ada", ""),
        ("https://site.vault.example/?mail=ada@vault.example", ""),
        ("https://site.vault.example:8443?mail=ada@vault.example", ""),
        ("https://site.vault.example", ""),
        ("git@code.vault.example:ada/project.git", ""),
        ("mailto:ada@vault.example", ""),
        ("site.vault.example", ""),
        ("androidapp://com.vault.example", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_user_info_is_found_where_it_is(uri: str, info: str) -> None:
    assert user_info(uri) == info


@given(
    st.text("abcXYZ0189._~%!$&'()*+,;=-", min_size=1),
    st.text("abcXYZ0189._~%!$&'()*+,;=:@-", min_size=1),
)
def test_a_password_before_a_host_is_always_found(user: str, password: str) -> None:
    assert password in user_info(f"scheme://{user}:{password}@host.vault.example:1/path?x=y#z")


@given(st.text())
def test_any_text_has_a_user_info_and_a_host_or_none(text: str) -> None:
    assert user_info(text) in text
    assert hostname(text) is None or hostname(text) == str(hostname(text)).lower()


def test_a_uri_with_user_info_is_a_secret_and_the_others_are_not(writer: Writer) -> None:
    uris = ("https://ada:pw@a.vault.example", "https://b.vault.example")
    item = writer.item(writer.login("Site", None, *uris))
    assert item.uris == uris
    assert [isinstance(uri, Secret) for uri in item.uris] == [True, False]
    assert item.hosts == ("a.vault.example", "b.vault.example")


@pytest.mark.parametrize(
    ("guard", "error"),
    [({"viewPassword": False}, HiddenByOrganization), ({"reprompt": 1}, RepromptRequired)],
)
def test_user_info_is_withheld_like_any_secret(
    writer: Writer, guard: dict[str, object], error: type[Exception]
) -> None:
    record = writer.login("Site", None, "https://ada:pw@a.vault.example", **guard)
    item = writer.item(record)
    with pytest.raises(error):
        item.uri  # noqa: B018
    assert item.hosts == ("a.vault.example",)
    assert writer.announced == []


@pytest.mark.parametrize(
    ("has_key", "wrong", "shown"),
    [
        pytest.param(True, None, True, id="fits"),
        pytest.param(True, "other", False, id="of another URI"),
        pytest.param(True, "none", False, id="missing"),
        pytest.param(True, "mac", False, id="unreadable"),
        pytest.param(False, "other", True, id="not looked at without an item key"),
        pytest.param(False, "none", True, id="not needed without an item key"),
    ],
)
def test_checksums_count_where_the_item_has_a_key(
    writer: Writer, has_key: bool, wrong: str | None, shown: bool
) -> None:
    record = writer.login("Site", None, "https://site.vault.example", has_key=has_key)
    uri = record["login"]["uris"][0]
    uri["uriChecksum"] = {
        None: uri["uriChecksum"],
        "other": writer.key.encrypt_text(checksum("https://other.vault.example")),
        "none": None,
        "mac": spoiled(uri["uriChecksum"]),
    }[wrong]
    item = writer.item(record)
    assert item.uris == (("https://site.vault.example",) if shown else ())
    assert item.hosts == (("site.vault.example",) if shown else ())


def test_a_uri_that_cannot_be_read_hides_no_host_of_the_others(writer: Writer) -> None:
    record = writer.login("Site", None, "https://a.vault.example", "https://b.vault.example")
    record["login"]["uris"][1]["uri"] = spoiled(record["login"]["uris"][1]["uri"])
    item = writer.item(record)
    assert item.uri == "https://a.vault.example"
    assert item.hosts == ("a.vault.example",)
    with pytest.raises(Unreadable, match="Integrity check"):
        item.uris  # noqa: B018


@pytest.mark.parametrize(
    ("uri", "left"),
    [
        ("https://ada:pw@site.vault.example/x", "https://site.vault.example/x"),
        ("https://s@s.vault.example/s", "https://s.vault.example/s"),
        ("https://ada@site.vault.example/ada@ada", "https://site.vault.example/ada@ada"),
        ("postgresql://ada:pa/ss@db.vault.example/x", "postgresql://db.vault.example/x"),
        ("ada:pw@db.vault.example", "db.vault.example"),
        ("https://site.vault.example/@ada", "https://site.vault.example/@ada"),
    ],
)
def test_nothing_but_the_user_info_is_left_out(uri: str, left: str) -> None:
    assert without_user_info(uri) == left


# The text between « and » is secret.
PARAMETERS = [
    "postgresql://h/d?user=joe&password=«abc»",
    "postgresql://h/d?password=«postgres»",
    "postgresql://h/d?sslpassword=«Made-up-1»&sslkey=/x.key",
    "https://h/x?PASSWD=«Made-up-1»&page=2",
    "https://h/x?X-Amz-Security-Token=«Made-up-1»&X-Amz-Date=20240115T000000Z",
    "https://h/x?data[password]=«Made-up-1»",
    "https://h/x?a=1&amp;client_secret=«Made-up-1»",
    "https://h/#/login?token=«Made-up-1»",
    "https://h/x;password=«Made-up-1»?page=2",
    "https://h/login?next=https%3A%2F%2Fu%3A«Made-up-1»%40g%2Fx",
    "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Dsa%3BPWD%3D«Made-up-1»",
    "postgresql://h/d?options=-c%20role%3Detl%20password%3D«Made-up-1»",
    "jdbc:sqlserver://h;databaseName=a;password={«Made;up-1»};encrypt=true",
    "jdbc:db2://h:50000/SAMPLE:user=u;password=«Made-up-1»;",
    "jdbc:teradata://h/DATABASE=x,USER=u,PASSWORD=«Made-up-1»,CHARSET=UTF8",
    "snowflake://acc/db?warehouse=w&private_key_passphrase=«Made-up-1»",
    "host=h user=etl password=«Made-up-1» dbname=d",
    "host=h user=etl password='«Made up 1»' dbname=d",
    "Server=h;User Id=sa;Pwd=«Made-up-1»;Encrypt=true",
    "https://api.telegram.org/bot123456:«AAMadeUpTokenValue12345»/sendMessage",
    "https://discord.com/api/webhooks/123/«aB3dE5gH7jK9mN1pQ2rS4tU6»",
    "https://h/x?page=2&sort=created&author=ada&token_type=bearer",
]


@pytest.mark.parametrize("uri", PARAMETERS)
def test_secret_parameters_are_found_in_every_spelling(uri: str) -> None:
    plain = uri.replace("«", "").replace("»", "")
    secret = uri.partition("«")[2].partition("»")[0]

    # One that ends at a `?` may be a password with that sign, too.
    found = [each for each in secrets_in(plain) if not each.startswith(f"{secret}?")]
    assert found == ([secret] if secret else [])
    assert without_secrets(plain) == re.sub("«.*?»", "", uri)


@pytest.mark.parametrize("uri", [each for each in PARAMETERS if "«" in each])
def test_a_uri_with_a_secret_parameter_is_a_secret(writer: Writer, uri: str) -> None:
    plain = uri.replace("«", "").replace("»", "")
    item = writer.item(writer.login("Site", None, plain))

    assert isinstance(item.uri, Secret)
    assert plain not in repr(item.uri)


# Each text between « and » is secret; the URI without its secrets contains no such text.
SEVERAL = [
    "mongodb://a.example:27017,b.example:27017/app?authMechanismProperties=AWS_SESSION_TOKEN:«Made-up-token1»",
    "https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/«XXXXXXXXaaaaBBBBcccc1234»",
    "https://discordapp.com/api/webhooks/1234567890/«abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz»/slack",
    "tgram://123456789:«AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw»/12345",
    "https://hooks.zapier.com/hooks/catch/1234567/«b2c3d4e»/",
    "https://maker.ifttt.com/trigger/event1/with/key/«dB3dE5gH7jK9mN1pQ2rS4t»",
    "https://mainnet.infura.io/v3/«3f2a9c81d7e64b50a1c2d3e4f5061728»",
    "https://hc-ping.com/«7c9e6679-7425-40de-944b-e07fc1f90ae7»",
    "https://calendar.vault.example/ical/joe/private-«3f2a9c81d7e64b50a1c2d3e4f5061728»/basic.ics",
    "vmess://«mAdeUp1q8ZkT3vX9bN5wR7yL2cP4dF6h»",
    "https://cdn.vault.example/f?hdnts=exp=17~acl=/*~hmac=«3f2a9c81d7e64b50a1c2d3e4f5061728»",
    "https://h.example/x;sid=abc;token=«Made-up-1»/y",
    "https://h.example/reset/«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r»",
    "https://h.example/x?authkey=«Made-up-1»",
    "https://h.example/x?u=joe&p=«Made-up-1»",
    "http://influx.example:8086/write?db=a&u=joe&p=«Made-up-1»",
    "https://h.example/x?session=«aB3dE5gH7jK9»",
    "https://h.example/x?sessionid=«aB3dE5gH7jK9»",
    "nats://joe:«Made-up-1»@n1:4222,nats://joe:«Made-up-2»@n2:4222",
    "jdbc:mysql://joe:«Made-up-1»@h1,joe:«Made-up-2»@h2/db",
    "Data Source=h;User ID=sa;Password=\"«Made;up=1»\";Initial Catalog=a",
    "Driver={ODBC Driver 18 for SQL Server};Server=h;UID=sa;PWD={«Made}}up;1»};",
]  # fmt: skip


@pytest.mark.parametrize("uri", SEVERAL)
def test_logins_of_several_hosts_and_tokens_in_paths_are_secret(uri: str) -> None:
    plain = re.sub("[«»]", "", uri)

    found, left = secrets_in(plain), without_secrets(plain)
    for secret in re.findall("«(.*?)»", uri):
        assert secret in found
        assert secret not in left


@pytest.mark.parametrize(
    "uri",
    [
        "https://docs.example.org/webhooks/create-a-webhook-2",
        "https://docs.vault.example/webhooks-and-events/webhooks/about-webhooks",
        "https://video.vault.example/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
        "https://vault.example/token/refresh",
        "https://vault.example/key/2024-01-15",
        "https://vault.example/t/general-discussion-2024",
        "https://vault.example/x?sid=12&session=monday2024",
        "https://vault.example/search?p=2&q=page",
        "https://vault.example/a,b/c?u=7",
    ],
)
def test_an_address_without_a_secret_is_plain(uri: str) -> None:
    assert secrets_in(uri) == []
    assert without_secrets(uri) == uri
