"""Reads dotenv text from files and notes: all names and values, or one error."""

from __future__ import annotations

from bw_magics.errors import UsageMistake
from bw_magics.session.dotenv_lines import Line, read_lines
from bw_magics.session.environment.ledger import is_name, same_name

LARGEST = 1024 * 1024


def read_dotenv(text: str, where: str, *, strict: bool = False) -> dict[str, str]:
    """Reads the variables in dotenv text: python-dotenv's syntax, without interpolation.

    `where` says where the text is, for errors, which name lines. A name alone on a line sets
    nothing; with `strict` it is a mistake, as in a note that is not dotenv text. Raises
    `UsageMistake` also for a name that is set twice.
    """
    values: dict[str, str] = {}
    seen: set[str] = set()
    for line in read_lines(text):
        if reason := _reason(line, strict=strict):
            raise UsageMistake(
                f"Line {line.number} of {where} is not dotenv text: {reason}.",
                "Every line is NAME=value, empty, or a # comment.",
            )
        if line.name is None or line.value is None:
            continue
        if same_name(line.name) in seen:
            raise UsageMistake(
                f"Line {line.number} of {where} sets a name that was set before.",
                "Keep one of the two.",
            )
        seen.add(same_name(line.name))
        values[line.name] = line.value
    if strict and not values:
        raise UsageMistake(f"{where[:1].upper()}{where[1:]} sets nothing.", "Is it dotenv text?")
    return values


def _reason(line: Line, *, strict: bool) -> str | None:
    """Returns why a line sets nothing, or something else than it seems to."""
    if line.name is None:
        return line.reason
    if not is_name(line.name):
        return "its name has other characters than A-Z, a-z, 0-9, _, . and -"
    if strict and line.value is None:
        return "it is not NAME=value"
    if line.value is not None and "\0" in line.value:
        return "its value has a NUL character"
    if line.is_exported and line.ends_in_semicolon:
        return "a ; follows the value; put the value in quotes if it belongs to it"
    return None
