"""The routes of routes.ipy."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("routes.ipy")
_HEAD = re.compile(r"^# %% (.+?)(?: \| (types|prints): (.+))?$", re.MULTILINE)
_GROUP = re.compile(r"^# == (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Route:
    """One way for a value to leave a kernel.

    A route counts only where its control run, the guard off, finds a marker. `late` is what it
    prints last, after the end of its cell.
    """

    name: str
    code: str
    group: str
    answers: tuple[str, ...] = ()
    late: str = ""

    @property
    def is_for_files(self) -> bool:
        """Whether a notebook that is run unattended keeps what comes of it."""
        return not self.answers and not self.late


def _read(text: str) -> list[Route]:
    routes = []
    groups = _GROUP.split(text)[1:]
    for group, cells in zip(groups[::2], groups[1::2], strict=True):
        parts = _HEAD.split(cells)[1:]
        for name, kind, value, code in zip(*[iter(parts)] * 4, strict=True):
            answers = tuple(value.split(", ")) if kind == "types" else ()
            late = value if kind == "prints" else ""
            routes.append(Route(name, code.strip(), group, answers, late))
    return routes


def everything() -> bool:
    """Whether all is wanted, as by `make leaks`, and not a chosen few."""
    return "BW_MAGICS_LEAKS" in os.environ


ROUTES = _read(_FILE.read_text())

# What `make test` runs in a browser and on older kernels: every kind of message, every place that
# keeps something, every way to be asked. `make leaks` runs all.
_CHOSEN = (
    "print",
    "sys.stdout.write",
    "character by character",
    "f-string as the result",
    "repr of nasty characters",
    "JSON in JSON",
    "a set in JSON",
    "a private key",
    "the master password",
    "exception with the value",
    "%xmode Verbose",
    "back to Context",
    "logging to stderr",
    "sys.__stderr__",
    "!printenv",
    "os.system",
    "thread",
    "dict of plain strings",
    "display(HTML)",
    "JSON",
    "SVG",
    "update_display",
    "%pinfo in the pager",
    "set_next_input",
    "DataFrame",
    "matplotlib SVG with text",
    "rich print",
    "widget with HTML",
    "widget changed later",
    "Output widget",
    "comm of one's own",
    "thread after the cell",
    "%%bw_env and a shell line",
    "an attachment's text",
    "an error while a secret is rotated",
    "pdb",
    "getpass's prompt",
)
_BY_NAME = {route.name: route for route in ROUTES}
FEW = [_BY_NAME[name] for name in _CHOSEN]
