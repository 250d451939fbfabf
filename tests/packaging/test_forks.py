"""`pytest --processes N` runs every test once; a process that dies fails the test it ran."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the test files of a folder in three processes; returns the status and what it shows."""

    def run(*arguments: str, **files: str) -> tuple[int, str]:
        shutil.copy(CONFTEST, tmp_path / "conftest.py")
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        for name, source in files.items():
            (tmp_path / f"test_{name}.py").write_text(f"import os, pytest, sys\n{source}")
        # Other plugins take longer to load than these suites to run.
        plugins = ["no:cacheprovider", "xdist.plugin", "pytest_rerunfailures"]
        options = [option for plugin in plugins for option in ("-p", plugin)]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-rA", *options, *arguments, "."],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            timeout=240,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def outcomes(shown: str) -> list[str]:
    """The outcome and the name of each test, sorted."""
    found = re.findall(r"^(PASSED|FAILED|ERROR) (test_\w+\.py::\w+)", shown, re.M)
    return sorted(f"{outcome} {name}" for outcome, name in found)


def test_each_test_runs_once_and_a_file_in_one_process(run: Run) -> None:
    source = (
        "SEEN = []\n"
        "@pytest.mark.parametrize('n', range(4))\n"
        "def test_it(n, tmp_path):\n"
        "    SEEN.append((os.getpid(), n, tmp_path.parent))\n"
        "def test_one_process(capfd):\n"
        "    assert [n for _, n, _ in SEEN] == [0, 1, 2, 3]\n"
        "    assert {pid for pid, _, _ in SEEN} == {os.getpid()}\n"
        "    os.system('echo mine')\n"
        "    assert capfd.readouterr().out == 'mine\\n'\n"
    )

    status, shown = run("--processes", "3", **dict.fromkeys("abcdefgh", source))

    assert status == 0, shown
    assert len(outcomes(shown)) == 40


def test_what_tests_share_is_made_once_in_a_process_and_ends_with_it(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "log").touch()
    source = (
        "def told(word):\n"
        "    with open('log', 'a') as log: log.write(f'{word} {os.getpid()}\\n')\n"
        "@pytest.fixture(scope='module')\n"
        "def shared():\n    told('begin')\n    yield\n    told('end')\n"
        "def test_1(shared): pass\n"
        "def test_2(shared): pass\n"
    )

    status, shown = run("--processes", "2", a=source, b=source, c=source)

    assert status == 0, shown
    words = (tmp_path / "log").read_text().splitlines()
    for pid in {word.split()[1] for word in words}:
        of_one = [word.split()[0] for word in words if word.endswith(f" {pid}")]
        assert of_one == ["begin", "end"] * (len(of_one) // 2)
    assert len(words) == 6


def test_a_process_that_dies_fails_its_test_and_the_others_run(run: Run) -> None:
    dies = "def test_1(): pass\ndef test_2(): os._exit(3)\ndef test_3(): pass\n"
    lives = "def test_1(): pass\n"

    status, shown = run("--processes", "1", a=dies, b=dies, c=lives)

    assert status == 1
    assert outcomes(shown) == [
        "FAILED test_a.py::test_2",
        "FAILED test_b.py::test_2",
        *(f"PASSED test_{name}" for name in ("a.py::test_1", "a.py::test_3")),
        *(f"PASSED test_{name}" for name in ("b.py::test_1", "b.py::test_3", "c.py::test_1")),
    ]
    assert "The process ended with 3." in shown


def test_a_process_that_dies_with_its_last_test_takes_none_of_the_next_file(run: Run) -> None:
    dies = "def test_1(): os._exit(0)\n"

    status, shown = run("--processes", "1", a=dies, b="def test_1(): pass\n")

    assert status == 1
    assert outcomes(shown) == ["FAILED test_a.py::test_1", "PASSED test_b.py::test_1"]


def test_a_failure_is_shown_with_what_its_test_printed(run: Run) -> None:
    source = "def test_it():\n    print('said')\n    sys.stderr.write('complained')\n    assert 0\n"

    status, shown = run("--processes", "2", a=source, b="def test_it(): print('quiet')\n")

    assert status == 1
    assert outcomes(shown) == ["FAILED test_a.py::test_it", "PASSED test_b.py::test_it"]
    assert "said" in shown
    assert "complained" in shown


def test_what_fails_when_a_process_ends_is_an_error(run: Run) -> None:
    source = (
        "@pytest.fixture(scope='session')\ndef shared():\n    yield\n    raise ValueError('late')\n"
        "def test_it(shared): pass\n"
    )

    status, shown = run("--processes", "2", a=source)

    assert status == 1
    assert outcomes(shown) == ["ERROR test_a.py::test_it", "PASSED test_a.py::test_it"]
    assert "late" in shown


def test_a_failed_test_runs_again_if_asked_for(run: Run) -> None:
    source = "TRIES = []\ndef test_it():\n    TRIES.append(1)\n    assert len(TRIES) == 2\n"

    status, shown = run("--processes", "2", "--reruns", "1", a=source)

    assert status == 0, shown
    assert outcomes(shown) == ["PASSED test_a.py::test_it"]
    assert "1 rerun" in shown


def test_after_enough_failures_no_other_test_begins(run: Run) -> None:
    fails = "def test_it(): assert 0\n"

    status, shown = run("--processes", "1", "--maxfail", "2", a=fails, b=fails, c=fails)

    assert status == 1
    assert outcomes(shown) == ["FAILED test_a.py::test_it", "FAILED test_b.py::test_it"]


def test_a_warning_is_counted(run: Run) -> None:
    source = "import warnings\ndef test_it(): warnings.warn('beware')\n"

    status, shown = run("--processes", "2", a=source)

    assert status == 0
    assert "UserWarning: beware" in shown


def test_a_file_that_cannot_be_imported_is_an_error(run: Run) -> None:
    status, shown = run(
        "--processes", "2", a="raise ValueError('broken')\n", b="def test_it(): 0\n"
    )

    assert status == 2
    assert "broken" in shown
