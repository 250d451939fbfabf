"""pytest: an assertion that fails shows no secret, and neither does the id of a test.

pytest loads this plugin by the entry point `pytest11` (docs/integrations.md, pytest).
"""

from __future__ import annotations

import sys


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Returns one line in place of a comparison sign by sign, where a side is a secret."""
    if not (_is_secret(left) or _is_secret(right)):
        return None
    return [f"{_shown(left, right)} {op} {_shown(right, left)}"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Returns the name of the argument where pytest would make an id of a secret's text."""
    return argname if _is_secret(val) else None


def _shown(side: object, other: object) -> str:
    """Returns the repr of a side; the mask is in it where the other side is."""
    if isinstance(side, str) and isinstance(other, str) and _is_secret(other) and other:
        return repr(side) if _is_secret(side) else repr(side.replace(other, repr(other)))
    return repr(side)


def _is_secret(value: object) -> bool:
    # Where that module was never imported, nothing is one: most runs of pytest need no import.
    module = sys.modules.get("bw_magics.secret")
    return module is not None and isinstance(value, module.Secret | module.SecretBytes)
