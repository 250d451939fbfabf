"""The project's own files agree with each other and with the code."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from bw_magics import settings

ROOT = Path(__file__).parents[2]
# In lines; CONTRIBUTING.md says why.
LONGEST_MODULE = 400


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def test_the_version_is_the_same_everywhere(pyproject: dict[str, Any]) -> None:
    where = pyproject["tool"]["hatch"]["version"]
    found = re.search(where["pattern"], read(where["path"]), re.MULTILINE)
    assert found is not None
    version = found["version"]

    assert "version" not in pyproject["project"]
    assert version == settings.VERSION == metadata.version("bw_magics")
    assert f"## [{version}]" in read("CHANGELOG.md") or "## [Unreleased]" in read("CHANGELOG.md")


def test_the_pythons_that_are_named_are_those_that_are_allowed(pyproject: dict[str, Any]) -> None:
    project = pyproject["project"]
    allowed = SpecifierSet(project["requires-python"])
    prefix = "Programming Language :: Python :: "
    named = [c.removeprefix(prefix) for c in project["classifiers"] if c.startswith(prefix)]

    assert "3.11" in named
    assert all(f"{version}.0" in allowed for version in named if "." in version)
    assert "3.10.0" not in allowed


def test_the_pythons_that_are_named_are_tested_by_the_workflow(pyproject: dict[str, Any]) -> None:
    prefix = "Programming Language :: Python :: 3."
    named = {c.removeprefix(prefix) for c in pyproject["project"]["classifiers"] if prefix in c}
    matrix = re.search(r"^ +python: \[(.+)\]$", read(".github/workflows/test.yml"), re.MULTILINE)
    assert matrix is not None
    tested = {version.strip('" ').removeprefix("3.") for version in matrix[1].split(",")}

    assert named
    assert named <= tested


def test_dependencies_have_floors_and_no_ceilings(pyproject: dict[str, Any]) -> None:
    """A ceiling or a pin would force other packages of a notebook's environment to move."""
    project = pyproject["project"]
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]

    for requirement in map(Requirement, project["dependencies"] + extras):
        assert [s.operator for s in requirement.specifier] == [">="], requirement


def test_the_license_is_the_one_that_is_named(pyproject: dict[str, Any]) -> None:
    assert pyproject["project"]["license"] == "BSD-3-Clause"
    assert "BSD 3-Clause" in read("LICENSE")


def test_every_module_has_its_layer(pyproject: dict[str, Any]) -> None:
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    placed = {name.strip().removeprefix("bw_magics.") for row in layers for name in row.split("|")}
    package = ROOT / "bw_magics"
    present = {path.stem for path in package.glob("*.py") if path.stem != "__init__"}
    present |= {path.parent.name for path in package.glob("*/__init__.py")}

    assert present - placed <= {"demo"}, "the demo is beside the layers, all else in one"


def test_no_module_of_the_package_is_long() -> None:
    modules = [*(ROOT / "bw_magics").rglob("*.py"), *(ROOT / "bw_magics").rglob("*.js")]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}

    assert {path.name: count for path, count in lines.items() if count > LONGEST_MODULE} == {}


def test_the_package_is_marked_as_typed() -> None:
    assert (ROOT / "bw_magics" / "py.typed").is_file()


@pytest.mark.parametrize(
    "target", ["test", "test-all", "test-rest", "lint", "check", "demo", "lab", "bench", "clean"]
)
def test_make_knows_what_the_documents_name(target: str) -> None:
    planned = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("script", [".ci/run", "binder/postBuild"])
def test_scripts_can_be_run_and_stop_at_the_first_failure(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert "set -euo pipefail" in read(script)
    subprocess.run(["bash", "-n", script], cwd=ROOT, check=True, timeout=240)


def test_no_file_of_binder_pins_what_the_package_does_not() -> None:
    package, *others = read("binder/requirements.txt").split()
    assert re.fullmatch(r"\.\[[a-z,]*\bdemo\b[a-z,]*\]", package)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in others)
    assert re.fullmatch(r"python-3\.\d+\n", read("binder/runtime.txt"))


@pytest.mark.parametrize(
    "document",
    [
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    ],
)
def test_links_of_a_document_lead_to_files(document: str) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", read(document))
    folder = (ROOT / document).parent

    assert [link for link in links if not (folder / link).exists()] == []


def test_decisions_are_numbered_and_listed() -> None:
    pages = sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))

    assert [int(page[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/decisions/README.md")) == pages


# Steps that take minutes and print nothing, or only at their end.
_SILENT = re.compile(r" pip .*--editable| -m (?:benchmarks|sphinx|tests[.](?!packaging[.]english))")


@pytest.mark.parametrize(
    "target",
    ["demo", "lab", "leaks", "bench", "docs", "pictures", "matrix", "tables", "release-check"],
)
def test_make_says_what_it_does_before_each_silent_step(target: str, tmp_path: Path) -> None:
    planned = subprocess.run(
        ["make", "-n", target, f"VENV={tmp_path}/venv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    lines = planned.stdout.splitlines()
    silent = [at for at, line in enumerate(lines) if _SILENT.search(line)]
    assert silent
    assert all(lines[at - 1].startswith("echo ") for at in silent)
    assert any("Python environment" in line for line in lines if line.startswith("echo "))
    for line in lines:
        if "npm ci" in line:
            assert "Installing the packages" in line.partition("npm ci")[0]


def test_the_readme_is_short() -> None:
    """Details are on the pages that it links to."""
    assert len(read("README.md").split()) <= 900
