"""A widget's script is its modules, joined."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bw_magics.notebook.panels import script as joined_scripts
from bw_magics.notebook.panels.script import script

PANELS = Path(joined_scripts.__file__).parent
WIDGETS = ("form.js", "reveal.js", "browse.js", "item_panel.js")
DECLARED = re.compile(r"^(?:async )?(?:const|let|var|function|class) (\w+)", re.MULTILINE)
IMPORTED = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";', re.MULTILINE)


def first_line(module: Path) -> str:
    return module.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize("name", WIDGETS)
def test_a_script_stands_alone(name: str) -> None:
    text = script(name)

    assert not re.search(r"^import\b", text, re.MULTILINE)
    assert re.findall(r"^export .*", text, re.MULTILINE) == ["export default { render };"]


@pytest.mark.parametrize("name", WIDGETS)
def test_no_name_is_declared_twice(name: str) -> None:
    """Modules may reuse a name; the joined text may not."""
    counted = Counter(DECLARED.findall(script(name)))

    assert [declared for declared, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("name", WIDGETS)
def test_a_module_stands_after_those_that_it_imports(name: str) -> None:
    text = script(name)
    places = {module.name: text.find(first_line(module)) for module in PANELS.glob("*.js")}
    arrows = [
        (imported, module.name)
        for module in PANELS.glob("*.js")
        for imported in IMPORTED.findall(module.read_text(encoding="utf-8"))
        if places[module.name] >= 0
    ]

    assert len(arrows) > 4
    assert all(0 <= places[imported] < places[module] for imported, module in arrows)


def test_every_module_belongs_to_a_widget() -> None:
    joined = "".join(map(script, WIDGETS))

    assert [module.name for module in PANELS.glob("*.js") if first_line(module) not in joined] == []
