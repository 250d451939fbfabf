"""`Options`: what to measure and how often."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SIZES = (10, 1_000, 10_000, 50_000)
BETWEEN = (25_000,)
REPEAT = 5
BEFORE_THE_SEALED_INDEX = "ca8d68dfcc1d866afc4fb9098071686ac05575ac"


@dataclass(frozen=True, slots=True)
class Options:
    """`sizes` are numbers of generated items, `repeat` the turns that medians are of, `bw` another
    official CLI than the pinned one. `between` are sizes at which only ourselves are measured, for
    the curves. `against` is an earlier commit that is measured in turns with this one.
    """

    sizes: tuple[int, ...] = SIZES
    repeat: int = REPEAT
    bw: Path | None = None
    between: tuple[int, ...] = ()
    against: str = BEFORE_THE_SEALED_INDEX

    @property
    def curve(self) -> list[int]:
        """All sizes for the curves."""
        return sorted({*self.sizes, *self.between})
