"""Spark: named values for the functions that run on its executors, and options that it redacts.

    from bw_magics.adapters.spark import on_executors, value

    def load(frames):
        password = value("password")
        for frame in frames:
            yield fetch(frame, password)

    with on_executors(spark, {"password": bw_session["Warehouse DB"].password}):
        table.mapInPandas(load, schema).write.parquet(path)

Each executor has one box, a process of its own (`adapters/box.py`). The values are sealed to it,
and the box seals them to the Python process that asks, for functions of RDDs, UDFs and
`mapInPandas` alike. Spark itself sees public keys and ciphertext. All code that runs on the
executors as the same user can ask a box.

Give Spark no secret in another way: `SparkSession.config` writes it into the event log and the
pages of the UI, `broadcast` into files on every executor.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from bw_magics.adapters import box, remote
from bw_magics.adapters.extra import load
from bw_magics.errors import NotOffered, UsageMistake
from bw_magics.secret import Secret

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["hides", "on_executors", "value"]

# What Spark redacts: the settings, with what all its versions have by default.
_REDACTED = {
    "spark.redaction.regex": "(?i)secret|password|token|access[.]?key",
    "spark.sql.redaction.options.regex": "(?i)url",
}
_SAME = {"postgres": "postgresql", "mssql": "sqlserver"}
_PLAIN_ADDRESSES = frozenset({"clickhouse", "db2", "mariadb", "mysql", "postgresql", "redshift"})
# In seconds: how long all executors may take to answer, and how long a task waits for others.
_PATIENCE = 120.0
_PAUSE = 0.3
# So many tasks for each executor, because Spark does not say where one runs.
_TASKS = 4


@contextmanager
def on_executors(spark: SparkSession, values: Mapping[str, str]) -> Iterator[None]:
    """Gives the values to every executor of the session, and removes them at the end.

    An executor that joins later has none: `value` raises `NotFound` there. Raises `UsageMistake`
    where an executor lacks this package, or too few of them answer; `NotOffered` on Windows and
    for a session over Spark Connect.
    """
    remote.check(values)
    load("pyspark", extra="spark", what="Spark")
    if not hasattr(os, "getuid") or not hasattr(spark, "_jsc"):
        raise NotOffered(
            "Values for executors need a Spark session in this process, on Linux or macOS.",
            "Read the secret where the code runs, with a Vault of its own.",
        )
    block = remote.new_block()
    try:
        keys = _everywhere(spark, lambda: box.offer_key(_open(), block))
        sealed = remote.seal_all(values, block, set(keys.values()), "Spark executors")
        _everywhere(spark, lambda: box.take(_place(), block, sealed))
        yield
    finally:
        with suppress(Exception):  # the executors may be gone
            _everywhere(spark, lambda: box.drop(_place(), block))


def value(name: str) -> Secret:
    """Returns the value of that name from the box of this executor; for functions that run there.

    Raises `NotFound` on an executor that joined after the block began or whose box has died, and
    after the block. The value cannot be pickled, so a function cannot return it by mistake.
    """
    return box.value(_place(), name)


def jdbc_options(
    driver: str,
    *,
    host: str,
    port: int | None,
    database: str | None,
    username: str | None,
    password: str | None,
    query: Mapping[str, str],
) -> dict[str, str]:
    """Returns the options of a JDBC source. `driver` is a database such as `postgresql`.

    Raises `UsageMistake` for one whose JDBC addresses are not known here.
    """
    kind = driver.partition("+")[0]
    kind = _SAME.get(kind, kind)
    place = f"{host}:{port}" if port else host
    name = quote(database or "")
    if kind in _PLAIN_ADDRESSES:
        more = f"?{urlencode(query)}" if query else ""
        url = f"jdbc:{kind}://{place}/{name}{more}"
    elif kind == "sqlserver":
        url = f"jdbc:sqlserver://{place}" + (f";databaseName={database}" if database else "")
    elif kind == "oracle":
        url = f"jdbc:oracle:thin:@//{place}/{name}"
    else:
        raise UsageMistake(
            "The item names no database with a JDBC address.",
            "Give it a field 'driver', such as postgresql, mysql, mariadb, sqlserver or oracle.",
        )
    given = {"url": url, "user": username, "password": password}
    return {option: text for option, text in given.items() if text is not None}


def hides(spark: SparkSession | None, option: str) -> bool:
    """Returns whether Spark redacts the value of an option of that name in logs and pages.

    Without a session, by Spark's own defaults.
    """
    return any(
        re.search(pattern, option) is not None
        for pattern in (_setting(spark, name) for name in _REDACTED)
        if pattern
    )


def check_hidden(spark: SparkSession | None, options: Mapping[str, str]) -> None:
    """Raises `UsageMistake` for a secret under a name that Spark would show."""
    if spark is not None and not hasattr(spark, "conf"):
        raise UsageMistake(
            f"A Spark session is needed, and this is a value of the type {type(spark).__name__}.",
            "Write item.spark_options(spark), with the session of this notebook.",
        )
    shown = [
        name
        for name, text in options.items()
        if isinstance(text, Secret) and not hides(spark, name)
    ]
    if shown:
        raise UsageMistake(
            f"Spark would show the value of {', '.join(map(repr, shown))} in its event log and UI.",
            "Add the name to spark.redaction.regex when the session is made.",
        )


def _setting(spark: SparkSession | None, name: str) -> str:
    default = _REDACTED[name]
    return str(spark.conf.get(name, default)) if spark is not None else default


def _place() -> str:
    """Names this executor: each has a working directory of its own."""
    return f"{os.getcwd()}"  # noqa: PTH109


def _open() -> str:
    """Starts the box of this executor; returns its place. Runs on the executor."""
    # The parent of a Python worker is the daemon of its executor.
    box.open_box(_place(), os.getppid())
    return _place()


def _everywhere(spark: SparkSession, function: Callable[[], Any]) -> dict[str, Any]:
    """Runs a function on each executor at least once; returns the last answer of each."""
    context: Any = spark.sparkContext
    answers: dict[str, Any] = {}
    until = time.monotonic() + _PATIENCE

    def run(_: int) -> Iterator[tuple[str, Any]]:
        answer = function()
        time.sleep(_PAUSE)  # so that the tasks spread
        yield _place(), answer

    while True:
        wanted = _count_executors(context)
        count = wanted * _TASKS
        try:
            found = context.parallelize(range(count), count).flatMap(run).collect()
        except Exception as error:  # its text has paths and hosts
            is_missing = "No module named 'bw_magics" in str(error)
            found = None
        if found is None:
            raise UsageMistake(
                "This package is not installed on every executor."
                if is_missing
                else "An executor cannot be given the values.",
                "Install this version of bw_magics where the executors run.",
            )
        answers.update(found)
        if len(answers) >= wanted:
            return answers
        if time.monotonic() > until:
            raise UsageMistake(
                f"Only {len(answers)} of {wanted} executors answered.",
                "Try again when the cluster is less busy.",
            )


def _count_executors(context: Any) -> int:
    # The driver is one of them, and in local mode the only one.
    all_of_them = len(context._jsc.sc().statusTracker().getExecutorInfos())
    return max(1, all_of_them - 1)
