"""What one value costs in texts that share its words, dates, signs or folds with each line.

Every value is searched for beside 100 passwords, in every text by itself, and compared with one
more password. A matcher gets used to a text: what counts is the time after some searches.
"""

from __future__ import annotations

import json
import pprint
import random
import time
import uuid
from collections.abc import Mapping

from benchmarks.figure import Told
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from bw_magics.matching.matcher import Matcher
from bw_magics.secrecy.parts import secret_parts

_CHANCE = random.Random(5)
# Bytes of each text, and searches before any that is measured.
_SIZE, _USED_TO = 1 << 17, 6
# No value may cost more than so many times of a password.
_GOAL = 2.0

VALUES = {
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "IBAN without blanks": "DE89370400440532013000",
    "card number with hyphens": "5500-0000-0000-0004",
    "IPv6 address": "2001:db8::ff00:42:8329",
    "short IPv6 address": "fe80::1:2",
    "bytes with blanks": "de ad be ef 00 11",
    "bytes with colons": "aa:bb:cc:dd:ee:ff",
    "version": "1.2.3-rc.4+5",
    "beginning of a JWT": "eyJhbGciOiJIUzI1NiJ9",
    "UUID": "123e4567-e89b-12d3-a456-426614174000",
    "path": "/home/ada/data/x.csv",
    "path of Windows": "C:\\data\\x.csv",
    "e-mail address": "ada@example.org",
    "telephone number": "+49 30 1234567",
    "telephone number in brackets": "(555) 010-9999",
    "a letter many times": "aaaaaaaaaaab",
    "two letters many times": "aa,aa,aa,aa,ab",
    "ten digits": "4821739204",
    "six digits": "739204",
    "name and value of JSON": '"name": "value"',
    "object of JSON": '{"a": 1, "b": 2}',
    "word and year": "hunter 2024",
    "amount": "$1,234.56 USD",
    "amount in euros": "1.234,56 €",
    "coordinates": "52.5200, 13.4050",
    "ISO time with a letter": "2024-01-15T10:00:07+01:00x",
    "row": "row 12 12.34",
    "cell of HTML": "<td>12.34</td>",
    "percentage": "50 % of it",
    "SQL": "SELECT 1;",
    "letters and pluses": "a+b+c+d+e+f",
    "link with a query": "https://example.org/a?b=17",
    "time and date": "10:00:07 2024-01-15",
    "line and number": "line 17",
    "numbers on lines": "10\n20\n30x",
    "numbers and tabs": "10\t20\t30\t4x",
    "quoted number": 'say "17"',
    "quoted numbers": "'10' '20' '30'",
    "customer": "customer 17",
    "nothing twice": "None None",
    "two numbers": "0.123456 0.5",
    "numbers and commas": "1, 2, 3, 4, 5",
    "part of a dict": "'a': 1, 'b'",
    "date in words": "Jan 15 2024",
    "true and false": "true, false",
    "array": "[1 2 3 4 5]",
    "day and hour": "15 10x",
    "short date": "24-01-15 10:00z",
    "quoted date": "'2024-01-15 10:00:07'",
}


def texts() -> Mapping[str, bytes]:
    """The texts by their names."""
    import numpy as np

    dates = [
        f"2024-{n % 12 + 1:02}-{n % 28 + 1:02} {n % 24:02}:{n * 7 % 60:02}:{n * 13 % 60:02}"
        for n in range(3000)
    ]
    people = [{"when": date, "value": n, "name": f"customer {n}"} for n, date in enumerate(dates)]
    chance = [_CHANCE.random() for _ in range(8000)]
    times = np.array([date.replace(" ", "T") for date in dates], dtype="datetime64[s]")
    with np.printoptions(threshold=10**9, linewidth=75):
        arrays = {
            "dates of numpy": repr(np.array(dates)),
            "dates of numpy, printed": str(np.array(dates)),
            "dates in four dimensions": str(np.array(dates[:2880]).reshape(-1, 10, 4, 3)),
            "times of numpy": repr(times),
            "numbers of numpy": repr(np.array(chance)),
        }
    kinds = {
        **arrays,
        "dates of pprint": pprint.pformat(dates),
        "dicts of pprint": pprint.pformat(people),
        "a list of dates": repr(dates),
        "indented JSON": json.dumps(people, indent=2),
        "indented JSON of numbers": json.dumps(
            [{"a": n, "b": n / 7} for n in range(3000)], indent=4
        ),
        "YAML": "".join(
            f"- when: {date}\n  name: customer {n}\n  amount: 12.34\n"
            f"  path: /home/ada/data/{n}.csv\n"
            for n, date in enumerate(dates)
        ),
        "a log": "".join(
            f"{date},123 INFO line {n} of job: 50 % done & more, "
            f"C:\\data\\x{n} 'name' \"value\"\n"
            for n, date in enumerate(dates)
        ),
        "a traceback": "".join(
            f'  File "/home/ada/data/x{n}.py", line {n}, in f\n    return say("{n}", "\\n")\n'
            for n in range(2000)
        ),
        "bytes": "".join(
            f"{n * 16:08x}: {_CHANCE.randbytes(16).hex(' ', 2)}  ................\n"
            for n in range(3000)
        ),
        "a table of HTML": "<table>\n"
        + "".join(
            f"    <tr>\n      <th>{n}</th>\n      <td>{date}</td>\n      <td>customer {n}</td>\n"
            "      <td>12.34&nbsp;%</td>\n    </tr>\n"
            for n, date in enumerate(dates)
        ),
        "CSV with quotes": "".join(
            f'"{date}","say ""{n}""","{n},{n * 7}",12.34\r\n' for n, date in enumerate(dates)
        ),
        "links": "".join(
            f"https://example.org/a?b={n}&c=%20{n * 7}&d=2024-01-15+10:00:{n % 60:02}\n"
            for n in range(3000)
        ),
        "JSON": json.dumps(
            [
                {"when": date, "line": f'say "{n}"\n', "path": f"C:\\{n}"}
                for n, date in enumerate(dates)
            ]
        ),
        "settings": "".join(
            f"uuid={uuid.UUID(int=_CHANCE.getrandbits(128))} mac=aa:bb:cc:{n % 256:02x}:01:02 "
            f"ip=2001:db8::{n:x} v=1.2.{n}-rc.4+5 mail=ada{n}@example.org "
            f"tel=+49 30 {n * 7919:07}\n"
            for n in range(2000)
        ),
        "lines of a": "aaaaaaaaaa, aa,aa,aa; ",
    }  # fmt: skip
    return {
        what: (text * (_SIZE // len(text) + 1))[:_SIZE].encode() for what, text in kinds.items()
    }


def learnt(value: str, *others: str) -> Matcher:
    """A matcher that knows a value and its parts, its needles made, and others."""
    matcher = Matcher()
    for each in (value, *secret_parts(value), *others):
        matcher.learn(each)
    matcher.hits(b"")
    return matcher


def _seconds(matcher: Matcher, text: bytes) -> float:
    begin = time.process_time()
    if matcher.hits(text):
        matcher.spans(text)
    return time.process_time() - begin


def ratios(
    usual: Matcher, matchers: Mapping[str, Matcher], repeat: int, texts: Mapping[str, bytes]
) -> dict[str, dict[str, float]]:
    """What each costs in each text, as a multiple of the usual one; not where the text has it."""
    found: dict[str, dict[str, float]] = {what: {} for what in matchers}
    for matcher in (usual, *matchers.values()):
        for text in (*texts.values(), *texts.values()):
            matcher.spans(text)
    for name, text in texts.items():
        say(f"learning: {name}")
        for matcher in (usual, *matchers.values()):
            for _ in range(_USED_TO):
                _seconds(matcher, text)
        least = dict.fromkeys(matchers, float("inf"))
        base = float("inf")
        for _ in range(repeat + 4):
            base = min(base, _seconds(usual, text))
            for what, matcher in matchers.items():
                least[what] = min(least[what], _seconds(matcher, text))
        for what, matcher in matchers.items():
            if not matcher.spans(text):
                found[what][name] = least[what] / base
    return found


def measure(
    report: Report,
    options: Options,
    usual: Matcher,
    matchers: Mapping[str, Matcher],
    outputs: Mapping[str, Mapping[str, float]],
) -> None:
    """Adds how many values keep the goal in all texts, and the worst text of each; `outputs` are
    the ratios of whole outputs.
    """
    all_texts = texts()
    searches = ratios(usual, matchers, options.repeat, all_texts)
    # Where a text has the value, it is masked: more work, which is not compared.
    shown = {what: {name: outputs[what][name] for name in each} for what, each in searches.items()}
    for how, found in (("the search", searches), ("the whole output", shown)):
        cells = sum(map(len, found.values()))
        good = sum(ratio <= _GOAL for each in found.values() for ratio in each.values())
        kept = sum(max(each.values()) <= _GOAL for each in found.values())
        report.add(
            Told(
                f"Values for which {how} costs at most {_GOAL:.0f} × of one more password",
                f"{kept} of {len(found)}; {good} of {cells} single figures",
                "all",
                kept == len(found),
            )
        )
    rows = []
    for what, each in searches.items():
        worst = sorted(each, key=each.__getitem__, reverse=True)[:3]
        slowest = max(shown[what], key=shown[what].__getitem__)
        rows.append(
            [
                what,
                *(f"{each[name]:.1f}, {name}" for name in worst),
                f"{shown[what][slowest]:.2f}, {slowest}",
            ]
        )
    rows.sort(key=lambda row: -float(row[1].split(",")[0]))
    report.detail(
        "One value in each kind of text",
        ["value", "search, worst, ×", "next", "next", "whole output, worst, ×"],
        rows,
        f"{len(all_texts)} texts of {_SIZE >> 10} KB, 100 passwords; of a password more, least of "
        f"{options.repeat + 4} turns. A whole output is a text printed and displayed in a kernel.",
    )
