"""Database roles: changes the password of the one that logs in, by the driver's own quoting."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bw_magics.adapters.sql import make_engine
from bw_magics.errors import BitwardenError, DatabaseRefused, NotOffered

if TYPE_CHECKING:
    import sqlalchemy

_POSTGRESQL = "postgresql"
_TIMEOUT = 15
# The drivers' argument for it; others wait as long as they like.
_TIMEOUT_NAMES = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "mysqlconnector": "connection_timeout",
}
# Beginnings of what drivers say about a wrong password, in lower case: some give no code.
_WRONG_PASSWORD = ("password authentication failed", "access denied for user")


def opens(url: sqlalchemy.URL) -> bool:
    """Tells whether the database accepts the URL's user name and password.

    Raises `DatabaseRefused` where that cannot be told, `ExtraMissing`.
    """
    engine, problem = _engine(url), None
    try:
        engine.connect().close()
        return True
    except Exception as error:  # its text, and its chain, may quote the statement
        if any(text in str(error).lower() for text in _WRONG_PASSWORD):
            return False
        problem = _refused(url, error, "cannot be reached with these settings")
    finally:
        engine.dispose()
    raise problem


def change_password(url: sqlalchemy.URL, new: str) -> None:
    """Changes the password of the user that the URL logs in as, and logs in with the new one.

    PostgreSQL gets a verifier of it that is made here, so that the password is in no log of the
    server. Raises `DatabaseRefused`, `NotOffered` for other databases than PostgreSQL, MySQL and
    MariaDB, `ExtraMissing`.
    """
    engine, problem = _engine(url), None
    try:
        with engine.connect() as connection:
            # Past SQLAlchemy, which would write the statement and its values to its log.
            raw = connection.connection.driver_connection
            if url.get_backend_name() == _POSTGRESQL:
                _change_postgresql(raw, str.__str__(new))
            else:
                is_mariadb = getattr(connection.dialect, "is_mariadb", False)
                _change_mysql(raw, str.__str__(new), is_mariadb=is_mariadb)
    except Exception as error:
        problem = _refused(url, error, "did not change the password")
    finally:
        engine.dispose()
    if problem is not None:
        raise problem
    if not opens(url.set(password=str.__str__(new))):
        raise DatabaseRefused(
            f"The database at {url.host} changed the password of '{url.username}', and does not "
            "accept the new one.",
            "Look at the role in the database.",
        )


def _change_postgresql(connection: Any, new: str) -> None:
    module = type(connection).__module__.partition(".")[0]
    sql = import_module(f"{module}.sql")
    if module == "psycopg":
        user = connection.info.user.encode()
        verifier = connection.pgconn.encrypt_password(new.encode(), user).decode()
    else:
        encrypt = import_module("psycopg2.extensions").encrypt_password
        verifier = encrypt(new, connection.info.user, connection)
    statement = sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(sql.Literal(verifier))
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.commit()


def _change_mysql(connection: Any, new: str, *, is_mariadb: bool) -> None:
    # MariaDB lets a user without further rights change the own password only so.
    statement = "ALTER USER CURRENT_USER() IDENTIFIED BY %s"
    if is_mariadb:
        statement = "SET PASSWORD = PASSWORD(%s)"
    cursor = connection.cursor()
    cursor.execute(statement, (new,))
    cursor.close()
    connection.commit()


def _engine(url: sqlalchemy.URL) -> sqlalchemy.Engine:
    if url.get_backend_name() not in (_POSTGRESQL, "mysql", "mariadb"):
        raise NotOffered(
            "Only passwords of PostgreSQL, MySQL and MariaDB are changed by themselves.",
            'Change it yourself: with item.rotating("password") as new: ….',
        )
    pool = import_module("sqlalchemy.pool")
    name = _TIMEOUT_NAMES.get(url.get_driver_name())
    options = {name: _TIMEOUT} if name else {}
    return make_engine(url, poolclass=pool.NullPool, connect_args=options)


def _refused(url: sqlalchemy.URL, error: Exception, what: str) -> BitwardenError:
    """Returns the error for a driver's, with its kind and code; its text may quote values."""
    if isinstance(error, BitwardenError):
        return error
    own = getattr(error, "orig", None) or error
    code = getattr(own, "sqlstate", None) or getattr(own, "pgcode", None)
    if code is None and own.args and isinstance(own.args[0], int):
        code = own.args[0]
    kind = f"{type(own).__name__} {code}" if code else type(own).__name__
    return DatabaseRefused(
        f"The database at {url.host} {what} ({kind}).",
        "Look at the role's rights and at the item's host, port and database.",
    )
