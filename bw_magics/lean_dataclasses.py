"""Frozen dataclasses with slots, made in an eighth of the time that `dataclasses` takes.

The standard library compiles six methods for each class. Here `__init__` alone is compiled, and the
others are shared. Type checkers see the standard library's (docs/decisions, 21).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

__all__ = ["dataclass", "field", "replace"]

Made = TypeVar("Made")


class _Given:
    """The default of a parameter that has a factory, as a signature shows it."""

    def __repr__(self) -> str:
        return "<factory>"


_MISSING: Any = _Given()


class _Field:
    """A field: its annotation, its default, and what it counts for."""

    __slots__ = ("annotation", "compare", "default", "default_factory", "repr")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        repr: bool = True,
        compare: bool = True,
    ) -> None:
        self.annotation: Any = None
        self.default, self.default_factory = default, default_factory
        self.repr, self.compare = repr, compare


class _Fields:
    """The member by which the standard library knows a dataclass: made when it is asked for."""

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        from dataclasses import field, make_dataclass

        members = []
        for name, each in _fields(owner).items():
            kinds = {"default": each.default, "default_factory": each.default_factory}
            given: Any = {kind: value for kind, value in kinds.items() if value is not _MISSING}
            members.append(
                (name, each.annotation, field(**given, repr=each.repr, compare=each.compare))
            )
        found: dict[str, Any] = vars(make_dataclass(owner.__name__, members))[_FIELDS]
        return found


_FIELDS, _OWN_FIELDS = "__dataclass_fields__", "__lean_fields__"


def _dataclass(
    *, frozen: bool, slots: bool, repr: bool = True
) -> Callable[[type[Made]], type[Made]]:
    if not (frozen and slots):
        raise TypeError("Frozen dataclasses with slots only; `dataclasses` makes the others.")
    return lambda cls: _made(cls, has_repr=repr)


def _replace(instance: Made, /, **changes: Any) -> Made:
    same = {name: getattr(instance, name) for name in _fields(type(instance))}
    return type(instance)(**{**same, **changes})


def _fields(cls: type) -> dict[str, _Field]:
    found: dict[str, _Field] = getattr(cls, _OWN_FIELDS, {})
    return found


def _made(cls: type[Made], *, has_repr: bool) -> type[Made]:
    """Makes the class again, with its slots and methods."""
    members = dict(vars(cls))
    own: dict[str, _Field] = {}
    for name, annotation in members.get("__annotations__", {}).items():
        if not annotation.startswith("ClassVar["):
            given = members.pop(name, _MISSING)
            own[name] = given if isinstance(given, _Field) else _Field(default=given)
            own[name].annotation = annotation
    fields = _fields(cls) | own
    methods: dict[str, Callable[..., Any]] = {"__init__": _initialiser(cls, fields)}
    if "__eq__" not in members:
        methods |= _comparing([name for name, each in fields.items() if each.compare])
    if has_repr:
        methods["__repr__"] = _representation([n for n, each in fields.items() if each.repr])
    if cls.__getstate__ is object.__getstate__:
        methods |= {"__getstate__": _state, "__setstate__": _restore}
    members = {
        **methods,
        **members,
        _FIELDS: _Fields(),
        _OWN_FIELDS: fields,
        "__delattr__": _refuse,
        "__match_args__": (*fields,),
        "__qualname__": cls.__qualname__,
        "__replace__": _replace,
        "__setattr__": _refuse,
        "__slots__": (*own,),
    }
    for name in ("__dict__", "__weakref__"):
        members.pop(name, None)
    metaclass: Any = type(cls)
    made: type[Made] = metaclass(cls.__name__, cls.__bases__, members)
    return made


def _initialiser(cls: type, fields: dict[str, _Field]) -> Callable[..., None]:
    """Compiles `__init__`; its text is made of nothing but the names of the fields."""
    parameters, lines = ["self"], []
    known: dict[str, Any] = {"_set": object.__setattr__, "_given": _MISSING}
    for name, each in fields.items():
        value = name
        if each.default_factory is not _MISSING:
            known[f"_make_{name}"] = each.default_factory
            value = f"_make_{name}() if {name} is _given else {name}"
            parameters.append(f"{name}=_given")
        elif each.default is not _MISSING:
            known[f"_default_{name}"] = each.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f" _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    lines = lines or [" pass"]
    exec("\n".join([f"def __init__({', '.join(parameters)}):", *lines]), known)  # noqa: S102
    initialiser: Callable[..., None] = known["__init__"]
    initialiser.__qualname__ = f"{cls.__qualname__}.__init__"
    initialiser.__annotations__ = {name: each.annotation for name, each in fields.items()}
    initialiser.__annotations__["return"] = None
    return initialiser


def _comparing(names: Sequence[str]) -> dict[str, Callable[..., Any]]:
    # With one name, `attrgetter` returns the value itself; it takes no empty list.
    values = attrgetter(*names) if names else lambda instance: ()

    def equal(self: object, other: object) -> Any:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    return {"__eq__": equal, "__hash__": lambda self: hash(values(self))}


def _representation(names: Sequence[str]) -> Callable[[Any], str]:
    @recursive_repr()
    def represent(self: object) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    return represent


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"{type(self).__name__} is frozen: {name!r} cannot be changed.")


def _state(self: object) -> list[Any]:
    return [getattr(self, name) for name in _fields(type(self))]


def _restore(self: object, state: list[Any]) -> None:
    for name, value in zip(_fields(type(self)), state, strict=True):
        object.__setattr__(self, name, value)


if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    dataclass, field, replace = _dataclass, _Field, _replace
