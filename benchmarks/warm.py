"""One password more, from a vault that is open: in a kernel with the guard on, and `bw serve`.

A round of the kernel is 2,000 reads of random logins. The first round of all also reads each of
them for the first time, and the guard learns it; it has a row of its own. Of `bw serve` the
quicker of its two ways counts.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bw_serve import BwServe, bw_serve
from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.figure import Figure, at_least, at_most
from benchmarks.kernel import kernel
from benchmarks.official_cli import OfficialCli
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

GOAL = at_most(50)
RATIO_GOAL = at_least(30)

READS = 2_000
_REQUESTS = 20
_LONGEST_ROUND = 10.0

_PREPARE = """
import json, random, time
from bw_magics.notebook.extension import registered
assert registered(get_ipython()).settings.redact
with open({names!r}, encoding="utf-8") as _file:
    _names = json.load(_file)
_random = random.Random(1)
def _read(picked):
    begin = time.perf_counter()
    for name in picked:
        bw_session[name].password
    return (time.perf_counter() - begin) / len(picked) * 1e6
_some = _random.sample(_names, min(len(_names), {reads}))
_first = _read(_some)
_picked = _random.choices(_some, k={reads})
"""

OURS, BY_ID, BY_NAME = "bw_magics, guard on", "`bw serve`, by id", "`bw serve`, by name"


def measure(report: Report, options: Options) -> None:
    """Adds the figures of all sizes."""
    cli = OfficialCli.find(options.bw)
    rows = []
    for items in options.sizes:
        say(f"warm reads, {items:,} items")
        with (
            tempfile.TemporaryDirectory() as folder,
            demo_process(items) as demo,
            kernel(Path(folder), demo.environment) as notebook,
        ):
            names = Path(folder, "names.json")
            names.write_text(json.dumps([name for name, _ in demo.logins]), encoding="utf-8")
            notebook.unlock()
            notebook.run(_PREPARE.format(names=str(names), reads=READS))
            first = float(notebook.value("_first"))

            def read() -> float:
                return float(notebook.value("_read(_picked)"))

            read()
            with _served(cli, demo) as served:
                taken = in_turns({OURS: read, **served}, options.repeat)
        value = statistics.median(taken[OURS])
        name = '`bw_session["name"].password`'
        report.add(Figure(f"{name}, guard on", value, "µs", items, GOAL, taken[OURS]))
        others = [way for way in (BY_ID, BY_NAME) if way in taken]
        if others:
            other = min(others, key=lambda way: statistics.median(taken[way]))
            samples = ratios(taken[other], taken[OURS])
            report.add(
                Figure(
                    f"`bw serve` GET / {name}",
                    statistics.median(samples),
                    "×",
                    items,
                    RATIO_GOAL,
                    samples,
                )
            )
            report.point("warm bw serve, s", items, statistics.median(taken[other]) / 1e6)
        report.point("warm bw_magics, s", items, value / 1e6)
        rows.append(["bw_magics, each for the first time", f"{items:,}", f"{first:.1f}"])
        rows += [[way, f"{items:,}", spread(values)] for way, values in taken.items()]
    report.detail("One password more, from the open vault", ["way", "items", "µs"], rows)


@contextmanager
def _served(cli: OfficialCli | None, demo: DemoProcess) -> Iterator[dict[str, Callable[[], float]]]:
    if cli is None:
        yield {}
        return
    name, password = demo.middle
    say(f"bw serve, {demo.items:,} items")
    with bw_serve(cli, demo) as serve:
        id = serve.id_of(name)
        yield {BY_ID: _round(serve, id, password), BY_NAME: _round(serve, name, password)}


def _round(serve: BwServe, query: str, password: str) -> Callable[[], float]:
    """A function that asks a while for the same; the microseconds of one request."""

    def once() -> float:
        begin = time.perf_counter()
        for _ in range(most):
            if serve.password(query) != password:
                raise RuntimeError("bw serve gave another password than the one in the vault.")
        return (time.perf_counter() - begin) / most * 1e6

    most = 1
    most = max(1, min(_REQUESTS, int(_LONGEST_ROUND * 1e6 / once())))
    return once
