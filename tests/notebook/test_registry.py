"""One registration makes a magic: from it follow loading, `%bw`, completion, refusal and docs."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from IPython.core.completer import provisionalcompleter

import bw_magics
from bw_magics.demo import DemoServer
from bw_magics.errors import SecretTyped
from bw_magics.notebook import extension, magics
from bw_magics.notebook.registry import REGISTRY
from tests.documents.generated import INDEX_FILE, index
from tests.notebook.conftest import Notebook

PACKAGE = magics.__name__

MODULE = '''
from IPython.core.magic import line_magic, no_var_expand
from IPython.core.magic_arguments import magic_arguments

from bw_magics.notebook.line.declared import PROFILE, Names, argument
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.registry import REGISTRY


@REGISTRY.add
class LengthMagics(VaultMagics):
    """`%bw_length`."""

    @magic_arguments()
    @argument("item", metavar="ITEM", nargs="+", completes=Names.ITEM, help="a name")
    @argument("--unit", metavar="UNIT", completes=("characters", "bytes"), help="what to count")
    @argument("--twice", action="store_true", help="count twice")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_length(self, line):
        """Count the characters of a password: %bw_length Warehouse DB"""
        arguments = self.arguments(self.bw_length, line)
        item = self.session.vault(arguments).find(" ".join(arguments.item))
        return len(item.password) * (2 if arguments.twice else 1)
'''


@pytest.fixture
def added(tmp_path: Path) -> Iterator[ModuleType]:
    """A module outside the package, which registers a class of magics when it is imported."""
    path = tmp_path / "length_magics.py"
    path.write_text(MODULE)
    spec = importlib.util.spec_from_file_location("length_magics", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["length_magics"] = module
    spec.loader.exec_module(module)
    yield module
    REGISTRY.remove(module.LengthMagics)
    del sys.modules["length_magics"]


def completions(notebook: Notebook, line: str) -> list[str]:
    with provisionalcompleter():
        return [each.text for each in notebook.shell.Completer.completions(line, len(line))]


def offered(notebook: Notebook) -> list[str]:
    """The commands that `%bw help` lists."""
    return notebook("%bw help").text.partition(": ")[2].partition(". ")[0].split(", ")


def test_one_registration_makes_a_magic(
    added: ModuleType, known: DemoServer, notebook: Notebook
) -> None:
    notebook("%bw_login\n%bw_unlock")
    length = len(str(bw_magics.bw_session["Warehouse DB"].password))

    # It is loaded, and `%bw` offers it.
    assert notebook("%bw_length Warehouse DB").value == length
    assert notebook("%bw length Warehouse DB --twice").value == 2 * length
    assert "length" in offered(notebook)

    # It is completed: its name, its options, their values, and the names of items.
    assert completions(notebook, "%bw le") == ["length"]
    assert completions(notebook, "%bw_length --tw") == ["--twice"]
    assert completions(notebook, "%bw_length x --unit by") == ["bytes"]
    assert "Warehouse DB" in completions(notebook, "%bw length Wareh")

    # A secret on its line is refused and taken out of the history.
    refused = notebook.refusal("%bw_length Warehouse DB --session hunter2horse-battery")
    assert isinstance(refused, SecretTyped)
    assert "hunter2" not in "".join(notebook.shell.history_manager.input_hist_raw)

    # It is documented.
    length_magic = notebook.shell.find_line_magic("bw_length")
    assert "--twice" in notebook.shell.inspector.info(length_magic)["docstring"]
    assert REGISTRY.commands["length"].usage == (
        "%bw_length ITEM … [--unit UNIT] [--twice] [--profile NAME]"
    )
    assert (
        "| [`%bw_length`](bw_length.md) | Count the characters of a password: "
        "%bw_length Warehouse DB |"
    ) in REGISTRY.as_table()

    # It is gone after unloading.
    bw_magics.unload_ipython_extension(notebook.shell)
    assert notebook.shell.find_line_magic("bw_length") is None
    assert "LengthMagics" not in notebook.shell.magics_manager.registry


def test_nothing_of_a_magic_is_left_in_the_registry(notebook: Notebook) -> None:
    assert "length" not in REGISTRY.commands
    assert "length" not in offered(notebook)


def test_bw_offers_every_magic_of_the_shell(notebook: Notebook) -> None:
    brought = {
        name for name in notebook.shell.magics_manager.magics["line"] if name.startswith("bw_")
    }
    assert brought == {command.magic for command in REGISTRY.commands.values()}
    assert offered(notebook) == list(REGISTRY.commands)
    assert {"connect", "apikey", "config"} <= set(REGISTRY.commands)


@pytest.mark.parametrize("name", sorted(REGISTRY.commands))
def test_bw_calls_every_magic(notebook: Notebook, name: str) -> None:
    """An option that no magic has is refused by the magic itself, under its own name."""
    refused = notebook.refusal(f"%bw {name} x --no-such-option")
    assert f"%bw_{name}" in str(refused) or f"%bw {name}" in str(refused)


def decorated(module: Path) -> list[str]:
    """Returns the classes of a module that register themselves."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(each) == "REGISTRY.add" for each in node.decorator_list)
    ]


def test_every_shipped_magic_is_loaded_with_the_extension() -> None:
    folder = Path(magics.__file__ or "").parent
    shipped = {name for module in folder.glob("*.py") for name in decorated(module)}
    registered = {kind.__name__ for kind in REGISTRY.kinds if kind.__module__.startswith(PACKAGE)}

    assert extension.HANDLE == "bw_session", "the extension is imported"
    assert len(shipped) >= 12
    assert shipped == registered


def test_the_index_names_the_magics_of_every_module() -> None:
    again = "python -m tests.documents.generated"
    assert INDEX_FILE.read_text(encoding="utf-8") == index(), again


@pytest.mark.parametrize("magic", ["bw_generate", "bw_env"])
def test_a_magic_takes_the_place_of_what_stands_in_for_it(notebook: Notebook, magic: str) -> None:
    tables = notebook.shell.magics_manager.magics
    before = {kind: table[magic] for kind, table in tables.items() if magic in table}
    assert {type(each).__name__ for each in before.values()} == {"LateMagic"}

    # What IPython and completion ask of it is that of the magic.
    late = before["line"]
    assert "--profile" in late.getdoc() or magic == "bw_generate"
    assert late.parser.description == late.__doc__
    assert late.__wrapped__.__name__ == magic
    assert f"def {magic}" in notebook.shell.inspector.info(late, detail_level=1)["source"]
    assert getattr(late, "needs_local_scope", False) is False

    after = {kind: tables[kind][magic] for kind in before}
    owners = {each.__self__ for each in after.values()}
    assert len(owners) == 1
    assert owners == {late.__self__}


def test_two_shells_have_magics_of_their_own(notebook: Notebook) -> None:
    late = notebook.shell.find_line_magic("bw_generate")
    bw_magics.unload_ipython_extension(notebook.shell)
    assert notebook.shell.find_line_magic("bw_generate") is None

    bw_magics.load_ipython_extension(notebook.shell)
    assert notebook.shell.find_line_magic("bw_generate").of is not late.of


def test_a_module_beside_the_others_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "length.py").write_text(MODULE)
    monkeypatch.setattr(magics, "__path__", [*magics.__path__, str(tmp_path)])
    before = list(REGISTRY.commands)

    extension.find_magics()
    after = list(REGISTRY.commands)
    REGISTRY.remove(sys.modules[f"{PACKAGE}.length"].LengthMagics)
    del sys.modules[f"{PACKAGE}.length"]

    assert after == [*before, "length"]
