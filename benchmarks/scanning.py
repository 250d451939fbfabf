"""What a scan takes: 10,000 values in 1 GB of files, and fingerprints in a tenth of it.

`python -m benchmarks.scanning [--megabytes 1000] [--values 10000]` prints a table. The files are
made up: notebooks with numbers, tables, code and images, logs and sources of Python's library.
Each text is different, so that nothing is gained by repetition.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import resource
import string
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.markdown import table
from bw_magics.scan.fingerprints import Fingerprints
from bw_magics.scan.known import KnownValues
from bw_magics.scan.scan import Scan
from bw_magics.scan.seeker import Seeker
from bw_magics.secret import Secret

GOAL = 10.0
_SIGNS = string.ascii_letters + string.digits + "!@#$%^&*"


def lifelike(chance: random.Random, count: int) -> list[Secret]:
    """Passwords, passphrases and tokens as vaults hold them."""
    words = ["".join(chance.choices(string.ascii_lowercase, k=6)) for _ in range(5000)]
    made = []
    for number in range(count):
        kind = chance.random()
        if kind < 0.6:
            value = "".join(chance.choices(_SIGNS, k=chance.randint(10, 18)))
        elif kind < 0.9:
            value = chance.choice("- ").join(chance.sample(words, 4))
        else:
            value = f"token_{chance.getrandbits(160):040x}"
        made.append(Secret(value, f"Item {number} / password"))
    return made


def write_files(folder: Path, megabytes: int, chance: random.Random) -> None:
    """Writes so many megabytes: half in notebooks, a quarter in logs, a quarter in sources."""
    library = list(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    source = "".join(path.read_text(encoding="utf-8", errors="replace") for path in library)
    size = 0
    number = 0
    while size < megabytes * 1_000_000:
        number += 1
        if number % 4 < 2:
            path, text = folder / f"{number}.ipynb", _notebook(chance, source)
        elif number % 4 == 2:
            path, text = folder / f"{number}.log", _log(chance, 30_000)
        else:
            start = chance.randrange(len(source) - 2_000_000)
            path, text = folder / f"{number}.py", source[start : start + 2_000_000]
        size += path.write_text(text, encoding="utf-8")


def _notebook(chance: random.Random, source: str) -> str:
    cells: list[dict[str, Any]] = []
    for number in range(10):
        start = chance.randrange(len(source) - 2_000)
        rows = "".join(
            f"<tr><th>{row}</th><td>{chance.gauss(0, 1):.6f}</td><td>City {row % 97}</td></tr>\n"
            for row in range(1_000)
        )
        image = base64.b64encode(chance.randbytes(60_000)).decode()
        data = {"text/html": f"<table>{rows}</table>".splitlines(True), "image/png": image}
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        lines = source[start : start + 2_000].splitlines(True)
        cells.append({"cell_type": "code", "source": lines, "outputs": [output], "id": str(number)})
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


def _log(chance: random.Random, lines: int) -> str:
    return "".join(
        f"2026-11-30 10:{line % 60:02}:01,{chance.randrange(1000):03} INFO worker-{line % 7} "
        f"job {chance.getrandbits(64):016x} took {chance.random():.4f} s\n"
        for line in range(lines)
    )


def _measured(folder: Path, seeker: Seeker) -> tuple[float, float, Scan]:
    begin, start = time.process_time(), time.perf_counter()
    scan = Scan(seeker)
    scan.paths([folder])
    return time.process_time() - begin, time.perf_counter() - start, scan


def measure(megabytes: int, count: int) -> list[list[str]]:
    """Rows of the table."""
    chance = random.Random(2026)
    values = lifelike(chance, count)
    rows = []
    with tempfile.TemporaryDirectory() as home:
        for size, kind in ((megabytes, "values"), (megabytes // 10, "fingerprints")):
            folder = Path(home) / kind
            folder.mkdir()
            write_files(folder, size, chance)
            begin = time.process_time()
            known: Seeker = KnownValues(values)
            if kind == "fingerprints":
                known, _ = Fingerprints.of(values, bytes(32))
            made = time.process_time() - begin
            processor, wall, scan = _measured(folder, known)
            goal = GOAL * size / 1000
            met = ("yes" if processor <= goal else "no") if kind == "values" else ""
            rows.append(
                [
                    f"{known.count:,} {kind}, {scan.bytes / 1e6:,.0f} MB in {scan.files:,} files",
                    f"{made:.1f} s",
                    f"{processor:.1f} s",
                    f"{wall:.1f} s",
                    f"≤ {goal:.0f} s" if kind == "values" else "",
                    met,
                    f"{len(scan.hits)}",
                ]
            )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(["memory at most", "", "", "", "", "", f"{memory:,.0f} MB"])
    return rows


HEADINGS = ["scan", "made in", "processor", "by the clock", "goal", "met", "false hits"]


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.scanning")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--values", type=int, default=10_000)
    asked = parser.parse_args(arguments)
    print(table(HEADINGS, measure(asked.megabytes, asked.values)))


if __name__ == "__main__":
    main()
