"""Builds the conda recipe, and tests the package, in a channel made of this machine's packages.

`make release-check` runs it in an environment that has rattler-build and rattler. Where no channel
of conda can be reached, the recipe's build and tests still run: with this Python, and the wheels of
its requirements made into conda packages. It cannot tell whether conda-forge has them all.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

from tests.packaging.release import LEFT_BEHIND, ROOT

RECIPE = Path("conda") / "recipe.yaml"
PLATFORM = "linux-64"
VERSION = ".".join(map(str, sys.version_info[:3]))
LIBRARY = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
_NOT_COPIED = shutil.ignore_patterns("site-packages", "test", "__pycache__", "*.a", "config-*")


def built(copy: Path, channel: Path, folder: Path) -> Path:
    """Builds and tests the package; returns it."""
    import rattler_build

    recipe = rattler_build.Stage0Recipe.from_file(str(copy / RECIPE))
    (result,) = recipe.run_build(output_dir=folder, channels=[channel.as_uri()])
    (package,) = result.packages
    # In an environment that has what the recipe says that it needs, and nothing else.
    channels = [channel.as_uri(), folder.as_uri()]
    tests = rattler_build.Package.from_file(package).run_tests(channel=channels)
    if not tests or not all(test.success for test in tests):
        raise SystemExit("\n".join(line for test in tests for line in test.output))
    return Path(package)


def make_channel(environment: Path, channel: Path, work: Path) -> None:
    """Makes a channel of this Python and of all that is installed in an environment."""
    import rattler.index

    (channel / PLATFORM).mkdir(parents=True)
    (channel / "noarch").mkdir()
    _assemble("python", VERSION, [], _python(work / "python"), channel)
    names = {canonical(each.split()[0]): each.split()[0] for each in requirements()}
    for installed in sorted((environment / LIBRARY / "site-packages").glob("*.dist-info")):
        metadata = Parser().parsestr((installed / "METADATA").read_text(encoding="utf-8"))
        name, version = canonical(metadata["Name"]), metadata["Version"]
        name = names.get(name, name)
        files = _files(installed, environment, work / installed.name)
        depends = [f"python {VERSION}", *_depends(metadata.get_all("Requires-Dist") or [])]
        _assemble(name, version, depends, files, channel)
    asyncio.run(rattler.index.index_fs(channel))


def _assemble(name: str, version: str, depends: list[str], files: Path, channel: Path) -> None:
    import rattler_build

    rattler_build.assemble_package(
        name, version, PLATFORM, "0", channel / PLATFORM,
        files_dir=files, depends=depends, compression_level=1,
    )  # fmt: skip


def _python(folder: Path) -> Path:
    """Copies this Python, without what is installed in it."""
    base = Path(sys.base_prefix)
    shutil.copytree(base / LIBRARY, folder / LIBRARY, ignore=_NOT_COPIED, symlinks=True)
    (folder / LIBRARY / "site-packages").mkdir()
    (folder / LIBRARY / "site-packages" / "README.txt").write_text("Packages go here.\n")
    (folder / "bin").mkdir()
    executable = Path(sys.executable).resolve()
    for name in ("python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}"):
        shutil.copy2(executable, folder / "bin" / name)
    for library in (base / "lib").glob("libpython*.so*"):
        shutil.copy2(library, folder / "lib" / library.name, follow_symlinks=False)
    return folder


def _files(installed: Path, environment: Path, folder: Path) -> Path:
    """Copies the files of one installed package."""
    for line in (installed / "RECORD").read_text(encoding="utf-8").splitlines():
        source = (installed.parent / line.split(",")[0].strip('"')).resolve()
        if not source.is_file() or "__pycache__" in source.parts:
            continue
        goal = folder / source.relative_to(environment.resolve())
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, goal)
        if goal.parent.name == "bin":
            _let_any_python_run(goal)
    return folder


def _let_any_python_run(script: Path) -> None:
    """Takes the path of one Python out of the first line of a script."""
    first, end, rest = script.read_bytes().partition(b"\n")
    if first.startswith(b"#!") and b"python" in first:
        script.write_bytes(b"#!/usr/bin/env python" + end + rest)


def _depends(requirements: list[str]) -> Iterator[str]:
    from packaging.requirements import Requirement

    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield f"{canonical(requirement.name)} {requirement.specifier}".strip()


def requirements() -> list[str]:
    """Returns what the recipe needs to be built and to run, but for Python."""
    import yaml

    needed = yaml.safe_load((ROOT / RECIPE).read_text(encoding="utf-8"))["requirements"]
    return [each for each in (*needed["host"], *needed["run"]) if each.split()[0] != "python"]


def canonical(name: str) -> str:
    """Returns the one spelling of a package's name, as PyPI has it."""
    return re.sub("[-_.]+", "-", name).lower()


def main() -> int:
    """Prints what was built; raises where it was not."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        copy = folder / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
        environment = folder / "environment"
        uv = [sys.executable, "-m", "uv"]
        subprocess.run(
            [*uv, "venv", "--quiet", "--python", sys.executable, environment], check=True
        )
        python = environment / "bin" / "python"
        install = [*uv, "pip", "install", "--quiet", "--python", str(python)]
        subprocess.run([*install, *(each.replace(" ", "") for each in requirements())], check=True)
        make_channel(environment, folder / "channel", folder / "files")
        package = built(copy, folder / "channel", folder / "built")
        print(f"{package.name}, {package.stat().st_size / 1000:.0f} kB, built and tested")
    return 0


if __name__ == "__main__":
    sys.exit(main())
