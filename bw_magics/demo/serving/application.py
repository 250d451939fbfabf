"""The Flask application: routes, access control and faults."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy

from bw_magics.demo.routes.account import account_routes, event_routes
from bw_magics.demo.routes.attachments import attachment_routes
from bw_magics.demo.routes.identity import identity_routes
from bw_magics.demo.routes.items import item_routes
from bw_magics.demo.routes.json_answer import answer
from bw_magics.demo.routes.machine_secrets import is_for_machines, machine_secret_routes
from bw_magics.demo.routes.public import PATH, public_routes
from bw_magics.demo.service.fault import Fault
from bw_magics.demo.service.service import Refused, Service
from bw_magics.demo.serving.listener import DRAINED, RESET
from bw_magics.demo.shapes.official import OfficialShape

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A key in a request's environment: the service of the server that it reached.
_SERVICE = "bw_magics.demo.service"

_OPEN = frozenset({"/api/config"})

_LARGEST_REQUEST = 64 * 1024 * 1024


class _InMemoryRequest(Request):
    """A request that keeps uploaded files of any size in memory."""

    max_form_memory_size = _LARGEST_REQUEST

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return io.BytesIO()


class _Application(Flask):
    request_class = _InMemoryRequest


def application(service: Service) -> WSGIApplication:
    """Makes the demo server's application."""
    # Vaultwarden gives out tokens for the Public API, but does not have its lists.
    has_public_api = service.public_api is not None and isinstance(service.shape, OfficialShape)
    several = service.shape.rules.many
    routes = _routes(several, has_public_api, service.machines is not None)

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[_SERVICE] = service
        return routes(environ, start_response)

    return answered


# The servers of a process share their routes: to compile them takes longer than all else at start.
@functools.cache
def _routes(several: str, has_public_api: bool, has_machines: bool) -> Flask:
    app = _Application("bw_magics.demo", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST
    app.url_map.strict_slashes = False
    service = _current(lambda each: each)
    shape = _current(lambda each: each.shape)
    app.register_blueprint(identity_routes(service))
    app.register_blueprint(account_routes(service, shape))
    app.register_blueprint(event_routes())
    app.register_blueprint(attachment_routes(service, shape))
    app.register_blueprint(item_routes(service, shape, several))
    if has_public_api:
        app.register_blueprint(public_routes(_current(attrgetter("public_api"))))
    if has_machines:
        store = _current(attrgetter("machines.store"))
        app.register_blueprint(machine_secret_routes(service, shape, store))

    @app.before_request
    def before() -> Response | None:
        request.get_data(cache=True, parse_form_data=True)
        request.environ[DRAINED] = True
        service.requests.append((request.method, request.path))
        g.fault = fault = service.next_fault(request.path)
        if fault:
            fault.wait(service.stopping)
        if fault and fault.reset:
            request.environ[RESET] = True
            return Response()
        if fault and fault.status is not None:
            return Response(fault.body, fault.status, dict(fault.headers))
        if service.public_api is not None and request.path.startswith(f"{PATH}/"):
            return None
        if request.path.startswith("/api/") and request.path not in _OPEN:
            authorization = request.headers.get("Authorization", "")
            if service.machines is not None and is_for_machines(request.path):
                g.machine = service.machines.holder(authorization)
                is_known = g.machine is not None
            else:
                g.vault = service.tokens.holder(authorization)
                is_known = g.vault is not None
            if not is_known:
                contents, headers = service.shape.unauthorized(request.headers.get("Accept", ""))
                return Response(contents, 401, headers)
            limiter = service.write_limiter
            if limiter is not None and request.method != "GET" and (wait := limiter.wait()):
                refusal = service.shape.error("Slow down! Too many requests.")
                return answer(refusal, 429, limiter.headers(wait))
        return None

    @app.after_request
    def after(response: Response) -> Response:
        fault: Fault | None = g.get("fault")
        if fault and fault.status is None and fault.headers:
            response.headers.update(fault.headers)
        if fault and fault.change is not None:
            response.set_data(fault.change(response.get_data()))
        if fault and fault.length is not None:
            return _misannounced(response, fault.length)
        if fault and fault.cut is not None:
            return _cut(response, fault.cut)
        return response

    @app.errorhandler(Refused)
    def refused(refusal: Refused) -> Response:
        if refusal.page:
            return Response(refusal.page, refusal.status, content_type="text/html; charset=utf-8")
        return answer(refusal.body, refusal.status)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.code == 404:
            return answer(service.shape.not_found(), 404)
        return answer(service.shape.error(error.name), error.code or 500)

    @app.errorhandler(Exception)
    def broken(_: Exception) -> Response:
        return answer(service.shape.error("An unhandled server error has occurred."), 500)

    return app


def _current(read: Callable[[Service], Any]) -> Any:
    """Gives a stand-in for a part of the service that the request at hand is for."""
    return LocalProxy(lambda: read(request.environ[_SERVICE]))


def _misannounced(response: Response, length: int) -> Response:
    """Announces a wrong length and closes the connection after the body."""
    contents = response.get_data()

    def body() -> Iterator[bytes]:
        yield contents
        raise ConnectionAbortedError

    response.response = body()
    response.headers["Content-Length"] = str(length)
    return response


def _cut(response: Response, count: int) -> Response:
    """Closes the connection after `count` bytes of the body."""
    contents = response.get_data()

    def body() -> Iterator[bytes]:
        yield contents[:count]
        raise ConnectionAbortedError

    response.response = body()
    response.headers["Content-Length"] = str(len(contents))
    return response
