"""`compiled`: the library that finds many byte strings in one pass over a text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

# The processor's vector instructions find so few ten times faster than more.
FEW = 64
# So many are found as several times few, each in a tenth of the time of all in one.
SOME = 4 * FEW


@cache
def is_available() -> bool:
    """Returns whether the library is installed."""
    try:
        import ahocorasick_rs  # noqa: F401
    except ImportError:
        return False
    return True


def compiled(patterns: Sequence[bytes], *, overlapping: bool, is_quick: bool = False) -> Any:
    """Returns a `BytesAhoCorasick` of the patterns; `overlapping` says which places it finds.

    One that `is_quick` takes half the time or less for a text, and ten times the memory.
    """
    from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

    kind = MatchKind.Standard if overlapping else MatchKind.LeftmostFirst
    # The library would lay few patterns out as a DFA: 4 MB for one access token, and no quicker.
    layout = Implementation.DFA if is_quick else Implementation.ContiguousNFA
    return BytesAhoCorasick(patterns, matchkind=kind, implementation=layout)
