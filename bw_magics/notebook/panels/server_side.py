"""Cells that the Jupyter server runs for the page (jupyter-server-nbmodel).

JupyterLab trusts the outputs of a cell that it runs itself, and shows widgets only in trusted
outputs. A cell that the server runs stays untrusted until a person trusts the notebook. The server
also drops every `update_display_data`, so a later line has to be an output of its own.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

WHY = (
    "The Jupyter server runs this cell, and JupyterLab shows no panel in a notebook that is not "
    "trusted."
)
TRUST = "Choose Trust Notebook in the command palette, then run the cell again."


def is_server_side(kernel: Any) -> bool:
    """Returns whether the running cell of a notebook came from its server and not from a page.

    A page names the cell in the metadata of its request, which the server does not.
    """
    if "JPY_SESSION_NAME" not in os.environ:
        return False
    with suppress(Exception):
        request = kernel.get_parent("shell")
        return bool(request) and "cellId" not in request["metadata"]
    return False
