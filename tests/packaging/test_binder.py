"""Binder's own files, run in a clean environment as its builder runs them.

The builder (repo2docker) installs `binder/requirements.txt` from the root of the repository into
an environment that has Jupyter, then runs `binder/postBuild`. Binder itself is not tried.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICKSTART = Path("notebooks/quickstart.ipynb")
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "node_modules", "build", "dist"
)

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]


class Image:
    """What the builder makes: a copy of the repository and an environment beside it."""

    def __init__(self, folder: Path, outside: Mapping[str, str]) -> None:
        self.repository = folder / "repository"
        self._bin = folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
        kept = {k: v for k, v in outside.items() if not k.startswith(("BW_", "PYTHON", "VIRTUAL"))}
        self._variables = kept | {
            "HOME": str(folder),
            "IPYTHONDIR": str(folder / ".ipython"),
            "PATH": f"{self._bin}{os.pathsep}{os.defpath}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        shutil.copytree(ROOT, self.repository, ignore=LEFT_BEHIND)
        venv.create(folder / "environment", with_pip=True)

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.repository,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def python(self, *arguments: str) -> str:
        return self.run(str(self._bin / "python"), *arguments)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, outside: Mapping[str, str]) -> Image:
    image = Image(tmp_path_factory.mktemp("binder"), outside)
    image.python("-m", "pip", "install", "--quiet", "ipykernel", "nbclient")
    image.python("-m", "pip", "install", "--quiet", "-r", "binder/requirements.txt")
    return image


def test_the_demo_is_ready_when_the_image_is_built(image: Image) -> None:
    image.run("bash", "binder/postBuild")


def test_the_package_is_installed_whole_and_without_its_tests(image: Image) -> None:
    listed = image.python("-m", "pip", "show", "--files", "bw_magics").split()

    assert "bw_magics/py.typed" in listed
    for layer in ("notebook", "session", "vault", "client", "crypto", "demo"):
        assert f"bw_magics/{layer}/__init__.py" in listed
    assert not [name for name in listed if name.startswith(("tests/", "notebooks/", "benchmarks/"))]


@pytest.mark.skipif(not (ROOT / QUICKSTART).is_file(), reason="there is no quickstart yet")
def test_the_quickstart_runs_from_top_to_bottom(image: Image) -> None:
    shown = image.python("notebooks/show.py", str(QUICKSTART))

    assert "In [1]: " in shown
