"""The ways to keep a downloaded vault; as a program, measures one of them and prints the figures.

The body is read in pieces as a download is, parsed, and the id and name of every item looked up.
Linux only: the figures come from `/proc/self/status`.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

_PIECE = 64 * 1024

# What a way gives back: what it keeps, and how to get at one whole item of it.
Kept = tuple[Any, Callable[[int], Any]]


def json_tree(body: bytearray) -> Kept:
    """`json.loads`, everything as dicts."""
    items = json.loads(body)["ciphers"]
    body.clear()
    index = [(item["id"], item["name"]) for item in items]
    return (items, index), lambda position: items[position]


def orjson_tree(body: bytearray) -> Kept:
    """`orjson.loads`, everything as dicts."""
    orjson = importlib.import_module("orjson")
    items = orjson.loads(body)["ciphers"]
    body.clear()
    index = [(item["id"], item["name"]) for item in items]
    return (items, index), lambda position: items[position]


def json_slices(body: bytearray) -> Kept:
    """`raw_decode` item by item, a copy of each item's text kept."""
    text = body.decode()
    body.clear()
    decode = json.JSONDecoder().raw_decode
    position = text.index('"ciphers":[') + len('"ciphers":[')
    slices: list[bytes] = []
    index: list[tuple[str, str]] = []
    while text[position] != "]":
        item, end = decode(text, position)
        index.append((item["id"], item["name"]))
        slices.append(text[position:end].encode())
        position = end + (text[end] == ",")
    return (slices, index), lambda position: json.loads(slices[position])


def msgspec_views(body: bytearray) -> Kept:
    """`msgspec.Raw` views into the body (chosen)."""
    items, index = _msgspec_items(body)
    return (items, index, body), lambda position: msgspec.json.decode(items[position])


def msgspec_copies(body: bytearray) -> Kept:
    """`msgspec.Raw`, a copy of each item kept."""
    items, index = _msgspec_items(body)
    copies = [bytes(item) for item in items]
    del items
    body.clear()
    return (copies, index), lambda position: msgspec.json.decode(copies[position])


class _Vault(msgspec.Struct, gc=False):
    ciphers: list[msgspec.Raw]


class _Head(msgspec.Struct, gc=False):
    id: str
    name: str


def _msgspec_items(body: bytearray) -> tuple[list[msgspec.Raw], list[tuple[str, str]]]:
    items = msgspec.json.decode(body, type=_Vault).ciphers
    heads = map(msgspec.json.Decoder(_Head).decode, items)
    return items, [(head.id, head.name) for head in heads]


WAYS: dict[str, Callable[[bytearray], Kept]] = {
    "json-tree": json_tree,
    "orjson-tree": orjson_tree,
    "json-slices": json_slices,
    "msgspec-views": msgspec_views,
    "msgspec-copies": msgspec_copies,
}


def megabytes(what: str) -> float:
    """`VmRSS` or `VmHWM` of this process, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == what:
            return int(value.split()[0]) * 1024 / 1e6
    raise RuntimeError(f"This system does not tell {what}.")


def measure(way: str, file: Path) -> dict[str, float]:
    """Measures one way in this process."""
    parse = WAYS[way]
    parse(bytearray(b'{"ciphers":[{"id":"","name":""}]}'))  # imports are not counted
    with file.open("rb") as download:
        before = megabytes("VmRSS")
        body = bytearray()
        while piece := download.read(_PIECE):
            body += piece
    started = time.perf_counter()
    kept, open_item = parse(body)
    parsed = time.perf_counter()
    del body
    gc.collect()
    steady, peak = megabytes("VmRSS"), megabytes("VmHWM")
    count = len(kept[0])
    opened = time.perf_counter()
    for position in range(count):
        open_item(position)
    return {
        "peak": peak - before,
        "steady": steady - before,
        "seconds": parsed - started,
        "microseconds": (time.perf_counter() - opened) / count * 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
