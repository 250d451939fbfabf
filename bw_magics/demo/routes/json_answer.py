"""JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response


def answer(members: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; the CLI ignores bodies without that content type (protocol 9.1)."""
    response = json_answer(msgspec.json.encode(members), status)
    response.headers.update(headers or {})
    return response


def json_answer(json: bytes, status: int = 200) -> Response:
    """A JSON answer that is encoded already."""
    return Response(json, status, content_type="application/json; charset=utf-8")


def empty() -> Response:
    """Success without a body, as deletes are answered (protocol 7)."""
    return Response(b"", 200)
