"""Notebooks of the gallery with what they are for: a real PostgreSQL, papermill, parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from bw_magics.demo import DemoServer
from tests.adapters.conftest import postgres as postgres
from tests.later import psycopg_sql as sql
from tests.notebook.conftest import secrets_of
from tests.postgres import Postgres

FOLDER = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def warehouse(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    """The database that the demo's item `Warehouse DB` names, as far as there can be one."""
    postgres.add_role("analyst", "demo-warehouse-password-1")
    postgres.add_database("analytics")
    postgres.execute(sql.SQL("alter database analytics owner to analyst"))
    monkeypatch.setenv("WAREHOUSE", f"127.0.0.1:{postgres.port}")
    return postgres


@pytest.mark.postgres
@pytest.mark.usefixtures("home", "warehouse")
def test_the_database_notebook_works_with_a_real_postgresql(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(FOLDER / "databases.ipynb", as_version=4)
    proof = nbformat.v4.new_code_cell(
        "engine.dialect.name, engine.connect().exec_driver_sql('select version()').scalar()"
    )
    notebook.cells.insert(len(notebook.cells) - 2, proof)
    NotebookClient(
        notebook,
        timeout=240,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()

    outputs = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    assert "PostgreSQL" in str(proof.outputs)
    assert "February" in outputs
    assert "demo-warehouse-password-1" not in outputs


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "reference", ["bw://Model registry/password", "bw://Work/Databases/Warehouse DB/password"]
)
def test_papermill_fills_in_references_and_saves_no_secret(tmp_path: Path, reference: str) -> None:
    import papermill  # type: ignore[import-untyped]

    written = tmp_path / "tonight.ipynb"
    papermill.execute_notebook(
        FOLDER / "unattended.ipynb",
        written,
        parameters={"db_ref": reference},
        cwd=tmp_path,
        progress_bar=False,
    )

    saved = written.read_text(encoding="utf-8")
    assert f'db_ref = \\"{reference}\\"' in saved
    assert "••••••••" in saved
    leaked = [secret for secret in secrets_of(DemoServer(iterations=5000)) if secret in saved]
    assert not leaked
