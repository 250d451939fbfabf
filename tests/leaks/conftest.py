"""Two kernels with the vault of markers unlocked: the guard off in one, on in the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .kernel import Kernel, vault_server

FOLDERS = {
    "HOME": "home",
    "IPYTHONDIR": "home/.ipython",
    "JUPYTER_CONFIG_DIR": "home/.jupyter",
    "JUPYTER_DATA_DIR": "home/.local/share/jupyter",
    "JUPYTER_RUNTIME_DIR": "home/runtime",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leaks")


@pytest.fixture(scope="session")
def environment(folder: Path) -> Iterator[dict[str, str]]:
    """What leads a kernel to the vault of markers, without folders of its own."""
    with vault_server(folder) as environment:
        yield environment


def own_folders(folder: Path) -> dict[str, str]:
    """A home for one kernel."""
    folders = {name: str(folder / path) for name, path in FOLDERS.items()}
    for path in folders.values():
        os.makedirs(path, exist_ok=True)  # noqa: PTH103
    return folders


@pytest.fixture(scope="session")
def unguarded(environment: dict[str, str], folder: Path) -> Iterator[Kernel]:
    """The control: everything as always, the guard off."""
    home = own_folders(folder / "unguarded")
    kernel = Kernel({**environment, **home}, folder / "unguarded.log", redact=False)
    yield kernel
    kernel.close()


@pytest.fixture(scope="session")
def guarded_home(folder: Path) -> Path:
    own_folders(folder / "guarded")
    return folder / "guarded"


@pytest.fixture(scope="session")
def guarded(environment: dict[str, str], guarded_home: Path, folder: Path) -> Iterator[Kernel]:
    home = own_folders(guarded_home)
    kernel = Kernel({**environment, **home}, folder / "guarded.log", redact=True, debug=True)
    yield kernel
    kernel.close()
