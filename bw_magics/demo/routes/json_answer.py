"""JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response


def answer(members: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Makes a JSON answer; the CLI ignores bodies without its content type."""
    response = json_answer(msgspec.json.encode(members), status)
    response.headers.update(headers or {})
    return response


def json_answer(json: bytes, status: int = 200) -> Response:
    """Makes an answer of JSON that is already encoded."""
    return Response(json, status, content_type="application/json; charset=utf-8")


def empty(status: int = 200) -> Response:
    """Makes a success without a body, the answer to a delete or an upload."""
    return Response(b"", status)
