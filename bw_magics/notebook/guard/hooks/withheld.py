"""`withheld`: the content that replaces a payload that could not be searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCE = (
    "[bw_magics could not search this output for secrets, so it is not shown. "
    "Restart the kernel, and report what the cell did.]"
)

_SHOWN = {"text/plain": SENTENCE}
_EMPTY: dict[str, Any] = {
    "text": SENTENCE + "\n",
    "data": _SHOWN,
    "metadata": {},
    "evalue": SENTENCE,
    "traceback": [SENTENCE],
    "payload": [],
    "user_expressions": {},
    "matches": [],
    "history": [],
    "body": {},
    "message": SENTENCE,
    "prompt": "",
    "code": "",
}
_COMM = frozenset({"comm_open", "comm_msg", "comm_close"})


def withheld(message_type: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the same message without its payload; its other members stay (docs/jupyter.md,
    Messages of the kernel).
    """
    clean = {name: _EMPTY.get(name, value) for name, value in content.items()}
    if message_type in _COMM:
        clean["data"] = {}
    if "ename" in clean:
        clean["ename"] = "OutputWithheld"
    return clean
