"""`Secret` and `SecretBytes`: a real `str` and real `bytes` that do not show themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, SupportsIndex

MASK = "••••••••"
# From this length on a part of a secret is masked like the whole.
_LONG_PART = 24

_NOT_PICKLED = (
    "A secret is not pickled or stored: that would write it to a file or send it away. "
    "Fetch it again where it is needed, or use str(value) on purpose."
)


class Secret(str):
    """A secret value: usable wherever a `str` is, masked wherever Python shows a repr.

    `label` says where it comes from ("Warehouse DB / password") and is what the repr shows
    beside the mask. Pickling and everything built on it (`%store`, joblib, multiprocessing)
    raises `TypeError`. Methods such as `.upper()` and short slices return plain `str`; a slice of
    24 characters or more is nearly the whole and masked like it.

    For the guard of outputs: `lifetime` is the seconds for which a one-time code is good;
    `is_elsewhere` may be given as a function, which is called when it is first asked for.
    """

    __slots__ = ("_is_elsewhere", "label", "lifetime")
    label: str
    lifetime: float | None
    _is_elsewhere: bool | Callable[[], bool]

    def __new__(  # noqa: D102 - told in the class
        cls,
        value: str,
        label: str = "",
        *,
        is_elsewhere: bool | Callable[[], bool] = False,
        lifetime: float | None = None,
    ) -> Secret:
        secret = super().__new__(cls, value)
        secret.label = label
        secret._is_elsewhere = is_elsewhere
        secret.lifetime = lifetime
        return secret

    @property
    def is_elsewhere(self) -> bool:
        """Whether the same text also stands where it is not secret: its item's name, user name or
        host. For those to whom it is announced (`on_secret`): False where it was not asked then.
        """
        answer = self._is_elsewhere
        if not isinstance(answer, bool):
            answer = self._is_elsewhere = answer()
        return answer

    def announced(self) -> None:
        """Lets go of the item that could have told `is_elsewhere`: a value in a variable outlives
        the vault that it came from.
        """
        if self._is_elsewhere is not True:
            self._is_elsewhere = False

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        # Rich shows the repr of the first 80 characters of a long string.
        part = super().__getitem__(key)
        return Secret(part, self.label) if len(part) >= _LONG_PART else part

    def __repr__(self) -> str:
        return f"{MASK} {self.label}" if self.label else MASK

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(_NOT_PICKLED)


class SecretBytes(bytes):
    """The same for bytes, such as the contents of an attachment: masked in every repr, not
    pickled. Slices and methods return plain `bytes`.
    """

    label: str

    def __new__(cls, value: bytes | bytearray, label: str = "") -> SecretBytes:  # noqa: D102 - told in the class
        secret = super().__new__(cls, value)
        secret.label = label
        return secret

    def __repr__(self) -> str:
        return f"{MASK} {self.label}" if self.label else MASK

    # `bytes` has no text of its own: `str()` and `print` show its repr.
    __str__ = __repr__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __copy__(self) -> SecretBytes:
        return self

    def __deepcopy__(self, memo: object) -> SecretBytes:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(_NOT_PICKLED)


class _Stateless(type):
    """Keeps `dataclass(frozen=True, slots=True)` from adding state methods of its own."""

    def __setattr__(cls, name: str, value: object) -> None:
        if name not in ("__getstate__", "__setstate__"):
            super().__setattr__(name, value)


class Unpicklable(metaclass=_Stateless):
    """Refuses to be pickled or copied by value: for everything that holds keys or tokens."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        # Not `self.__getstate__()`: whatever becomes of that, nothing is ever reduced.
        Unpicklable.__getstate__(self)

    def __getstate__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} is not pickled or stored: it can decrypt secrets. "
            "Log in and unlock again where it is needed."
        )
