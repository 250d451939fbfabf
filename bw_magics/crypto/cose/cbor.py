"""CBOR as COSE messages use it: definite lengths only, read strictly (RFC 8949).

The reader accepts integers, byte and text strings, arrays, maps with integer or text keys, booleans
and null. It refuses tags, floats, indefinite lengths, duplicate keys and trailing bytes. No message
of the protocol has them, and a general decoder would build dates, fractions and shared references
from an attacker's bytes.
"""

from __future__ import annotations

from typing import TypeAlias

from bw_magics.errors import CoseMalformed

Value: TypeAlias = "bool | int | bytes | str | list[Value] | dict[int | str, Value] | None"
Map: TypeAlias = "dict[int | str, Value]"

# In bytes. A blob item is the largest message but for files, and at most 500,000 characters.
LONGEST = 4 * 1024 * 1024
# A value takes a byte at least, and much more in memory: the ceiling holds for files, too.
_MOST_VALUES = LONGEST

# A passkey in a blob item lies six levels deep.
DEEPEST = 16

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_SIMPLES: dict[int, bool | None] = {20: False, 21: True, 22: None}


def decode(data: bytes, *, longest: int = LONGEST) -> Value:
    """Decodes exactly one value of at most `longest` bytes; raises `CoseMalformed` for anything
    else.
    """
    if len(data) > longest:
        raise CoseMalformed("The CBOR is longer than any message of a server.")
    reader = _Reader(data)
    value = reader.value(DEEPEST)
    if reader.position != len(data):
        raise CoseMalformed("There are bytes after the CBOR.")
    return value


def decode_map(data: bytes) -> Map:
    """Decodes a map; raises `CoseMalformed` for anything else."""
    value = decode(data)
    if not isinstance(value, dict):
        raise CoseMalformed("The CBOR is not a map.")
    return value


def encode(value: Value) -> bytes:
    """Encodes a value with the shortest lengths; maps keep their order."""
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(_TEXT, len(text)) + text
    if isinstance(value, list):
        return _head(_ARRAY, len(value)) + b"".join(map(encode, value))
    pairs = (encode(key) + encode(member) for key, member in value.items())
    return _head(_MAP, len(value)) + b"".join(pairs)


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for code, length in ((24, 1), (25, 2), (26, 4)):
        if number < 1 << 8 * length:
            return bytes([kind << 5 | code]) + number.to_bytes(length)
    return bytes([kind << 5 | 27]) + number.to_bytes(8)


class _Reader:
    """A reader from the front; it allocates nothing for a length before it has the bytes."""

    __slots__ = ("_count", "_data", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._count = 0
        self.position = 0

    def value(self, depth: int) -> Value:
        self._count += 1
        if self._count > _MOST_VALUES:
            raise CoseMalformed("The CBOR has more values than any message of a server.")
        kind, number = self._read_head()
        if kind == _UNSIGNED:
            return number
        if kind == _NEGATIVE:
            return -1 - number
        if kind == _BYTES:
            return self._take(number)
        if kind == _TEXT:
            return self._text(number)
        if kind == _SIMPLE and number in _SIMPLES:
            return _SIMPLES[number]
        if kind not in (_ARRAY, _MAP):
            raise CoseMalformed("The CBOR holds a kind of value that no message has.")
        if depth == 0:
            raise CoseMalformed("The CBOR is nested too deeply.")
        # Every element takes at least one byte.
        if number * (2 if kind == _MAP else 1) > len(self._data) - self.position:
            raise CoseMalformed("The CBOR is cut off.")
        if kind == _ARRAY:
            return [self.value(depth - 1) for _ in range(number)]
        return self._map(number, depth - 1)

    def _map(self, count: int, depth: int) -> Map:
        members: Map = {}
        for _ in range(count):
            key = self.value(0)
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise CoseMalformed("A key in the CBOR is neither a number nor a text.")
            if key in members:
                raise CoseMalformed("The CBOR has a duplicate key.")
            members[key] = self.value(depth)
        return members

    def _read_head(self) -> tuple[int, int]:
        first = self._take(1)[0]
        kind, code = first >> 5, first & 31
        if code < 24:
            return kind, code
        if code > 27:
            raise CoseMalformed("The CBOR has a length that is not definite.")
        if kind == _SIMPLE:
            raise CoseMalformed("The CBOR holds a kind of value that no message has.")
        return kind, int.from_bytes(self._take(1 << code - 24))

    def _take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self._data):
            raise CoseMalformed("The CBOR is cut off.")
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def _text(self, count: int) -> str:
        data = self._take(count)
        try:
            return data.decode()
        except UnicodeDecodeError:
            del data
        raise CoseMalformed("A text in the CBOR is not UTF-8.")
