"""The gallery: every notebook is saved without outputs, runs, and gives nothing away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bw_magics.demo import DemoServer
from tests.notebook.conftest import secrets_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    import nbformat

    found: NotebookNode = nbformat.read(request.param, as_version=4)
    return found


def test_it_is_saved_without_outputs(notebook: NotebookNode) -> None:
    import nbformat

    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert notebook.cells[0].source.startswith("# ")


@pytest.mark.usefixtures("home")
def test_it_runs_from_top_to_bottom_and_saves_no_secret(
    notebook: NotebookNode, tmp_path: Path
) -> None:
    from nbclient import NotebookClient

    resources = {"metadata": {"path": str(tmp_path)}}

    NotebookClient(notebook, timeout=240, kernel_name="python3", resources=resources).execute()

    outputs = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    server = DemoServer(iterations=5000)
    leaked = [secret for secret in secrets_of(server) if secret in outputs]
    assert outputs
    assert not leaked
