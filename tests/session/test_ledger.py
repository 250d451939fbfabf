"""Layers of environment variables: each is removed by the code that added it, in any order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bw_magics.errors import UsageMistake
from bw_magics.session.environment.ledger import Layer, Ledger, check


def test_a_dropped_layer_restores_the_values_from_before() -> None:
    variables = {"OLD": "before"}
    ledger, layer = Ledger(variables), Layer("test")

    ledger.put(layer, {"OLD": "ours", "NEW": "ours"})
    assert variables == {"OLD": "ours", "NEW": "ours"}
    assert sorted(ledger.drop(layer)) == ["NEW", "OLD"]

    assert variables == {"OLD": "before"}
    assert ledger.layers == []
    assert ledger.drop(layer) == []


@pytest.mark.parametrize(
    "order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
)
def test_layers_may_go_in_any_order(order: tuple[int, ...]) -> None:
    variables = {"A": "before"}
    ledger, layers = Ledger(variables), [Layer(str(number)) for number in range(3)]
    for number, layer in enumerate(layers):
        ledger.put(layer, {"A": f"value {number}"})

    left = {0, 1, 2}
    for number in order:
        ledger.drop(layers[number])
        left.remove(number)
        assert variables["A"] == (f"value {max(left)}" if left else "before")


def test_setting_again_refreshes_and_comes_on_top() -> None:
    variables: dict[str, str] = {}
    ledger, below, above = Ledger(variables), Layer("below"), Layer("above")
    ledger.put(below, {"A": "1"})
    ledger.put(above, {"A": "2"})

    ledger.put(below, {"A": "3"})

    assert variables["A"] == "3"
    ledger.drop(below)
    assert variables["A"] == "2"
    ledger.drop(above)
    assert variables == {}


@pytest.mark.parametrize("change", ["theirs", None])
def test_what_somebody_changed_since_is_left_alone(change: str | None) -> None:
    variables = {"A": "before"}
    ledger, below, above = Ledger(variables), Layer("below"), Layer("above")
    ledger.put(below, {"A": "ours", "B": "ours"})
    if change is None:
        del variables["A"]
    else:
        variables["A"] = change

    assert not ledger.is_own("A")
    ledger.put(above, {"A": "later"})
    assert ledger.drop(below) == ["B"]
    assert variables["A"] == "later"
    ledger.drop(above)

    assert variables.get("A") == change
    assert "B" not in variables


def test_a_change_within_a_layer_outlives_it() -> None:
    variables: dict[str, str] = {}
    ledger, layer = Ledger(variables), Layer("cell")
    ledger.put(layer, {"A": "ours"})
    variables["A"] = "theirs"

    assert ledger.drop(layer) == []
    assert variables == {"A": "theirs"}


@pytest.mark.parametrize(
    "wrong",
    [{"": "x"}, {"A=B": "x"}, {"A\0": "x"}, {"A": "x\0y"}, {"A": "\ud800"}, {"\ud800": "x"}],
    ids=["no name", "equals", "NUL in a name", "NUL in a value", "half a character", "in a name"],
)
def test_what_no_environment_holds_is_refused_before_anything_is_set(wrong: dict[str, str]) -> None:
    variables = {"A": "before"}
    ledger = Ledger(variables)

    with pytest.raises(UsageMistake) as caught:
        ledger.put(Layer("test"), {"FIRST": "fine", **wrong, "LAST": "fine"})

    assert variables == {"A": "before"}
    assert "x" not in str(caught.value).replace("exist", "").split()


class _Failing(dict[str, str]):
    """An environment that takes only so many changes."""

    def __init__(self, left: int) -> None:
        super().__init__(A="before")
        self.left = left

    def __setitem__(self, name: str, value: str) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        super().__setitem__(name, value)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupt_in_the_middle_sets_nothing(at: int) -> None:
    variables = _Failing(at)
    ledger, layer = Ledger(variables), Layer("test")

    with pytest.raises(KeyboardInterrupt):
        ledger.put(layer, {"A": "1", "B": "2", "C": "3"})

    assert variables == {"A": "before"}
    assert ledger.names(layer) == []


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3))
def test_what_is_checked_can_be_set(values: dict[str, str]) -> None:
    variables: dict[str, str] = {}
    try:
        check(values)
    except UsageMistake:
        return
    Ledger(variables).put(Layer("test"), values)
    assert variables == values


NAMES = st.sampled_from(["A", "B"])
LAYERS = st.integers(0, 2)


class Environments(RuleBasedStateMachine):
    """Against a list of who set what, in which the last one who is still there wins."""

    def __init__(self) -> None:
        super().__init__()
        self.variables = {"A": "before"}
        self.ledger = Ledger(self.variables)
        self.layers = [Layer(str(number)) for number in range(3)]
        self.base: dict[str, str | None] = {"A": "before", "B": None}
        self.set: dict[str, list[tuple[int, str]]] = {"A": [], "B": []}
        self.count = 0

    @rule(name=NAMES, layer=LAYERS)
    def put(self, name: str, layer: int) -> None:
        self.count += 1
        value = f"value {self.count}"
        self.ledger.put(self.layers[layer], {name: value})
        self.set[name] = [entry for entry in self.set[name] if entry[0] != layer]
        self.set[name].append((layer, value))

    @rule(layer=LAYERS)
    def drop(self, layer: int) -> None:
        self.ledger.drop(self.layers[layer])
        for name in self.set:
            self.set[name] = [entry for entry in self.set[name] if entry[0] != layer]

    @rule(name=NAMES, deleted=st.booleans())
    def change(self, name: str, deleted: bool) -> None:
        self.count += 1
        value = None if deleted else f"theirs {self.count}"
        if self.variables.get(name) == value:
            return
        if value is None:
            del self.variables[name]
        else:
            self.variables[name] = value
        self.base[name], self.set[name] = value, []

    @invariant()
    def the_last_one_wins(self) -> None:
        for name, entries in self.set.items():
            expected = entries[-1][1] if entries else self.base[name]
            assert self.variables.get(name) == expected


TestEnvironments = Environments.TestCase
