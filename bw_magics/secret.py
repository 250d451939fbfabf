"""`Secret` and `SecretBytes`: a real `str` and real `bytes` that do not show themselves."""

from __future__ import annotations

import sys
from typing import Any, NoReturn, SupportsIndex

from bw_magics.placeholder import NotSent, is_dask, is_dask_loaded, teach_dask
from bw_magics.shown import one_line

MASK = "••••••••"
# From this length on a part of a secret is masked like the whole.
_LONG_PART = 24


def _refuse() -> NoReturn:
    from bw_magics.not_pickled import NotPickled

    raise NotPickled(
        "A secret is not pickled or stored: that would write it to a file or send it away.",
        "Fetch it again where it is needed, or use str(value) on purpose.",
    )


def _masked(label: str) -> str:
    return f"{MASK} {one_line(label)}" if label else MASK


def _is_called_by(package: str) -> bool:
    """Returns whether a package calls the method that asks."""
    caller = str(sys._getframe(2).f_globals.get("__name__"))
    return caller.partition(".")[0] == package


class Secret(str):
    """A secret value: usable wherever a `str` is, masked wherever Python shows a repr.

    `label` says where it comes from ("Warehouse DB / password") and is what the repr shows
    beside the mask. Pickling and everything built on it (`%store`, joblib, multiprocessing)
    raises `NotPickled`. Methods such as `.upper()` and short slices return plain `str`; a slice of
    all, or of 24 characters or more, is masked like the whole.
    """

    __slots__ = ("_label",)
    _label: str

    def __new__(cls, value: str, label: str = "") -> Secret:  # noqa: D102 - told in the class
        if is_dask_loaded():
            teach_dask(Secret)
        secret = super().__new__(cls, value)
        secret._label = label
        return secret

    @property
    def label(self) -> str:
        """The origin of the value; empty if a library made the object by itself."""
        return getattr(self, "_label", "")

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        # Rich shows the repr of the first 80 characters of a long string; `import_module` cuts off
        # the dots before a name.
        part = super().__getitem__(key)
        is_masked = len(part) >= _LONG_PART or len(part) == len(self)
        return Secret(part, self.label) if is_masked else part

    def __repr__(self) -> str:
        return _masked(self.label)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    # pytest compares two texts line by line and shows the lines.
    def splitlines(self, keepends: bool = False) -> list[str]:
        """Returns the lines; the mask, where a library is about to show them."""
        return [repr(self)] if _is_called_by("_pytest") else super().splitlines(keepends)

    # icecream puts a text into quotes and shows that; one of several lines in another way.
    def __contains__(self, part: object) -> bool:
        return not _is_called_by("icecream") and super().__contains__(part)  # type: ignore[operator]

    def replace(self, old: str, new: str, count: SupportsIndex = -1) -> str:
        """Returns the text with another part; the mask, where a library is about to show it."""
        return repr(self) if _is_called_by("icecream") else super().replace(old, new, count)

    # Sentry asks for it before it takes the text of what a program logs, also for a `%r`.
    def __sentry_repr__(self) -> str:
        return repr(self)

    # For a field of a pydantic model: it keeps the secret, and its JSON has the mask.
    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(
            cls._kept,
            core_schema.union_schema(
                [core_schema.is_instance_schema(cls), core_schema.str_schema(strict=True)]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                repr, when_used="json", return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def _kept(cls, value: str) -> Secret:
        return value if isinstance(value, cls) else cls(value)

    # marimo encodes a subclass of `str` as an object, and its panel of variables fails at that.
    def _marimo_serialize_(self) -> str:
        return repr(self)

    def _mime_(self) -> tuple[str, str]:
        return "text/plain", repr(self)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> tuple[type[NotSent], tuple[()]]:
        # A secret that is older than the import of Dask: it would print what it cannot pickle.
        caller = str(sys._getframe(1).f_globals.get("__name__"))
        if is_dask(caller) and is_dask_loaded() and teach_dask(Secret):
            return NotSent, ()
        _refuse()


if is_dask_loaded():
    # In the process of a worker, which may get a secret before it makes one.
    teach_dask(Secret)


class SecretBytes(bytes):
    """The same for bytes, such as the contents of an attachment: masked in every repr, not
    pickled. Slices and methods return plain `bytes`.
    """

    label: str = ""

    def __new__(cls, value: bytes | bytearray, label: str = "") -> SecretBytes:  # noqa: D102 - told in the class
        secret = super().__new__(cls, value)
        secret.label = label
        return secret

    def __repr__(self) -> str:
        return _masked(self.label)

    # `bytes` has no text of its own: `str()` and `print` show its repr.
    __str__ = __repr__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __copy__(self) -> SecretBytes:
        return self

    def __deepcopy__(self, memo: object) -> SecretBytes:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        _refuse()


class _Stateless(type):
    """A base that keeps `dataclass(frozen=True, slots=True)` from adding state methods."""

    def __setattr__(cls, name: str, value: object) -> None:
        if name not in ("__getstate__", "__setstate__"):
            super().__setattr__(name, value)


class Unpicklable(metaclass=_Stateless):
    """A base that refuses pickling and copying by value, for all that holds keys or tokens."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        # Not `self.__getstate__()`: this holds even if a subclass overrides that method.
        Unpicklable.__getstate__(self)

    def __getstate__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} is not pickled or stored: it can decrypt secrets. "
            "Log in and unlock again where it is needed."
        )
