"""The routes of routes.ipy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("routes.ipy")
_HEAD = re.compile(r"^# %% (.+?)(?: \| (types|waits): (.+))?$", re.MULTILINE)
_GROUP = re.compile(r"^# == (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Route:
    """One way for a value to leave a kernel.

    A route counts only where its control run, the guard off, finds a marker.
    """

    name: str
    code: str
    group: str
    answers: tuple[str, ...] = ()
    settle: float = 0.0

    @property
    def is_for_files(self) -> bool:
        """Whether a notebook that is run unattended keeps what comes of it."""
        return not self.answers and not self.settle


def _read(text: str) -> list[Route]:
    routes = []
    groups = _GROUP.split(text)[1:]
    for group, cells in zip(groups[::2], groups[1::2], strict=True):
        parts = _HEAD.split(cells)[1:]
        for name, kind, value, code in zip(*[iter(parts)] * 4, strict=True):
            answers = tuple(value.split(", ")) if kind == "types" else ()
            settle = float(value) if kind == "waits" else 0.0
            routes.append(Route(name, code.strip(), group, answers, settle))
    return routes


ROUTES = _read(_FILE.read_text())
