"""What Python's own errors show of a `Secret`, in a program without a guard."""

from __future__ import annotations

import argparse
import ast
import codecs
import contextlib
import datetime
import decimal
import enum
import fractions
import importlib
import io
import ipaddress
import logging
import operator
import os
import pathlib
import shutil
import subprocess
import time
import traceback
import types
import urllib.request
import uuid
import zoneinfo
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bw_magics.secret import MASK, Secret

VALUE = "made-up-Secret-9xQ2"


class Colour(enum.Enum):
    RED = 1


def no_arguments() -> None:
    """Takes nothing."""


def parsed(*arguments: str) -> None:
    """Raises what argparse prints before it ends a program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int)
    parser.add_argument("--colour", choices=["red"])
    with contextlib.redirect_stderr(io.StringIO()) as shown:
        try:
            parser.parse_args(arguments)
        except SystemExit as end:
            raise ValueError(shown.getvalue()) from end


# Each of these asks for the `repr` of the text.
MASKED: Mapping[str, Callable[[Secret], object]] = {
    "{}[secret]": lambda s: dict[str, int]()[s],
    "set.remove": lambda s: set[str]().remove(s),
    "list.index": lambda s: list[str]().index(s),
    "os.environ": lambda s: os.environ[s],
    "int": int,
    "float": float,
    "Fraction": fractions.Fraction,
    "ip_address": ipaddress.ip_address,
    "open": open,
    "os.listdir": os.listdir,
    "shutil.copy": lambda s: shutil.copy(s, "copy"),
    "a program": lambda s: subprocess.run([s], check=False),
    "a program that fails": lambda s: subprocess.run(["false", s], check=True),
    "fromisoformat": datetime.datetime.fromisoformat,
    "strptime": lambda s: time.strptime(s, "%Y"),
    "an enumeration": Colour,
    "its names": lambda s: Colour[s],
    "a level of logging": lambda s: logging.getLogger("made-up").setLevel(s),
    "import_module": importlib.import_module,
    "__import__": __import__,
    "an argument that is not a number": lambda s: parsed("--number", s),
    "an argument that is not a choice": lambda s: parsed("--colour", s),
}

# These do not show the text at all.
SILENT: Mapping[str, Callable[[Secret], object]] = {
    "bytes.fromhex": bytes.fromhex,
    "UUID": uuid.UUID,
    "Decimal": decimal.Decimal,
    "complex": complex,
}

# These write the text into their message: as a name, as a part of a path, as code.
SHOWN: Mapping[str, Callable[[Secret], object]] = {
    "getattr": lambda s: getattr(object(), s),
    "setattr": lambda s: setattr(object(), s, 1),
    "getattr of a module": lambda s: getattr(ast, s),
    "getattr of a namespace": lambda s: getattr(types.SimpleNamespace(), s),
    "attrgetter": lambda s: operator.attrgetter(s)(object()),
    "a keyword argument": lambda s: no_arguments(**{s: 1}),
    "namedtuple": lambda s: namedtuple("Row", s),
    "codecs.lookup": codecs.lookup,
    "str.encode": lambda s: "x".encode(s),
    "ZoneInfo": zoneinfo.ZoneInfo,
    "Path": lambda s: pathlib.Path(s).read_text(),
    "a joined path": lambda s: pathlib.Path("nowhere", s).read_text(),
    "literal_eval": ast.literal_eval,
    "a format": lambda s: format(1, s),
    "urlopen": urllib.request.urlopen,
    "unknown arguments": parsed,
    "an error of one's own": lambda s: _raise(ValueError(f"bad: {s}")),
}


def _raise(error: Exception) -> None:
    raise error


def error_of(use: Callable[[Any], object]) -> str:
    """The traceback that a program prints."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 (each has its own)
        use(Secret(VALUE, "Warehouse DB / password"))
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("use", MASKED)
def test_an_error_that_shows_a_repr_shows_the_mask(use: str) -> None:
    shown = error_of(MASKED[use])

    assert VALUE not in shown
    assert f"{MASK} Warehouse DB / password" in shown


@pytest.mark.parametrize("use", SILENT)
def test_an_error_that_shows_no_text_shows_no_value(use: str) -> None:
    assert VALUE not in error_of(SILENT[use])


@pytest.mark.parametrize("use", SHOWN)
def test_an_error_that_shows_a_text_as_a_name_shows_the_value(use: str) -> None:
    """As SECURITY.md says. Where one of these fails, Python has become better: move it up."""
    assert VALUE in error_of(SHOWN[use])
