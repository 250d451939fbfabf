"""What the output guard costs: everything measured with the guard off and on, in one kernel.

`python -m benchmarks.guard [--rounds 3]` prints what `measure` returns. Off and on alternate, and
the median of their ratios counts: whatever else the machine does, it does to both. A cell's time by
the clock is from its request to its end as the front end sees it; the kernel's own processor time
stands beside it, because it is the steadier figure.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from benchmarks.markdown import table
from benchmarks.process import bare_environment

VALUES = (1, 100, 5000)

PREPARE = """
%load_ext bw_magics
import secrets, time
from IPython.display import HTML, display
from bw_magics.secret import Secret
magics = get_ipython().magics_manager.registry["BwMagics"]
html = "<table>" + "<tr><td>some text</td><td>12.34</td></tr>" * 240_000 + "</table>"
def learn(count):
    magics.redact = False  # What watches the outputs goes with the matcher it was made for.
    magics._guard._matcher_ = None
    for number in range(count):
        magics._guard.learn(Secret(secrets.token_urlsafe(20), f"Item {number} / password"))
"""

# Each with how many times its cost without the guard it may have, and how often a round runs it:
# what takes half a second varies by more than what it is measured for.
CELLS = {
    "1,000,000 printed lines": ("for i in range(1_000_000): print('line', i)", 1.05, 1),
    "one 10 MB HTML display": ("display(HTML(html))", 2.0, 8),
    "2,000 small displays": ("for i in range(2000): display({'row': i})", 1.05, 8),
}

LEARNT = (500, 1000, 2000, 5000)
# How much more than among the fewest a value may cost among many, for learning to be linear: more
# values miss the processor's caches more often, without the guard too. Were each compared with all
# others, it would be ten times as much.
LINEAR = 1.5

HEADINGS = ["the guard", "off", "on", "ratio", "goal", "met"]
LEARNING_HEADINGS = ["learning", "off", "on", "the guard", "goal", "met"]

# Values are learnt and printed in turn, so that each print has to know one more; processor time.
LEARNING = """
learn(1)
magics.redact = {redact}
values = [secrets.token_urlsafe(20) for _ in range({count})]
begin = time.process_time()
for number, value in enumerate(values):
    magics._guard.learn(Secret(value, f"Item {{number}} / password"))
    print(value, flush=True)
print([(time.process_time() - begin).hex()])
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: as the front end sees it, and of the kernel's processor."""

    wall: float
    processor: float


class _Kernel:
    """A kernel that runs cells and says what they took."""

    def __init__(self, home: Path) -> None:
        self._manager, self._client = start_new_kernel(
            kernel_name="python3", env=bare_environment(home)
        )
        self.run(PREPARE)

    def run(self, code: str) -> str:
        """What the cell printed, joined."""
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            if message["header"]["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self._client.execute_interactive(
            code, output_hook=note, allow_stdin=False, timeout=600
        )
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"]["evalue"])
        return "".join(printed)

    def time(self, code: str) -> Timing:
        """What a cell takes."""
        before = self._processor()
        begin = time.perf_counter()
        self.run(code)
        wall = time.perf_counter() - begin
        return Timing(wall, self._processor() - before)

    def _processor(self) -> float:
        return float(self.run("print(time.process_time())"))

    def close(self) -> None:
        """Ends the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured, as rows of `HEADINGS` and `LEARNING_HEADINGS`."""

    rows: list[list[str]]
    learning: list[list[str]]


def measure(rounds: int) -> Costs:
    """Both tables, each goal beside its figure and whether it was met. Some minutes a round."""
    with tempfile.TemporaryDirectory() as home:
        kernel = _Kernel(Path(home))
        try:
            return Costs(_costs(kernel, rounds), _learning(kernel, rounds))
        finally:
            kernel.close()


def _costs(kernel: _Kernel, rounds: int) -> list[list[str]]:
    rows = []
    for name, (cell, most, times) in CELLS.items():
        for count in VALUES:
            off: list[Timing] = []
            on: list[Timing] = []
            kernel.run(f"learn({count})")
            for _ in range(rounds * times):
                kernel.run("%config BwMagics.redact = False")
                off.append(kernel.time(cell))
                kernel.run("%config BwMagics.redact = True")
                on.append(kernel.time(cell))
            figure = f"{name}, {count:,} value{'s' * (count > 1)}"
            for what, member in (("by the clock", "wall"), ("processor", "processor")):
                pair = ([getattr(each, member) for each in taken] for taken in (off, on))
                rows.append(_row(f"{figure}, {what}", *pair, most=most))
    return rows


def _row(figure: str, off: list[float], on: list[float], *, most: float) -> list[str]:
    ratio = statistics.median(b / a for a, b in zip(off, on, strict=True))
    return [
        figure,
        _seconds(statistics.median(off)),
        _seconds(statistics.median(on)),
        f"{(ratio - 1) * 100:+.1f} %",
        f"≤ {(most - 1) * 100:+.0f} %",
        _met(ratio <= most),
    ]


def _met(is_met: bool) -> str:
    return "yes" if is_met else "no"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _learning(kernel: _Kernel, rounds: int) -> list[list[str]]:
    costs: dict[int, tuple[float, float]] = {}
    for count in LEARNT:
        best = {False: float("inf"), True: float("inf")}
        # As many values of each count: the least of few short runs is not the least there is.
        for _ in range(rounds * LEARNT[-1] // count):
            for redact in best:
                printed = kernel.run(LEARNING.format(count=count, redact=redact))
                # The guard may say a line of its own after it.
                taken = next(line for line in printed.splitlines() if line.startswith("['0x"))
                best[redact] = min(best[redact], float.fromhex(taken.strip("[']")) / count)
        costs[count] = (best[False], best[True])
    without, with_guard = costs[LEARNT[0]]
    least = with_guard - without
    return [
        [
            f"{count:,} values learnt and printed one by one, each",
            f"{off * 1e6:.0f} µs",
            f"{on * 1e6:.0f} µs",
            f"{(on - off) * 1e6:.0f} µs",
            f"≤ {least * LINEAR * 1e6:.0f} µs",
            _met(on - off <= least * LINEAR),
        ]
        for count, (off, on) in costs.items()
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.guard")
    parser.add_argument("--rounds", type=int, default=3)
    costs = measure(parser.parse_args(arguments).rounds)
    print(table(HEADINGS, costs.rows), end="\n\n")
    print(table(LEARNING_HEADINGS, costs.learning))


if __name__ == "__main__":
    main()
