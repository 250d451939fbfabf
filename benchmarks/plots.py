"""The plots of a run: bars of every way to get a password, and how time and memory grow.

Drawn from the series of `results.json`, once on a light and once on a dark ground, as SVG and PNG.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cold import BW, FLOOR, KEPT, OTHER, OURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Series = Mapping[str, Mapping[int, float]]

SERVE = "bw serve, one more"
WARM = "bw_magics, one more"


@dataclass(frozen=True, slots=True)
class Ground:
    """The colours of a plot; those of `ways` tell the ways apart also for the colour-blind."""

    name: str
    paper: str
    ink: str
    faint: str
    ways: Mapping[str, str]


_LIGHT = Ground(
    "",
    "#ffffff",
    "#1f2328",
    "#d1d9e0",
    {
        BW: "#9a6700",
        SERVE: "#d4a72c",
        OTHER: "#8250df",
        OURS: "#0969da",
        KEPT: "#54aeff",
        FLOOR: "#8c959f",
        WARM: "#1a7f37",
    },
)
_DARK = Ground(
    "-dark",
    "#0d1117",
    "#e6edf3",
    "#30363d",
    {
        BW: "#d29922",
        SERVE: "#f2cc60",
        OTHER: "#a371f7",
        OURS: "#388bfd",
        KEPT: "#79c0ff",
        FLOOR: "#848d97",
        WARM: "#3fb950",
    },
)
GROUNDS = (_LIGHT, _DARK)

_LABELS = {
    BW: "bw: login + unlock + get",
    OTHER: "python-vaultwarden",
    OURS: "bw_magics",
    KEPT: "bw_magics, vault kept",
    FLOOR: "the floor",
    SERVE: "bw serve, one more password",
    WARM: "bw_magics, one more password",
}

_OPEN = (SERVE, WARM)

# Where each is found among the series.
_SERIES = {
    **{way: f"cold {way}, s" for way in (BW, OTHER, OURS, KEPT, FLOOR)},
    SERVE: "warm bw serve, s",
    WARM: "warm bw_magics, s",
}


def draw(series: Series, folder: Path) -> list[Path]:
    """Draws what there is data for; the files."""
    drawn = []
    for ground in GROUNDS:
        for name, plot in (("speed", _speed), ("growth", _growth)):
            with _style(ground):
                figure = plot(series, ground)
                if figure is None:
                    continue
                for kind in ("svg", "png"):
                    path = folder / f"{name}{ground.name}.{kind}"
                    # No date in the file: the same figures make the same picture.
                    figure.savefig(path, dpi=160, metadata={"Date": None} if kind == "svg" else {})
                    drawn.append(path)
                _close(figure)
    return drawn


@contextmanager
def _style(ground: Ground) -> Iterator[None]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import rc_context

    with rc_context(
        {
            "figure.facecolor": ground.paper,
            "savefig.facecolor": ground.paper,
            "axes.facecolor": ground.paper,
            "axes.edgecolor": ground.faint,
            "axes.labelcolor": ground.ink,
            "axes.titlecolor": ground.ink,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "text.color": ground.ink,
            "xtick.color": ground.ink,
            "ytick.color": ground.ink,
            "grid.color": ground.faint,
            "grid.linewidth": 0.7,
            "legend.frameon": False,
            "legend.labelcolor": ground.ink,
            "font.size": 9.5,
            "font.family": "DejaVu Sans",
            "svg.fonttype": "path",
            "svg.hashsalt": "bw_magics",
        }
    ):
        yield


def _close(figure: Figure) -> None:
    from matplotlib import pyplot

    pyplot.close(figure)


def _speed(series: Series, ground: Ground) -> Figure | None:
    """Bars on a logarithmic scale, a group for each size of vault."""
    from matplotlib import pyplot

    ways = [way for way in _SERIES if series.get(_SERIES[way])]
    # Sizes in between are measured without anything to compare with: for the curves only.
    compared = [way for way in ways if way in (BW, OTHER, SERVE, WARM)] or ways
    sizes = sorted({items for way in compared for items in series[_SERIES[way]]})
    if not sizes:
        return None
    columns = 2 if len(sizes) > 1 else 1
    rows = -(-len(sizes) // columns)
    figure, grid = pyplot.subplots(
        rows,
        columns,
        figsize=(4.7 * columns, 0.55 + 0.34 * len(ways) * rows + 0.5 * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axes, items in zip(grid.flat, sizes, strict=False):
        _bars(axes, series, ways, items, ground)
    for axes in list(grid.flat)[len(sizes) :]:
        axes.set_visible(False)
    figure.supxlabel("logarithmic: every line is ten times the one before it", fontsize=9)
    return figure


def _bars(axes: Axes, series: Series, ways: list[str], items: int, ground: Ground) -> None:
    low = min(value for way in ways for value in series[_SERIES[way]].values()) / 4
    high = max(value for way in ways for value in series[_SERIES[way]].values()) * 30
    # A little room between whole starts and one more password of an open vault.
    places = [position + (0.5 if way in _OPEN else 0) for position, way in enumerate(ways)]
    for place, way in zip(places, ways, strict=True):
        value = series[_SERIES[way]].get(items)
        if value is not None:
            axes.barh(place, value - low, left=low, height=0.74, color=ground.ways[way])
            paper = {"facecolor": ground.paper, "edgecolor": "none", "pad": 1.5}
            axes.text(value * 1.3, place, _time(value), va="center", fontsize=9, bbox=paper)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_yticks(places, [_LABELS[way] for way in ways])
    axes.set_ylim(max(places) + 0.6, -0.6)
    axes.tick_params(length=0, which="both")
    axes.set_xticks([10.0**power for power in range(-4, 3) if low < 10.0**power < high])
    # Every other line has its label: they would touch.
    axes.xaxis.set_major_formatter(
        lambda value, _: "" if round(math.log10(value)) % 2 else _time(value)
    )
    axes.minorticks_off()
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_title(f"{items:,} items")


def _growth(series: Series, ground: Ground) -> Figure | None:
    """Time and memory against items, each with the straight line that fits it best."""
    from matplotlib import pyplot

    panels = (
        (
            "A cold start, seconds",
            {OURS: f"cold {OURS}, s", KEPT: f"cold {KEPT}, s", FLOOR: f"cold {FLOOR}, s"},
        ),
        (
            "Memory added to a kernel, MB",
            {
                "at its peak": "peak memory, MB",
                "with the vault open": "memory with the vault open, MB",
            },
        ),
    )
    shown = [
        (title, {label: series[name] for label, name in lines.items() if name in series})
        for title, lines in panels
    ]
    shown = [
        (title, lines)
        for title, lines in shown
        if any(len(points) >= 3 for points in lines.values())
    ]
    if not shown:
        return None
    figure, grid = pyplot.subplots(
        1, len(shown), figsize=(4.7 * len(shown), 3.4), squeeze=False, layout="constrained"
    )
    for axes, (title, lines) in zip(grid.flat, shown, strict=True):
        colours = {**ground.ways, "at its peak": ground.ways[OURS]}
        colours["with the vault open"] = ground.ways[KEPT]
        for label, points in lines.items():
            _line(axes, label, points, colours[label])
        axes.set_title(title)
        axes.set_xlabel("items in the vault")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.grid()
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.legend(loc="upper left")
    return figure


def _line(axes: Axes, label: str, points: Mapping[int, float], colour: str) -> None:
    items = sorted(points)
    values = [points[each] for each in items]
    slope, start = straight_line(items, values)
    axes.plot(
        [items[0], items[-1]],
        [start + slope * items[0], start + slope * items[-1]],
        color=colour,
        linewidth=1.4,
        label=label,
    )
    axes.plot(items, values, "o", color=colour, markersize=5, clip_on=False, zorder=3)


def straight_line(items: list[int], values: list[float]) -> tuple[float, float]:
    """Slope and start of the line with the least squares."""
    middle, mean = sum(items) / len(items), sum(values) / len(values)
    square = sum((each - middle) ** 2 for each in items)
    pairs = zip(items, values, strict=True)
    slope = sum((each - middle) * (value - mean) for each, value in pairs) / (square or 1)
    return slope, mean - slope * middle


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size * 0.9995:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.2g} µs"
