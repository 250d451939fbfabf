"""What one value costs the output guard: learning it, the memory it takes, and searching for it.

The values are what people keep: passwords, keys, notes, tables, files up to the largest size that
is learnt; and shapes that are hard to search for, such as dates and addresses.
"""

from __future__ import annotations

import base64
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Iterator

from benchmarks import crowded, crowded_outputs
from benchmarks.crowded import learnt
from benchmarks.figure import Figure, at_most
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import spread
from bw_magics.matching.matcher import Matcher
from bw_magics.secrecy.parts import secret_parts

_CHANCE = random.Random(2026)
_BYTES = _CHANCE.randbytes(180_000)
_ROWS = "\n".join(
    f"2024-{n % 12 + 1:02}-{n % 28 + 1:02},customer {n},{n * 7919},https://example.org/{n}"
    for n in range(4000)
)
_RUNBOOK = (
    "Restart the loader: kubectl -n analytics rollout restart deploy/loader\n"
    "SELECT name, count(*) FROM orders WHERE region = 'europe' GROUP BY name;\n"
    "See https://wiki.example.org/display/DATA/Runbook+2024?pageId=1234567890\n"
)

# The first is what all others are compared with.
VALUES = {
    "password": "Tr0ub4dor&3x-2026",
    "passphrase": "correct horse battery staple",
    "date and time": "2024-01-15 10:00:07x",
    "date": "01/15/2024 shipped",
    "address with a password": "https://u:p@x.example",
    "words with blanks": "a b c d e f g h i j k l",
    "numbers with commas": "1,2,3,4,5,6,7",
    "pairs of digits": "12 34 56 78 90",
    "no letters": "密码密码密码",
    "address, no word": "https://u:p@x",
    "card number": "4111 1111 1111 1111",
    "token of 40": _BYTES[:20].hex(),
    "signs": "!\"§$%&/()=?`*+~'#<>|",
    "runbook, 32 KB": _RUNBOOK * 150,
    "dotenv, 32 KB": "".join(f"KEY_{n}_TOKEN=tok-{n:06}-aB3dE5gH\n" for n in range(1000)),
    "private key": "-----BEGIN PRIVATE KEY-----\n"
    + "\n".join(base64.b64encode(_BYTES[n : n + 48]).decode() for n in range(0, 2400, 48))
    + "\n-----END PRIVATE KEY-----\n",
    "JSON, 220 KB": json.dumps([{"name": f"n{n}", "token": f"tok-{n:06}-x"} for n in range(5000)]),
    "CSV, 220 KB": _ROWS,
    "base64, 240 KB": base64.b64encode(_BYTES).decode(),
    "one letter, 256 KB": "x" * (256 * 1024),
    "lines of accounts": "".join(f"ada{n}:Winter-{n:04}!\n" for n in range(2000)),
}


def _output() -> Iterator[bytes]:
    """What a cell may print: dates, links, rows and chance; 64 KB a piece, 2 MB in all."""
    pieces = [
        "\n".join(
            f"2024-01-{n % 28 + 1:02} 10:00:{n % 60:02} https://example.org/a?b={n}"
            for n in range(1400)
        ),
        _ROWS[:65_536],
        base64.b64encode(_CHANCE.randbytes(49_152)).decode(),
        json.dumps([{"line": f'say "{n}"\n', "path": f"C:\\{n}"} for n in range(1200)]),
        "<table>" + "<tr><td>some text</td><td>12.34</td></tr>" * 1500 + "</table>",
    ]  # fmt: skip
    for piece in pieces * 8:
        yield piece.encode()


OUTPUT = tuple(_output())


# A vault has other values, too; what is compared is one value more.
_OTHERS = tuple(
    "".join(_CHANCE.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!@#%", k=16))
    for _ in range(100)
)


def seconds_to_learn(value: str) -> float:
    """The processor time of learning."""
    begin = time.process_time()
    learnt(value)
    return time.process_time() - begin


def bytes_of(value: str) -> int:
    """The memory that stays."""
    tracemalloc.start()
    try:
        matcher = learnt(value)
        used, _ = tracemalloc.get_traced_memory()
        assert matcher.has_learnt(value)
    finally:
        tracemalloc.stop()
    return used


def seconds_to_search(matcher: Matcher) -> float:
    """The processor time of searching the output once."""
    begin = time.process_time()
    for piece in OUTPUT:
        if matcher.hits(piece):
            matcher.spans(piece)
    return time.process_time() - begin


def measure(report: Report, options: Options) -> None:
    """Adds a row for each value, and the worst of them."""
    say("learning: one value each")
    matchers = {what: learnt(value, *_OTHERS) for what, value in VALUES.items()}
    for matcher in matchers.values():
        seconds_to_search(matcher)
    learning: dict[str, list[float]] = {what: [] for what in VALUES}
    searching: dict[str, list[float]] = {what: [] for what in VALUES}
    for _ in range(options.repeat + 2):
        for what, value in VALUES.items():
            learning[what].append(seconds_to_learn(value) * 1e3)
            searching[what].append(seconds_to_search(matchers[what]) * 1e3)
    memory = {what: bytes_of(value) / 1e6 for what, value in VALUES.items()}
    usual = statistics.median(searching[next(iter(VALUES))])
    ratios = {what: statistics.median(each) / usual for what, each in searching.items()}
    medians = {what: statistics.median(each) for what, each in learning.items()}
    worst = (max(each, key=each.__getitem__) for each in (medians, memory, ratios))
    slow, large, dear = worst
    report.add(
        Figure(f"Learning one value, the worst: {slow}", medians[slow], "ms", None, at_most(100)),
        Figure(f"Memory of one value, the worst: {large}", memory[large], "MB", None, at_most(5)),
        Figure(
            f"Searching for one value more, beside one more password: {dear}",
            ratios[dear], "×", None, at_most(2),
        ),
    )  # fmt: skip
    headings = ["value", "characters", "parts", "learning, ms", "memory, MB", "search, ms", "×"]
    rows = [
        [
            what,
            f"{len(value):,}",
            str(len(secret_parts(value))),
            spread(learning[what]),
            f"{memory[what]:.2f}",
            spread(searching[what]),
            f"{ratios[what]:.2f}",
        ]
        for what, value in VALUES.items()
    ]
    size = sum(map(len, OUTPUT)) / 1e6
    report.detail(
        "One value and the guard", headings, rows,
        f"Searched are {size:.1f} MB of dates, links, rows, base64 and HTML, for the value and 100 "
        "passwords; × is that time in the first row's.",
    )  # fmt: skip
    others = {what: learnt(value, *_OTHERS) for what, value in crowded.VALUES.items()}
    password = next(iter(VALUES))
    values = VALUES | crowded.VALUES
    outputs = crowded_outputs.ratios(options.repeat, VALUES[password], values, _OTHERS)
    crowded.measure(report, options, matchers[password], matchers | others, outputs)
