"""`make matrix`: the life of a form on every kernel, in every front end, as a table.

Every row asks five times (a wrong password and the right one, Cancel, Esc, ■, the right one) and
searches files, logs and websocket frames for the typed text. Exit status 1 where a row fails.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bw_magics.demo import DemoServer
from bw_magics.demo.account import DemoAccount
from bw_magics.demo.accounts import first_account
from tests.browser.jupyter import (
    CHROMIUM_ARGUMENTS,
    SERVER_SIDE,
    JupyterServer,
    NotebookPage,
    chromium,
    environment_of,
    jupyter_server,
)
from tests.browser.kernels import KERNELS, install_kernels, versions_of
from tests.browser.markers import found, marker, plain_marker
from tests.browser.person import Person
from tests.browser.story import CELLS, tell

# The last one is JupyterLab with jupyter-server-nbmodel and jupyter-collaboration: the server runs
# the cells, and panels need a trusted notebook.
SERVER_RUNS = "server"
FRONT_ENDS = {"lab": "JupyterLab", "notebook": "Notebook", SERVER_RUNS: "Lab, server runs cells"}
SUBSHELLS = ("perCommTarget", "disabled")
SETTINGS = "@jupyterlab/apputils-extension/kernels-settings"
ITERATIONS = 5000


@dataclass
class Row:
    """The result of one combination."""

    kernel: str
    versions: str
    front_end: str
    subshells: str
    answered: int = 0
    found: int = 0
    awakenings: int = 0
    seconds: float = 0.0
    problem: str = ""

    @property
    def cells(self) -> list[str]:
        """As it is printed."""
        result = f"{self.answered} of 5" + (f": {self.problem}" if self.problem else "")
        if self.awakenings:
            result += " (the kernel had to be woken up)"
        return [
            self.versions,
            FRONT_ENDS[self.front_end],
            {"perCommTarget": "on", "disabled": "off"}[self.subshells],
            result,
            str(self.found),
            f"{self.seconds:.0f} s",
        ]


HEADINGS = ["ipykernel IPython", "front end", "subshells", "answered", "leaks", "took"]


def try_one(browser: Browser, server: JupyterServer, account: DemoAccount, row: Row) -> None:
    """Fills in a row."""
    person = Person(account)
    started = time.monotonic()
    name = f"{row.kernel}-{row.front_end}-{row.subshells}.ipynb"
    server.settings({SETTINGS: {"commsOverSubshells": row.subshells}})
    path = server.write(name, CELLS, row.kernel)
    try:
        is_lab = row.front_end != "notebook"
        page = NotebookPage.open(browser, server, path, "lab" if is_lab else "notebook")
        try:
            if row.front_end == SERVER_RUNS:
                page.trust()
            row.answered = tell(page, person)
            row.awakenings = page.awakenings
            page.save()
            places = server.kept() | {"frames": b"\n".join(page.frames)}
            row.found = len(found(person.typed, places))
        finally:
            page.screenshot(f"matrix-{Path(name).stem}")
            page.close()
    except Exception as error:
        row.problem = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    row.seconds = time.monotonic() - started


def main(kernels: Sequence[str]) -> int:
    """Tries the kernels, all if none is named, and prints the table."""
    account = first_account(iterations=ITERATIONS)
    account.master_password, account.client_secret = marker("right"), plain_marker("secret")
    path = chromium()
    if path is None:
        print("There is no Chromium.", file=sys.stderr)
        return 1
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory(prefix="bw_magics_matrix_") as directory,
        DemoServer(accounts=[account], iterations=ITERATIONS) as demo,
        sync_playwright() as playwright,
    ):
        folder = Path(directory)
        authority = folder / "authority.pem"
        authority.write_bytes(demo.certificate_authority)
        for name in ("jupyter", "server"):
            install_kernels(kernels, folder / name / "data")
        environment = {"SSL_CERT_FILE": str(authority), "BW_SERVER": demo.url}
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_ARGUMENTS])
        python = environment_of(SERVER_SIDE, folder)
        with (
            jupyter_server(folder / "jupyter", environment=environment) as plain,
            jupyter_server(folder / "server", environment=environment, python=python) as running,
        ):
            for kernel, front_end in itertools.product(kernels, FRONT_ENDS):
                versions = versions_of(kernel)
                server = running if front_end == SERVER_RUNS else plain
                # Kernels before 7 have no subshells; where the server runs the cells, there are
                # no others than the default.
                has_others = not versions.startswith("6.") and server is plain
                for subshells in SUBSHELLS if has_others else SUBSHELLS[:1]:
                    row = Row(kernel, versions, front_end, subshells)
                    try_one(browser, server, account, row)
                    rows.append(row)
                    print(" · ".join(row.cells), flush=True)
        browser.close()
    print()
    show(rows)
    return int(any(row.problem or row.found or row.answered != 5 for row in rows))


def show(rows: Sequence[Row]) -> None:
    """Prints the table."""
    lines = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for number, line in enumerate(lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("| " + " | ".join(cells) + " |")
        if number == 0:
            print("| " + " | ".join("-" * width for width in widths) + " |")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] or list(KERNELS)))
