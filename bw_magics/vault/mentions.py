"""`Mentions`: what an item is found by beside its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mentions:
    """The user name and the URIs of an item, case-folded, one a line, and the hosts of the URIs.

    The user info of a URI is left out, and so is what cannot be read.
    """

    text: str
    hosts: tuple[str, ...]
