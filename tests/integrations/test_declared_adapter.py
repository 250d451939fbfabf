"""An adapter in a package of somebody else's, installed by pip and used by its name."""

from __future__ import annotations

import ast
import base64
import http.server
import os
import re
import threading
import zipfile
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from bw_magics import Vault
from bw_magics.demo.items.plain import login
from bw_magics.errors import ExtraMissing, UsageMistake
from tests.integrations.world import ROOT, World, marker

TOY = Path(__file__).parent / "toy" / "urllib_for_bw_magics.py"
ABOUT = "urllib_for_bw_magics-1.0.dist-info"
FILES = {
    f"{ABOUT}/METADATA": "Metadata-Version: 2.1\nName: urllib-for-bw-magics\nVersion: 1.0\n",
    f"{ABOUT}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{ABOUT}/entry_points.txt": "[bw_magics.adapters]\nurllib = urllib_for_bw_magics:opener\n",
}


def built(folder: Path) -> Path:
    """Builds the toy's wheel."""
    path = folder / "urllib_for_bw_magics-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(TOY, TOY.name)
        for name, text in FILES.items():
            archive.writestr(name, text)
        archive.writestr(f"{ABOUT}/RECORD", "".join(f"{each},,\n" for each in [TOY.name, *FILES]))
    return path


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, list[str]]]:
    """Yields an address and the authorizations that arrived there."""
    received: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.append(self.headers.get("Authorization", ""))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()


PROGRAM = """\
from bw_magics import current_vault

item = current_vault()["Site"]
opener = item.adapt("urllib")
opener.open(item.uri + "/page").close()
print(repr(item), repr(opener))
"""


@pytest.mark.libraries
def test_an_installed_package_adds_an_adapter(
    world: World, site: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, received = site
    password = marker("site")
    world.add(login("Site", "ada", password, (address,), label="Site"))
    place = tmp_path / "site"
    world.python(
        "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(place),
        str(built(tmp_path)),
    )  # fmt: skip

    found = {"PYTHONPATH": os.pathsep.join([str(place), str(ROOT)])}
    done = world.python("-c", PROGRAM, variables=found)

    sent = [base64.b64decode(each.removeprefix("Basic ")).decode() for each in received]
    assert sent == [f"ada:{password}"]
    assert not world.found_in(done.stdout, done.stderr, folders=[tmp_path, world.folder])


def test_it_takes_30_lines_and_only_public_names() -> None:
    text = TOY.read_text(encoding="utf-8")
    tree = ast.parse(text)
    imported = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bw_magics")
    ]

    assert len(text.splitlines()) <= 30
    assert imported == ["bw_magics"]
    assert not re.search(r"\._|\b_[a-z]", text)


# What is wrong with a package.


def declare(monkeypatch: pytest.MonkeyPatch, *targets: str) -> None:
    points = EntryPoints(
        EntryPoint(name=f"name{number}", value=target, group="bw_magics.adapters")
        for number, target in enumerate(targets)
    )
    monkeypatch.setattr(
        "bw_magics.adapters.declared.entry_points", lambda group: points.select(group=group)
    )


@pytest.mark.parametrize(
    ("targets", "name", "error", "says"),
    [
        ((), "redis", UsageMistake, "Install the package that declares it"),
        (("json:dumps", "json:loads"), "redis", UsageMistake, "There are: name0, name1."),
        (("no_such_module:x",), "name0", ExtraMissing, "no_such_module is missing"),
        (("json:no_such_function",), "name0", ExtraMissing, "cannot be imported"),
        (("sys:version",), "name0", UsageMistake, "not a function"),
    ],
)
def test_a_package_that_does_not_work_is_one_typed_error(
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
    targets: tuple[str, ...],
    name: str,
    error: type[Exception],
    says: str,
) -> None:
    declare(monkeypatch, *targets)
    with pytest.raises(error) as caught:
        vault["Lake"].adapt(name)
    assert says in str(caught.value)


def test_what_the_adapter_raises_is_raised(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "math:sqrt")
    with pytest.raises(TypeError, match="real number"):
        vault["Lake"].adapt("name0")
