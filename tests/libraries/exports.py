"""A value that a line copies to the clipboard, or writes into a picture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bw_magics.secret import Secret
from tests.libraries.case import Case, Verdict

_COPY = """
import sys
import pandas
from bw_magics.secret import Secret
pandas.DataFrame({"p": [Secret(sys.stdin.read())]}).to_clipboard()
"""


def _clipboard(secret: Secret, folder: Path) -> None:
    # In the place of the programs that hand a text to a desktop.
    for name in ("pbcopy", "xclip", "xsel"):
        (folder / name).write_text("#!/bin/sh\ncat > clipboard\n")
        (folder / name).chmod(0o700)
    desktop = {"DISPLAY": ":0", "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-c", _COPY]
    environment = {**os.environ, **desktop}
    subprocess.run(command, input=secret, env=environment, check=True, text=True)


def _picture(secret: Secret, folder: Path) -> None:
    from matplotlib.figure import Figure  # heavy: not for those who only collect

    Figure().savefig(folder / "a.png", metadata={"Title": secret})


CASES = [
    Case("pandas", "to_clipboard", _clipboard, Verdict.DELIVERED, "the line copies it"),
    Case("matplotlib", "savefig with metadata", _picture,
         Verdict.DELIVERED, "the line writes a file of it"),
]  # fmt: skip
