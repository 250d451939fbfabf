"""The pages that follow from the code are those of this code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bw_magics.notebook.registry import REGISTRY
from tests.documents.generated import DOCS, EXAMPLES, pages

WRITTEN = pages()
AGAIN = "python -m tests.documents.generated"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_written_page_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == WRITTEN[path](), AGAIN


def test_every_magic_has_a_page_with_an_example_and_no_page_is_left_of_another() -> None:
    examples = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))
    files = {path.stem.removeprefix("bw_") for path in (DOCS / "magics").glob("bw_*.md")}

    assert set(REGISTRY.commands) == set(examples) == files
    assert all(example["cells"] for example in examples.values())


def test_every_page_is_in_the_site() -> None:
    """Each page is named by a table of contents, or is that of a folder that lists its pages."""
    listed = set()
    for page in DOCS.rglob("*.md"):
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            names = [line for line in tree.splitlines() if line and not line.startswith(":")]
            listed |= {(page.parent / name).with_suffix(".md") for name in names}
    own = {DOCS / "index.md", DOCS / "README.md"}
    pages_here = {
        page
        for page in DOCS.rglob("*.md")
        if not {"_build", "decisions"} & set(page.relative_to(DOCS).parts)
    }

    assert sorted(page.relative_to(DOCS).as_posix() for page in pages_here - listed - own) == []
