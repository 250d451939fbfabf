"""What the output guard costs: everything measured with the guard off and on, in one kernel.

`python -m benchmarks.guard [--rounds 3]` prints what `measure` returns. The work is done in short
cells, off and on in turn, and the median of the ratios of such pairs counts, with the middle half
of them in brackets: the speed of a machine that others use too changes more from one second to the
next than a guard may cost. A cell's time by the clock is from its request to its end as the front
end sees it; the kernel's own processor time is given too: it is the steadier figure.

Where the system allows it, kernel and front end have a processor each: a kernel whose threads move
between two takes a quarter more or less from one cell to the next.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from benchmarks.markdown import table
from benchmarks.process import bare_environment
from benchmarks.turns import in_turns, ratios

VALUES = (1, 100, 5000)
OFF, ON = "magics.guard.show_secrets(False)", "magics.guard.show_secrets('named')"
SETTINGS = (OFF, ON)

# What is learnt is like what vaults hold: passwords, passphrases, tokens.
PREPARE = """
%load_ext bw_magics
import pandas, random, string, time
from IPython.display import HTML, display
from bw_magics.secret import Secret
from bw_magics.notebook.extension import registered
magics = registered(get_ipython())
html = "<table>" + "<tr><td>some text</td><td>12.34</td></tr>" * 240_000 + "</table>"
class Lines(int):
    def __repr__(self):
        return f"row\\n{int(self)}"
chance = random.Random(2026)
frame = pandas.DataFrame([[chance.random() for _ in range(5)] for _ in range(20)])
LETTERS, CHARACTERS = string.ascii_lowercase, string.ascii_letters + string.digits + "!@#$%^&*"
words = ["".join(chance.choices(LETTERS, k=chance.randint(4, 8))) for _ in range(7000)]
def made_up():
    kind = chance.random()
    if kind < 0.6:
        return "".join(chance.choices(CHARACTERS, k=chance.randint(10, 18)))
    if kind < 0.9:
        return ("-" if kind < 0.7 else " ").join(chance.sample(words, 4))
    return f"token_{chance.getrandbits(160):040x}"
def learn(count):
    # What watches the outputs goes with the matcher it was made for.
    magics.guard.show_secrets(False)
    magics.guard._matcher_ = None
    for number in range(count):
        magics.guard.learn(Secret(made_up(), f"Item {number} / password"))
    # So much is searched that all of it is compiled: a part of learning, and measured there.
    magics.guard._matcher_.hits(b"nothing & nothing " * 1_000_000)
"""


# All threads of the kernel, those to come, too.
APART = """
import os
for thread in os.listdir("/proc/self/task"):
    os.sched_setaffinity(int(thread), {{{processor}}})
"""


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do: in so many cells, run off and on so many times a round, and how many times
    its cost without the guard it may have.
    """

    what: str
    cell: str
    cells: int
    pairs: int
    most: float


# Short cells, and many: the machine's speed changes by more than the guard costs.
PRINTS, DISPLAYS, FRAMES = (f"for i in range({count}): {{}}" for count in (50_000, 200, 20))
WORK = (
    Work("1,000,000 printed lines", PRINTS.format("print('line', i)"), 20, 20, 1.05),
    Work("1,000,000 with signs", PRINTS.format(r"print(f'C:\\{i:+d} & 5%')"), 20, 20, 1.05),
    Work("one 10 MB HTML display", "display(HTML(html))", 1, 12, 2.0),
    Work("2,000 small displays", DISPLAYS.format("display({'row': i})"), 10, 50, 1.05),
    Work("2,000 of two lines", DISPLAYS.format("display(Lines(i))"), 10, 50, 1.05),
    Work("2,000 of HTML", DISPLAYS.format("display(HTML(f'<b>row</b> {i}'))"), 10, 50, 1.05),
    Work("200 data frames", FRAMES.format("display(frame)"), 10, 40, 1.1),
)

LEARNT = (500, 1000, 2000, 5000)
# How much more than among the fewest a value may cost among many, for learning to be linear: more
# values miss the processor's caches more often, without the guard too. Were each compared with all
# others, it would be ten times as much.
LINEAR = 1.5

HEADINGS = ["the guard", "off", "on", "ratio", "goal", "met"]
LEARNING_HEADINGS = ["learning", "off", "on", "the guard", "goal", "met"]

# Values are learnt and printed in turn, so that each print has to know one more; processor time of
# so many at a time.
STEP = 100
LEARNING = """
learn(1)
magics.guard.show_secrets("named" if {redact} else False)
values = [made_up() for _ in range({most})]
marks = [time.process_time().hex()]
for number, value in enumerate(values, 1):
    magics.guard.learn(Secret(value, f"Item {{number}} / password"))
    print(value, flush=True)
    if number % {step} == 0:
        marks.append(time.process_time().hex())
print("learnt:", *marks)
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: as the front end sees it, and of the kernel's processor."""

    wall: float
    processor: float


class Kernel:
    """A kernel that runs cells and says what they took."""

    def __init__(self, home: Path) -> None:
        self._manager, self._client = start_new_kernel(
            kernel_name="python3", env=bare_environment(home)
        )
        self._processors = _processors()
        if len(self._processors) > 1:
            os.sched_setaffinity(0, self._processors[1:])
            self.run(APART.format(processor=self._processors[0]))
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

    def time(self, code: str, setting: str) -> Timing:
        """What a cell takes with this setting of the guard."""
        self.run(setting)
        begin = time.perf_counter()
        self.run(f"begin = time.process_time()\n{code}")
        wall = time.perf_counter() - begin
        return Timing(wall, float(self.run("print(time.process_time() - begin)")))

    def close(self) -> None:
        """Ends the kernel."""
        if len(self._processors) > 1:
            os.sched_setaffinity(0, self._processors)
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def _processors() -> list[int]:
    """Those that this process may use; none where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured, as rows of `HEADINGS` and `LEARNING_HEADINGS`."""

    rows: list[list[str]]
    learning: list[list[str]]


def measure(rounds: int) -> Costs:
    """Both tables, each goal beside its figure and whether it was met. Some minutes a round."""
    with tempfile.TemporaryDirectory() as home:
        kernel = Kernel(Path(home))
        try:
            return Costs(_costs(kernel, rounds), _learning(kernel, rounds))
        finally:
            kernel.close()


def _costs(kernel: Kernel, rounds: int) -> list[list[str]]:
    rows = []
    for work in WORK:
        for count in VALUES:
            kernel.run(f"learn({count})")
            taken = in_turns(
                {setting: partial(kernel.time, work.cell, setting) for setting in SETTINGS},
                rounds * work.pairs,
            )
            figure = f"{work.what}, {count:,} value{'s' * (count > 1)}"
            for what, member in (("by the clock", "wall"), ("processor", "processor")):
                off, on = ([getattr(each, member) for each in taken[name]] for name in SETTINGS)
                rows.append(_row(f"{figure}, {what}", off, on, work))
    return rows


def _row(figure: str, off: list[float], on: list[float], work: Work) -> list[str]:
    costs = [(ratio - 1) * 100 for ratio in ratios(on, off)]
    cost, most = statistics.median(costs), (work.most - 1) * 100
    least, _, greatest = statistics.quantiles(costs, n=4) if len(costs) > 1 else [cost] * 3
    return [
        figure,
        _seconds(statistics.median(off) * work.cells),
        _seconds(statistics.median(on) * work.cells),
        f"{cost:+.1f} % ({least:+.1f} to {greatest:+.1f})",
        f"≤ {most:+.0f} %",
        _met(cost <= most),
    ]


def _met(is_met: bool) -> str:
    return "yes" if is_met else "no"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _learning(kernel: Kernel, rounds: int) -> list[list[str]]:
    """Learning few and many in one run: what is compared has been measured within a second.

    Of all runs, each hundred values count with the median of what they took: a second in which
    others use the machine falls on different ones each time.
    """

    def learn(setting: str) -> list[float]:
        code = LEARNING.format(redact=setting == ON, most=LEARNT[-1], step=STEP)
        printed = kernel.run(code).splitlines()
        # The guard may say a line of its own after it.
        line = next(line for line in printed if line.startswith("learnt: "))
        marks = [float.fromhex(mark) for mark in line.split()[1:]]
        return [end - begin for begin, end in itertools.pairwise(marks)]

    taken = in_turns({setting: partial(learn, setting) for setting in SETTINGS}, rounds * 3)
    steps = {
        setting: [statistics.median(each) for each in zip(*taken[setting], strict=True)]
        for setting in SETTINGS
    }
    off, on = ([sum(steps[name][: n // STEP]) / n for n in LEARNT] for name in SETTINGS)
    most = (on[0] - off[0]) * LINEAR
    return [
        [
            f"{count:,} values learnt and printed one by one, each",
            f"{without * 1e6:.0f} µs",
            f"{with_guard * 1e6:.0f} µs",
            f"{(with_guard - without) * 1e6:.0f} µs",
            f"≤ {most * 1e6:.0f} µs",
            _met(with_guard - without <= most),
        ]
        for count, without, with_guard in zip(LEARNT, off, on, strict=True)
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
