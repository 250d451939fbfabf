"""The masked form and the reveal panel: widgets that the kernel talks to while a cell runs.

Nothing typed or shown is ever a synced trait. It travels once, as a custom message, sealed between
browser and kernel. Nothing here is imported before a form or a panel is needed.
"""
