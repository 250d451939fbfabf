"""The output of a cell that shows a widget, and later one line of text."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import uuid4

from IPython import get_ipython
from IPython.display import display

from bw_magics.notebook.panels.server_side import is_server_side

_VIEW = "application/vnd.jupyter.widget-view+json"


class CellOutput:
    """One output of the running cell. The notebook saves `text`, or the line that replaced it."""

    def __init__(self, text: str) -> None:
        self._id = uuid4().hex
        self._text = text
        self._is_used = False
        self._is_updated = True

    def show(self, widget: Any) -> None:
        """Shows a widget."""
        # Asked while the cell runs: a message of the widget tells nothing about its front end.
        self._is_updated = not is_server_side(getattr(get_ipython(), "kernel", None))
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        display({"text/plain": self._text, _VIEW: view}, raw=True, display_id=self._id)
        self._is_used = True

    def replace(self, line: str) -> None:
        """Replaces the widget by a line; an empty line leaves nothing visible."""
        if not self._is_used:
            return
        if self._is_updated:
            display({"text/plain": line}, raw=True, display_id=self._id, update=True)
        elif line:
            display({"text/plain": line}, raw=True)


def dispose(widget: Any) -> None:
    """Removes a widget and its layout from the front end. They are not saved."""
    layout = getattr(widget, "layout", None)
    for model in filter(None, (widget, layout)):
        with suppress(Exception):
            model.close()
