"""Which login is for an address: each match type, any text, and the stricter loose lookup."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import Ambiguous, NotFound
from bw_magics.vault.expression import ALL_STEPS, STEPS, Budget, TakesTooLong, is_found
from bw_magics.vault.lookup import find
from bw_magics.vault.selection import Selection, select
from bw_magics.vault.uri_match import Match, Target, base_domain, host_and_port
from tests.vault.conftest import Writer

Form = Literal["NFC", "NFD"]


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
        ("https://012.1.2.3", "2.3", "10.1.2.3"),
        ("https://10.66051:9000", "10.66051", "10.1.2.3:9000"),
        ("https://0x0a010203", None, "10.1.2.3"),
        ("https://167838211.", None, "10.1.2.3"),
        ("https://10.1.2.256", "2.256", "10.1.2.256"),
        ("https://[2001:0DB8:0::7]", "2001:0db8:0::7", "[2001:db8::7]"),
        ("2001:db8::7", "2001:db8::7", None),
        ("https://app.localhost:8888", "localhost", "app.localhost:8888"),
        ("https:\t//app.example.org", "example.org", "https"),
        ("https://a\u00adpp.example.org", "example.org", "app.example.org"),
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


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
@pytest.mark.parametrize(
    ("uri", "match"),
    [
        ("https://bücher.example.org/café", None),
        ("https://bücher.example", Match.DOMAIN),
        ("https://bücher.example.org:8443", Match.HOST),
        ("https://bücher.example.org/café", Match.STARTS_WITH),
        ("https://bücher.example.org/café", Match.EXACT),
        (r"^https://b[üo]cher\.example", Match.REGULAR_EXPRESSION),
        ("ftp://ada@bücher.example.org", None),
    ],
)
def test_addresses_compare_in_one_normal_form(
    writer: Writer, uri: str, match: Match | None, forms: tuple[Form, Form]
) -> None:
    stored, typed = forms
    item_for(normalize(stored, uri), match, writer=writer)
    address = normalize(typed, "https://bücher.example/" if match == Match.DOMAIN else uri)
    if match == Match.REGULAR_EXPRESSION:
        address = normalize(typed, "https://bücher.example/")
    contents = writer.open()
    assert [item.name for item in select(contents, Selection(url=address))] == ["Hub"]
    assert find(contents, address, loose=True).item.name == "Hub"


def test_the_host_itself_comes_before_its_domain(writer: Writer) -> None:
    item_for("https://app.example.org", Match.DOMAIN, name="App", writer=writer)
    item_for("https://api.example.org", Match.DOMAIN, name="Api", writer=writer)
    contents = writer.open()
    assert find(contents, "api.example.org", loose=True).item.name == "Api"
    with pytest.raises(Ambiguous):
        find(contents, "www.example.org", loose=True)


@pytest.mark.parametrize(
    ("pattern", "text", "is_there"),
    [
        (r"^https://(app|api)\.example\.org", "HTTPS://API.EXAMPLE.ORG", True),
        (r"app$", "app\n", False),
        (r"^.$", "\N{GRINNING FACE}", False),
        (r"^..$", "\N{GRINNING FACE}", True),
        (r"\d", "\N{ARABIC-INDIC DIGIT ONE}", False),
        (r"\w", "é", False),
        (r"É", "é", True),
        (r"k", "\N{KELVIN SIGN}", False),
        (r"[^]", "\n", True),
        (r"[]", "a", False),
        (r"a{,5}", "a{,5}", True),
        (r"a{2}{3}", "aaaaaa", False),
        (r"\_\-\/", "_-/", True),
        (r"(?<=app\.)example", "app.example", True),
        (r"(?<!app\.)example", "app.example", False),
        (r"(?<n>a)\k<n>", "aa", True),
        (r"\k<n>", "k<n>", True),
        (r"(z)((a+)?(b+)?(c))*", "zaacbbbcac", True),
        (r"(?=(\w+))\1:", "foo: bar", True),
        (r"(?i)app", "app", False),
        (r"\x61\u0062\143", "abc", True),
        (r"\8", "8", True),
        (r"(app", "app", False),
        (r"[z-a]", "a", False),
    ],
)
def test_an_expression_means_what_javascript_reads(pattern: str, text: str, is_there: bool) -> None:
    assert is_found(pattern, text, Budget()) is is_there


HOSTILE = [
    r"^(a+)+$",
    r"(a|aa)+$",
    r"(.*)*x",
    r"^(\w+\s?)*$",
    r"(?:.*.*.*.*.*)=.*;",
    r"(.*)(.*)(.*)(.*)\1\2\3\4x",
    r"(?=.*(?=.*(?=.*x)))",
    r"(a{1000}){1000}",
    r"((?:){100000}){100000}",
    "(a?)" * 2000 + r"\1x",
    "(?:a|" * 50 + "b" + ")+" * 50 + "x",
    "(" * 3000,
    "[a-z]" * 2000,
    "a{0,99999}x",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_expression_takes_more_steps_than_its_share(pattern: str) -> None:
    budget = Budget()
    with suppress(TakesTooLong):
        is_found(pattern, "a" * 3000 + "!", budget)
    assert budget.left >= ALL_STEPS - 2 * STEPS


def test_nested_repetition_is_answered_at_once() -> None:
    budget = Budget()

    assert not is_found(r"^(a+)+$", "a" * 300 + "!", budget)
    assert budget.left > ALL_STEPS - 3000


@given(st.text("ab(|)*+?[]{}1,2.^$\\kwdb=!<>:-", max_size=12), st.text("ab-", max_size=8))
def test_any_expression_is_read(pattern: str, text: str) -> None:
    assert is_found(pattern, text, Budget()) in (True, False)


def test_a_list_names_the_items_whose_expression_takes_too_long(writer: Writer) -> None:
    item_for(r"(.*)(.*)(.*)\1\2\3x", Match.REGULAR_EXPRESSION, name="Hostile", writer=writer)
    item_for(r"^https://app\.", Match.REGULAR_EXPRESSION, name="Honest", writer=writer)
    url = "https://app.example.org/" + "a" * 300

    items = select(writer.open(), Selection(url=url))

    assert [item.name for item in items] == ["Honest"]
    assert items.not_compared == ("Hostile",)
    assert "'Hostile'" in repr(items)


def test_a_lookup_names_the_item_whose_expression_takes_too_long(writer: Writer) -> None:
    item_for(r"(.*)(.*)(.*)\1\2\3x", Match.REGULAR_EXPRESSION, name="{Hostile}", writer=writer)

    with pytest.raises(NotFound, match=r"'{Hostile}'.* takes too long"):
        find(writer.open(), "https://app.example.org/" + "a" * 300, loose=True)


def test_many_expressions_share_one_budget(writer: Writer) -> None:
    for number in range(40):
        item_for(r"(.*)(.*)(.*)\1\2\3x", Match.REGULAR_EXPRESSION, name=f"H{number}", writer=writer)
    item_for(r"^https://app\.", Match.REGULAR_EXPRESSION, name="Late", writer=writer)
    url = "https://app.example.org/" + "a" * 300

    assert len(select(writer.open(), Selection(url=url)).not_compared) >= 40


@pytest.mark.parametrize(
    ("policy", "role", "listed", "is_found"),
    [
        ({"uriMatchDetection": 1}, 2, {"app.example.org"}, True),
        ({"uriMatchDetection": 5}, 2, set(), False),
        ({"uriMatchDetection": 0}, 2, {"app.example.org", "api.example.org"}, True),
        ({"uriMatchDetection": 9}, 2, {"app.example.org", "api.example.org"}, True),
        ([1], 2, {"app.example.org", "api.example.org"}, True),
        (None, 2, {"app.example.org", "api.example.org"}, True),
        ({"uriMatchDetection": 5}, 0, {"app.example.org", "api.example.org"}, True),
    ],
)
def test_a_policy_sets_the_match_type_of_a_uri_without_one(
    writer: Writer, policy: object, role: int, listed: set[str], is_found: bool
) -> None:
    owner = writer.organization("Acme", type=role)
    writer.policies = [{"organizationId": owner, "type": 16, "enabled": True, "data": policy}]
    for host in ("app.example.org", "api.example.org"):
        item_for(f"https://{host}", None, name=host, writer=writer)

    contents = writer.open()
    shown = select(contents, Selection(url="https://app.example.org"))
    assert {item.name for item in shown} == listed
    if is_found:
        item = find(contents, "https://app.example.org", loose=True).item
        assert item.name == "app.example.org"
    else:
        with pytest.raises(NotFound):
            find(contents, "https://app.example.org", loose=True)
