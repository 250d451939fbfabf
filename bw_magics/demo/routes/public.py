"""Routes of the Public API, which an organisation's API key reads."""

from __future__ import annotations

from flask import Blueprint, Response, request

from bw_magics.demo.routes.json_answer import answer
from bw_magics.demo.service.public_api import PublicApi

PATH = "/api/public"


def public_routes(api: PublicApi) -> Blueprint:
    """Makes the routes below `/api/public`."""
    routes = Blueprint("public", __name__, url_prefix=PATH)

    @routes.get("/<what>")
    def listed(what: str) -> Response:
        if not api.is_open(request.headers.get("Authorization", "")):
            return Response(b"", 401)
        page = api.page(what, request.args)
        return answer(page) if page is not None else Response(b"", 404)

    return routes
