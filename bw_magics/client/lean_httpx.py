"""`httpx` for the modules beside this one, imported without its command line.

`import httpx` also imports its command line, where the packages for it are installed: rich, click
and pygments, 45 % of the time of the import. Here that waits until somebody uses `httpx.main`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, cast

_MAIN = "httpx._main"
_modules = cast("dict[str, ModuleType | None]", sys.modules)

_is_first = "httpx" not in _modules and _MAIN not in _modules
if _is_first:
    _modules[_MAIN] = None  # an import of it raises `ImportError`, for which httpx is prepared
try:
    import httpx
finally:
    if _is_first:
        _modules.pop(_MAIN, None)


def _late(name: str) -> Any:
    if name != "main":
        raise AttributeError(f"module 'httpx' has no attribute {name!r}")
    try:
        from httpx._main import main
    except ImportError:
        return _without
    return main


if _is_first:
    _without = vars(httpx).pop("main")
    vars(httpx)["__getattr__"] = _late

__all__ = ["httpx"]
