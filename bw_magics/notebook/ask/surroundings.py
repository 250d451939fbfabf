"""Where the kernel runs: whether the front end can show a form, and who owns the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any


def cannot_show_forms(shell: Any, environment: Mapping[str, str] | None = None) -> bool:
    """Returns whether this is Colab or VS Code, whose own masked box is better, or a cell with
    captured output.
    """
    variables = os.environ if environment is None else environment
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in variables:
        return True
    if "__vsc_ipynb_file__" in getattr(shell, "user_ns", {}):
        return True
    if "VSCODE_PID" in variables and "JPY_SESSION_NAME" not in variables:
        return True
    from IPython.core.displaypub import CapturingDisplayPublisher

    return isinstance(getattr(shell, "display_pub", None), CapturingDisplayPublisher)


def whose_machine(environment: Mapping[str, str] | None = None) -> str:
    """Returns a warning for a machine that other people run; empty otherwise."""
    variables = os.environ if environment is None else environment
    if any(name.startswith("BINDER_") for name in variables):
        return (
            "This machine is Binder's, not yours: its operator can read what you type. "
            "%bw_demo tries everything without an account."
        )
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in variables:
        return "This machine is Google's, not yours: its operator can read what you type."
    if any(name.startswith("JUPYTERHUB_") for name in variables):
        return (
            "This machine is a shared hub's, not yours: its administrators could read what you "
            "type."
        )
    return ""
