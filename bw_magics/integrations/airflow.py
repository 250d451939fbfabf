"""Airflow: a backend for connections and variables.

[secrets]
backend = bw_magics.integrations.airflow.BitwardenBackend
backend_kwargs = {"connections": "Airflow/Connections", "variables": "Airflow/Variables"}
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bw_magics.adapters.extra import importing
from bw_magics.errors import BitwardenError, NotFound
from bw_magics.integrations.source import current_vault
from bw_magics.secrecy.parts import secret_parts
from bw_magics.secret import Secret
from bw_magics.vault.lookup import Tiebreak

with importing("apache-airflow", extra="airflow", what="Airflow", oldest="3.1"):
    from airflow.secrets.base_secrets import BaseSecretsBackend

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

_log = logging.getLogger(__name__)
_TYPES = {"postgresql": "postgres", "https": "http"}


class BitwardenBackend(BaseSecretsBackend):  # type: ignore[misc] # not installed here
    """A backend that finds a connection or a variable by the exact name of its item, in one place.

    `connections`, `variables` and `configuration` are paths as in a reference; None is anywhere.
    Airflow asks the next backend where the vault has no such item, and also after an error: it is
    an `AirflowException`, and a line of the log, because Airflow hides it.
    """

    def __init__(
        self,
        connections: str | None = None,
        variables: str | None = None,
        configuration: str | None = None,
    ) -> None:
        self._paths = {"connection": connections, "variable": variables, "setting": configuration}

    def get_conn_value(self, conn_id: str, team_name: str | None = None) -> str | None:
        """Returns a connection as JSON; a secure note's text is taken as it is, JSON or a URI."""
        return self._value("connection", conn_id)

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        """Returns a secure note's text, or a login's password."""
        return self._value("variable", key)

    def get_config(self, key: str) -> str | None:
        """Returns the value of an option that ends in `_secret`, as a variable's."""
        return self._value("setting", key)

    def _value(self, kind: str, name: str) -> str | None:
        # Airflow imports this module while it is being imported itself.
        from airflow.exceptions import AirflowException

        try:
            item = current_vault().find(name, tiebreak=Tiebreak(path=self._paths[kind]))
            if item.type == "secureNote" or kind != "connection":
                return _masked(str(item.get("notes" if item.type == "secureNote" else "password")))
            return json.dumps(_connection(item))
        except NotFound:
            return None
        except BitwardenError as error:
            problem = AirflowException(f"The {kind} '{name}' is not read from the vault. {error}")
            _log.error("%s", problem)
            raise problem from error


def _connection(item: Item) -> dict[str, object]:
    uri = urlsplit(item.uri or "")
    scheme = uri.scheme.partition("+")[0]
    found: dict[str, object] = {
        "conn_type": _TYPES.get(scheme, scheme),
        "login": item.username,
        "password": item.password,
        "host": uri.hostname,
        "port": uri.port,
        "schema": uri.path.strip("/"),
    }
    for name in ("conn_type", "host", "port", "schema", "extra"):
        if item.holds(f"field:{name}"):
            found[name] = item.field(name)
    for value in found.values():
        if isinstance(value, Secret):
            _masked(value)
    found["port"] = int(str(found["port"])) if found["port"] else None
    return found


def _masked(text: str) -> str:
    """Tells Airflow's masker the text and the secret parts of it."""
    from airflow.sdk.log import mask_secret

    for part in (text, *secret_parts(text)):
        mask_secret(str(part))
    return text
