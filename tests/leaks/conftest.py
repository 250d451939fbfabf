"""Two kernels with the vault of markers unlocked: the guard off in one, on in the other. And
that again with other versions of ipykernel and IPython.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.kernels import FEW_KERNELS, KERNELS, NEWEST, add_libraries, parameter, python_of

from .kernel import Kernel, vault_server
from .routes import FEW, Route, everything

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


TRIED = KERNELS if everything() else (*FEW_KERNELS, NEWEST)


@pytest.fixture(scope="session", params=map(parameter, TRIED))
def kernel(request: pytest.FixtureRequest) -> str:
    """Which kernel is tried, by its name."""
    name = str(request.param)
    try:
        python_of(name)
        if everything():
            add_libraries(name)
    except subprocess.CalledProcessError:
        pytest.skip(f"needs the packages of kernel {name}")
    return name


@pytest.fixture(scope="session")
def unguarded(kernel: str, environment: dict[str, str], folder: Path) -> Iterator[Kernel]:
    """The control: everything as always, the guard off."""
    home = own_folders(folder / kernel / "unguarded")
    log = folder / f"{kernel}-unguarded.log"
    started = Kernel({**environment, **home}, log, redact=False, python=python_of(kernel))
    yield started
    started.close()


@pytest.fixture(scope="session")
def guarded_home(kernel: str, folder: Path) -> Path:
    return folder / kernel / "guarded"


@pytest.fixture(scope="session")
def guarded(
    kernel: str, environment: dict[str, str], guarded_home: Path, folder: Path
) -> Iterator[Kernel]:
    variables = {**environment, **own_folders(guarded_home)}
    log = folder / f"{kernel}-guarded.log"
    started = Kernel(variables, log, redact=True, debug=True, python=python_of(kernel))
    yield started
    started.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves all routes to the newest kernel, and the chosen ones that need no more than this
    package to older ones, unless all was asked for.
    """
    if everything():
        return
    left_out = [item for item in items if _is_left_out(getattr(item, "callspec", None))]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _is_left_out(parameters: Any) -> bool:
    values = parameters.params if parameters is not None else {}
    kernel, route = values.get("kernel", NEWEST), values.get("route")
    if kernel == NEWEST or not isinstance(route, Route):
        return False
    return route not in FEW or route.group == "libraries"
