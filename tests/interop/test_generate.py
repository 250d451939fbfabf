"""`bw generate` as the witness for the options of `%bw_generate`: their defaults and limits."""

from __future__ import annotations

import os
import string
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from bw_magics import Vault
from bw_magics.notebook.magics.generator import GeneratorMagics
from bw_magics.notebook.magics.shell_session import ShellSession
from tests.interop.conftest import Run

LINES = [
    "",
    "-ulns --length 25",
    "-u -l --length 18",
    "-ul",
    "-n --length 20",
    "-s",
    "--length 3",
    "--length 0",
    "--length 200",
    "-n --minNumber 12",
    "-n --length 5 --minNumber 9",
    "-u --minNumber 3",
    "--minSpecial 3",
    "-ulns --length 6 --minNumber 4 --minSpecial 4",
    "-ulns --length 10 --minNumber 0 --minSpecial 0",
    "-uln --length 128 --ambiguous",
    "-s --minSpecial 12 --length 20",
    "-p",
    "-p --words 2",
    "-p --words 25",
    "-p --words 5 --separator space",
    "-p --words 5 --separator empty",
    "-p --separator _",
    "-p --separator ab",
    "-p -c --separator .",
    "-pc --words 3 --includeNumber --separator +",
]

# The words of the list that have a hyphen of their own.
HYPHENATED = ("drop-down", "felt-tip", "t-shirt", "yo-yo")


def shape(value: str, line: str) -> dict[str, Any]:
    """What a generated value has in common with every other one of the same options."""
    if "-p" not in line:
        return {
            "length": len(value),
            "upper": any(c in string.ascii_uppercase for c in value),
            "lower": any(c in string.ascii_lowercase for c in value),
            "digits": any(c in string.digits for c in value) or "--minNumber 0" in line,
            "special": any(c in "!@#$%^&*" for c in value) or "--minSpecial 0" in line,
            "other": set(value) - set(string.ascii_letters + string.digits + "!@#$%^&*"),
            "ambiguous": "--ambiguous" in line and bool(set(value) & set("IOl01")),
        }
    if "empty" in line or "ab" in line:
        return {"letters": set(value) <= set(string.ascii_letters + "-")}
    for word in HYPHENATED:
        value = value.replace(word, word.replace("-", ""))
    separator = next((c for c in " _.+" if c in value), "-")
    words = value.split(separator)
    return {
        "separator": separator,
        "words": len(words),
        "capitals": all(word[0].isupper() for word in words),
        "digits": sum(c.isdigit() for c in value),
    }


@pytest.fixture
def generator() -> GeneratorMagics:
    """The magic, in a shell that runs no cell."""
    shell = InteractiveShell.instance()
    return GeneratorMagics(shell, ShellSession(shell, Vault()))


def test_every_option_means_what_it_means_at_bw(
    generator: GeneratorMagics,
    tmp_path: Path,
    bw_command: tuple[str, ...],
    outside: Mapping[str, str],
) -> None:
    def ask(number: int) -> str:
        folder = tmp_path / str(number)
        settings = {"PATH": outside["PATH"], "HOME": str(folder)}
        settings["BITWARDENCLI_APPDATA_DIR"] = str(folder)
        return str(Run(bw_command, folder, settings)("generate", *LINES[number].split()))

    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        witnesses = list(pool.map(ask, range(len(LINES))))

    for line, witness in zip(LINES, witnesses, strict=True):
        ours = str(generator.bw_generate(line))
        assert shape(ours, line) == shape(witness, line), (line, len(ours), len(witness))
