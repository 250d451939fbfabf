"""Dask: named values on the workers of a cluster, for the length of a `with` block.

    from bw_magics.adapters.dask import on_workers, value

    def load(partition):
        return fetch(partition, password=value("password"))

    with on_workers(client, {"password": bw_session["Warehouse DB"].password}):
        client.gather(client.map(load, partitions))

The values are only in the memory of the workers that were present when the block began. They are
not in the task graph, at the scheduler, in logs or on the dashboard. Every task on these workers
can read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from bw_magics.adapters import remote
from bw_magics.adapters.extra import load
from bw_magics.adapters.remote import value
from bw_magics.errors import UsageMistake
from bw_magics.placeholder import NotSent, teach_dask
from bw_magics.secret import Secret

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["NotSent", "on_workers", "value"]


@contextmanager
def on_workers(client: Client, values: Mapping[str, str]) -> Iterator[None]:
    """Puts the values on every worker of the cluster, and removes them at the end.

    A worker that joins later has no values: `value` raises `NotFound` there. Raises `UsageMistake`
    without workers, for a worker without this package, and for an asynchronous client.
    """
    remote.check(values)
    if client.asynchronous:
        raise UsageMistake("The client is asynchronous.", "Use one without asynchronous=True.")
    _teach()
    block = remote.new_block()
    try:
        keys = _everywhere(client, remote.offer_key, block)
        sealed = remote.seal_all(values, block, set(keys.values()), "Dask workers")
        _everywhere(client, _take, block, sealed)
        yield
    finally:
        with suppress(Exception):  # the cluster may be gone
            client.run(remote.drop, block, on_error="ignore")


def _take(block: str, sealed: Mapping[bytes, bytes]) -> bool:
    """Runs on the worker."""
    _teach()
    return remote.take(block, sealed)


def _teach() -> None:
    load("distributed.protocol", extra="dask", what="Dask")
    teach_dask(Secret)


def _everywhere(client: Client, function: Any, *arguments: object) -> dict[str, Any]:
    answers: dict[str, Any] = client.run(function, *arguments, on_error="return")
    failed = [answer for answer in answers.values() if isinstance(answer, BaseException)]
    if any(isinstance(answer, ImportError) for answer in failed):
        raise UsageMistake(
            "This package is not installed on every worker.",
            "Install bw_magics on the workers, in the same version as here.",
        )
    present = {
        address: answer
        for address, answer in answers.items()
        if not isinstance(answer, BaseException)
    }
    if not present:
        raise UsageMistake(
            "The cluster has no workers.",
            "Wait until the cluster has workers: client.wait_for_workers(1).",
        )
    return present
