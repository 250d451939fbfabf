"""Airflow: a backend for connections and variables.

[secrets]
backend = bw_magics.integrations.airflow.BitwardenBackend
backend_kwargs = {"connections": "Airflow/Connections", "variables": "bws://Airflow"}
"""

from __future__ import annotations

import json
import logging

from bw_magics.adapters.airflow import connection_members, masked
from bw_magics.adapters.extra import importing
from bw_magics.errors import NotFound, ProjectNotFound
from bw_magics.integrations.source import raised_as, resolve
from bw_magics.session.process_vault import current_vault
from bw_magics.using import using
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.tiebreak import Tiebreak

with importing("apache-airflow", extra="airflow", what="Airflow", oldest="3.1"):
    from airflow.secrets.base_secrets import BaseSecretsBackend

_log = logging.getLogger(__name__)
_WAY = "Airflow"


class BitwardenBackend(BaseSecretsBackend):  # type: ignore[misc] # not installed here
    """A backend that finds a connection or a variable by the exact name of its item, in one place.

    `connections`, `variables` and `configuration` are paths as in a reference, None is anywhere;
    or `bws://PROJECT`, for the secrets of the Secrets Manager with that key. Airflow asks the next
    backend where no item has that name, and also after an error: it is an `AirflowException`, and
    a line of the log, because Airflow hides it.
    """

    def __init__(
        self,
        connections: str | None = None,
        variables: str | None = None,
        configuration: str | None = None,
    ) -> None:
        self._paths = {"connection": connections, "variable": variables, "setting": configuration}

    def get_conn_value(self, conn_id: str, team_name: str | None = None) -> str | None:
        """Returns a connection as JSON; a text is taken as it is, JSON or a URI."""
        return self._value("connection", conn_id)

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        """Returns a secret's value, a secure note's text, or a login's password."""
        return self._value("variable", key)

    def get_config(self, key: str) -> str | None:
        """Returns the value of an option that ends in `_secret`, as a variable's."""
        return self._value("setting", key)

    def _value(self, kind: str, name: str) -> str | None:
        # Airflow imports this module while it is being imported itself.
        from airflow.exceptions import AirflowException

        beginning = f"The {kind} '{name}' is not read from the vault."
        try:
            with raised_as(AirflowException, beginning):
                return _read(self._paths[kind], name, is_connection=kind == "connection")
        except AirflowException as problem:
            cause = problem.__cause__
            if isinstance(cause, NotFound) and not isinstance(cause, ProjectNotFound):
                return None
            _log.error("%s", problem)
            raise


def _read(path: str | None, name: str, *, is_connection: bool) -> str:
    if path is not None and (project := MachineReference.project_in(path)) is not None:
        return masked(str(resolve(str(MachineReference(name, project)), way=_WAY)))
    item = current_vault().find(name, tiebreak=Tiebreak(path=path))
    with using(_WAY):
        if item.type == "secureNote" or not is_connection:
            return masked(str(item.get("notes" if item.type == "secureNote" else "password")))
        return json.dumps(connection_members(item))
