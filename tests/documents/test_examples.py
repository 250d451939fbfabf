"""The examples of README and docs run on the demo vault. `RUNS` names each change, and its reason.

Pages whose cells run when the site is built (`{code-cell}`) are not here: `test_site` builds it.
"""

from __future__ import annotations

import base64
import http.server
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.demo.service.public_api import PublicApi
from bw_magics.errors import BitwardenError
from bw_magics.notebook.registry import REGISTRY
from tests.demo_vault import demo_vault
from tests.notebook.conftest import Notebook

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    *(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts),
]
# Pages whose examples have a test of their own, beside what they are about.
ELSEWHERE = {
    "secrets-manager.md": "tests/session/machine/test_page.py",
    "integrations.md": "tests/integrations/test_docs.py",
    "ray-and-spark.md": "tests/clusters/conftest.py",
}
# The same example may be on two pages.
EXAMPLES = sorted(
    {
        example
        for page in PAGES
        if page.name not in ELSEWHERE
        for example in re.findall(
            r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
    }
)


@dataclass(frozen=True)
class Change:
    """A part of an example that cannot run here, what runs instead, and why."""

    text: str
    instead: str
    reason: str


@dataclass(frozen=True)
class Run:
    """How one example runs. `begins` finds it; `after` is the cell that checks its effect."""

    begins: str
    after: str
    before: str = ""
    changes: tuple[Change, ...] = field(default=())

    def __str__(self) -> str:
        return self.begins.replace(" ", "_")


_KEY = "the reader's own key and server"
RUNS = (
    Run("%load_ext bw_magics", after="assert password == expected"),
    Run(
        "from bw_magics import Organization",
        after="assert organization.members()",
        changes=(
            Change(
                'client_id="organization.…", client_secret=…, server="eu"',
                "client_id=office.client_id, client_secret=office.client_secret, "
                "server=server.url, certificate_authority=server.certificate_authority",
                _KEY,
            ),
        ),
    ),
    Run(
        "from bw_magics import Vault",
        before="import subprocess",
        after='assert vault["Warehouse DB"].password == expected',
        changes=(
            Change(
                'client_id=…, client_secret=…, server="https://vault.example.org"',
                "client_id=account.client_id, client_secret=account.client_secret, "
                "server=server.url, certificate_authority=server.certificate_authority",
                _KEY,
            ),
            Change("password=…", "password=account.master_password", "the reader's own password"),
            Change(
                '["psql", …]',
                "[sys.executable, '-c', 'import os; os.environ[\"PGPASSWORD\"]'], check=True",
                "needs a PostgreSQL",
            ),
        ),
    ),
    Run(
        "import os\nimport subprocess",
        before="import os\nos.environ['BW_CLIENTID'] = account.client_id\n"
        "os.environ['BW_CLIENTSECRET'] = account.client_secret\n"
        "os.environ['BW_PASSWORD'] = account.master_password",
        after="assert 'PGPASSWORD' not in os.environ\nassert vault.status.items is None",
        changes=(
            Change(
                'server=os.environ.get("BW_SERVER", "us"),',
                "server=server.url, certificate_authority=server.certificate_authority,",
                _KEY,
            ),
            Change(
                '["psql", "--host", "db.example.org", "sales"]',
                "[sys.executable, '-c', 'import os; os.environ[\"PGPASSWORD\"]']",
                "needs a PostgreSQL",
            ),
        ),
    ),
    Run(
        'file = vault["Forecasting service account"]',
        before=(
            "%bw_login\n%bw_unlock\nvault = bw_session\n"
            "import distributed, httpx, requests, sqlalchemy\n"
            "dask_client = distributed.Client(processes=False, dashboard_address=None)\n"
            "load = lambda: value('password')"
        ),
        after="assert web.users == [('analyst', expected)] * 2\ndask_client.close()",
        changes=(
            Change(
                "paramiko_client.connect(host, pkey=key.paramiko())\n"
                "asyncssh.connect(host, client_keys=[key.asyncssh()])",
                "key.paramiko(), key.asyncssh()",
                "needs an SSH server: tests/adapters/test_ssh.py logs in to one",
            ),
        ),
    ),
)


class Web(http.server.ThreadingHTTPServer):
    """A web server on this machine; it notes who logs in with a password."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.users: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Page(http.server.BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        given = base64.b64decode(self.headers["Authorization"].removeprefix("Basic "))
        name, _, password = given.decode().partition(":")
        self.server.users.append((name, password))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test reads `users`."""


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def names() -> Iterator[Mapping[str, Any]]:
    """What an example and its check may use: a server, its account, the key of an organisation."""
    office = PublicApi()
    with DemoServer(iterations=5000, public_api=office) as server:
        account = server.accounts[0]
        yield {
            "server": server,
            "account": account,
            "office": office,
            "expected": "demo-warehouse-password-1",
            "sys": sys,
        }


def example(run: Run) -> str:
    """The text of an example, changed as its run says."""
    found: list[str] = [text for text in EXAMPLES if text.startswith(run.begins)]
    (text,) = found
    for change in run.changes:
        assert change.text in text, f"no page has: {change.text}"
        text = text.replace(change.text, change.instead)
    return text


def test_every_example_is_run() -> None:
    begins = [run.begins for run in RUNS]

    assert EXAMPLES
    assert len(EXAMPLES) == len(begins)
    assert all(any(text.startswith(begin) for begin in begins) for text in EXAMPLES)


@pytest.mark.parametrize("page", ELSEWHERE)
def test_a_page_that_another_test_runs_is_named_there(page: str) -> None:
    assert page in (ROOT / ELSEWHERE[page]).read_text(encoding="utf-8")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("run", RUNS, ids=str)
def test_an_example_runs(run: Run, notebook: Notebook, names: Mapping[str, Any], web: Web) -> None:
    notebook.shell.push({**names, "web": web, "url": web.url}, interactive=False)
    if run.before:
        notebook(run.before)

    notebook(example(run))

    notebook(run.after)


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    with demo_vault() as vault:
        yield vault


def _references(text: str) -> list[str]:
    """The references in quotes, without the grammar (`bw://ITEM/FIELD`), mistakes and beginnings (`bw://…`)."""
    quoted = re.findall(r"""(?<=[`"'])bw://[^`"'\n\[…]+(?=[`"'])""", text)
    return [each for each in quoted if "ITEM/" not in each and "pasword" not in each]


# References to items that an example makes first, and the addresses of another tool.
OTHERS = {
    "bw://Warehouse DB/token",
    "bw://Tracking/username",
    "bw://Tracking/password",
    "bw://Sales .env/notes",
    "bw://COLLECTION",
    "bw://ORGANIZATION@COLLECTION",
}


def test_every_reference_in_the_documents_resolves(vault: Vault) -> None:
    found = {
        reference: page.name
        for page in PAGES
        for reference in _references(page.read_text(encoding="utf-8"))
    }
    assert found.keys() >= OTHERS
    found = {reference: page for reference, page in found.items() if reference not in OTHERS}
    helps = "\n".join(
        command.function.parser.format_help() for command in REGISTRY.commands.values()
    )
    found |= dict.fromkeys(_references(helps), "the help of a magic")

    def problem(reference: str) -> str:
        try:
            vault.resolve(reference)
        except BitwardenError as error:
            return f"{found[reference]}: {reference}: {error}"
        return ""

    assert len(found) >= 4
    assert [text for text in map(problem, found) if text] == []


_MAGIC = re.compile(r"`%{1,2}bw[_ ]([a-z]+)([^`\n]*)`")
_OPTION = re.compile(r"(?<!\S)--[a-zA-Z][a-zA-Z-]*")


def test_every_magic_and_option_in_the_documents_exists() -> None:
    commands = {command.name: command.function.parser for command in REGISTRY.commands.values()}
    wrong = [
        f"{page.name}: %bw_{name} {option}"
        for page in PAGES
        for name, line in _MAGIC.findall(page.read_text(encoding="utf-8"))
        for option in ("", *_OPTION.findall(line))
        if option != "--nointeraction"  # every magic takes it, as `bw` does
        if name not in commands or (option and option not in commands[name]._option_string_actions)
    ]

    assert wrong == []


def test_every_target_of_make_in_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:`|^ {4})make ([a-z][\w-]*)", page.read_text("utf-8"), re.M)
    }

    assert {"demo", "test"} <= named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.M)] == []
