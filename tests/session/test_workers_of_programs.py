"""A program's workers know the server of its key, whenever it imports `multiprocessing`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
{before}

def server():
    from bw_magics.session.accounts.configured import CONFIGURED

    return CONFIGURED.of_key("a-key").server

if __name__ == "__main__":
    from bw_magics.session.accounts.configured import CONFIGURED
    from bw_magics.settings import Server

    finders = sys.meta_path.copy()
    CONFIGURED.note("a-key", Server.parse("https://vault.example.org"))
    CONFIGURED.forget_lines()
    {named}
    had = "multiprocessing" in sys.modules
    import multiprocessing
    {after}
    with multiprocessing.get_context({way!r}).Pool(1) as pool:
        print(had, pool.apply(server) or "none", sys.meta_path == finders)
"""
NAME = 'CONFIGURED.note("a-key", Server.parse("https://vault.example.org"))'


@pytest.mark.parametrize(
    ("before", "named", "after", "told"),
    [
        ("", NAME, "", "False https://vault.example.org True"),
        ("", "", NAME, "False https://vault.example.org True"),
        ("import multiprocessing", NAME, "", "True https://vault.example.org True"),
        ("import multiprocessing.process", NAME, "", "True https://vault.example.org True"),
        ("", NAME, "CONFIGURED.forget_lines()", "False none True"),
        ("", "", "", "False none True"),
    ],
    ids=["named before", "named after", "imported", "a part imported", "forgotten", "none"],
)
@pytest.mark.parametrize("way", ["spawn", "forkserver", "fork"])
def test_workers_know_the_server_that_was_named(
    before: str, named: str, after: str, told: str, way: str, tmp_path: Path
) -> None:
    if way != "spawn" and sys.platform == "win32":
        pytest.skip("Windows has only spawn")
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.format(before=before, named=named, after=after, way=way))
    root = Path(__file__).parents[2]

    ran = subprocess.run(
        [sys.executable, file],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout.strip() == told, ran.stderr
