"""Where the scan keeps its fingerprints, and where IPython keeps its history."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_FOLDER = platformdirs.user_data_path("bw_magics")
FINGERPRINTS = _FOLDER / "scan.fingerprints"
# In a file of its own: to copy it elsewhere is a step of its own.
KEY = _FOLDER / "scan.key"


def history_folder() -> Path:
    """Returns IPython's folder, as IPython finds it."""
    named = os.environ.get("IPYTHONDIR")
    return Path(named).expanduser() if named else Path.home() / ".ipython"
