"""The widgets: a model that knows labels and public keys, and never a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
from traitlets import Dict

_HERE = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


class FormWidget(anywidget.AnyWidget):
    """The form. `question` is all that is synced."""

    _esm = _text("shared.js") + _text("form.js")
    _css = _text("form.css")
    question: Any = Dict().tag(sync=True)


class PanelWidget(anywidget.AnyWidget):
    """The reveal panel. `about` is all that is synced: where the value comes from."""

    _esm = _text("shared.js") + _text("reveal.js")
    _css = _text("form.css")
    about: Any = Dict().tag(sync=True)
