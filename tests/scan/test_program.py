"""`python -m bw_magics.scan`: its exit status, what it prints, where its values come from."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from bw_magics.demo import DemoServer
from bw_magics.scan import __main__ as program
from bw_magics.scan.fingerprints import Fingerprints, make_key
from bw_magics.secret import Secret

VALUE = "xK9mQ2vT7pL4sR8w"
DEMO = "demo-warehouse-password-1"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a leak, and a home with fingerprints."""
    home = tmp_path / "home"
    folder = tmp_path / "project"
    folder.mkdir()
    data = home / ".local/share/bw_magics"
    key = make_key(data / "scan.key")
    made, _ = Fingerprints.of([Secret(VALUE, "Mail / token")], key)
    made.save(data / "scan.fingerprints", key)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local/share"))
    output = {"output_type": "stream", "name": "stdout", "text": [VALUE]}
    cells = [{"cell_type": "code", "source": [], "outputs": [output], "execution_count": 1}]
    (folder / "a.ipynb").write_text(json.dumps({"cells": cells}, indent=1))
    (folder / "clean.py").write_text("print(1)\n")
    return folder


def run(folder: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "bw_magics.scan", *arguments)
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(program.__file__).parents[2])},
    )


def test_a_leak_gives_status_1_and_its_place(project: Path) -> None:
    done = run(project)
    assert (done.returncode, done.stdout) == (1, "a.ipynb: cell 1, output 1: Mail / token\n")
    assert VALUE not in done.stdout + done.stderr
    assert "1 found" in done.stderr


def test_clean_files_give_status_0(project: Path) -> None:
    done = run(project, "clean.py")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 file searched (0.0 MB) for 1 values: nothing found" in done.stderr


def test_what_cannot_be_searched_gives_status_2(project: Path) -> None:
    done = run(project, "clean.py", "missing.py")
    assert done.returncode == 2
    assert "not searched: missing.py: no such file or folder" in done.stderr


def test_nobody_to_ask_changes_nothing(project: Path) -> None:
    before = (project / "a.ipynb").read_bytes()
    done = run(project, "--fix")
    assert done.returncode == 1
    assert "nobody is there" in done.stderr
    assert (project / "a.ipynb").read_bytes() == before


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1), ("", 1)])
def test_a_person_is_asked_before_outputs_are_emptied(
    project: Path, answer: str, left: int
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        (sys.executable, "-m", "bw_magics.scan", "--fix"),
        cwd=project,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(program.__file__).parents[2])},
    )
    assert done.returncode == 1
    assert len(json.loads((project / "a.ipynb").read_text())["cells"][0]["outputs"]) == left


def test_without_values_it_names_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = run(tmp_path)
    assert done.returncode == 2
    assert "--remember" in done.stderr
    assert "BW_CLIENTID" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_git_and_a_wrong_key_are_typed_errors(project: Path) -> None:
    done = run(project, "--git", str(project))
    assert "not in a git repository" in done.stderr
    (project / "wrong.key").write_text("AAAA")
    done = run(project, "--keyfile", "wrong.key")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_vault_gives_the_values_where_there_are_no_fingerprints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(f"A=1\nB={DEMO}\n")
    with DemoServer(iterations=5000) as server:
        (tmp_path / "authority.pem").write_bytes(server.certificate_authority)
        account = server.accounts[0]
        for name, value in {
            "SSL_CERT_FILE": str(tmp_path / "authority.pem"),
            "BW_SERVER": server.url,
            "BW_CLIENTID": account.client_id,
            "BW_CLIENTSECRET": account.client_secret,
            "BW_PASSWORD": account.master_password,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(program, "FINGERPRINTS", tmp_path / "none")
        status = program.main([str(tmp_path / ".env")])
    shown = capsys.readouterr()
    assert status == 1
    assert shown.out == f"{tmp_path / '.env'}: line 2: Warehouse DB / password\n"
    assert DEMO not in shown.err
