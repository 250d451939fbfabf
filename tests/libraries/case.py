"""`Case`: something a library does with a secret, and what comes of it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bw_magics.secret import Secret

VALUE = "marker-5ecret-0utside-kernels"
LABEL = "Warehouse DB / password"


class Verdict(enum.Enum):
    """What comes of it."""

    REFUSED = "an error without the value"
    MASKED = "the mask"
    DELIVERED = "the value, where it was sent"
    SHOWN = "the value"


@dataclass(frozen=True)
class Case:
    """One row of the table. `does` gets the secret and an empty folder that is the current one.

    `why` says of a value that is delivered or shown who asked for it.
    """

    library: str
    what: str
    does: Callable[[Secret, Path], object]
    verdict: Verdict
    why: str = ""

    @property
    def id(self) -> str:
        return f"{self.library}: {self.what}"
