"""`Need`: a secret that a project or a notebook names, and whether it is available."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bw_magics.errors import BitwardenError, UsageMistake
from bw_magics.vault.references import AnyReference, parse_reference

FILE = "pyproject.toml"
TABLE = "[tool.bw_magics.secrets]"
_LARGEST = 1024 * 1024
_HOW = 'Write NAME = "bw://ITEM/FIELD" below {}.'


@dataclass(frozen=True, slots=True)
class Need:
    """A name, the reference that it stands for, and what it is for."""

    name: str
    reference: AnyReference
    description: str = ""
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A need, and why it is not available; None where it is."""

    need: Need
    problem: BitwardenError | None


def check_all(needs: Iterable[Need], check: Callable[[AnyReference], None]) -> list[Checked]:
    """Checks each need; `check` finds what a reference names, and reads no value."""
    found = []
    for need in needs:
        problem: BitwardenError | None = None
        try:
            check(need.reference)
        except BitwardenError as error:
            problem = error
        found.append(Checked(need, problem))
    return found


def needs_of_project(start: Path) -> list[Need]:
    """Reads the needs of the nearest pyproject.toml, upwards from a folder; none without a file.

    Raises `UsageMistake` for a file or a table that cannot be read.
    """
    for folder in (start, *start.parents):
        path = folder / FILE
        if path.is_file():
            return _read(partial(_of_file, path), TABLE, f"{TABLE} in {FILE}")
    return []


def needs_in(text: str, magic: str) -> list[Need]:
    """Reads the needs of a cell below `magic`, written as those of a project.

    Raises `UsageMistake` for a text that cannot be read.
    """
    return _read(lambda: tomllib.loads(text), magic, f"The cell of {magic}")


def _of_file(path: Path) -> Any:
    if path.stat().st_size > _LARGEST:
        raise ValueError
    tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    return tool.get("bw_magics", {}).get("secrets", {})


def _read(load: Callable[[], Any], place: str, whole: str) -> list[Need]:
    try:
        return [_need(name, given, place) for name, given in load().items()]
    except (OSError, ValueError, AttributeError) as problem:
        if isinstance(problem, UsageMistake):
            raise
        raise UsageMistake(f"{whole} cannot be read.", _HOW.format(place)) from None


def _need(name: str, given: Any, place: str) -> Need:
    described = given if isinstance(given, dict) else {"reference": given}
    try:
        reference = parse_reference(described.get("reference", ""))
    except UsageMistake as mistake:
        raise UsageMistake(
            f"'{name}' below {place} has no valid reference.", mistake.remedy
        ) from None
    text, is_optional = described.get("description", ""), described.get("optional", False)
    if not isinstance(text, str) or not isinstance(is_optional, bool):
        raise UsageMistake(f"'{name}' below {place} cannot be read.", _HOW.format(place))
    return Need(name, reference, text, is_optional)
