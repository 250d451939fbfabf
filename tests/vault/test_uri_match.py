"""Which login is for an address: each match type, any text, and the stricter loose lookup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import Ambiguous, NotFound
from bw_magics.vault.lookup import find
from bw_magics.vault.uri_match import Match, Target, base_domain, host_and_port
from tests.vault.conftest import Writer


@pytest.mark.parametrize(
    ("uri", "domain", "host"),
    [
        ("https://a.b.example.co.uk:8443/x", "example.co.uk", "a.b.example.co.uk:8443"),
        ("https://app.example.org:443", "example.org", "app.example.org"),
        ("app.example.org", "example.org", "app.example.org"),
        ("http://localhost:8888", "localhost", "localhost:8888"),
        ("localhost", "localhost", None),
        ("https://10.1.2.3:9000", "10.1.2.3", "10.1.2.3:9000"),
        ("https://[fd00::1]:8443", "fd00::1", "[fd00::1]:8443"),
        ("http://warehouse:8080", None, "warehouse:8080"),
        ("https://one.github.io", "one.github.io", "one.github.io"),
        ("https://co.uk", None, "co.uk"),
        ("data:text/plain,a.b", None, None),
        ("https://[", None, None),
        ("", None, None),
    ],
)
def test_the_base_domain_and_the_host(uri: str, domain: str | None, host: str | None) -> None:
    assert (base_domain(uri), host_and_port(uri)) == (domain, host)


@given(st.text(), st.text(), st.integers(-1, 9) | st.none())
def test_any_uri_fits_or_does_not(uri: str, target: str, match: int | None) -> None:
    assert Target.parse(target).fits(uri, match) in (True, False)


def item_for(uri: str, match: Match | None, *, name: str = "Hub", writer: Writer) -> None:
    record = writer.login(name, "ada", uri)
    record["login"]["uris"][0]["match"] = match


@pytest.mark.parametrize(
    ("uri", "match", "query", "is_found"),
    [
        ("https://app.example.org", None, "app.example.org", True),
        ("https://app.example.org:8443", None, "app.example.org", True),
        ("https://app.example.org", None, "api.example.org", False),
        ("https://app.example.org", Match.DOMAIN, "api.example.org", True),
        ("https://app.example.org:8443", Match.HOST, "https://app.example.org:8443", True),
        ("https://app.example.org", Match.STARTS_WITH, "https://app.example.org/x", True),
        ("https://app.example.org", Match.EXACT, "https://app.example.org/x", False),
        (
            r"^https://(app|api)\.example\.org",
            Match.REGULAR_EXPRESSION,
            "https://api.example.org",
            True,
        ),
        (r".*", Match.REGULAR_EXPRESSION, "warehouze", False),
        ("https://app.example.org", Match.NEVER, "app.example.org", False),
        ("http://warehouse:8080", None, "warehouse", True),
    ],
)
def test_a_loose_lookup_knows_match_types(
    writer: Writer, uri: str, match: Match | None, query: str, is_found: bool
) -> None:
    item_for(uri, match, writer=writer)
    contents = writer.open()
    if is_found:
        assert find(contents, query, loose=True).item.name == "Hub"
    else:
        with pytest.raises(NotFound):
            find(contents, query, loose=True)


def test_the_host_itself_comes_before_its_domain(writer: Writer) -> None:
    item_for("https://app.example.org", Match.DOMAIN, name="App", writer=writer)
    item_for("https://api.example.org", Match.DOMAIN, name="Api", writer=writer)
    contents = writer.open()
    assert find(contents, "api.example.org", loose=True).item.name == "Api"
    with pytest.raises(Ambiguous):
        find(contents, "www.example.org", loose=True)
