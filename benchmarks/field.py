"""How many leaks each way to mask or find secrets catches, and how much it takes for one.

`python -m benchmarks.field [--publish]`. One corpus: values as vaults hold them, each put through
every route that outputs really have; and lines of outputs and sources that hold no secret. Through
it go our guard, the rules of others as they are published, and Yelp's detect-secrets itself
(`pip install detect-secrets`; left out where it is missing).

* Databricks and nteract replace the exact text of known values.
* Patterns find well-known formats of tokens, and `password = …`, without knowing a value.
* detect-secrets adds the entropy of strings.

A leak counts as caught where what is left does not show the value, in any form that the route
wrote; a way that only reports counts where it reports the text.
"""

from __future__ import annotations

import argparse
import base64
import codecs
import csv
import gzip
import html
import io
import json
import random
import re
import shlex
import string
import sysconfig
import tempfile
import urllib.parse
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.markdown import table
from benchmarks.plots import GROUNDS
from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher

DOCS = Path(__file__).parents[1] / "docs"
SEED = 2026

Way = Callable[[str, str], bool]
"""Whether a text with a value (empty where it has none) is masked or reported."""


# Values.


def values(chance: random.Random) -> dict[str, str]:
    """One value of each kind. All are made up here, by chance."""
    letters, digits = string.ascii_letters, string.digits
    words = ["".join(chance.choices(string.ascii_lowercase, k=6)) for _ in range(8)]

    def pick(alphabet: str, count: int) -> str:
        return "".join(chance.choices(alphabet, k=count))

    return {
        "generated password": pick(letters + digits, 14),
        "password with signs": pick(letters + digits + "!@#$%^&*\"'<", 18),
        "human password": f"{words[0].title()}{chance.randint(10, 99)}!{words[1]}",
        "passphrase": " ".join(words[2:6]),
        "token with a known prefix": "gh" + "p_" + pick(letters + digits, 36),
        "token of hex digits": f"{chance.getrandbits(160):040x}",
        "cloud secret key": pick(letters + digits + "/+", 40),
        "connection string": f"postgresql://app:{pick(letters + digits, 16)}@db.example.com/sales",
    }


# Routes. Those below the line are known not to be caught: nobody who masks texts catches them.


def _frame(value: str) -> str:
    import pandas  # type: ignore[import-untyped]

    frame = pandas.DataFrame({"name": ["token"], "value": [value]})
    return str(frame._repr_html_())


def _csv(value: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(["name", value])
    return out.getvalue()


def _traceback(value: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "etl.py", line 3, in <module>\n    connect({value!r})\n'
        f"ValueError: invalid login: {value}"
    )


def _numbered(value: str) -> str:
    return "".join(each if each.isalnum() else f"&#{ord(each)};" for each in value)


def _coloured(value: str) -> str:
    half = len(value) // 2
    return f"\x1b[31m{value[:half]}\x1b[0m\x1b[1m{value[half:]}\x1b[0m"


def _tagged(value: str) -> str:
    half = len(value) // 2
    return f'<span class="s1">{html.escape(value[:half])}</span>{html.escape(value[half:])}'


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


ROUTES: dict[str, Callable[[str], str]] = {
    "print": lambda v: f"connecting with {v} now",
    "assignment": lambda v: f"password = {v!r}",
    "repr of a dict": lambda v: repr({"user": "app", "secret": v}),
    "JSON": lambda v: json.dumps({"user": "app", "token": v}),
    "JSON in JSON": lambda v: json.dumps({"body": json.dumps({"token": v})}),
    "JSON three times": lambda v: json.dumps(json.dumps(json.dumps(v))),
    "JSON for a script": lambda v: json.dumps(v).replace("<", "\\u003c").replace("&", "\\u0026"),
    "HTML": lambda v: f"<td>{html.escape(v)}</td>",
    "HTML by numbers": lambda v: f"<td>{_numbered(v)}</td>",
    "HTML in JSON": lambda v: json.dumps({"text/html": f"<b>{html.escape(v)}</b>"}),
    "JSON in HTML": lambda v: f"<div data-x='{html.escape(json.dumps({'t': v}))}'></div>",
    "a data frame's HTML": _frame,
    "CSV": _csv,
    "YAML": lambda v: f"db:\n  host: x\n  password: {json.dumps(v)}\n",
    "TOML": lambda v: f"[db]\npassword = {json.dumps(v)}\n",
    "dotenv": lambda v: f"DB_PASSWORD={shlex.quote(v)}",
    "shell export": lambda v: f"export API_TOKEN={shlex.quote(v)} && ./run",
    "a command line": lambda v: f"curl -u app:{shlex.quote(v)} https://api.example.com",
    "URL": lambda v: f"https://app:{urllib.parse.quote(v, safe='')}@example.com/x",
    "a form of a URL": lambda v: "https://example.com/?" + urllib.parse.urlencode({"key": v}),
    "URL in JSON": lambda v: json.dumps({"u": f"https://x/?k={urllib.parse.quote(v, safe='')}"}),
    "URL twice": lambda v: urllib.parse.quote(urllib.parse.quote(v, safe=""), safe=""),
    "Bearer header": lambda v: f"Authorization: Bearer {v}",
    "Basic header": lambda v: f"Authorization: Basic {_base64(f'app:{v}'.encode())}",
    "base64": lambda v: _base64(v.encode()),
    "base64 for URLs": lambda v: base64.urlsafe_b64encode(v.encode()).decode(),
    "base64 of JSON": lambda v: _base64(json.dumps({"auth": {"token": v}}).encode()),
    "hex": lambda v: v.encode().hex(),
    "hex in capitals": lambda v: v.encode().hex().upper(),
    "repr of bytes": lambda v: repr(v.encode()),
    "octal escapes": lambda v: "".join(c if c.isalnum() else f"\\{ord(c):03o}" for c in v),
    "hex escapes": lambda v: "".join(c if c.isalnum() else f"\\x{ord(c):02x}" for c in v),
    "unicode escapes": lambda v: "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in v),
    "a traceback": _traceback,
    "an exception's text": lambda v: f"OperationalError: login failed (password={v})",
    "SQL": lambda v: f"ALTER ROLE app PASSWORD '{v.replace(chr(39), chr(39) * 2)}'",
    "a log line": lambda v: f"2026-11-30 10:00:01,123 DEBUG db connect(user='app', password={v!r})",
    "colours": _coloured,
    "a coloured log": lambda v: f"\x1b[36mDEBUG\x1b[0m token=\x1b[33m{v}\x1b[0m",
    "inline tags": _tagged,
    "XML": lambda v: f'<db password="{html.escape(v)}"/>',
    "Markdown": lambda v: f"| key | value |\n| --- | --- |\n| token | `{v}` |",
    "a widget's state": lambda v: json.dumps({"state": {"value": v, "_model_name": "TextModel"}}),
    "a Plotly hover": lambda v: json.dumps({"data": [{"text": ["a", v], "x": [1, 2]}]}),
    "two lines of an output": lambda v: v.replace(" ", "\n", 1) if " " in v else f"a\n{v}\nb",
    "cut with dots": lambda v: f"token: {v[:12]}...",
    "a cookie": lambda v: f'Set-Cookie: s="{v}"; Path=/',
    # ---
    "reversed": lambda v: v[::-1],
    "letters apart": lambda v: " ".join(v),
    "in capitals": lambda v: v.upper() if v.upper() != v else v.lower(),
    "ROT13": lambda v: codecs.encode(v, "rot13"),
    "base64 of base64": lambda v: _base64(_base64(v.encode()).encode()),
    "base64 of gzip": lambda v: _base64(gzip.compress(v.encode(), mtime=0)),
    "numbers of characters": lambda v: str([ord(each) for each in v]),
}


# What holds no secret.


def harmless(chance: random.Random) -> Iterator[str]:
    """Lines of outputs, and real lines of the standard library."""
    for _ in range(40):
        yield f"id: {uuid.UUID(int=chance.getrandbits(128))}"
        yield f"commit {chance.getrandbits(160):040x}"
        yield f"sha256:{chance.getrandbits(256):064x}  wheel.whl"
        yield f'"integrity": "sha512-{_base64(chance.randbytes(64))}"'
        yield f'"image/png": "{_base64(chance.randbytes(300))}"'
        yield ", ".join(f"{chance.gauss(0, 1):.6f}" for _ in range(8))
        yield f"2026-11-{chance.randint(1, 30):02} 10:00 epoch {chance.randint(1, 99)} loss 0.123"
        yield f"<tr><td>{chance.randint(1, 10**6)}</td><td>City {chance.randint(1, 99)}</td></tr>"
        yield f"<matplotlib.axes._subplots.AxesSubplot at 0x{chance.getrandbits(44):x}>"
        yield f"https://example.com/items/{chance.getrandbits(64):x}?page={chance.randint(1, 99)}"
    yield from (
        "password = getpass.getpass()",
        'token = os.environ["API_TOKEN"]',
        'api_key = "YOUR_API_KEY"',
        "password: ••••••••",
        "client_secret = bw_session['Mail'].password",
        "def check_password(password: str, hashed: str) -> bool:",
        'parser.add_argument("--password", help="the password")',
        "secret_key_base64 = None",
    )
    library = Path(sysconfig.get_paths()["stdlib"])
    lines = [
        line.strip()
        for name in ("argparse.py", "ssl.py", "hmac.py", "imaplib.py", "tarfile.py", "netrc.py")
        for line in (library / name).read_text(encoding="utf-8").splitlines()
        if len(line.strip()) > 20
    ]
    yield from chance.sample(lines, 250)


# The ways.


def exact(known: list[str]) -> Way:
    """The rule of Databricks and nteract: the exact text of each known value is replaced."""

    def masks(text: str, value: str) -> bool:
        return any(each in text for each in known)

    return masks


# Formats of tokens as scanners for agents and commits publish them, and assignments.
_PATTERNS = [
    r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    r"\bgithub_pat_[A-Za-z0-9_]{22,}\b",
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}\b",
    r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b",
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b",
    r"\bglpat-[A-Za-z0-9_-]{20,}\b",
    r"\bnpm_[A-Za-z0-9]{36}\b",
    r"\bAIza[A-Za-z0-9_-]{35}\b",
    r"\bey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]+@",
    r"(?i)\bauthorization:\s*(?:bearer|basic)\s+\S{8,}",
    r"(?i)\b[\w.-]*(?:password|passwd|secret|token|api_?key)[\"']?\s*[:=]\s*[\"']?[^\s\"']{8,}",
]


def patterns() -> Way:
    """Patterns of well-known tokens, and of assignments to names that mean a secret."""
    compiled = [re.compile(each) for each in _PATTERNS]

    def reports(text: str, value: str) -> bool:
        return any(each.search(text) for each in compiled)

    return reports


def detect_secrets() -> Way | None:
    """Yelp's own library with its default plugins; None where it is not installed."""
    try:
        from detect_secrets.core.scan import scan_file
        from detect_secrets.settings import default_settings
    except ImportError:
        return None

    def reports(text: str, value: str) -> bool:
        # As its hook does: on a line by itself it leaves out the limits of entropy.
        with tempfile.TemporaryDirectory() as folder, default_settings():
            path = Path(folder) / "output.txt"
            path.write_text(text, encoding="utf-8")
            return any(True for _ in scan_file(str(path)))

    return reports


def ours(known: list[str]) -> Way:
    """The guard's matcher."""
    matcher = Matcher()
    for each in known:
        matcher.learn(each)

    def masks(text: str, value: str) -> bool:
        left = matcher.mask(text, is_html=True)
        return MASK in left and (not value or value not in left)

    return masks


def measure() -> tuple[list[list[str]], Mapping[str, tuple[float, float]], list[str]]:
    """The table by route, the rates of each way (caught, taken for one), and notes."""
    chance = random.Random(SEED)
    kinds = values(chance)
    known = list(kinds.values())
    ways: dict[str, Way] = {
        "bw_magics": ours(known),
        "exact value (Databricks, nteract)": exact(known),
        "patterns (docker-agent's kind)": patterns(),
    }
    notes = []
    if (library := detect_secrets()) is not None:
        ways["detect-secrets"] = library
    else:
        notes.append("detect-secrets is not installed and was left out.")
    rows, caught = [], dict.fromkeys(ways, 0)
    total = 0
    for route, write in ROUTES.items():
        texts = [(write(value), value) for value in known]
        total += len(texts)
        counts = {name: sum(way(*each) for each in texts) for name, way in ways.items()}
        for name, count in counts.items():
            caught[name] += count
        rows.append([route, *(f"{counts[name]}/{len(texts)}" for name in ways)])
    lines = list(harmless(chance))
    wrong = {name: sum(way(line, "") for line in lines) for name, way in ways.items()}
    rows.append([f"**all {total} leaks**", *(f"**{caught[n] / total:.0%}**" for n in ways)])
    rows.append(
        [
            f"**{len(lines)} lines without a secret**",
            *(f"**{wrong[n] / len(lines):.1%}**" for n in ways),
        ]
    )
    rates = {name: (caught[name] / total, wrong[name] / len(lines)) for name in ways}
    return [["route", *ways], *rows], rates, notes


def draw(rates: Mapping[str, tuple[float, float]], folder: Path) -> None:
    """Bars of both rates, on a light and on a dark ground."""
    from matplotlib.figure import Figure

    names = list(rates)[::-1]
    for ground in GROUNDS:
        figure = Figure(figsize=(7.2, 2.6), facecolor=ground.paper)
        axes: Any = figure.subplots(1, 2, sharey=True)
        for index, (axis, title) in enumerate(
            zip(axes, ("leaks caught", "harmless lines taken for one"), strict=True)
        ):
            shares = [rates[name][index] * 100 for name in names]
            colours = ["#0969da" if name == "bw_magics" else "#8c959f" for name in names]
            axis.barh(names, shares, color=colours)
            axis.set_xlim(0, 115)
            axis.set_facecolor(ground.paper)
            axis.set_title(title, color=ground.ink, fontsize=10)
            axis.tick_params(colors=ground.ink, labelsize=9, length=0)
            axis.set_xticks([])
            for side in axis.spines.values():
                side.set_visible(False)
            for place, share in enumerate(shares):
                axis.text(
                    share + 2, place, f"{share:.0f} %", color=ground.ink, va="center", fontsize=9
                )
        figure.tight_layout()
        figure.savefig(folder / f"compared{ground.name}.svg", metadata={"Date": None})


def main(arguments: list[str] | None = None) -> None:
    """Prints the table; with --publish also writes the page and its plots."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.field")
    parser.add_argument(
        "--publish", action="store_true", help="write docs/compared.md and its plots"
    )
    asked = parser.parse_args(arguments)
    (headings, *rows), rates, notes = measure()
    text = table(headings, rows)
    print(text, *notes, sep="\n")
    if asked.publish:
        page = DOCS / "compared.md"
        before, mark, rest = page.read_text(encoding="utf-8").partition("<!-- the table -->\n")
        after = rest.partition("<!-- end of the table -->")[2]
        page.write_text(f"{before}{mark}{text}\n<!-- end of the table -->{after}", encoding="utf-8")
        draw(rates, DOCS)


if __name__ == "__main__":
    main()
