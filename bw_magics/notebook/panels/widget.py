"""The widgets: models without any state but their script."""

from __future__ import annotations

import anywidget

from bw_magics.notebook.panels.script import read, script


class FormWidget(anywidget.AnyWidget):
    """The form. It gets its question in a message, so that a saved state asks nothing."""

    _esm = script("form.js")
    _css = read("form.css")


class PanelWidget(anywidget.AnyWidget):
    """The reveal panel. It gets everything in messages."""

    _esm = script("reveal.js")
    _css = read("form.css")


class BrowserWidget(anywidget.AnyWidget):
    """The vault browser. Nothing of the vault is part of its state."""

    _esm = script("browse.js")
    _css = read("form.css") + read("browse.css")


class ItemWidget(anywidget.AnyWidget):
    """The form for one item. Its fields and values come in sealed messages."""

    _esm = script("item_panel.js")
    _css = read("form.css") + read("browse.css")
