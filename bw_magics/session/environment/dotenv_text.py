"""Reads dotenv text from files and notes: all names and values, or one error."""

from __future__ import annotations

import io

from bw_magics.errors import UsageMistake
from bw_magics.session.environment.ledger import is_name, same_name

LARGEST = 1024 * 1024


def read_dotenv(text: str, where: str, *, strict: bool = False) -> dict[str, str]:
    """Reads the variables in dotenv text: python-dotenv's syntax, without interpolation.

    `where` says where the text is, for errors, which name lines. A name alone on a line sets
    nothing; with `strict` it is a mistake, as in a note that is not dotenv text. Raises
    `UsageMistake` also for a name that is set twice.
    """
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    seen: set[str] = set()
    for binding in parse_stream(io.StringIO(text)):
        line = binding.original.line
        if binding.error or (
            binding.key is not None
            and (not is_name(binding.key) or (strict and binding.value is None))
        ):
            raise UsageMistake(
                f"Line {line} of {where} is not dotenv text.",
                "Every line is NAME=value, empty, or a # comment.",
            )
        if binding.key is None or binding.value is None:
            continue
        if same_name(binding.key) in seen:
            raise UsageMistake(
                f"Line {line} of {where} sets a name that was set before.", "Keep one of the two."
            )
        seen.add(same_name(binding.key))
        values[binding.key] = binding.value
    if strict and not values:
        raise UsageMistake(f"{where[:1].upper()}{where[1:]} sets nothing.", "Is it dotenv text?")
    return values
