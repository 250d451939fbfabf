"""`Assignment`: a variable to set, and the places that assignments are read from."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from bw_magics.errors import UsageMistake
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.dotenv_lines import OtherEncoding, decode
from bw_magics.session.environment.dotenv_text import LARGEST, read_dotenv
from bw_magics.shown import harmless
from bw_magics.vault.reference import is_reference
from bw_magics.vault.references import AnyReference, parse_reference


@dataclass(frozen=True, slots=True, repr=False)
class Assignment(Unpicklable):
    """A variable to set, to the value of a reference or to a value as it is.

    `source` is where it comes from, for a person. `text` is the dotenv text in the vault that holds
    the value: such a value is forgotten at the lock and read again after it. Unless it `overrides`,
    a variable that exists already keeps its value. Unless it `is_named` by a person, a variable is
    set only where it carries data.
    """

    name: str
    value: str | AnyReference
    source: str
    text: AnyReference | None = None
    overrides: bool = True
    is_named: bool = False

    def __repr__(self) -> str:
        return harmless(f"<Assignment {self.name} from {self.source}>")


def as_text(value: object) -> str:
    """Returns a value of the vault as a variable's text. Raises `UsageMistake` for another kind."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            value = None
    if isinstance(value, str):
        return value
    raise UsageMistake(
        "A reference names a value that is not text.", "Name one field: bw://ITEM/FIELD."
    )


def inline(values: Mapping[str, object]) -> list[Assignment]:
    """Makes assignments to references, or to a `Secret` in hand; takes nothing else.

    Raises `UsageMistake`, which repeats neither names nor values.
    """
    found = []
    for name, value in values.items():
        if isinstance(value, Secret):
            found.append(Assignment(name, value, value.label, is_named=True))
            continue
        if not isinstance(value, AnyReference):
            value = parse_reference(value if isinstance(value, str) else "")
        found.append(Assignment(name, value, str(value), is_named=True))
    return found


def read_file(path: Path, *, allow: Container[str] = ()) -> list[Assignment]:
    """Reads assignments from a dotenv file; its values are plain or references. `allow` holds the
    names that may be set although they steer programs.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise OSError
        text = decode(data)
    except OtherEncoding as error:
        raise UsageMistake(f"{path.name} {error.reason}.", "Save it as UTF-8.") from None
    except (OSError, ValueError):
        raise UsageMistake(
            "The dotenv file cannot be read as text.", "Check its name and its permissions."
        ) from None
    return [
        assignment_of(name, value, path.name, is_named=name in allow)
        for name, value in read_dotenv(text, path.name).items()
    ]


def assignment_of(
    name: str, value: str, source: str, text: AnyReference | None = None, *, is_named: bool
) -> Assignment:
    """Makes an assignment from a line of dotenv text: to a reference, or to the value as it is."""
    if is_reference(value):
        reference = parse_reference(value)
        return Assignment(name, reference, f"{reference} ({source})", text, is_named=is_named)
    return Assignment(name, value, source, text, is_named=is_named)
