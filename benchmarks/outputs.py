"""What the guard costs on outputs of real libraries, as a person waits for it.

`python -m benchmarks.outputs [--rounds 3] [--values 1 100 1000 10000] [--only WORDS]` prints two
tables. As in `benchmarks.guard`, off and on are run in turn in one kernel, and the median of the
pairs counts. Some show the same text each time, others one that differs from all before.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.guard import ON, SETTINGS, Kernel, Timing
from benchmarks.markdown import table
from benchmarks.progress import say
from benchmarks.turns import in_turns, ratios

VALUES = (1, 100, 1_000, 10_000)

PREPARE = """
import itertools, json, re, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, ipywidgets
import plotly.graph_objects as go, plotly.io as pio
import altair as alt
from bokeh.embed import file_html
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import INLINE
from tqdm.auto import tqdm
from tqdm import tqdm as text_tqdm
pio.renderers.default = "plotly_mimetype"
alt.data_transformers.disable_max_rows()
rng = np.random.default_rng(2026)
def plotly_of(points):
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    x = [days[i % len(days)] for i in range(points)]
    text = [f"Station {i % 997} — {i % 31}" for i in range(points)]
    return go.Figure(go.Scatter(x=x, y=rng.normal(size=points).tolist(), text=text))
plotly_20 = plotly_of(330_000)
plotly_1 = plotly_of(16_000)
points = pd.DataFrame({"x": rng.normal(size=5000), "y": rng.normal(size=5000)})
points["station"] = [f"Station {i % 97}" for i in range(5000)]
altair_chart = alt.Chart(points).mark_point().encode(x="x", y="y", color="station")
plot = bokeh_figure()
plot.scatter(rng.normal(size=5000).tolist(), rng.normal(size=5000).tolist())
bokeh_html = file_html(plot, INLINE)
pd.options.display.max_rows = 1000
frame_1000 = pd.DataFrame(rng.normal(size=(1000, 8)), columns=[f"sensor {i}" for i in range(8)])
frame_1000["city"] = [f"City {i % 113}" for i in range(1000)]
table_500 = "<table>" + "".join(
    f"<tr><td>row {i}</td><td>{rng.normal():.6f}</td><td>City {i % 113}</td></tr>\\n"
    for i in range(9000)
) + "</table>"
starts_of_rows = [found.start() for found in re.finditer("<tr>", table_500)]
numbers = itertools.count(1)
def new_table():
    at = next(numbers) * 37 % 9000
    cut = starts_of_rows[at]
    return f"<table><caption>{at}</caption>{table_500[cut:]}{table_500[:cut]}"
page_head, page_data = bokeh_html.rsplit('<script type="application/json"', 1)
def new_page():
    return f'{page_head}{" " * next(numbers)}<script type="application/json"{page_data}'
def other_page():
    return f'{" " * next(numbers)}{bokeh_html}'
def app():
    box = ipywidgets.VBox([ipywidgets.IntSlider(i, description=f"p{i}") for i in range(20)])
    display(box)
    for i in range(20):
        for child in box.children:
            child.value = (child.value + 7) % 100
    box.close()
"""

CELLS = {
    "a Plotly figure of 20 MB": ("plotly_20.show()", 5, 1.5),
    "a Plotly figure of 1 MB": ("plotly_1.show()", 9, 1.5),
    "an Altair chart of 5,000 points": ("display(altair_chart)", 9, 1.5),
    "a Bokeh page with its scripts": ("display(HTML(bokeh_html))", 7, 1.5),
    "a Bokeh page, its data new": ("display(HTML(new_page()))", 9, 1.5),
    "a Bokeh page, new from its first line on": ("display(HTML(other_page()))", 9, 1.5),
    "df.head(1000), every row": ("display(frame_1000.head(1000))", 9, 1.5),
    "20 displays of 500 KB of table HTML": (
        "for i in range(20): display(HTML(table_500))", 5, 1.5,
    ),
    "20 displays of 500 KB, each a new table": (
        "for i in range(20): display(HTML(new_table()))", 5, 1.5,
    ),
    "tqdm, 2,000 steps shown": (
        "for i in text_tqdm(range(2000), mininterval=0, miniters=1, file=sys.stdout): pass", 7, 1.5,
    ),
    "a widget app, 400 changes": ("app()", 7, 1.5),
    "50,000 prints": ("for i in range(50_000): print('line', i)", 7, 1.5),
}  # fmt: skip

# The time of each small print with its flush, as the kernel sees it; the first ones warm it up.
SMALL = """
import time
took = []
for i in range(2000):
    begin = time.perf_counter()
    print("step", i, flush=True)
    took.append(time.perf_counter() - begin)
took = sorted(took[200:])
print("p50 p99:", took[len(took) // 2].hex(), took[len(took) * 99 // 100].hex())
"""

# All values at once, then one small output; and what they take of the kernel's memory.
FIRST = """
import gc, time
from pathlib import Path
def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
magics.guard.show_secrets("named" if {redact} else False)
magics.guard._matcher_ = None
values = [made_up() for _ in range({count})]
before = resident()
begin = time.perf_counter()
for number, value in enumerate(values):
    magics.guard.learn(Secret(value, f"Item {{number}} / password"))
learnt = time.perf_counter()
print("first", flush=True)
first = time.perf_counter()
del values
print("learnt first memory:", (learnt - begin).hex(), (first - learnt).hex(), resident() - before)
"""

HEADINGS = ["output", "values", "off", "on", "by the clock", "more", "processor"]
SMALL_HEADINGS = ["figure", "values", "off", "on", "goal", "met"]


def measure(
    rounds: int, values: tuple[int, ...], only: str = ""
) -> tuple[list[list[str]], list[list[str]]]:
    """Both tables: real outputs, and small prints, the first output and memory.

    With `only`, those outputs whose names have it, and an empty second table.
    """
    with tempfile.TemporaryDirectory() as home:
        kernel = Kernel(Path(home))
        try:
            kernel.run(PREPARE)
            rows, small = [], []
            for count in values:
                kernel.run(f"learn({count})")
                for what, (cell, turns, most) in CELLS.items():
                    if only not in what:
                        continue
                    say(f"{what}, {count} values")
                    rows.append(_row(kernel, what, cell, turns * rounds, count, most))
                    say(" ".join(rows[-1]))
                small += [] if only else _small(kernel, count, rounds)
            for count in () if only else values:
                small += _first(kernel, count, rounds)
            return rows, small
        finally:
            kernel.close()


def _row(kernel: Kernel, what: str, cell: str, turns: int, count: int, most: float) -> list[str]:
    taken: dict[str, list[Timing]] = in_turns(
        {setting: partial(kernel.time, cell, setting) for setting in SETTINGS}, turns
    )
    off, on = ([each.wall for each in taken[setting]] for setting in SETTINGS)
    busy = [[each.processor for each in taken[setting]] for setting in SETTINGS]
    ratio = statistics.median(ratios(on, off))
    more = statistics.median(on) - statistics.median(off)
    processor = statistics.median(ratios(busy[1], busy[0]))
    return [
        what,
        f"{count:,}",
        f"{statistics.median(off) * 1000:,.0f} ms",
        f"{statistics.median(on) * 1000:,.0f} ms",
        f"{ratio:.2f} ×{'' if ratio <= most else ' (goal ≤ 1.5 ×)'}",
        f"{more * 1000:+,.0f} ms",
        f"{processor:.2f} ×",
    ]


def _small(kernel: Kernel, count: int, rounds: int) -> list[list[str]]:
    def once(setting: str) -> list[float]:
        kernel.run(setting)
        line = next(each for each in kernel.run(SMALL).splitlines() if each.startswith("p50"))
        return [float.fromhex(each) for each in line.split()[2:]]

    taken = in_turns({setting: partial(once, setting) for setting in SETTINGS}, rounds)
    rows = []
    for index, name in enumerate(("median", "p99")):
        off, on = (statistics.median(each[index] for each in taken[s]) for s in SETTINGS)
        rows.append(
            [
                f"a small print, {name}",
                f"{count:,}",
                f"{off * 1e6:.0f} µs",
                f"{on * 1e6:.0f} µs",
                "",
                "",
            ]
        )
    return rows


def _first(kernel: Kernel, count: int, rounds: int) -> list[list[str]]:
    def once(setting: str) -> list[float]:
        code = FIRST.format(redact=setting == ON, count=count)
        line = next(each for each in kernel.run(code).splitlines() if each.startswith("learnt "))
        *seconds, memory = line.split()[3:]
        return [*map(float.fromhex, seconds), float(memory)]

    taken = in_turns({setting: partial(once, setting) for setting in SETTINGS}, rounds)
    off, on = ([statistics.median(each) for each in zip(*taken[s], strict=True)] for s in SETTINGS)
    later, memory = (on[1] - off[1]) * 1000, (on[2] - off[2]) / 1e6
    milliseconds = [[f"{seconds * 1000:.1f} ms" for seconds in each[:2]] for each in (off, on)]
    (learnt_off, first_off), (learnt_on, first_on) = milliseconds
    name = f"{count:,}"
    is_soon, is_small = ("yes" if met else "no" for met in (later <= 50, memory <= 30))
    return [
        ["to learn them at once", name, learnt_off, learnt_on, "", ""],
        ["the first output after that", name, first_off, first_on, "≤ 50 ms more", is_soon],
        ["memory", name, "", f"{memory:.1f} MB", "≤ 30 MB", is_small],
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.outputs")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--values", type=int, nargs="+", default=list(VALUES))
    parser.add_argument("--only", default="")
    asked = parser.parse_args(arguments)
    rows, small = measure(asked.rounds, tuple(asked.values), asked.only)
    print(table(HEADINGS, rows), end="\n\n")
    print(table(SMALL_HEADINGS, small))


if __name__ == "__main__":
    main()
