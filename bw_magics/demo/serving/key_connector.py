"""A Key Connector: the host that keeps the keys of members without a master password.

It has its own address, beside the demo server.
"""

from __future__ import annotations

import base64
import ssl

from flask import Flask, Response, request

from bw_magics.demo.account import KEY_CONNECTOR
from bw_magics.demo.routes.json_answer import answer
from bw_magics.demo.service.service import Service
from bw_magics.demo.serving.listener import DRAINED, Listener

PATH = "/user-keys"


class KeyConnector:
    """A server that gives members their keys, for the demo server's access tokens.

    Its requests and faults are in the lists of the demo server, under `/user-keys`.
    """

    def __init__(self, service: Service, context: ssl.SSLContext) -> None:
        self._listener = Listener(0, _application(service), context)

    def start(self) -> None:
        """Starts to listen."""
        self._listener.open()

    def stop(self) -> None:
        """Stops listening and closes every connection."""
        self._listener.close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://localhost:{self._listener.port}"


def _application(service: Service) -> Flask:
    app = Flask("bw_magics.demo.serving.key_connector", static_folder=None)

    @app.get(PATH)
    def user_keys() -> Response:
        request.environ[DRAINED] = True
        service.requests.append((request.method, request.path))
        fault = service.next_fault(request.path)
        if fault is not None:
            fault.wait(service.stopping)
            if fault.status is not None:
                return Response(fault.body, fault.status, dict(fault.headers))
        vault = service.tokens.holder(request.headers.get("Authorization", ""))
        if vault is None or vault.account.unlocked_by != KEY_CONNECTOR:
            return Response(b"", 401)
        key = base64.b64encode(vault.master_key.material).decode()
        return answer({"key": key})

    return app
