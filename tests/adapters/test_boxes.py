"""Ray's and Spark's adapters without their library, or outside a cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bw_magics.adapters import box, ray, remote, spark
from bw_magics.crypto.sealed_box import BoxKey
from bw_magics.errors import BitwardenError, ExtraMissing, NotFound, UsageMistake
from bw_magics.secret import Secret

SECRET = Secret("marker-5ecret", "Warehouse DB / password")


def _enter_spark() -> None:
    with spark.on_executors(None, {"password": SECRET}):
        raise AssertionError("it began")


def _enter_ray() -> None:
    with ray.on_nodes({"password": SECRET}):
        raise AssertionError("it began")


@pytest.mark.parametrize(
    ("module", "call", "names"),
    [
        ("ray", _enter_ray, "bw_magics[ray]"),
        ("ray", lambda: ray.value("password"), "bw_magics[ray]"),
        ("pyspark", _enter_spark, "bw_magics[spark]"),
    ],
)
def test_a_missing_library_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, module: str, call: Callable[[], object], names: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(ExtraMissing) as missing:
        call()

    assert names in missing.value.remedy
    assert SECRET not in str(missing.value)


@pytest.mark.parametrize("values", [{}, {"": SECRET}, {1: SECRET}, {"a": 5}, {"a" * 300: SECRET}])
def test_what_is_not_a_text_with_a_name_is_refused(values: dict[str, str]) -> None:
    for enter in (ray.on_nodes(values), spark.on_executors(None, values)):
        with pytest.raises(UsageMistake) as refused, enter:
            pass
        assert SECRET not in str(refused.value)


def test_outside_an_executor_there_is_no_value() -> None:
    with pytest.raises(NotFound, match="executor has no values"):
        spark.value("password")


class TestBox:
    """The process of a box, without a cluster."""

    def test_it_gives_what_was_sealed_to_it_until_its_last_block_has_ended(
        self, tmp_path: Path
    ) -> None:

        place = str(tmp_path)
        box.open_box(place, os.getpid())
        box.open_box(place, os.getpid())  # the same one
        blocks = [remote.new_block(), remote.new_block()]
        for block, name in zip(blocks, ("first", "second"), strict=True):
            key = box.offer_key(place, block)
            box.take(place, block, remote.seal_all({name: SECRET}, block, {key}))

        assert box.value(place, "first") == SECRET
        assert repr(box.value(place, "second")) == "•••••••• second (on this executor)"
        with pytest.raises(NotFound, match="no value of that name"):
            box.value(place, "third")
        box.drop(place, blocks[0])
        assert box.value(place, "second") == SECRET
        _refused(lambda: box.value(place, "first"))
        box.drop(place, blocks[1])
        _refused(lambda: box.value(place, "second"))

    def test_what_was_sealed_to_another_is_not_opened(self, tmp_path: Path) -> None:

        place, block = str(tmp_path), remote.new_block()
        box.open_box(place, os.getpid())
        box.offer_key(place, block)
        box.take(place, block, remote.seal_all({"a": SECRET}, block, {BoxKey().public}))

        _refused(lambda: box.value(place, "a"))
        box.drop(place, block)


def _refused(call: Callable[[], object]) -> None:
    with pytest.raises(BitwardenError) as refused:
        call()
    assert isinstance(refused.value, NotFound)
    assert SECRET not in str(refused.value)
