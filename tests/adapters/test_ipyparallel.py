"""Values on real engines of ipyparallel, and not in the controller."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics.adapters.ipyparallel import on_engines
from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret

MARKER = "canary-ENGINE-passw0rd-4711"
NAME = "warehouse"
CONTROL = b"canary-control-argument"

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Any]:
    """Yields two engines; the controller keeps every task in a searchable database."""
    ipyparallel = pytest.importorskip("ipyparallel")
    cluster = ipyparallel.Cluster(
        n=2,
        profile_dir=str(folder),
        controller_ip="127.0.0.1",
        controller_args=[
            "--HubFactory.db_class=ipyparallel.controller.sqlitedb.SQLiteDB",
            "--SQLiteDB.location=" + str(folder),
            "--SQLiteDB.filename=tasks.db",
            "--log-level=DEBUG",
        ],
        log_level=logging.ERROR,
        shutdown_atexit=False,
    )
    client = cluster.start_and_connect_sync(activate=False)
    try:
        client.wait_for_engines(2, timeout=240, interactive=False)
        yield client
    finally:
        client.close()
        cluster.stop_cluster_sync()


def read() -> str:
    from bw_magics.adapters.ipyparallel import value

    return str(value("warehouse"))[-4:]


def read_what_there_is() -> str:
    from bw_magics.adapters.ipyparallel import value
    from bw_magics.errors import NotFound

    try:
        return repr(value("warehouse"))
    except NotFound as error:
        return type(error).__name__


def test_every_engine_has_the_value_within_the_block_only(client: Any) -> None:
    with on_engines(client[:], {NAME: Secret(MARKER)}):
        assert client[:].apply_sync(read) == ["4711", "4711"]

    assert client[:].apply_sync(read_what_there_is) == [NotFound.__name__] * 2


def test_an_engine_outside_the_view_names_the_reason(client: Any) -> None:
    with on_engines(client[0], {NAME: MARKER}):
        found = client[:].apply_sync(read_what_there_is)

    assert found[1] == NotFound.__name__
    assert found[0] != NotFound.__name__
    assert MARKER not in "".join(found)


def test_the_controllers_database_and_logs_do_not_hold_it(client: Any, folder: Path) -> None:
    with on_engines(client[:], {NAME: Secret(MARKER)}):
        client[:].apply_sync(read)
        client[:].apply_sync(len, CONTROL.decode())

    deadline = time.monotonic() + 240
    while CONTROL not in (held := everything_in(folder)):
        assert time.monotonic() < deadline, "the control: arguments are kept"
        time.sleep(0.2)
    assert MARKER.encode() not in held


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("values", [{}, {NAME: 1}])
def test_what_cannot_be_shared_is_one_typed_error(client: Any, values: Any) -> None:
    with pytest.raises(UsageMistake), on_engines(client[:], values):
        raise AssertionError("not reached")
