"""One edit beside `GET` and `PUT` by bare httpx, 100 creates, and `bw create item`.

bw_magics reads, builds, sends, compares and takes the answer over; httpx repeats a record as it
is. Each create of `bw` is a process of its own, as a person has to start it.
"""

from __future__ import annotations

import base64
import itertools
import json
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.figure import Figure, at_least, at_most
from benchmarks.official_cli import OfficialCli
from benchmarks.options import Options
from benchmarks.process import run
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread
from bw_magics import Vault

EDIT_GOAL, REQUESTS_GOAL, CREATE_GOAL = at_most(3), at_most(2), at_least(20)

_ITEMS = 1_000
_EDITS = 20
_CREATES = 100
_NEW = {"type": 1, "name": "By bw", "login": {"username": "u", "password": "made-up"}}

OURS, BARE = "bw_magics, one edit", "httpx, GET and PUT"


def measure(report: Report, options: Options) -> None:
    """Adds the figures."""
    say(f"edits and creates, {_ITEMS:,} items")
    with demo_process(_ITEMS) as demo, tempfile.TemporaryDirectory() as home:
        vault = _opened(demo)
        name, _ = demo.middle
        # Of two writers of one item the second waits.
        other, _ = demo.logins[0]
        edit = _edits(vault, name)
        with closing(_client(demo)) as client:
            bare = _bare(client, demo, vault[other].id)
            edit()
            bare()
            taken = in_turns({OURS: edit, BARE: bare}, options.repeat)
        demo.traffic()
        vault[name].edit(username="counted")
        asked = len(demo.traffic().requests)
        begin = time.perf_counter()
        for number in range(_CREATES):
            vault.create("login", name=f"New {number}", username="u", password="made-up")
        each = (time.perf_counter() - begin) / _CREATES * 1000
        cli = OfficialCli.find(options.bw)
        processes = [] if cli is None else _created_by(cli, demo, Path(home), options.repeat)
    samples = ratios(taken[OURS], taken[BARE])
    report.add(
        Figure("one edit / GET and PUT by bare httpx", statistics.median(samples), "×", _ITEMS,
               EDIT_GOAL, samples),
        Figure("requests of one edit", asked, "", _ITEMS, REQUESTS_GOAL),
        Figure("one of 100 creates", each, "ms", _ITEMS),
    )  # fmt: skip
    rows = [[way, spread(values)] for way, values in taken.items()]
    rows.append(["bw_magics, one create of 100", f"{each:.1f}"])
    if processes:
        times = [seconds * 1000 / each for seconds in processes]
        report.add(
            Figure("`bw create item` / one create", statistics.median(times), "×", _ITEMS,
                   CREATE_GOAL, times)
        )  # fmt: skip
        rows.append(["`bw create item`, a process", spread([each * 1000 for each in processes])])
    report.detail("Changes", ["way", "ms"], rows)


def _opened(demo: DemoProcess) -> Vault:
    vault = Vault(sync_interval=0)
    vault.login(
        client_id=demo.environment["BW_CLIENTID"],
        client_secret=demo.environment["BW_CLIENTSECRET"],
        server=demo.url,
        certificate_authority=Path(demo.environment["SSL_CERT_FILE"]),
    )
    vault.unlock(password=demo.environment["BW_PASSWORD"])
    return vault


def _edits(vault: Vault, name: str) -> Callable[[], float]:
    """A function that edits one item a few times; the milliseconds of one edit."""
    numbers = itertools.count()

    def edits() -> float:
        begin = time.perf_counter()
        for _ in range(_EDITS):
            vault[name].edit(username=f"user {next(numbers)}")
        return (time.perf_counter() - begin) / _EDITS * 1000

    return edits


def _client(demo: DemoProcess) -> httpx.Client:
    context = ssl.create_default_context(cafile=demo.environment["SSL_CERT_FILE"])
    client = httpx.Client(
        verify=context,
        base_url=demo.url,
        headers={"Bitwarden-Client-Version": "2026.6.0"},
        trust_env=False,
    )
    form = {
        "grant_type": "client_credentials",
        "scope": "api",
        "client_id": demo.environment["BW_CLIENTID"],
        "client_secret": demo.environment["BW_CLIENTSECRET"],
        "deviceType": "8",
        "deviceIdentifier": "00000000-0000-4000-8000-000000000000",
        "deviceName": "bench",
    }
    token = client.post("/identity/connect/token", data=form).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {token['access_token']}"
    return client


def _bare(client: httpx.Client, demo: DemoProcess, id: str) -> Callable[[], float]:
    """The same number of `GET` and `PUT`, with the unchanged record."""

    def both() -> float:
        begin = time.perf_counter()
        for _ in range(_EDITS):
            record = client.get(f"/api/ciphers/{id}/details").raise_for_status().json()
            record["lastKnownRevisionDate"] = record["revisionDate"]
            client.put(f"/api/ciphers/{id}", json=record).raise_for_status()
        return (time.perf_counter() - begin) / _EDITS * 1000

    return both


def _created_by(cli: OfficialCli, demo: DemoProcess, home: Path, repeat: int) -> list[float]:
    environment = cli.unlocked(demo, home)
    encoded = base64.b64encode(json.dumps(_NEW).encode()).decode()
    return [run([cli.path, "create", "item", encoded], environment).wall for _ in range(repeat)]
