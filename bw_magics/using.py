"""`Use`: a secret of a vault that is handed out. A journal records it, never its value.

Each use goes a way: an attribute, a reference, the environment, an adapter. `using` names the way
of all that is read inside its block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from typing import NamedTuple, Self

ATTRIBUTE = "attribute"


class Use(NamedTuple):
    """The item and the field that a secret comes from.

    `item` is the item's name, or project and key of the Secrets Manager. `source` is the profile of
    the vault, `Secrets Manager`, or empty.
    """

    item: str
    field: str
    id: str = ""
    source: str = ""


Recorder = Callable[[Sequence[Use], str], None]


class _Gathered:
    """The uses of the outermost block, each once, and their way; none of a block that is silent.

    A task that began in the block may read something when the block `is_over`.
    """

    __slots__ = ("at_once", "is_over", "is_silent", "uses", "way")

    def __init__(self, way: str, *, is_silent: bool = False, at_once: bool = False) -> None:
        self.way = way
        self.is_silent = is_silent
        self.at_once = at_once
        self.is_over = False
        self.uses: dict[Use, None] = {}


class using:  # noqa: N801 - reads like a function
    """Names the way of the uses in its block, and records each once, at the block's end.

    The outermost block names the way. `field` replaces the fields of what is read inside, such as
    the key that a one-time code is made from. A block holds no `yield`, or it would last longer.
    `at_once` is for a block that hands values on itself: each is recorded before it is read.
    """

    __slots__ = ("_at_once", "_before", "_field", "_gathered", "_is_outermost", "_way")

    def __init__(self, way: str = "", *, field: str = "", at_once: bool = False) -> None:
        self._way = way
        self._field = field
        self._at_once = at_once

    def __enter__(self) -> Self:
        outer = _current()
        self._is_outermost = outer is None
        if outer is None:
            self._gathered = _Gathered(self._way, at_once=self._at_once)
        else:
            self._gathered = outer._gathered
            self._gathered.way = self._gathered.way or self._way
            self._field = outer._field or self._field
        self._before: Token[using | None] = _block.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _block.reset(self._before)
        gathered = self._gathered
        if not self._is_outermost:
            return
        gathered.is_over = True
        if gathered.uses and not gathered.at_once and _recorder is not None:
            _recorder(tuple(gathered.uses), gathered.way or ATTRIBUTE)

    def add(self, use: Use) -> None:
        """Gathers a use, to be recorded at the end."""
        gathered = self._gathered
        if gathered.is_silent:
            return
        use = use._replace(field=self._field) if self._field else use
        if gathered.at_once and use not in gathered.uses and _recorder is not None:
            _recorder((use,), gathered.way or ATTRIBUTE)
        gathered.uses[use] = None


class unrecorded(using):  # noqa: N801 - reads like a function
    """A block that hands nothing out: no use is recorded inside it."""

    __slots__ = ()

    def __enter__(self) -> Self:
        super().__enter__()
        self._gathered = _Gathered("", is_silent=True)
        return self

    def __exit__(self, *_: object) -> None:
        _block.reset(self._before)
        self._gathered.is_over = True


def _current() -> using | None:
    """Returns the block that this is in, unless it ended."""
    block = _block.get()
    return None if block is None or block._gathered.is_over else block


_block: ContextVar[using | None] = ContextVar("bw_magics_using", default=None)
_recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """Passes every use of this process to a recorder, before its value is handed out."""
    global _recorder
    _recorder = recorder


def record(use: Use) -> None:
    """Records a use: at once, or at the end of the block that it is in."""
    block = _current()
    if block is not None:
        block.add(use)
    elif _recorder is not None:
        _recorder((use,), ATTRIBUTE)
