"""libpq: the parameters that JDBC's driver and Prisma have for PostgreSQL, in libpq's spelling."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = {
    "applicationname": "application_name",
    "channelbinding": "channel_binding",
    "connecttimeout": "connect_timeout",
    "gssencmode": "gssencmode",
    "kerberosservername": "krbsrvname",
    "logintimeout": "connect_timeout",
    "requireauth": "require_auth",
    "tcpkeepalive": "keepalives",
}
# What a server has to be, for `target_session_attrs`.
_SESSIONS = {
    "any": "any",
    "primary": "primary",
    "master": "primary",
    "secondary": "standby",
    "slave": "standby",
    "prefersecondary": "prefer-standby",
    "preferslave": "prefer-standby",
}
_TRUTHS = {"true": "1", "false": "0"}
# They tune these programs and change nothing in the connection.
_DROPPED = frozenset(
    {
        "autosave", "binarytransfer", "connection_limit", "defaultrowfetchsize", "loggerlevel",
        "pgbouncer", "pool_timeout", "preparedstatementcachequeries", "preparethreshold",
        "rewritebatchedinserts", "sockettimeout", "stringtype",
    }
)  # fmt: skip


def libpq_parameters(
    query: Mapping[str, str | tuple[str, ...]],
) -> dict[str, str | tuple[str, ...]]:
    """Returns the parameters in libpq's spelling; those of neither program stay as they are."""
    found: dict[str, str | tuple[str, ...]] = {}
    for name, value in query.items():
        key = name.lower()
        if not isinstance(value, str) or key in _DROPPED:
            found |= {} if key in _DROPPED else {name: value}
        elif key == "ssl":
            # As libpq reads it in a URI.
            found["sslmode"] = {"true": "require", "1": "require"}.get(value.lower(), "prefer")
        elif key in ("currentschema", "schema"):
            found["options"] = f"-c search_path={value}"
        elif key == "targetservertype":
            found["target_session_attrs"] = _SESSIONS.get(value.lower(), value)
        else:
            meant = _NAMES.get(key, name)
            found[meant] = _TRUTHS.get(value.lower(), value) if meant == "keepalives" else value
    return found
