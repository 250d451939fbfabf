"""`Mentions`: the texts that find an item beside its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mentions:
    """The user name and the URIs of an item, folded, one a line; and the URIs with match types.

    What is secret in a URI is left out, and so is what cannot be read.
    """

    text: str
    uris: tuple[tuple[str, int | None], ...]
