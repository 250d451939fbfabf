"""A `Secret` is a `str` for every library and shows itself nowhere."""

from __future__ import annotations

import array
import asyncio
import concurrent.futures
import copy
import dataclasses
import io
import json
import marshal
import pickle
import pprint
import shelve
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from bw_magics.errors import NotPickled
from bw_magics.secret import MASK, Secret, SecretBytes, Unpicklable
from tests.later import joblib, pandas

CANARY = "canary-Pässwörd"


def test_it_is_the_text_for_every_library() -> None:
    secret = Secret(CANARY, "Warehouse DB / password")
    assert secret == CANARY
    assert hash(secret) == hash(CANARY)
    assert {CANARY: 1}[secret] == 1
    assert f"{secret}" == str(secret) == "".join([secret]) == CANARY
    assert secret.encode() == CANARY.encode()
    assert json.dumps(secret) == json.dumps(CANARY)
    assert type(str(secret)) is str


@pytest.mark.parametrize("label", ["", "Warehouse DB / password"])
def test_no_repr_shows_it(label: str) -> None:
    secret = Secret(CANARY, label)
    assert repr(secret) == f"{MASK} {label}".rstrip()
    for shown in (
        f"{secret!r}",
        repr([secret]),
        repr({"a": secret}),
        pprint.pformat({"a": secret}),
    ):
        assert "canary" not in shown
        assert MASK in shown


@given(st.text(), st.text())
def test_the_mask_says_nothing_about_the_text(text: str, label: str) -> None:
    assert repr(Secret(text, label)) == repr(Secret("other", label))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_refuses_every_pickle(protocol: int) -> None:
    for value in (Secret(CANARY), [Secret(CANARY)], {"a": Secret(CANARY)}):
        with pytest.raises(NotPickled, match="not pickled") as caught:
            pickle.dumps(value, protocol)
        assert "canary" not in str(caught.value)


def test_a_copy_is_a_secret() -> None:
    secret = Secret(CANARY, "label")
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_ipython_prints_the_mask() -> None:
    pretty = pytest.importorskip("IPython.lib.pretty")
    assert pretty.pretty([Secret(CANARY, "label")]) == f"[{MASK} label]"


@pytest.mark.parametrize(
    "made",
    [
        str.__new__(Secret, CANARY),
        bytes.__new__(SecretBytes, CANARY.encode()),
    ],
    ids=["str", "bytes"],
)
def test_one_that_a_library_made_by_itself_is_a_secret_too(made: Secret | SecretBytes) -> None:
    assert made.label == ""
    assert repr(made) == MASK
    assert copy.copy(made) is copy.deepcopy(made) is made
    with pytest.raises(NotPickled, match="not pickled"):
        pickle.dumps(made)


class OtherNumber(msgspec.Struct):
    """A type that takes no text."""

    number: int


async def _gathered(secret: Secret) -> object:
    async def fails() -> None:
        raise KeyError(secret)

    return await asyncio.gather(fails())


def _in_a_worker(secret: Secret) -> object:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        return pool.submit(print, secret).result()


def _raised_in_a_thread(secret: Secret) -> object:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(dict[str, str]().__getitem__, secret).result()


LIBRARIES: list[Callable[[Secret], object]] = [
    marshal.dumps,
    lambda secret: marshal.dumps({"a": [secret]}),
    lambda secret: shelve.Shelf[str]({}).__setitem__("a", secret),
    lambda secret: array.array("i", [secret]),
    lambda secret: joblib.hash(secret),
    lambda secret: joblib.hash({"a": secret}),
    lambda secret: joblib.dump(secret, io.BytesIO()),
    yaml.safe_dump,
    lambda secret: yaml.safe_dump({"a": [secret]}),
    yaml.dump,
    msgspec.json.encode,
    lambda secret: msgspec.msgpack.encode({"a": secret}),
    lambda secret: msgspec.to_builtins([secret]),
    lambda secret: msgspec.convert({"number": secret}, OtherNumber),
    _in_a_worker,
    _raised_in_a_thread,
    lambda secret: asyncio.run(_gathered(secret)),
    lambda secret: pandas.DataFrame({"a": [secret]}, dtype=object).to_pickle(io.BytesIO()),
    lambda secret: pandas.Series([1]).loc[secret],
]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: getattr(library, "__name__", ""))
def test_a_library_that_cannot_take_it_raises_an_error_without_it(
    library: Callable[[Secret], object],
) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each library has its own error
        library(Secret(CANARY, "Warehouse DB / password"))

    shown = "".join(traceback.format_exception(caught.value))
    assert not isinstance(caught.value, AttributeError)
    assert "canary-P" not in shown


class Plain(Unpicklable):
    def __init__(self) -> None:
        self.key = CANARY


class Slotted(Unpicklable):
    __slots__ = ("key",)

    def __init__(self) -> None:
        self.key = CANARY


@dataclass
class Data(Unpicklable):
    key: str = CANARY


@dataclass(frozen=True, slots=True, repr=False)
class FrozenData(Unpicklable):
    key: str = CANARY


@pytest.mark.parametrize("kind", [Plain, Slotted, Data, FrozenData])
def test_what_holds_keys_is_neither_pickled_nor_copied(kind: type[Unpicklable]) -> None:
    value = kind()
    refusing: tuple[Callable[[], object], ...] = (
        lambda: pickle.dumps(value),
        lambda: pickle.dumps([value], 0),
        lambda: copy.copy(value),
        lambda: copy.deepcopy([value]),
        lambda: value.__getstate__(),
    )
    for refuse in refusing:
        with pytest.raises(TypeError, match="is not pickled or stored") as caught:
            refuse()
        assert "canary" not in str(caught.value)
        assert kind.__name__ in str(caught.value)


def test_a_dataclass_can_still_be_taken_apart_on_purpose() -> None:
    assert dataclasses.asdict(FrozenData()) == {"key": CANARY}


class TestSecretBytes:
    value = SecretBytes(b"canary-4711", "Service account / key.json")

    def test_they_are_the_bytes_for_everybody_else(self) -> None:
        assert self.value == b"canary-4711"
        assert self.value.decode() == "canary-4711"
        assert io.BytesIO(self.value).read() == b"canary-4711"
        assert json.loads(SecretBytes(b'{"a": 1}')) == {"a": 1}
        assert type(self.value[:3]) is bytes

    def test_no_text_of_them_shows_them(self) -> None:
        shown = f"{self.value} {self.value!r} {self.value!s} {[self.value]} {self.value!s}"
        assert "canary" not in shown
        assert shown.count("Service account / key.json") == 5
        assert repr(SecretBytes(b"canary")) == MASK

    def test_they_are_not_pickled_and_copied_as_themselves(self) -> None:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(NotPickled, match="not pickled"):
                pickle.dumps(self.value, protocol)
        assert copy.copy(self.value) is self.value
        assert copy.deepcopy([self.value])[0] is self.value


def test_a_long_part_is_masked_like_the_whole_and_a_short_one_is_a_plain_str() -> None:
    secret = Secret("demo-" + "0123456789" * 12, "Registry / token")

    assert repr(secret[:80]) == repr(secret)
    assert secret[:80] == str(secret)[:80]
    assert type(secret[:4]) is str
    assert type(secret[0]) is str
    assert "0123" not in pretty_repr({"token": secret}, max_string=80)


# As if a module of that name called it.
CALLED = """
result = (secret.splitlines(), secret.replace('line', 'part'), 'line' in secret)
"""
LINES, PARTS = ["one line", "another line"], "one part\nanother part"
OF_A_KEY = f"{MASK} Key / private key"


@pytest.mark.parametrize(
    ("caller", "result"),
    [
        ("_pytest.assertion.util", ([OF_A_KEY], PARTS, True)),
        ("icecream.icecream", (LINES, OF_A_KEY, False)),
        ("pytest", (LINES, PARTS, True)),
        ("my_icecream", (LINES, PARTS, True)),
        ("urllib.parse", (LINES, PARTS, True)),
    ],
)
def test_only_a_library_that_shows_texts_gets_the_mask_from_a_method(
    caller: str, result: object
) -> None:
    names: dict[str, Any] = {
        "__name__": caller,
        "secret": Secret("one line\nanother line", "Key / private key"),
    }
    exec(CALLED, names)

    assert names["result"] == result
