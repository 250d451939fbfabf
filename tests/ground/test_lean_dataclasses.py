"""Lean dataclasses, beside the standard library's: the same class made by both behaves alike."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

import bw_magics
from bw_magics import lean_dataclasses as lean
from bw_magics.secret import Unpicklable


class _Place:
    """A place."""

    LIMIT: ClassVar[int] = 3

    name: str
    number: int = 7
    parts: list[str] = lean.field(default_factory=list)
    hidden: str = lean.field(default="", repr=False)
    seen: int = lean.field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("A place has a name.")

    @property
    def whole(self) -> str:
        return f"{self.name} {self.number}"


class _Empty:
    """Nothing."""


def _lean(cls: type[Any], **how: Any) -> type[Any]:
    made: type[Any] = lean.dataclass(frozen=True, slots=True, **how)(cls)
    return made


def _standard(cls: type[Any], **how: Any) -> type[Any]:
    """Makes the class by the standard library, from the same members."""
    members = dict(vars(cls))
    for name, value in members.items():
        if isinstance(value, lean._Field):
            given = {"default": value.default, "default_factory": value.default_factory}
            given = {kind: each for kind, each in given.items() if each is not lean._MISSING}
            members[name] = dataclasses.field(**given, repr=value.repr, compare=value.compare)
    for name in ("__dict__", "__weakref__"):
        members.pop(name, None)
    again = type(cls.__name__, cls.__bases__, members)
    made: type[Any] = dataclasses.dataclass(frozen=True, slots=True, **how)(again)
    return made


StandardPlace = _standard(_Place)
LeanPlace = _lean(_Place)
# Found by pickle under the name of the class.
LeanPlace.__qualname__ = LeanPlace.__name__ = "LeanPlace"
StandardPlace.__qualname__ = StandardPlace.__name__ = "StandardPlace"


def _places(cls: type[Any]) -> list[Any]:
    return [
        cls("home"),
        cls("home", 7),
        cls("home", parts=["a"]),
        cls("home", hidden="x"),
        cls("home", seen=3),
        cls(name="work", number=8),
    ]


def _outcome(action: Callable[[], object]) -> object:
    try:
        return action()
    except Exception as error:
        return type(error), re.sub(r"'\w+'|LeanPlace|StandardPlace", "", str(error))[:30]


ASKED: dict[str, Callable[[type[Any]], object]] = {
    "equality": lambda cls: [a == b for a in _places(cls) for b in _places(cls)],
    "equality with others": lambda cls: [cls("a") == "a", cls("a") != "a", cls("a") == _Empty()],
    "hash": lambda cls: [_outcome(lambda: hash(cls("a"))), hash(cls("a", parts=()))],
    "repr": lambda cls: [repr(each).partition("(")[2] for each in _places(cls)],
    "match arguments": lambda cls: cls.__match_args__,
    "slots": lambda cls: (cls.__slots__, hasattr(cls("a"), "__dict__")),
    "class variables": lambda cls: cls.LIMIT,
    "docstring": lambda cls: cls.__doc__,
    "properties": lambda cls: cls("a").whole,
    "parameters": lambda cls: [*inspect.signature(cls).parameters],
    "annotations": lambda cls: cls.__init__.__annotations__,
    "defaults": lambda cls: [str(each) for each in inspect.signature(cls).parameters.values()],
    "an argument too few": lambda cls: _outcome(cls),
    "an argument too many": lambda cls: _outcome(lambda: cls("a", colour=1)),
    "after init": lambda cls: _outcome(lambda: cls("")),
    "setting": lambda cls: _outcome(lambda: setattr(cls("a"), "name", "b"))[0],  # type: ignore[index]
    "deleting": lambda cls: _outcome(lambda: delattr(cls("a"), "name"))[0],  # type: ignore[index]
    "own lists": lambda cls: cls("a").parts is cls("a").parts,
    "is_dataclass": lambda cls: [dataclasses.is_dataclass(each) for each in (cls, cls("a"))],
    "fields": lambda cls: [
        (each.name, each.type, each.repr, each.compare) for each in dataclasses.fields(cls)
    ],
    "asdict": lambda cls: [dataclasses.asdict(each) for each in _places(cls)],
    "astuple": lambda cls: [dataclasses.astuple(each) for each in _places(cls)],
    "dataclasses.replace": lambda cls: dataclasses.asdict(
        dataclasses.replace(cls("a", 1, ["x"], "h", 2), number=3)
    ),
    "copies": lambda cls: [
        make(cls("a", 1, ["x"])) == cls("a", 1, ["x"]) for make in (copy.copy, copy.deepcopy)
    ],
    "pickles": lambda cls: [pickle.loads(pickle.dumps(each)) == each for each in _places(cls)],
}


@pytest.mark.parametrize("what", ASKED)
def test_a_lean_dataclass_behaves_like_the_standard_library_s(what: str) -> None:
    asked = ASKED[what]

    assert asked(LeanPlace) == asked(StandardPlace)


def test_replace_makes_another_instance_with_the_changes() -> None:
    place = LeanPlace("home", 1, ["x"], "h", 2)

    changed = lean.replace(place, number=2, hidden="i")

    assert (changed.name, changed.number, changed.parts, changed.hidden) == ("home", 2, ["x"], "i")
    assert place.number == 1
    with pytest.raises(TypeError, match="colour"):
        lean.replace(place, colour=1)


@pytest.mark.parametrize("make", [_lean, _standard])
def test_a_class_may_inherit_fields_and_bring_its_own_repr(
    make: Callable[..., type[Any]],
) -> None:
    base: Any = make(_Empty, repr=False)

    class _Row(base):  # type: ignore[misc]
        id: str
        size: int = 1

        def __repr__(self) -> str:
            return "<row>"

    row: Any = make(_Row, repr=False)

    class _Wide(row):  # type: ignore[misc]
        width: int = 2

    wide = make(_Wide, repr=False)
    assert (repr(row("a")), repr(wide("a"))) == ("<row>", "<row>")
    assert wide("a", 2, 3) == wide("a", width=3, size=2) != wide("a", 2, 4)
    assert wide("a") != row("a")
    assert wide.__slots__ == ("width",)
    assert [each.name for each in dataclasses.fields(wide)] == ["id", "size", "width"]


def test_what_holds_keys_stays_without_pickles_and_copies() -> None:
    class _Keys(Unpicklable):
        key: str

    keys = _lean(_Keys, repr=False)("k")

    assert "'k'" not in repr(keys)
    for refused in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            refused(keys)


@pytest.mark.parametrize(
    "how", [{"frozen": True, "slots": False}, {"frozen": False, "slots": True}]
)
def test_what_can_be_changed_is_left_to_the_standard_library(how: Any) -> None:
    with pytest.raises(TypeError, match="Frozen dataclasses with slots only"):
        lean.dataclass(**how)


def test_every_frozen_dataclass_outside_the_demo_is_a_lean_one() -> None:
    """All but those that are ordered, and those beside them."""
    root = Path(bw_magics.__file__).parent
    standard = re.compile(r"^from dataclasses import .*\bdataclass\b", re.MULTILINE)
    frozen = re.compile(r"^@dataclass\(frozen=True, slots=True(, repr=False)?\)$", re.MULTILINE)
    found = [
        str(file.relative_to(root))
        for file in sorted(root.rglob("*.py"))
        if standard.search(text := file.read_text(encoding="utf-8"))
        and frozen.search(text)
        and "order=True" not in text
    ]

    assert [each for each in found if not each.startswith("demo")] == []
