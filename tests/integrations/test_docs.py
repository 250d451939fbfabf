"""The examples of docs/integrations.md run, each in a process of its own."""

from __future__ import annotations

import re

import pytest

from tests.integrations.world import ROOT, World

PAGE = (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
EXAMPLES = [
    (section.partition("\n")[0], example)
    for section in SECTIONS
    for example in re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
]

# By heading: the code before the example, and what is true after it.
BEFORE = {
    "keyring": "from bw_magics.integrations.keyring import BitwardenKeyring\n"
    "import keyring; keyring.set_keyring(BitwardenKeyring())\n",
}
AFTER = {
    "keyring": "assert password == expected",
    "pydantic-settings": "assert settings.password.get_secret_value() == expected",
    "OmegaConf": "assert password == expected",
    "dlt": "assert password == expected",
    "fsspec": "assert total == 30 and len(frame) == 2",
    "Recipes": "assert total == [(30,)] and not connection.sql('from duckdb_secrets()').fetchall()",
    "Your own": "assert password == expected",
}


@pytest.mark.libraries
@pytest.mark.parametrize(("heading", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_the_example_runs_and_writes_no_secret(
    world: World, request: pytest.FixtureRequest, heading: str, example: str
) -> None:
    if heading in ("fsspec", "Recipes"):
        request.getfixturevalue("lake")
    expected = f"import os; expected = open({str(world.folder / 'expected')!r}).read()\n"
    script = world.folder / "example.py"
    script.write_text(expected + BEFORE.get(heading, "") + example + AFTER[heading] + "\n")
    (world.folder / "expected").write_text(world.password)

    done = world.python(str(script))

    (world.folder / "expected").unlink()
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])
