"""A Bitwarden-compatible demo server with a lifelike vault, for demos and tests.

The data is made up, and the server knows the passwords it encrypts with. It shares only
`bw_magics.crypto` with the client: tests of the client against its own code would repeat its
mistakes. It needs the `demo` extra.
"""

from __future__ import annotations

try:
    import flask as _flask
    import trustme as _trustme
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"The demo needs {missing.name}. Install it with: pip install 'bw_magics[demo]'",
        name=missing.name,
    ) from None

from bw_magics.demo.account import DemoAccount
from bw_magics.demo.server import DemoServer
from bw_magics.demo.service.fault import Fault

__all__ = ["DemoAccount", "DemoServer", "Fault"]
del _flask, _trustme
