"""Writes the bill of materials that the wheel carries: `python -m tests.packaging.sbom`.

It lists what `pyproject.toml` names, in CycloneDX (PEP 770). It has no dates or random ids, so
that two builds have the same bytes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from bw_magics.settings import VERSION

ROOT = Path(__file__).parents[2]
FILE = ROOT / "bw_magics.cdx.json"


def bill() -> str:
    """Makes the bill of materials of this version, as JSON."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    options = ["--output-reproducible", "--mc-type", "library", "--pyproject", "pyproject.toml"]
    made = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "requirements", *options, "-"],
        cwd=ROOT,
        input="\n".join(project["dependencies"]),
        capture_output=True,
        text=True,
        check=True,
    )
    read: dict[str, Any] = json.loads(made.stdout)
    read["metadata"]["component"]["version"] = VERSION
    # The version of the tool is not a part of the release, and nobody chose an index.
    read["metadata"].pop("tools", None)
    for component in read["components"]:
        component.pop("externalReferences", None)
    (root,) = (each for each in read["dependencies"] if each["ref"] == "root-component")
    root["dependsOn"] = [component["bom-ref"] for component in read["components"]]
    return json.dumps(read, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(bill(), encoding="utf-8")
