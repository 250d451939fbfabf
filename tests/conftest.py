"""What all tests share: a clean environment, a home of their own, honest skips, two parts.

* Before anything runs, the environment is reduced to the variables in `KEPT`: no test depends on
  the caller's shell, or reaches a real vault. `outside` is the environment before.
* The operating system's store of certificate authorities is a small one for every test.
* `home` gives a test that starts kernels a home and Jupyter folders of its own.
* `BW_MAGICS_REQUIRE=bw,browser,postgres,vectors,install` turns a skip of the tests that need these
  into a failure, so that continuous integration cannot pass by leaving them out.
* `--part fast` runs the tests that need nothing but this environment. `--part rest` runs all
  others, and the property tests once more: `--hypothesis-profile full` gives them 1,000 examples.
"""

from __future__ import annotations

import gc
import itertools
import os
import re
import signal
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings, strategies

from bw_magics.notebook.guard.guard import Guard

REQUIRE = "BW_MAGICS_REQUIRE"
NEEDS = (
    *("bw", "browser", "postgres", "mariadb", "vectors", "install"),
    *("old_kernels", "libraries", "long"),
)
# What a test may need and still belong to the fast part.
QUICK_NEEDS = {"vectors"}

# Whole folders stand for a need, for a module that skips itself before a marker is seen.
FOLDERS = {"interop": "bw", "browser": "browser"}

# Where the tests of a file take longest. They begin first, so that no process ends long after the
# others; all other files follow by name.
LONGEST = (
    *("browser/", "interop/", "clusters/"),
    *("leaks/", "notebooks/", "benchmarks/test_programs", "session/test_write_safety"),
    *("notebook/test_unattended_runs", "session/test_writing", "session/test_attaching"),
    *("matching/encodings/test_short_runs", "notebook/panels/test_not_shown"),
    *("session/test_two_writers", "notebook/test_cell_scope", "notebook/panels/test_means"),
    *("vault/test_members", "session/test_cold_start", "documents/", "benchmarks/", "packaging/"),
    *("notebook/test_browse", "adapters/", "vault/test_announcing", "notebook/test_server_choice"),
    *("session/test_long_lives", "session/test_write_errors", "notebook/test_completion"),
)

# The variables that a test may see. A test that needs another one sets it.
KEPT = {
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "TZ", "LANG", "LANGUAGE"),
    *("DISPLAY", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "NUMBER_OF_PROCESSORS"),
    *("PYTHONPATH", "PYTHONHASHSEED", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"),
    *("APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA"),
    *("PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "USERNAME", "USERPROFILE", "WINDIR"),
}
KEPT_BEGINNINGS = (
    *("BW_MAGICS_", "COVERAGE_", "HYPOTHESIS_", "LC_", "NPM_CONFIG_", "PIP_", "PLAYWRIGHT_"),
    *("PYTEST_", "UV_"),
)
# The variables that no test may leave behind for the next one.
CERTIFICATES = {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}

# One made-up authority, in place of the operating system's store. OpenSSL reads all of that store
# for each connection, and that takes longer than most tests.
FEW_AUTHORITIES = Path(__file__).with_name("few_authorities.pem")

# Libraries that nbformat would load, in this process and in every program that a test starts.
WITHOUT = Path(__file__).with_name("without")

OUTSIDE = "outside"
_OUTSIDE = dict(os.environ)
_REQUIRED = pytest.StashKey[frozenset[str]]()


# How long an example takes depends on the machine's load: neither a deadline nor a health check
# may fail because of it.
for _name, _examples in {"fast": 25, "full": 1000}.items():
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("fast")


def _is_kept(name: str) -> bool:
    upper = name.upper()
    return upper in KEPT or upper.startswith(KEPT_BEGINNINGS)


def _is_left_behind(name: str) -> bool:
    upper = name.upper()
    if upper.startswith("BW_"):
        return not upper.startswith("BW_MAGICS_")
    return upper in CERTIFICATES or upper.endswith("_PROXY")


def _trust_few() -> None:
    """Names the store of authorities to OpenSSL, and neither to `os.environ` nor to bw_magics."""
    os.putenv("SSL_CERT_FILE", str(FEW_AUTHORITIES))


def _leave_out() -> None:
    """Keeps the libraries in `WITHOUT` from this process and from the programs that tests start."""
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, [str(WITHOUT), *path])))
    sys.path.insert(0, str(WITHOUT))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=("fast", "rest"), help="run only this part of the tests")


def pytest_configure(config: pytest.Config) -> None:
    required = frozenset[str](os.environ.get(REQUIRE, "").replace(",", " ").split())
    if not required <= set(NEEDS):
        raise pytest.UsageError(f"{REQUIRE} is a list of {', '.join(NEEDS)}.")
    config.stash[_REQUIRED] = required
    # A worker of pytest-xdist inherits what its controller has reduced.
    _OUTSIDE.update(getattr(config, "workerinput", {}).get(OUTSIDE, {}))
    for name in itertools.filterfalse(_is_kept, list(os.environ)):
        del os.environ[name]
    _trust_few()
    _leave_out()
    # A shell's job in the background ignores it, and so would this process and its kernels.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hands a worker of pytest-xdist the caller's environment."""
    node.workerinput[OUTSIDE] = _OUTSIDE


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spares the fast part the imports of folders and files that it leaves out as a whole."""
    if config.getoption("--part") != "fast":
        return None
    return True if collection_path.name in FOLDERS or _is_marked(collection_path) else None


def _is_marked(path: Path) -> bool:
    """Tells whether the `pytestmark` of a test file keeps all of its tests out of the fast part."""
    if not path.name.startswith("test_"):
        return False
    assigned = re.search(r"^pytestmark = (.+?)\n\n", path.read_text("utf-8"), re.M | re.S)
    marks = set(re.findall(r"\bmark\.(\w+)", assigned[1])) if assigned else set()
    return bool(marks & set(NEEDS) - QUICK_NEEDS)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects tests without collecting garbage: nearly all that is made is kept."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    part = config.getoption("--part")
    if part is None:
        return
    chosen: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (chosen if _is_in(part, item) else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = chosen


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keeps what the collection has made out of every later garbage collection.

    IPython collects each time a shell is reset: over all modules and tests that takes longer than
    most tests. A run that only collects makes Hypothesis's tables of characters, too: each process
    of a fresh clone would spend a second on them.
    """
    if session.config.option.collectonly:
        strategies.text().validate()
    gc.collect()
    gc.freeze()


def _turn(item: pytest.Item) -> int:
    path = item.path.as_posix()
    turns = (turn for turn, longest in enumerate(LONGEST) if f"/tests/{longest}" in path)
    return next(turns, len(LONGEST))


def _is_in(part: str, item: pytest.Item) -> bool:
    is_fast = not (_needs(item) - QUICK_NEEDS)
    if part == "fast":
        return is_fast
    return not is_fast or is_hypothesis_test(getattr(item, "obj", None))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("install") and "install" not in item.config.stash[_REQUIRED]:
        pytest.skip(f"installs packages; set {REQUIRE}=install to run it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _fail_if_required(report, _needs(item), item.config)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _fail_if_required(report, _folder_need(collector.path), collector.config)
    return report


def _needs(item: pytest.Item) -> set[str]:
    marked = {mark.name for mark in item.iter_markers()}
    return marked.intersection(NEEDS) | _folder_need(item.path)


def _folder_need(path: Path) -> set[str]:
    return {FOLDERS[part] for part in path.parts if part in FOLDERS}


def _fail_if_required(
    report: pytest.TestReport | pytest.CollectReport, needs: set[str], config: pytest.Config
) -> None:
    required = config.stash[_REQUIRED] & needs
    if required:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{', '.join(sorted(required))} is required, and yet: {reason}"


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes what an earlier test may have left behind, and restores it afterwards."""
    for name in filter(_is_left_behind, list(os.environ)):
        monkeypatch.delenv(name)
    _trust_few()


@pytest.fixture(autouse=True)
def forgotten_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one guard of the process has learnt, the next one would mask in another test."""
    monkeypatch.setattr(Guard, "_remembered", None)


@pytest.fixture(scope="session")
def outside() -> Mapping[str, str]:
    """The environment as it was before it was scrubbed, for tools that need the network."""
    return _OUTSIDE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, IPython and Jupyter folders of its own, for tests that start kernels."""
    home = tmp_path / "home"
    home.mkdir()
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "IPYTHONDIR": home / ".ipython",
        "JUPYTER_CONFIG_DIR": home / ".jupyter",
        "JUPYTER_DATA_DIR": home / ".local/share/jupyter",
        "JUPYTER_RUNTIME_DIR": home / ".local/share/jupyter/runtime",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local/share",
    }
    for name, folder in folders.items():
        monkeypatch.setenv(name, str(folder))
    for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "PYTHONSTARTUP"):
        monkeypatch.delenv(name, raising=False)
    return home
