"""The place in a cell's output where a widget is shown, and later one line of text."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import uuid4

from IPython.display import display

_VIEW = "application/vnd.jupyter.widget-view+json"


class CellOutput:
    """One output of the running cell. What is saved with the notebook is `text`, or what it was
    replaced by.
    """

    def __init__(self, text: str) -> None:
        self._id = uuid4().hex
        self._text = text
        self._is_used = False

    def show(self, widget: Any) -> None:
        """Shows a widget."""
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        display({"text/plain": self._text, _VIEW: view}, raw=True, display_id=self._id)
        self._is_used = True

    def replace(self, line: str) -> None:
        """Puts a line in the widget's place; an empty one leaves nothing to be seen."""
        if self._is_used:
            display({"text/plain": line}, raw=True, display_id=self._id, update=True)


def dispose(widget: Any) -> None:
    """Takes a widget and its layout out of the front end; nothing of it is saved."""
    layout = getattr(widget, "layout", None)
    for model in filter(None, (widget, layout)):
        with suppress(Exception):
            model.close()
