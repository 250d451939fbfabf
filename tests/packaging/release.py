"""`make release-check`: what can be known of a release before its tag, as a table.

It builds the distribution twice from two copies, looks into the wheel, uses the built wheel in new
environments with the lowest and the newest versions of every dependency, and builds the conda
package. Every line is looked at, also after one that fails; the last ones count them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 600_000
"""Bytes of the wheel, at most."""

LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "node_modules", "build", "dist"
)
# A cell each, in an environment that has nothing but the wheel, its dependencies and the demo.
USE = """
from IPython.core.interactiveshell import InteractiveShell

import bw_magics

shell = InteractiveShell.instance()
for line in (
    "%load_ext bw_magics",
    "%bw_demo",
    "%bw_login --apikey",
    "%bw_unlock --nointeraction",
    "password = %bw_get password Warehouse DB",
    "%bw_list items",
    "made = %bw_create login Release --username ada --generate",
    "key = bw_session['Cluster SSH key'].ssh_key",
    "%bw_status",
    "%bw_logout",
):
    shell.run_cell(line).raise_error()
password = shell.user_ns["password"]
assert type(password).__name__ == "Secret" and "demo" in str(password), "another value"
assert "demo" not in repr(password), "shown"
assert "site-packages" in bw_magics.__file__, "not the wheel"
print("used", bw_magics.__version__)
"""


@dataclass(frozen=True)
class Result:
    """One line of the table: what was looked at, the finds, and whether that will do."""

    what: str
    found: str
    is_right: bool


def build(folder: Path, outside: Mapping[str, str] = os.environ) -> Path:
    """Builds sdist and wheel from a copy of the project; returns the folder that has them.

    `outside` is the environment of pip.
    """
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
    built = folder / "dist"
    _run([sys.executable, "-m", "build", "--outdir", str(built), str(copy)], outside)
    return built


def digests(folder: Path) -> dict[str, str]:
    """Returns the SHA-256 of each file in a folder, by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def wheel_in(folder: Path) -> Path:
    """Returns the one wheel of a folder."""
    (wheel,) = folder.glob("*.whl")
    return wheel


def contents(wheel: Path) -> Iterator[Result]:
    """Looks into a wheel: its size, its files, and the bill of materials."""
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
        yield Result("packages in it", ", ".join(sorted(tops)), tops == {"bw_magics"})
        needed = ("bw_magics/py.typed", "/licenses/LICENSE", ".js", "entry_points.txt")
        missing = [end for end in needed if not any(name.endswith(end) for name in names)]
        found = f"without {', '.join(missing)}" if missing else "all"
        yield Result("types, licence, scripts, entry points", found, not missing)
        boms = [name for name in names if ".dist-info/sboms/" in name]
        components = len(json.loads(opened.read(boms[0]))["components"]) if boms else 0
        yield Result("bill of materials", f"{components} components", components > 0)
    size = wheel.stat().st_size
    is_small = size <= LIMIT
    why = (
        ""
        if is_small
        else f" (goal ≤ {LIMIT / 1000:.0f} kB; docs/decisions/0023-size-of-the-wheel.md)"
    )
    yield Result("size of the wheel", f"{size / 1000:.0f} kB{why}", is_small)


def use(
    wheel: Path, folder: Path, resolution: str, outside: Mapping[str, str] = os.environ
) -> Result:
    """Installs the wheel with the `lowest-direct` or `highest` versions, and uses it."""
    environment = folder / resolution
    uv = [sys.executable, "-m", "uv"]
    _run([*uv, "venv", "--quiet", "--python", sys.executable, str(environment)], outside)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [*uv, "pip", "install", "--quiet", "--python", str(python)]
    # By themselves: they are the direct dependencies that `lowest-direct` means.
    _run([*install, "--resolution", resolution, *_requirements()], outside)
    _run([*install, "--no-deps", str(wheel)], outside)
    listed = _run(
        [*uv, "pip", "list", "--quiet", "--python", str(python), "--format", "json"], outside
    )
    versions = {each["name"]: each["version"] for each in json.loads(listed)}
    ours = ("PYTHON", "BW_", "IPYTHON")
    clean = {name: text for name, text in outside.items() if not name.startswith(ours)}
    done = subprocess.run(
        [str(python), "-c", USE],
        cwd=folder,
        env={**clean, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = ", ".join(f"{name} {versions[name]}" for name in ("ipython", "cryptography", "httpx"))
    is_right = done.returncode == 0 and done.stdout.strip().endswith(_version())
    reason = "" if is_right else f": {done.stderr.strip().splitlines()[-1:]}"
    return Result(f"used with {resolution} versions", f"{told}{reason}", is_right)


def build_conda(outside: Mapping[str, str] = os.environ) -> Result:
    """Builds and tests the conda package, where conda packages of this machine can be made."""
    what = "conda package"
    if sys.platform != "linux":
        return Result(what, "not tried: on Linux only", True)
    uv = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--python", sys.executable]
    tools = ("packaging", "py-rattler>=0.28", "py-rattler-build>=0.73", "pyyaml", "uv")
    needed = [f"--with={tool}" for tool in tools]
    environment = {**outside, "PYTHONPATH": str(ROOT)}
    told = _run([*uv, *needed, "python", "-m", "tests.packaging.conda"], environment)
    return Result(what, told.strip().splitlines()[-1], True)


def check() -> Iterator[Result]:
    """Yields every line of the table."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        first, second = (build(folder / name) for name in ("first", "second"))
        same = digests(first) == digests(second)
        yield Result("two builds", "the same bytes" if same else "different bytes", same)
        wheel = wheel_in(first)
        yield from contents(wheel)
        for resolution in ("lowest-direct", "highest"):
            yield looked_at(f"used with {resolution} versions", use, wheel, folder, resolution)
        yield looked_at("conda package", build_conda)
        changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        is_told = f"## [{_version()}]" in changes
        yield Result("CHANGELOG", f"{_version()} {'is told' if is_told else 'is missing'}", is_told)


def looked_at(what: str, look: Callable[..., Result], *arguments: object) -> Result:
    """Returns what a look gives; a look that breaks is a line that is not right."""
    try:
        return look(*arguments)
    except (OSError, RuntimeError) as error:
        return Result(what, str(error), False)


def _requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["demo"]]


def _version() -> str:
    from bw_magics.settings import VERSION

    return VERSION


def _run(command: list[str], outside: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=dict(outside), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def main() -> int:
    """Prints each line, then which are not right; returns 1 where there are some."""
    results = []
    for result in check():
        results.append(result)
        print(f"{'✓' if result.is_right else '✗'} {result.what}: {result.found}", flush=True)
    wrong = [result.what for result in results if not result.is_right]
    print(f"\n{len(results) - len(wrong)} of {len(results)} are right.", end=" ")
    print(f"Not right: {', '.join(wrong)}." if wrong else "Ready.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
