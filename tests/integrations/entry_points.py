"""The entry points of pyproject.toml, as an installed package has them."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from tests.integrations.world import ROOT


def declared() -> dict[str, dict[str, str]]:
    """Reads the groups of entry points that the project declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups: dict[str, dict[str, str]] = project["entry-points"]
    return groups


def installed(folder: Path) -> str:
    """Writes the metadata of an installed package; returns the `PYTHONPATH` that finds it.

    It comes before what an older installation of this checkout may have left.
    """
    place = folder / "site"
    about = place / "bw_magics-0.0.dist-info"
    about.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", "Name: bw_magics", "Version: 0.0"]
    (about / "METADATA").write_text("\n".join(lines) + "\n")
    groups = "".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in names.items())
        for group, names in declared().items()
    )
    (about / "entry_points.txt").write_text(groups)
    return os.pathsep.join([str(place), str(ROOT)])
