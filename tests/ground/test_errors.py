"""The error tree: drawn as it is, one sentence of fact, one of remedy."""

from __future__ import annotations

import inspect
import pickle
import re
from datetime import timedelta

import pytest

from bw_magics import errors
from bw_magics.errors import (
    Ambiguous,
    BitwardenError,
    FieldNotFound,
    NotFound,
    RateLimited,
    RepromptRequired,
    RequestRefused,
    UsageMistake,
)

ALL = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, BitwardenError)
]


def drawn() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name → (parent, further bases), out of the tree in the module's docstring."""
    path: list[str] = []
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for line in inspect.getdoc(errors).split("::", 1)[1].splitlines():  # type: ignore[union-attr]
        match = re.match(r"^(\s*(?:[│ ]|├──|└──)*)\s?(\w+)(?: \((\w+)\))?", line)
        if not match or not line.strip():
            continue
        depth = len(re.sub(r"^    ", "", match[1])) // 4
        path[depth:] = [match[2]]
        parent = path[depth - 1] if depth else "Exception"
        found[match[2]] = (parent, (match[3],) if match[3] else ())
    return found


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    actual = {
        kind.__name__: (kind.__bases__[0].__name__, tuple(b.__name__ for b in kind.__bases__[1:]))
        for kind in ALL
    }
    assert drawn() == actual


@pytest.mark.parametrize("kind", ALL)
def test_every_error_says_fact_and_remedy(kind: type[BitwardenError]) -> None:
    error = kind("The fact.", "The remedy.")
    assert (error.fact, error.remedy) == ("The fact.", "The remedy.")
    assert str(error) == "The fact. The remedy."
    assert str(kind("The fact.")) == "The fact."
    assert error._render_traceback_() == [f"{kind.__name__}: The fact. The remedy."]
    assert kind.__doc__


def test_a_missing_key_reads_as_a_sentence() -> None:
    # KeyError would show the repr of its argument.
    for kind in (NotFound, FieldNotFound):
        assert issubclass(kind, KeyError)
        assert str(kind("No item has that name.")) == "No item has that name."


def test_a_usage_mistake_is_a_value_error() -> None:
    assert issubclass(UsageMistake, ValueError)


def test_errors_carry_what_a_caller_needs_as_data() -> None:
    assert RateLimited("f", wait=timedelta(seconds=5)).wait == timedelta(seconds=5)
    assert RateLimited("f").wait is None
    assert RequestRefused("f", status=404).status == 404
    assert NotFound("f", closest=["a", "b"]).closest == ("a", "b")
    assert Ambiguous("f", candidates=[1]).candidates == (1,)
    assert RepromptRequired("f", item_id="id").item_id == "id"


@pytest.mark.parametrize("kind", ALL)
def test_errors_cross_to_other_processes(kind: type[BitwardenError]) -> None:
    error = pickle.loads(pickle.dumps(kind("The fact.", "The remedy.")))
    assert type(error) is kind
    assert str(error) == "The fact. The remedy."
