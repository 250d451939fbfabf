"""An earlier commit of the package, measured in turns with this one."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from benchmarks.process import ROOT


def prepare(commit: str | None) -> None:
    """Takes the package of that commit out of git, once."""
    if commit is None or folder(commit).exists():
        return
    packed = subprocess.run(
        ["git", "archive", commit, "bw_magics"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder(commit), filter="data")


def folder(commit: str) -> Path:
    """Where the package of a commit is."""
    return ROOT / "build" / "earlier" / commit
