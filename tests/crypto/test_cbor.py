"""CBOR: reads what cbor2 writes, and refuses everything else with a typed error."""

from __future__ import annotations

import contextlib

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.crypto.cose import cbor
from bw_magics.errors import CoseMalformed

NUMBERS = st.integers(-(1 << 64), (1 << 64) - 1)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.binary(max_size=300), st.text())
KEYS = st.one_of(NUMBERS, st.text())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


def depth(value: object) -> int:
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


@given(VALUES.filter(lambda value: depth(value) <= cbor.DEEPEST))
def test_what_cbor2_writes_is_read_and_written_the_same(value: cbor.Value) -> None:
    written = cbor2.dumps(value)

    assert cbor.decode(written) == value
    assert cbor.encode(value) == written


@given(st.binary(max_size=200))
@example(b"")
@example(b"\x9b" + b"\xff" * 8)
@example(b"\xbb" + b"\x7f" * 8)
@example(b"\x5b" + b"\xff" * 8)
@example(b"\x81" * 5000 + b"\x00")
def test_any_bytes_are_read_as_cbor2_reads_them_or_refused(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except CoseMalformed:
        return
    assert value == cbor2.loads(data)


@given(VALUES, st.data())
def test_a_changed_or_cut_message_is_read_or_refused(value: object, draw: st.DataObject) -> None:
    data = bytearray(cbor2.dumps(value))
    data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with contextlib.suppress(CoseMalformed):
        cbor.decode(bytes(data[: draw.draw(st.integers(0, len(data)))]))


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("nothing", b""),
        ("bytes after it", b"\x00\x00"),
        ("indefinite bytes", bytes.fromhex("5f41004100ff")),
        ("indefinite text", bytes.fromhex("7f61616162ff")),
        ("indefinite array", bytes.fromhex("9f01ff")),
        ("indefinite map", bytes.fromhex("bf0101ff")),
        ("reserved lengths", b"\x1c"),
        ("a tag", bytes.fromhex("c001")),
        ("a bignum", bytes.fromhex("c24101")),
        ("a shared reference", bytes.fromhex("d81c80")),
        ("a float", bytes.fromhex("f93c00")),
        ("undefined", b"\xf7"),
        ("a simple value", bytes.fromhex("f820")),
        ("a duplicate key", bytes.fromhex("a201010102")),
        ("a duplicate key, written otherwise", bytes.fromhex("a20101180102")),
        ("a key that is bytes", bytes.fromhex("a1410001")),
        ("a key that is true", bytes.fromhex("a1f501")),
        ("a key that is a list", bytes.fromhex("a18001")),
        ("text that is not UTF-8", bytes.fromhex("61ff")),
        ("a claim of 2^64 bytes", b"\x5b" + b"\xff" * 8),
        ("a claim of 2^64 elements", b"\x9b" + b"\xff" * 8),
        ("a claim of 2^32 pairs", b"\xba" + b"\xff" * 4),
        ("one element too few", bytes.fromhex("8201")),
        ("nested too deeply", b"\x81" * (cbor.DEEPEST + 1) + b"\x00"),
    ],
)
def test_it_refuses(what: str, data: bytes) -> None:
    with pytest.raises(CoseMalformed):
        cbor.decode(data)


def test_it_refuses_what_is_larger_than_any_message() -> None:
    with pytest.raises(CoseMalformed, match="longer"):
        cbor.decode(bytes(cbor.LONGEST + 1))


def test_a_map_is_a_map() -> None:
    with pytest.raises(CoseMalformed, match="not a map"):
        cbor.decode_map(b"\x80")


def test_a_long_message_has_no_more_values_than_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbor, "_MOST_VALUES", 100)
    most = 99

    assert cbor.decode(cbor.encode([0] * most), longest=10 * cbor.LONGEST) == [0] * most
    with pytest.raises(CoseMalformed, match="more values"):
        cbor.decode(cbor.encode([0] * (most + 1)), longest=10 * cbor.LONGEST)
