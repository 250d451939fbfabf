"""The first secret without a cache, in turns with an earlier commit of the package.

The floor (`floor.py`) shows how fast it can get. The earlier commit is the one before the sealed
index, or what `--against` names; git has to have it.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from benchmarks.demo_process import DemoProcess
from benchmarks.figure import Told, at_most
from benchmarks.options import Options
from benchmarks.process import ROOT
from benchmarks.programs import Ways, add_ratio, add_seconds, at_all_sizes, program
from benchmarks.report import Report

LARGEST = 10_000
GOALS = {10_000: at_most(0.75)}

NOW, EARLIER, FLOOR = "this commit", "the earlier commit", "the floor"


def measure(report: Report, options: Options) -> None:
    """Adds the ratios of all sizes up to 10,000; or a row with the reason why not."""
    root = package(options.against)
    if root is None:
        told = f"not measured: git has no commit {options.against[:12]}"
        report.add(Told(f"Without a cache: {NOW} / {EARLIER}", told, "≤ 0.75 × at 10,000", None))
        return

    def ways(demo: DemoProcess, home: Path) -> Ways:
        return {
            NOW: program(demo, home, "program.py"),
            EARLIER: program(demo, home, "program.py", root=root),
            FLOOR: program(demo, home, "floor.py"),
        }

    sizes = [items for items in options.sizes if items <= LARGEST]
    taken = at_all_sizes("without a cache", sizes, options, ways)
    report.versions[EARLIER] = options.against[:12]
    for items in sizes:
        for way, goal in ((NOW, GOALS.get(items)), (FLOOR, None)):
            ratio = ((way, items), (EARLIER, items))
            add_ratio(report, taken, f"Without a cache: {way} / {EARLIER}", ratio, goal)
    add_seconds(report, taken, "The first secret without a cache", __doc__ or "")


def package(commit: str) -> Path | None:
    """Takes the package of that commit out of git, once; None where git does not have it."""
    folder = ROOT / "build" / "earlier" / commit
    if not folder.exists():
        command = ["git", "archive", commit, "bw_magics"]
        packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        if packed.returncode:
            return None
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
    return folder
