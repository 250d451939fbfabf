"""A library that is imported when a test first uses it.

Each process collects all tests and runs a few of them. These libraries take long to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """A stand-in for the module of that name, which it imports at the first use."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, member: str) -> Any:
        # pytest looks at each name of a test file for its own marks.
        if member.startswith("_") or member == "pytestmark":
            raise AttributeError(member)
        return getattr(import_module(self._name), member)


asyncssh = Later("asyncssh")
joblib = Later("joblib")
pandas = Later("pandas")
parquet = Later("pyarrow.parquet")
polars = Later("polars")
psycopg = Later("psycopg")
psycopg_sql = Later("psycopg.sql")
pyarrow = Later("pyarrow")
requests = Later("requests")
sqlalchemy = Later("sqlalchemy")
