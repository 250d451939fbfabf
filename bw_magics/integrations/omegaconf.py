"""OmegaConf and Hydra: `${bw:Warehouse DB/password}` in a configuration.

from bw_magics.integrations.omegaconf import register

register()      # in a Hydra program before its main function runs
"""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from bw_magics.adapters.extra import importing
from bw_magics.errors import UsageMistake
from bw_magics.integrations.source import resolve
from bw_magics.lean_regex import regex
from bw_magics.vault.secret_source import ReferenceSource

with importing("omegaconf", extra="omegaconf", what="OmegaConf", oldest="2.1"):
    from omegaconf import OmegaConf

# Functions that write a configuration as text, and the one that stores values in it.
_WRITE = {
    ("omegaconf.omegaconf", "to_yaml"),
    ("hydra._internal.hydra", "show_cfg"),
}
_STORE = {("omegaconf.omegaconf", "resolve")}
_PLAIN = regex(r"[\w /.+@?|-]+")


def register(source: ReferenceSource | None = None, *, name: str = "bw") -> None:
    """Registers the resolver; `source` is the vault, by default the current one.

    The argument is a reference, with or without its `bw://`. A value is a `Secret`, and it is read
    at each access. Where a configuration is written as text (`OmegaConf.save` and `to_yaml` with
    `resolve=True`), the reference is written in its place, with a warning. OmegaConf raises
    `InterpolationResolutionError` with our sentence.
    """

    def resolver(*parts: object) -> object:
        text = parts[0] if len(parts) == 1 else None
        if not isinstance(text, str):
            raise UsageMistake(
                "The resolver takes one reference.",
                f"Write one with a comma or a number alone in quotes: ${{{name}:'a, b/password'}}.",
            )
        if _is_running(_WRITE):
            written = text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "\\'") + "'"
            warnings.warn(
                f"The reference ${{{name}:{written}}} was written in place of its secret.",
                stacklevel=2,
            )
            return f"${{{name}:{written}}}"
        value = resolve(text if "://" in text else f"bw://{text}", source, way="OmegaConf")
        # It stores the value in the configuration, which takes no subclass of `str`.
        return str(value) if _is_running(_STORE) else value

    OmegaConf.register_new_resolver(name, resolver, replace=True)


def _is_running(functions: set[tuple[str, str]]) -> bool:
    """Tells whether one of these functions, each by module and name, is among the callers."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) in functions:
            return True
        frame = frame.f_back
    return False
