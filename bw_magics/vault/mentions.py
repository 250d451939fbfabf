"""`Mentions`: the texts that find an item beside its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bw_magics.vault.names import folded

_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Mentions:
    """The user name and the URIs of an item, folded, one a line.

    What is secret in a URI is left out, and so is what cannot be read. There is one for each item
    of a vault that was searched, so it is small: most texts are the same folded, and few URIs have
    a match type. `written` is the text before it was folded, or the URIs where the text has others
    or one has several lines; `matches` is empty where no URI has a match type.
    """

    text: str
    written: str | tuple[str, ...]
    matches: tuple[int | None, ...]

    @classmethod
    def of(
        cls, username: str, uris: Sequence[tuple[str, int | None]], searched: Iterable[str]
    ) -> Mentions:
        """Returns the mentions of an item with that user name and those URIs, with match types.

        `searched` are the URIs as a search looks through them.
        """
        own, lines = tuple(uri for uri, _ in uris), tuple(searched)
        matches = tuple(match for _, match in uris)
        joined = _BREAK.join((username, *lines))
        text = folded(joined)
        written: str | tuple[str, ...] = text if text == joined else joined
        if own != lines or joined.count(_BREAK) != len(own):
            written = own
        return cls(text, written, matches if any(each is not None for each in matches) else ())

    @property
    def uris(self) -> list[tuple[str, int | None]]:
        """The URIs, each with its match type."""
        own: Sequence[str] = self.written
        if isinstance(self.written, str):
            own = self.written.split(_BREAK)[1:]
        return [*zip(own, self.matches or (None,) * len(own), strict=True)]
