"""`rbw` from crates.io: a native client that keeps the vault on disk, with an agent.

Measured from locked to the first password, against a Vaultwarden whose items all can be read (it
gives up at one that cannot). Its agent runs already, and it asks no server then; `bw_magics` begins
with a new process, which asks the server for the revision date, or with `first` opens first.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.figure import Figure, Told, at_most
from benchmarks.options import Options
from benchmarks.process import bare_environment, run, run_program
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

VERSION = "1.15.0"
GOALS = {10: at_most(1.5), 1_000: at_most(0.6), 10_000: at_most(0.12)}

RBW, KEPT, FIRST, COLD = "rbw", "bw_magics, vault kept", "bw_magics, kept first", "bw_magics"

_HEADINGS = ("way", "items", "s", "CPU s", "× rbw", "× its CPU")

# What a pinentry says, as far as the agent listens: it answers GETPIN.
_PINENTRY = """#!/bin/sh
echo OK
while read -r line; do
    case "$line" in GETPIN) cat "$(dirname "$0")/pin" ;; esac
    echo OK
done
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by the clock and of the processor."""

    wall: float
    cpu: float


def folder() -> Path:
    """Where `make bench` puts it: outside of the repository, once for each version."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "bw_magics-bench" / f"rbw-{VERSION}"


def measure(report: Report, options: Options) -> None:
    """Adds the figures of the sizes that have a goal; a row without one says why it is empty."""
    program = folder() / "bin" / "rbw"
    report.versions["rbw"] = VERSION if program.exists() else "not built (cargo is missing)"
    what = "With the vault cache: bw_magics / `rbw`"
    if not program.exists():
        told = "not measured: `make bench` builds rbw where cargo is"
        goals = "; ".join(f"≤ {goal.limit} × at {items:,}" for items, goal in GOALS.items())
        report.add(Told(what, told, goals, None))
        return
    rows: list[list[str]] = []
    for items in options.sizes:
        if items not in GOALS:
            continue
        with tempfile.TemporaryDirectory() as name, demo_process(items, is_ordinary=True) as demo:
            home = Path(name)
            with agent(program, demo, home) as locked_get:
                ways = {RBW: locked_get, **_ours(demo, home)}
                for once in ways.values():
                    once()
                    once()
                say(f"rbw, {items:,} items")
                taken = in_turns(ways, options.repeat)
        for way in (KEPT, FIRST, COLD, RBW):
            walls, cpus = ([getattr(one, unit) for one in taken[way]] for unit in ("wall", "cpu"))
            by_clock = ratios(walls, [one.wall for one in taken[RBW]])
            by_cpu = ratios(cpus, [one.cpu for one in taken[RBW]])
            medians = [f"{statistics.median(each):.2f}" for each in (by_clock, by_cpu)]
            rows.append([way, f"{items:,}", spread(walls), spread(cpus), *medians])
            if way == KEPT:
                for unit, samples in (("wall", by_clock), ("CPU", by_cpu)):
                    median = statistics.median(samples)
                    report.add(Figure(f"{what}, {unit}", median, "×", items, GOALS[items], samples))
    report.detail("From locked to the first password", _HEADINGS, rows, __doc__ or "")


@contextmanager
def agent(program: Path, demo: DemoProcess, home: Path) -> Iterator[Callable[[], Taken]]:
    """A function that locks rbw and then asks for the password, and times the asking; the
    processor time is that of the agent too.
    """
    name, password = demo.middle
    pinentry, pin, run_folder = home / "pinentry", home / "pin", home / "run"
    pin.touch(mode=0o600)
    pin.write_text(f"D {demo.environment['BW_PASSWORD']}\n", encoding="utf-8")
    pinentry.write_text(_PINENTRY, encoding="utf-8")
    pinentry.chmod(0o700)
    run_folder.mkdir(mode=0o700)
    settings = home / "config" / "rbw" / "config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        json.dumps({"email": demo.email, "base_url": demo.url, "pinentry": str(pinentry)}),
        encoding="utf-8",
    )
    bare = bare_environment(home)
    environment = {
        **bare,
        "PATH": f"{program.parent}{os.pathsep}{bare.get('PATH', '')}",
        "SSL_CERT_FILE": demo.environment["SSL_CERT_FILE"],
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "rbw-cache"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_RUNTIME_DIR": str(run_folder),
    }

    def once() -> Taken:
        run([program, "lock"], environment)
        before = _processor_time(run_folder)
        asked = run([program, "get", name], environment)
        if asked.output != password:
            raise RuntimeError("rbw gave another password than the one in the vault.")
        return Taken(asked.wall, asked.cpu + _processor_time(run_folder) - before)

    run([program, "login"], environment)
    run([program, "sync"], environment)
    try:
        yield once
    finally:
        subprocess.run([program, "stop-agent"], env=environment, check=False)


def _processor_time(run_folder: Path) -> float:
    """The seconds of processor time that the agent took so far; 0 where there is no `/proc`."""
    (file,) = run_folder.glob("**/pidfile")
    try:
        status = Path("/proc", file.read_text(encoding="ascii").strip(), "stat").read_text("ascii")
    except OSError:
        return 0.0
    user, system = status.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _ours(demo: DemoProcess, home: Path) -> dict[str, Callable[[], Taken]]:
    environment = {**bare_environment(home), **demo.environment}
    name, password = demo.middle

    def way(*arguments: str) -> Callable[[], Taken]:
        def once() -> Taken:
            taken = run_program("program.py", environment, name, *arguments)
            if taken.output != password:
                raise RuntimeError("bw_magics gave another password than the one in the vault.")
            return Taken(taken.wall, taken.cpu)

        return once

    return {KEPT: way(str(home / "kept")), FIRST: way("first"), COLD: way()}
