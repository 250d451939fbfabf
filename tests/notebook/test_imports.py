"""What importing the package and loading the extension import: nothing that takes its time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bw_magics.notebook.magics.index import INDEX

ROOT = Path(__file__).parents[2]

# Imported when they are used for the first time: at a login, an unlock, a prompt, a demo.
LATER = (
    "ahocorasick_rs",
    "anywidget",
    "bw_magics.adapters",
    "bw_magics.client",
    "bw_magics.crypto",
    "bw_magics.demo",
    "bw_magics.vault.contents",
    "bw_magics.vault.item",
    "bw_magics.vault.snapshot",
    "cryptography",
    "dotenv",
    "flask",
    "httpx",
    "ipywidgets",
    "msgspec",
    "sqlalchemy",
    "trustme",
    "truststore",
)

IMPORT = "import bw_magics"
IMPORT_VAULT = "from bw_magics import Vault, bw_session; Vault().status"
LOAD = """
shell.run_line_magic("load_ext", "bw_magics")
assert "bw_session" in shell.user_ns
"""
STATUS = f"{LOAD}\nshell.run_line_magic('bw_status', '')"
UNLOAD = f"{LOAD}\nshell.run_line_magic('unload_ext', 'bw_magics')"

SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""

REPORT = """
import json, sys
before = set(sys.modules)
{}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported(code: str, home: Path, *, prepare: str = "") -> list[str]:
    """The modules that `code` imports in a fresh interpreter, after what `prepare` does."""
    finished = subprocess.run(
        [sys.executable, "-c", prepare + REPORT.format(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    modules: list[str] = json.loads(finished.stdout.splitlines()[-1])
    return modules


def too_early(modules: list[str]) -> list[str]:
    """Those of the modules that belong to what is imported later."""
    return [
        module
        for module in modules
        if any(module == name or module.startswith(f"{name}.") for name in LATER)
    ]


def test_importing_the_package_imports_small_modules_of_its_own(home: Path) -> None:
    modules = imported(IMPORT, home)

    assert too_early(modules) == []
    assert [name for name in modules if name.startswith("bw_magics")] == [
        "bw_magics",
        "bw_magics.base_error",
        "bw_magics.errors",
        "bw_magics.lean_regex",
        "bw_magics.settings",
        "bw_magics.shown",
        "bw_magics.steps",
    ]
    assert not any(name.partition(".")[0] in ("IPython", "traitlets") for name in modules)


def test_a_vault_that_nobody_logged_in_to_has_imported_nothing_heavy(home: Path) -> None:
    modules = imported(IMPORT_VAULT, home)

    assert "bw_magics.session.vault" in modules
    assert too_early(modules) == []


@pytest.mark.parametrize("code", [LOAD, STATUS, UNLOAD], ids=["load", "status", "unload"])
def test_loading_the_extension_imports_nothing_heavy(code: str, home: Path) -> None:
    modules = imported(code, home, prepare=SHELL)

    assert "bw_magics.notebook.magics.shell_session" in modules
    assert too_early(modules) == []


def test_a_module_of_magics_is_imported_when_one_of_them_is_used(home: Path) -> None:
    brings = {f"bw_magics.notebook.magics.{name}" for name, magics in INDEX.items() if magics}
    before, after = (set(imported(code, home, prepare=SHELL)) for code in (LOAD, STATUS))

    assert before & brings == set()
    assert after & brings == {"bw_magics.notebook.magics.session"}
    assert not any(name.startswith("bw_magics.notebook.complete.c") for name in after)
    assert "bw_magics.notebook.typed.typed_calls" not in after


PARSERS = f"""
{LOAD}
from bw_magics.notebook.line.declared import LateParser as Late
from bw_magics.notebook.registry import REGISTRY
def built():
    parsers = [(each.name, each.function.parser) for each in REGISTRY.commands.values()]
    return [name for name, parser in parsers if "_parser" in vars(parser) or type(parser) != Late]
assert len(REGISTRY.commands) > 20 and not built(), built()
shell.run_line_magic("bw_lock", "")
assert built() == ["lock"], built()
"""
END = f"""
import atexit
{LOAD}
atexit._run_exitfuncs()
"""


def test_only_the_parsers_of_magics_that_ran_are_built(home: Path) -> None:
    assert too_early(imported(PARSERS, home, prepare=SHELL)) == []


def test_the_end_of_a_kernel_without_secrets_imports_no_search_for_them(home: Path) -> None:
    modules = imported(END, home, prepare=SHELL)

    assert "bw_magics.notebook.guard.guard" in modules
    assert "bw_magics.matching.matcher" not in modules


def test_every_module_that_must_wait_is_one_that_is_used_somewhere(home: Path) -> None:
    """A misspelt name would never be found; `anywidget` is of a form that is still to come."""
    uses = "import bw_magics.demo, bw_magics.client, bw_magics.vault.contents, bw_magics.adapters"
    libraries = "ahocorasick_rs, dotenv, httpx, ipywidgets, sqlalchemy, truststore"
    modules = imported(f"{uses}, {libraries}", home)

    assert set(LATER) - set(too_early(modules)) <= {"anywidget"}
