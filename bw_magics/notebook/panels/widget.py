"""The widgets: models without any state but their script."""

from __future__ import annotations

from pathlib import Path

import anywidget

_HERE = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


class FormWidget(anywidget.AnyWidget):
    """The form. What it asks it is told in a message, so that a saved state asks nothing."""

    _esm = _text("shared.js") + _text("form.js")
    _css = _text("form.css")


class PanelWidget(anywidget.AnyWidget):
    """The reveal panel. It too is told everything in messages."""

    _esm = _text("shared.js") + _text("reveal.js")
    _css = _text("form.css")


class BrowserWidget(anywidget.AnyWidget):
    """The vault browser; nothing of the vault is ever part of its state."""

    _esm = _text("shared.js") + _text("browse.js")
    _css = _text("form.css") + _text("browse.css")
