"""What still holds secrets after a lock: named, and deleted on request."""

from __future__ import annotations

import functools
import shelve
from collections import ChainMap, OrderedDict, UserDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy
import pytest

from bw_magics.demo import DemoServer
from bw_magics.notebook.namespace import holders as holders_module
from bw_magics.notebook.namespace.holders import holders
from bw_magics.notebook.namespace.parts import MOST
from bw_magics.secret import Secret
from tests.later import pandas

from .conftest import Notebook, variables

SECRET = Secret("value", "X / password")
TEXT = "a hunter2 b"


def names(**namespace: object) -> list[str]:
    return holders(
        namespace, lambda text: b"hunter2" in (text if isinstance(text, bytes) else text.encode())
    )


class Plain:
    def __init__(self, value: object) -> None:
        self.value = value

    def read(self) -> object:
        return self.value


class Slots:
    __slots__ = ("unset", "value")

    def __init__(self, value: object) -> None:
        self.value = value


@dataclass(frozen=True, slots=True)
class Data:
    value: object


class Words(list[object]):
    pass


Pair = namedtuple("Pair", "a b")


def closure(value: object) -> Callable[[], object]:
    return lambda: value


def made_in_the_notebook(value: object) -> type:
    return type("Settings", (), {"__module__": "__main__", "value": value})


def objects(value: Any) -> Any:
    """An index that holds the object itself: pandas 3 copies texts into Arrow's memory."""
    return pandas.Index([value], dtype=object)


HOLD: dict[str, Callable[[Any], object]] = {
    "itself": lambda value: value,
    "a list": lambda value: [value],
    "a tuple": lambda value: (1, value),
    "a set": lambda value: {value},
    "a dictionary's value": lambda value: {"k": value},
    "a dictionary's key": lambda value: {value: 1},
    "one that counts": lambda value: defaultdict(list, {1: [value]}),
    "an ordered one": lambda value: OrderedDict(a=value),
    "a chain of them": lambda value: ChainMap({"a": value}),
    "one in Python": lambda value: UserDict(a=value),
    "a deque": lambda value: deque([value]),
    "a named tuple": lambda value: Pair(1, value),
    "a list of a class of its own": lambda value: Words([value]),
    "two deep": lambda value: {"a": {"b": value}},
    "four deep": lambda value: [[[[value]]]],
    "an object": Plain,
    "an object in a list in an object": lambda value: Plain([Plain(value)]),
    "a namespace": lambda value: SimpleNamespace(value=value),
    "slots": Slots,
    "a data class": Data,
    "a class": made_in_the_notebook,
    "a closure": closure,
    "a default": lambda value: lambda a=value: a,
    "a keyword's default": lambda value: lambda *, a=value: a,
    "a method": lambda value: Plain(value).read,
    "a partial": lambda value: functools.partial(print, value),
    "a partial's keyword": lambda value: functools.partial(print, end=value),
    "an exception": ValueError,
    "an array": lambda value: numpy.array([[1, value]], dtype=object),
    "a frame": lambda value: pandas.DataFrame({"n": [1, 2], "p": ["x", value]}, dtype=object),
    "a frame's index": lambda value: pandas.DataFrame({"n": [1]}, index=objects(value)),
    "a frame's names": lambda value: pandas.DataFrame([[1]], columns=objects(value)),
    "a series": lambda value: pandas.Series([value], dtype=object),
    "a series of lists": lambda value: pandas.Series([[value]]),
    "an index": lambda value: pandas.MultiIndex.from_arrays([[1], objects(value)]),
}
OF_TEXTS: dict[str, Callable[[Any], object]] = {
    "a frame of pandas' own texts": lambda value: pandas.DataFrame({"p": ["x", value]}),
    "an index of pandas' own texts": lambda value: pandas.MultiIndex.from_tuples([(1, value)]),
    "an array of texts": lambda value: numpy.array([value]),
    "a column of texts": lambda value: pandas.Series([value], dtype="string"),
    "categories": lambda value: pandas.Series([value], dtype="category"),
    "bytes": str.encode,
    "a byte array": lambda value: bytearray(value.encode()),
    "the end of a long column": lambda value: pandas.Series(["x"] * 50_000 + [value]),
}


@pytest.mark.parametrize("how", HOLD)
def test_a_secret_is_found_wherever_it_is_held(how: str) -> None:
    assert names(held=HOLD[how](SECRET), other=HOLD[how]("another")) == ["held"]


@pytest.mark.parametrize("how", [*HOLD, *OF_TEXTS])
def test_so_is_a_text_that_was_made_from_one(how: str) -> None:
    make = {**HOLD, **OF_TEXTS}[how]

    assert names(held=make(TEXT), other=make("another")) == ["held"]


def test_only_the_users_own_names_are_looked_at() -> None:
    theirs = "In Out _ __ ___ _i _ii _iii _ih _oh _dh _i1 _12 __builtins__ __name__ _exit_code"
    own = ["_", "_private", "__mangled", "a"]

    assert names(**dict.fromkeys(theirs.split(), SECRET)) == []
    assert names(**dict.fromkeys(own, SECRET)) == ["__mangled", "_private", "a"]


def test_what_leads_to_the_namespace_holds_nothing_by_that() -> None:
    namespace: dict[str, object] = {"pw": SECRET}
    namespace["way"] = Plain(namespace)
    namespace["loop"] = [namespace["way"]]
    loop: list[object] = []
    loop.append(loop)
    namespace["round"] = loop

    assert holders(namespace, lambda text: False) == ["pw"]


class Hostile(Mapping[str, object]):
    """An object that acts when code looks into it."""

    touched: list[str]

    def __init__(self) -> None:
        object.__setattr__(self, "touched", [])

    def _touch(self, *arguments: object) -> NoReturn:
        self.touched.append("touched")
        raise RuntimeError("nobody asked for this")

    __getitem__ = __iter__ = __len__ = __getattr__ = __eq__ = __hash__ = __bool__ = _touch
    __contains__ = __repr__ = __str__ = _touch
    keys = items = values = _touch


class StandIn:
    """Says that it is something else, as a lazy proxy does."""

    touched: list[str] = []  # noqa: RUF012

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        self.touched.append("class")
        return dict

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        self.touched.append("dict")
        return {}


class Counting(dict[str, object]):
    touched: list[str] = []  # noqa: RUF012

    def items(self) -> Any:
        self.touched.append("items")
        return super().items()

    def __iter__(self) -> Iterator[str]:
        self.touched.append("iter")
        return super().__iter__()


def test_no_code_of_a_value_is_run(tmp_path: Path) -> None:
    closed = shelve.open(str(tmp_path / "shelf"))  # noqa: SIM115
    closed.close()
    hostile, counting = Hostile(), Counting(a=SECRET)

    found = names(a=hostile, b=[hostile], c=StandIn(), d=counting, e=closed, f=SECRET)

    assert found == ["d", "f"]
    assert hostile.touched == StandIn.touched == Counting.touched == []


def test_of_a_large_value_a_part_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [[object() for _ in range(1000)] for _ in range(1000)]
    looked: list[None] = []

    def counting(value: object, knows: holders_module.Knows) -> bool:
        looked.append(None)
        return is_secret(value, knows)

    is_secret = holders_module._is_secret
    monkeypatch.setattr(holders_module, "_is_secret", counting)

    assert names(many=many, pw=[SECRET, *many]) == ["pw"]
    assert len(looked) <= MOST + 2


def test_a_lock_names_them_and_purge_deletes_them(
    notebook: Notebook, server: DemoServer, monkeypatch: Any, tmp_path: Path
) -> None:
    for name, value in variables(server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        "bw_magics.notebook.ask.demo.Demo.certificate_authority", server.certificate_authority
    )
    notebook("%bw_login\n%bw_unlock")
    notebook("item = bw_session['Warehouse DB']\npw = item.password\nrows = [pw]\nn = 1")
    notebook("_token = same = pw\nimport pandas\nframe = pandas.DataFrame({'p': [str(pw)]})")
    notebook("ip = get_ipython()\nclass Login: pass\nlogin = Login(); login.deep = {'a': [pw]}")
    notebook(f"import shelve; shelf = shelve.open({str(tmp_path / 'shelf')!r}); shelf.close()")
    notebook("bw_session['Warehouse DB'].password")
    number = max(notebook.shell.user_ns["Out"])

    locked = notebook("%bw_lock").text

    held = "_token, frame, item, login, pw, rows, same"
    assert f"still holding secrets: {held}." in locked
    assert "--purge" in locked
    assert f"deleted: {held}" in notebook("%bw_lock --purge").text
    namespace = notebook.shell.user_ns
    assert not set(held.split(", ")) & set(namespace)
    assert namespace["n"] == 1
    assert number not in namespace["Out"]
    assert not any(isinstance(namespace.get(name), Secret) for name in ("_", "__", "___"))
    assert notebook("%bw_lock").text.strip() == "already locked"
