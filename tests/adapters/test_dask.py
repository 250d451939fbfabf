"""Values on the workers of a real Dask cluster of processes, and only there."""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bw_magics.adapters.dask import NotSent, on_workers, value
from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret

MARKER = "canary-WORKER-passw0rd-4711"
NAME = "warehouse"

CONFIG = {
    "distributed.scheduler.worker-saturation": 1.1,
    "distributed.worker.daemon": True,
    "distributed.admin.log-length": 100_000,
    "distributed.logging": {"distributed": "debug"},
}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


def keep_logs(folder: str) -> None:
    """Logs everything at DEBUG to a file; runs on a worker."""
    handler = logging.FileHandler(f"{folder}/{os.getpid()}.log")
    logging.getLogger().addHandler(handler)
    for name in ("", "distributed", "distributed.worker", "distributed.protocol.pickle"):
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).propagate = True


@pytest.fixture(scope="module")
def cluster(logs: Path) -> Iterator[Any]:
    """Yields two worker processes; the scheduler runs in this process, so tests can search it."""
    dask = pytest.importorskip("dask")
    distributed = pytest.importorskip("distributed")
    # multiprocessing reads it, and the main module of a pytest-xdist worker has none.
    vars(sys.modules["__main__"]).setdefault("__spec__", None)
    with (
        dask.config.set(CONFIG),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            local_directory=str(logs / "space"),
            silence_logs=False,
        ) as cluster,
    ):
        yield cluster


@pytest.fixture
def client(cluster: Any, logs: Path) -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=240)
        client.run(keep_logs, str(logs))
        yield client


def length(_: int) -> tuple[int, int]:
    return os.getpid(), len(value(NAME))


def is_right(_: int) -> bool:
    return value(NAME) == MARKER


def hand_out(_: int) -> Any:
    return value(NAME)


def hand_out_in_a_list(_: int) -> Any:
    return [value(NAME), {"password": value(NAME)}]


def fail_with(_: int) -> None:
    password = value(NAME)
    raise RuntimeError(f"{len(password)} characters: {password!r}")


def read_anything() -> str:
    return repr(value(NAME))


def everything(scheduler: Any) -> str:
    """Returns the scheduler's graphs, tasks, events, transitions and logs as text."""
    state = [
        vars(task)
        if hasattr(task, "__dict__")
        else {slot: getattr(task, slot, None) for slot in task.__slots__}
        for task in scheduler.tasks.values()
    ]
    raw = [pickle.dumps(task.run_spec) for task in scheduler.tasks.values() if task.run_spec]
    events = dict(scheduler._broker._topics) if hasattr(scheduler, "_broker") else {}
    told = [topic.events for topic in events.values()]
    return repr((state, raw, told, list(scheduler.transition_log), scheduler.get_logs()))


def dashboard(cluster: Any, futures: list[Any]) -> str:
    """Returns the dashboard's pages about workers, logs and tasks."""
    base = f"http://127.0.0.1:{cluster.scheduler.http_server.port}/info"
    pages = ["main/workers.html"]
    pages += [f"task/{quote(future.key)}.html" for future in futures]
    for address in cluster.scheduler.workers:
        pages += [f"{page}/{quote(address, safe='')}.html" for page in ("worker", "logs")]
    found = [httpx.get(f"{base}/{page}", trust_env=False) for page in pages]
    assert [page.status_code for page in found] == [200] * len(pages)
    return "".join(page.text for page in found)


def test_every_task_on_every_worker_has_the_value(client: Any) -> None:
    with on_workers(client, {NAME: Secret(MARKER)}):
        found = client.gather(client.map(length, range(20), pure=False))
        assert all(client.gather(client.map(is_right, range(4), pure=False)))

    assert {size for _, size in found} == {len(MARKER)}
    assert os.getpid() not in {process for process, _ in found}


def test_after_the_block_no_worker_has_it(client: Any) -> None:
    with on_workers(client, {NAME: MARKER}):
        pass

    answers = client.run(read_anything, on_error="return")
    assert len(answers) == 2
    for answer in answers.values():
        assert isinstance(answer, NotFound)
        assert "with" in answer.remedy
    with pytest.raises(NotFound):
        client.submit(length, 1, pure=False).result()


def test_blocks_nest_and_the_inner_one_comes_first(client: Any) -> None:
    def read() -> tuple[str, str]:
        from bw_magics.adapters.dask import value

        return str(value(NAME))[:5], str(value("other"))[:5]

    with on_workers(client, {NAME: "outer-value", "other": "other-value"}):
        with on_workers(client, {NAME: "inner-value"}):
            assert set(client.run(read).values()) == {("inner", "other")}
        assert set(client.run(read).values()) == {("outer", "other")}


def test_a_worker_that_joins_later_names_the_reason(client: Any, cluster: Any) -> None:
    before = set(client.scheduler_info()["workers"])
    try:
        with on_workers(client, {NAME: MARKER}):
            cluster.scale(3)
            client.wait_for_workers(3, timeout=240)
            answers = client.run(read_anything, on_error="return")
    finally:
        cluster.scale(2)

    late = {address: answer for address, answer in answers.items() if address not in before}
    assert len(late) == 1
    assert all(isinstance(answer, NotFound) for answer in late.values())
    assert all(MARKER not in str(answer) for answer in answers.values())


def test_neither_graph_scheduler_nor_logs_hold_the_value(
    client: Any, cluster: Any, logs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import distributed

    client.wait_for_workers(2, timeout=240)
    with caplog.at_level(logging.DEBUG), on_workers(client, {NAME: Secret(MARKER, "x / y")}):
        kept = [
            *client.map(length, range(4), pure=False),
            *client.map(hand_out, range(2), pure=False),
            *client.map(hand_out_in_a_list, range(2), pure=False),
            *client.map(fail_with, range(2), pure=False),
        ]
        distributed.wait(kept)  # type: ignore[no-untyped-call]
        results = client.gather(kept[:4])
        for future in kept[4:]:
            try:
                results.append(future.result(timeout=240))
            except Exception as error:
                results.append((type(error), str(error), repr(error)))
        held = everything(cluster.scheduler) + dashboard(cluster, kept)
        of_workers = repr((client.get_worker_logs(), client.get_scheduler_logs()))

    written = "".join(path.read_text() for path in logs.glob("*.log"))
    assert "fail_with" in held, "the control: the scheduler's state was searched"
    assert "RuntimeError" in written, "the control: the workers' logs were searched"
    for text in (held, of_workers, written, caplog.text, repr(results)):
        assert MARKER not in text
    assert any(isinstance(result, NotSent) for result in results)


def test_control_a_plain_argument_is_found_where_the_value_is_not(
    client: Any, cluster: Any
) -> None:
    """Control: the search finds what `submit(f, password)` leaks."""
    future = client.submit(len, MARKER + "-control", pure=False)
    future.result()

    assert MARKER in everything(cluster.scheduler)


@pytest.mark.parametrize(
    "values",
    [{}, {"": MARKER}, {NAME: 4711}, {1: MARKER}],
    ids=["none", "no name", "not a text", "name is not a text"],
)
def test_what_cannot_be_shared_is_one_typed_error(client: Any, values: Any) -> None:
    with pytest.raises(UsageMistake) as caught, on_workers(client, values):
        raise AssertionError("not reached")
    assert MARKER not in str(caught.value)


def test_without_workers_there_is_nobody_to_give_it_to() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as empty,
        distributed.Client(empty) as client,
        pytest.raises(UsageMistake, match="no worker"),
        on_workers(client, {NAME: MARKER}),
    ):
        raise AssertionError("not reached")


OLDER = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from bw_magics.secret import Secret
secret = Secret(sys.stdin.read(), "DB / password")
assert "distributed.protocol" not in sys.modules
from distributed.protocol import deserialize, serialize
value = {shape}
for turn in range(3):
    try:
        print("arrived:", deserialize(*serialize(value, on_error="raise")))
    except Exception as error:
        logging.getLogger().exception("refused: %s", error)
import pickle
try:
    pickle.dumps(secret)
except Exception as error:
    print("pickle:", error)
"""


@pytest.mark.parametrize("shape", ["secret", "[secret]", "{'password': secret}", "(1, secret)"])
def test_a_secret_that_is_older_than_the_import_of_dask_is_not_printed(shape: str) -> None:
    program = subprocess.run(
        [sys.executable, "-c", OLDER.replace("{shape}", shape)],
        input=MARKER,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )

    assert MARKER not in program.stdout + program.stderr
    assert "a secret, which stays on its worker" in program.stdout
    assert "pickle: A secret is not pickled" in program.stdout
