"""`Json`: a JSON object, as servers send and receive it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
