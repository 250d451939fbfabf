"""Widgets that the kernel talks to while a cell runs; each script lies beside its Python.

Nothing typed or shown is ever a synced trait. It travels once, as a custom message, sealed between
browser and kernel. anywidget is not imported before a panel is needed.
"""
