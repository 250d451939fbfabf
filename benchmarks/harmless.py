"""Whether the guard leaves real notebooks as they are: each message with and without it, compared.

`python -m benchmarks.harmless ARCHIVE …` takes notebooks from source archives of packages
(`pip download --no-deps --no-binary :all: holoviews statsmodels …`), `--docstrings PACKAGE …` the
examples of installed packages. It runs their cells in real kernels in which 1,000 lifelike values
were learnt. Inside of the kernel every message is packed
twice, by the kernel alone and by the guard; what a cell prints is compared with what is sent. So
nothing that differs from run to run, such as ids and times, hides a difference.
"""

from __future__ import annotations

import argparse
import json
import re
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from jupyter_client.manager import start_new_kernel

from benchmarks.docstrings import examples_in
from benchmarks.markdown import table
from benchmarks.process import bare_environment
from benchmarks.progress import say

VALUES = 1000
_TIMEOUT = 60

# Values are like those of vaults; some are short, or look like what notebooks are full of.
LIFELIKE = """
import random, string
def lifelike(count, seed=2026):
    chance = random.Random(seed)
    signs = string.ascii_letters + string.digits + "!@#$%^&*"
    syllables = "ba ne ri to lu ska mer von del pra fin gor tem hal zu wix".split()
    def word():
        return "".join(chance.choices(syllables, k=chance.randint(2, 3)))
    def made_up():
        kind = chance.random()
        if kind < 0.4:
            return "".join(chance.choices(signs, k=chance.randint(8, 18)))
        if kind < 0.6:
            return chance.choice("- ._").join(word() for _ in range(4))
        if kind < 0.75:
            return f"{word().title()}{chance.randint(1, 2030)}{chance.choice('!?$')}"
        if kind < 0.8:
            return str(chance.randint(10**5, 10**8))
        if kind < 0.9:
            return f"{word()}_{chance.getrandbits(128):032x}"
        return f"postgresql://{word()}:{word()}{chance.randint(10, 99)}@db.example.com/{word()}"
    return [made_up() for _ in range(count)]
"""

# Runs in the kernel: beside the guard, the kernel by itself packs the same content.
WATCH = """
def _watch(path, count):
    import json, re, sys
    from bw_magics.secret import Secret
    from bw_magics.notebook.extension import registered
    from bw_magics.notebook.guard.hooks.kernel import KernelMessages
    shell = get_ipython()
    session = registered(shell)
    values = lifelike(count)
    for number, value in enumerate(values):
        session.guard.learn(Secret(value, f"Item {number} / password"))
    kernel = shell.kernel.session
    tap = next(tap for tap in session.guard._taps if isinstance(tap, KernelMessages))
    guarded, plain = kernel.serialize, tap._original
    counts = {"messages": 0, "bytes": 0}
    log = open(path, "a", buffering=1)
    def note(kind, before, after):
        hits = [value for value in values if value.encode() in before]
        log.write(json.dumps({"kind": kind, "is_hit": bool(hits), "values": hits,
                              "before": before[:1_000_000].decode(errors="replace"),
                              "after": after[:1_000_000].decode(errors="replace")}) + "\\n")
    def both(message, ident=None):
        before = plain(message, ident)[-1]
        sent = guarded(message, ident)
        counts["messages"] += 1
        counts["bytes"] += len(before)
        if sent[-1] != before:
            note(message["header"]["msg_type"], before, sent[-1])
        return sent
    kernel.serialize = both
    streams = {}
    for tap in session.guard._streams:
        written, sent = [], []
        def unguarded(original=tap._original, written=written):
            for parent, text in original():
                written.append(text)
                yield parent, text
        tap._original = unguarded
        def flushing(flush=tap._stream._flush_buffers, sent=sent):
            for parent, text in flush():
                sent.append(text)
                yield parent, text
        tap._stream._flush_buffers = flushing
        streams[tap._stream.name] = (written, sent)
    def check():
        for written, sent in streams.values():
            before, after = "".join(written), "".join(sent)
            written.clear(), sent.clear()
            if before != after:
                note("stream", before.encode(), after.encode())
        log.write(json.dumps({"counts": counts}) + "\\n")
    return check
"""


@dataclass(slots=True)
class Outcome:
    """The results of all notebooks; the examples of a module are one, too."""

    notebooks: int = 0
    cells: int = 0
    status: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    bytes: int = 0
    hits: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> list[list[str]]:
        """The table of it."""
        return [
            ["notebooks", f"{self.notebooks:,}"],
            ["cells run", f"{self.cells:,}"],
            ["of these without an error of their own", f"{self.status['ok']:,}"],
            ["messages compared", f"{self.messages:,}"],
            ["megabytes compared", f"{self.bytes / 1e6:,.1f}"],
            ["messages changed because a value was in them", f"{self.hits:,}"],
            ["messages changed without a value", f"{len(self.differences):,}"],
        ]


def notebooks_in(archive: Path) -> Iterator[tuple[str, list[str]]]:
    """The name of each notebook in a source archive, and its code cells."""
    with tarfile.open(archive) as files:
        for member in sorted(files.getmembers(), key=lambda member: member.name):
            file = files.extractfile(member) if member.name.endswith(".ipynb") else None
            if file is None:
                continue
            try:
                notebook = json.load(file)
            except ValueError:
                continue
            cells = [
                "".join(cell["source"])
                for cell in notebook.get("cells", [])
                if cell.get("cell_type") == "code"
            ]
            if cells:
                yield member.name, cells


def run_notebook(cells: list[str], outcome: Outcome, home: Path, *, values: int = VALUES) -> None:
    """Runs the cells of one notebook in a kernel of its own, and adds the results."""
    log = home / "log.jsonl"
    log.write_text("")
    manager, client = start_new_kernel(kernel_name="python3", env=bare_environment(home), cwd=home)
    try:
        start = f"_check = _watch({str(log)!r}, {values})"
        for code in ("%load_ext bw_magics", LIFELIKE, WATCH, start):
            reply = client.execute_interactive(code, output_hook=lambda message: None, timeout=120)
            if reply["content"]["status"] != "ok":
                raise RuntimeError(reply["content"]["evalue"])
        for code in cells:
            came = _run(client, code)
            if came is None:
                outcome.status["too long"] += 1
                break
            outcome.cells += 1
            outcome.status[came["content"]["status"]] += 1
        else:
            _run(client, "_check()")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    outcome.notebooks += 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if line.get("is_hit"):
            outcome.hits += 1
        elif "kind" in line:
            outcome.differences.append(line)
    if counts := [line["counts"] for line in lines if "counts" in line]:
        outcome.messages += counts[-1]["messages"]
        outcome.bytes += counts[-1]["bytes"]


def _run(client: Any, code: str) -> dict[str, Any] | None:
    try:
        reply = client.execute_interactive(
            code, output_hook=lambda message: None, allow_stdin=False, timeout=_TIMEOUT
        )
    except (TimeoutError, RuntimeError):
        return None
    return cast("dict[str, Any]", reply)


def _part(difference: dict[str, Any]) -> dict[str, str]:
    """The beginning of what differs."""
    before, after = difference["before"], difference["after"]
    pairs = enumerate(zip(before, after, strict=False))
    first = next((at for at, (one, other) in pairs if one != other), 0)
    place = slice(max(0, first - 100), first + 200)
    return {"kind": difference["kind"], "before": before[place], "after": after[place]}


def main(arguments: list[str] | None = None) -> None:
    """Runs the notebooks and prints the table; status 1 where something was changed."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.harmless")
    parser.add_argument("archives", nargs="*", type=Path, metavar="ARCHIVE")
    parser.add_argument("--docstrings", nargs="+", default=[], metavar="PACKAGE")
    parser.add_argument("--cells", type=int, default=1000, help="stop after so many without error")
    parser.add_argument("--contains", default="", help="only paths that fit this pattern")
    asked = parser.parse_args(arguments)
    outcome = Outcome()
    sources = [*map(notebooks_in, asked.archives), *map(examples_in, asked.docstrings)]
    for source in sources:
        for name, cells in source:
            if outcome.status["ok"] >= asked.cells or not re.search(asked.contains, name):
                continue
            known = len(outcome.differences)
            say(f"{outcome.status['ok']} of {outcome.cells} cells, {known} changed: {name}")
            with tempfile.TemporaryDirectory() as home:
                run_notebook(cells, outcome, Path(home))
            for difference in outcome.differences[known:]:
                print(name, json.dumps(_part(difference)), flush=True)
    print(table(["what", "figure"], outcome.rows))
    raise SystemExit(1 if outcome.differences else 0)


if __name__ == "__main__":
    main()
