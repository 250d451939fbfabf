"""The plugin that pytest finds by its entry point, in a run of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bw_magics.integrations.pytest import pytest_assertrepr_compare, pytest_make_parametrize_id
from bw_magics.secret import MASK, Secret, SecretBytes
from tests.integrations.entry_points import installed

VALUE = "made-up-Secret-9xQ2"
SECRET = Secret(VALUE, "Warehouse DB / password")
SHOWN = f"{MASK} Warehouse DB / password"
TESTS = """
import dataclasses, os
import pytest
from bw_magics.secret import Secret

secret = Secret(os.environ["VALUE"], "Warehouse DB / password")

@dataclasses.dataclass
class Login:
    password: str

@pytest.mark.parametrize("password", [secret, secret])
def test_given(password): assert not password
def test_compared(): assert secret == "made up"
def test_blanks(): assert secret == " "
def test_left_out(): assert secret[0] not in secret
def test_in_a_text(): assert secret not in f"etl:{secret}@db"
def test_in_a_class(): assert Login(secret) == Login("made up")
def test_texts(): assert "plain" == "text"
"""


@pytest.mark.parametrize("details", [[], ["-vv", "--showlocals"]])
def test_tests_that_fail_show_no_secret(tmp_path: Path, details: list[str]) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    command = ["-m", "pytest", "-c", os.devnull, "--rootdir=.", "--junitxml=report.xml"]
    done = subprocess.run(
        [sys.executable, *command, *details, "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": installed(tmp_path), "VALUE": VALUE},
        capture_output=True,
        check=False,
        text=True,
    )
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]

    assert "8 failed" in done.stdout
    assert f"{SHOWN} == 'made up'" in done.stdout
    assert f"'etl:{SHOWN}@db'" in done.stdout
    assert "test_given[password0]" in done.stdout
    assert "- text" in done.stdout, "other texts are compared as ever"
    assert VALUE not in done.stdout + done.stderr
    assert not any(VALUE.encode() in data for data in files)


@pytest.mark.parametrize(
    ("left", "op", "right", "shown"),
    [
        (SECRET, "==", "made up", f"{SHOWN} == 'made up'"),
        ("made up", "!=", SECRET, f"'made up' != {SHOWN}"),
        (SECRET, "==", SECRET, f"{SHOWN} == {SHOWN}"),
        (SECRET, "in", f"<{VALUE}>", f"{SHOWN} in '<{SHOWN}>'"),
        (Secret(""), "==", "x", f"{MASK} == 'x'"),
        (SecretBytes(VALUE.encode()), "==", b"x", f"{MASK} == b'x'"),
        (SECRET, "==", 1, f"{SHOWN} == 1"),
    ],
)
def test_a_comparison_with_a_secret_is_one_line(
    left: object, op: str, right: object, shown: str
) -> None:
    assert pytest_assertrepr_compare(op, left, right) == [shown]


@pytest.mark.parametrize("value", ["text", b"bytes", None, [SECRET]])
def test_other_values_are_left_to_pytest(value: object) -> None:
    assert pytest_assertrepr_compare("==", value, value) is None
    assert pytest_make_parametrize_id(value, "value") is None
