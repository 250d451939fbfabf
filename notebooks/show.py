"""Runs a notebook from top to bottom in a real kernel and shows it in the terminal.

    python notebooks/show.py notebooks/quickstart.ipynb

Each cell is shown with its outputs as they come. The notebook's file is not changed. Ends with
status 1 at the first cell that fails, with 2 where the notebook cannot be read.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import nbformat
import zmq
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets.config import Config

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Screen:
    """Where cells are shown: with colours on a terminal, without them in a pipe or file."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.has_colours = stream.isatty() and "NO_COLOR" not in os.environ

    def show(self, text: str) -> None:
        """Writes text at once."""
        self._stream.write(text if self.has_colours else _ESCAPES.sub("", text))
        self._stream.flush()

    def markdown(self, source: str) -> None:
        """Shows a text cell, its headings in bold."""
        lines = (
            f"\x1b[1m{line}\x1b[0m" if line.startswith("#") else line for line in _lines(source)
        )
        self.show("\n" + "\n".join(lines) + "\n")

    def code(self, source: str, number: int) -> None:
        """Shows the source of a code cell."""
        label = f"In [{number}]: "
        if self.has_colours:
            source = _highlighted(source)
        indented = source.replace("\n", "\n" + " " * len(label))
        self.show(f"\n\x1b[32m{label}\x1b[0m{indented}\n")

    def output(self, output: nbformat.NotebookNode) -> None:
        """Shows one output."""
        if output.output_type == "stream":
            self.show(output.text)
        elif output.output_type == "error":
            self.show("\n".join(output.traceback) + "\n")
        else:
            label = "\x1b[31mOut\x1b[0m: " if output.output_type == "execute_result" else ""
            text = output.data.get("text/plain", f"({', '.join(sorted(output.data))})")
            separator = "\n" if label and "\n" in text else ""
            self.show(f"{label}{separator}{text}\n")


class Runner(NotebookClient):
    """Runs one cell after the other and hands each output to the screen when it arrives."""

    def __init__(self, notebook: nbformat.NotebookNode, screen: Screen, **options: Any) -> None:
        super().__init__(notebook, **options)
        self._screen = screen
        self._number = 0

    def process_message(
        self, msg: dict[str, Any], cell: nbformat.NotebookNode, cell_index: int
    ) -> nbformat.NotebookNode | None:
        """Takes one message of the kernel, and shows the output it brings."""
        output = super().process_message(msg, cell, cell_index)
        if output is not None:
            self._screen.output(output)
        return output

    def run(self) -> None:
        """Runs and shows all cells; raises `CellExecutionError` at the first that fails."""
        with _local_transport(self.config), self.setup_kernel():
            for index, cell in enumerate(self.nb.cells):
                if cell.cell_type == "markdown":
                    self._screen.markdown(cell.source)
                elif cell.cell_type == "code" and cell.source.strip():
                    self._number += 1
                    self._screen.code(cell.source, self._number)
                    self.execute_cell(cell, index)


@contextmanager
def _local_transport(config: Config) -> Iterator[None]:
    """Talks to the kernel over sockets in a folder of ours, not over TCP, where there are such."""
    if not zmq.has("ipc"):
        yield
        return
    with TemporaryDirectory(prefix="show-") as folder:
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(Path(folder) / "kernel")
        yield


def _lines(source: str) -> list[str]:
    return source.strip().split("\n")


def _highlighted(source: str) -> str:
    try:
        from IPython.lib.lexers import IPython3Lexer
        from pygments import highlight
        from pygments.formatters import TerminalFormatter
    except ImportError:
        return source
    return str(highlight(source, IPython3Lexer(), TerminalFormatter())).rstrip("\n")


def main(arguments: list[str] | None = None) -> int:
    """Runs the notebook that the arguments name; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run a notebook and show it in the terminal.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--timeout", type=int, default=120, help="seconds that a cell may take")
    options = parser.parse_args(arguments)
    path: Path = options.notebook
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        print(f"{path} is not a notebook: {type(error).__name__}", file=sys.stderr)
        return 2
    runner = Runner(
        notebook,
        Screen(sys.stdout),
        timeout=options.timeout,
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        runner.run()
    except CellExecutionError:
        return 1  # its traceback has been shown
    except (CellTimeoutError, DeadKernelError) as error:
        print(f"{path}: {type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
