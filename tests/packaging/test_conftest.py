"""The promises of `tests/conftest.py`, tried on a small suite of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
MARKERS = "[pytest]\nmarkers =\n  bw\n  browser\n  vectors\n  install\n  old_kernels\n"


class Suite:
    """A folder with the real conftest and modules that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(CONFTEST, folder / "conftest.py")
        (folder / "pytest.ini").write_text(MARKERS)

    def write(self, name: str, source: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"import os, pytest\n{source}")

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("BW_", "PYTEST"))}
        # Other plugins take longer to load than these suites to run.
        inherited["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        plugins = ["no:cacheprovider", "_hypothesis_pytestplugin", "xdist.plugin"]
        options = [option for plugin in plugins for option in ("-p", plugin)]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-rfs", *options, *arguments, "."],
            cwd=self.folder,
            env=inherited | variables,
            capture_output=True,
            text=True,
            timeout=240,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


SKIPPED = "@pytest.mark.bw\n@pytest.mark.skip(reason='no Node')\ndef test_it(): pass\n"


def test_a_skip_is_a_skip_with_its_reason(suite: Suite) -> None:
    suite.write("test_it.py", SKIPPED)

    status, shown = suite.run()

    assert status == 0
    assert "no Node" in shown


def test_a_skip_of_what_is_required_is_a_failure_with_its_reason(suite: Suite) -> None:
    suite.write("test_it.py", SKIPPED)

    status, shown = suite.run(BW_MAGICS_REQUIRE="vectors,bw")

    assert status == 1
    assert "bw is required, and yet:" in shown
    assert "no Node" in shown


def test_a_skip_of_something_else_stays_a_skip(suite: Suite) -> None:
    suite.write("test_it.py", SKIPPED)

    assert suite.run(BW_MAGICS_REQUIRE="browser")[0] == 0


def test_a_skip_inside_a_test_or_its_fixture_is_a_failure_too(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        "@pytest.fixture\ndef bw(): pytest.skip('gone')\n"
        "@pytest.mark.bw\ndef test_fixture(bw): pass\n"
        "@pytest.mark.bw\ndef test_body(): pytest.skip('away')\n",
    )

    status, shown = suite.run(BW_MAGICS_REQUIRE="bw")

    assert status == 1
    assert "gone" in shown
    assert "away" in shown
    assert "2 skipped" not in shown


@pytest.mark.parametrize(("folder", "need"), [("interop", "bw"), ("browser", "browser")])
def test_a_module_that_skips_itself_is_a_failure_by_its_folder(
    suite: Suite, folder: str, need: str
) -> None:
    suite.write(f"{folder}/test_it.py", "pytest.skip('missing', allow_module_level=True)\n")

    assert suite.run(BW_MAGICS_REQUIRE=need)[0] != 0
    assert suite.run()[0] in (0, 5)


def test_an_expected_failure_is_not_a_skip(suite: Suite) -> None:
    suite.write("test_it.py", "@pytest.mark.bw\n@pytest.mark.xfail\ndef test_it(): assert 0\n")

    assert suite.run(BW_MAGICS_REQUIRE="bw")[0] == 0


def test_what_is_required_has_to_be_known(suite: Suite) -> None:
    suite.write("test_it.py", SKIPPED)

    status, shown = suite.run(BW_MAGICS_REQUIRE="wb")

    assert status == 4
    assert "BW_MAGICS_REQUIRE" in shown


def test_installs_run_only_where_they_are_required(suite: Suite) -> None:
    suite.write("test_it.py", "@pytest.mark.install\ndef test_it(): pass\n")

    assert "1 skipped" in suite.run()[1]
    assert "1 passed" in suite.run(BW_MAGICS_REQUIRE="install")[1]


@pytest.mark.parametrize(
    ("part", "passed"),
    [
        ("fast", ["test_plain", "test_property", "test_vectors"]),
        ("rest", ["test_browser", "test_bw", "test_marked", "test_old", "test_property"]),
    ],
)
def test_each_part_runs_its_tests_and_both_run_properties(
    suite: Suite, part: str, passed: list[str]
) -> None:
    suite.write(
        "test_it.py",
        "from hypothesis import given, strategies\n"
        "def test_plain(): pass\n"
        "@pytest.mark.vectors\ndef test_vectors(): pass\n"
        "@pytest.mark.bw\ndef test_bw(): pass\n"
        "@pytest.mark.parametrize('n', [pytest.param(1, marks=pytest.mark.old_kernels)])\n"
        "def test_old(n): pass\n"
        "@given(strategies.booleans())\ndef test_property(b): pass\n",
    )
    suite.write("browser/test_form.py", "def test_browser(): pass\n")
    marked = "pytestmark = [\n    pytest.mark.long,\n]\n\ndef test_marked(): pass\n"
    suite.write("test_marked.py", marked)

    status, shown = suite.run("--part", part, "-rA")

    assert status == 0, shown
    ran = [line.split("::")[1] for line in shown.splitlines() if line.startswith("PASSED")]
    assert sorted(name.partition("[")[0] for name in ran) == passed


def test_the_fast_part_imports_no_file_whose_tests_all_need_more(suite: Suite) -> None:
    suite.write("test_it.py", "def test_it(): pass\n")
    mark = "pytestmark = [\n    pytest.mark.timeout(9),\n    pytest.mark.{},\n]\n\nraise Error\n"
    suite.write("test_marked.py", mark.format("long"))

    assert suite.run("--part", "fast")[0] == 0
    assert suite.run("--part", "rest")[0] == 2
    suite.write("test_marked.py", mark.format("vectors"))
    assert suite.run("--part", "fast")[0] == 2


@pytest.mark.parametrize(("profile", "examples"), [((), 25), (("full",), 1000)])
def test_a_profile_sets_the_number_of_examples(
    suite: Suite, profile: tuple[str, ...], examples: int
) -> None:
    suite.write(
        "test_it.py",
        "from hypothesis import given, strategies\n"
        "SEEN = []\n"
        "@given(strategies.integers())\ndef test_property(n): SEEN.append(n)\n"
        "def test_their_number(): assert len(SEEN) == " + str(examples) + "\n",
    )

    status, shown = suite.run(*(f"--hypothesis-profile={name}" for name in profile))

    assert status == 0, shown


REAL: Mapping[str, str] = {
    "BW_CLIENTSECRET": "real",
    "BW_SERVER": "https://vault.example.org",
    "SSL_CERT_FILE": "/nowhere",
    "https_proxy": "http://127.0.0.1:9",
    "MAKEFLAGS": "-j",
    "PGPASSWORD": "real",
    "SHELL": "/nowhere/fish",
    "PYTHONSTARTUP": "/nowhere/startup.py",
}


@pytest.mark.parametrize("processes", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_no_test_sees_the_callers_vault_proxy_or_shell(
    suite: Suite, processes: tuple[str, ...]
) -> None:
    suite.write(
        "test_it.py",
        f"NAMES = {list(REAL)}\n"
        "SEEN = [n for n in NAMES if n in os.environ]\n"
        "@pytest.fixture(scope='session')\n"
        "def early(): return [n for n in NAMES if n in os.environ]\n"
        "def test_it(early, outside):\n"
        "    assert (SEEN, early) == ([], [])\n"
        "    assert all(n in outside for n in NAMES)\n"
        "    os.environ['BW_SESSION'] = 'left behind'\n"
        "def test_next(): assert 'BW_SESSION' not in os.environ\n",
    )

    status, shown = suite.run(*processes, **REAL)

    assert status == 0, shown


def test_a_test_that_starts_kernels_has_a_home_of_its_own(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.is_relative_to(tmp_path)
    assert Path.home() == home
    assert os.environ["IPYTHONDIR"].startswith(str(home))


def test_notebooks_are_read_without_a_grammar_for_addresses() -> None:
    code = "import nbformat, sys; print(sorted({'lark', 'nbformat'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['nbformat']"
