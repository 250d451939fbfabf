"""A program on a real Ray cluster of two nodes; run by `test_ray.py` in an environment of its own.

It prints the result of each step, as JSON, and leaves Ray's files for the test to search.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

from bw_magics.adapters.ray import on_nodes, value
from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret
from tests.clusters import controls
from tests.clusters.waiting import wait_until

NAME = "warehouse"


class Taker:
    """An actor that is given something."""

    def __init__(self, given: object) -> None:
        self.given = given


def main(marker: str, folder: Path, ports: list[int], is_recipe: bool) -> dict[str, Any]:
    told: dict[str, Any] = {}
    secret = Secret(marker, "Warehouse DB / password")
    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 1,
            "gcs_server_port": ports[0],
            "dashboard_port": ports[1],
            "dashboard_host": "127.0.0.1",
            "include_dashboard": True,
            "temp_dir": str(folder),
        },
    )
    cluster.add_node(num_cpus=1)
    # The recipe that the gallery had: a value in the environment of a job's tasks.
    variables = {"DB_PASSWORD": str(secret)} if is_recipe else {"DB_NAME": controls.RAY}
    ray.init(address=cluster.address, runtime_env={"env_vars": variables})
    told["nodes"] = len({each["NodeID"] for each in ray.nodes() if each["Alive"]})
    meeting = folder / "meeting"
    meeting.mkdir()

    @ray.remote(num_cpus=1, scheduling_strategy="SPREAD")  # type: ignore[untyped-decorator]
    def use(part: int) -> list[Any]:
        held = value(NAME)
        node = ray.get_runtime_context().get_node_id()
        # Until the other node has a task, too: one that is quick would take all of them.
        (meeting / node).touch()
        wait_until(lambda: len(list(meeting.iterdir())) > 1)
        return [node, len(held), repr(held), os.getpid()]

    @ray.remote  # type: ignore[untyped-decorator]
    def give_away() -> Any:
        return value(NAME)

    @ray.remote  # type: ignore[untyped-decorator]
    def name_it(name: str) -> str:
        return repr(value(name))

    @ray.remote
    class Holder:
        def __init__(self) -> None:
            self.held = value(NAME)

        def length(self) -> int:
            return len(self.held)

    if is_recipe:
        told["recipe"] = ray.get(ray.remote(lambda: len(os.environ["DB_PASSWORD"])).remote())
    else:
        steps(told, secret, use, give_away, name_it, Holder, cluster)
    told["environments"] = [
        process.name
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and marker.encode() in _read(process / "environ")
    ]
    told["command lines"] = [
        process.name
        for process in Path("/proc").iterdir()
        if process.name.isdigit()
        and process.name != str(os.getpid())
        and marker.encode() in _read(process / "cmdline")
    ]
    told["dashboard"] = dashboard(f"http://127.0.0.1:{ports[1]}")
    told["store"] = store()
    time.sleep(1)
    ray.shutdown()
    cluster.shutdown()
    return told


def steps(
    told: dict[str, Any], secret: Secret, use: Any, give_away: Any, name_it: Any, holder: Any,
    cluster: Any,
) -> None:  # fmt: skip
    """Everything that the adapter promises."""
    told["before"] = error_of(lambda: ray.get(use.remote(0)))
    with on_nodes({NAME: secret}):
        found = ray.get([use.remote(part) for part in range(6)])
        told["used on"] = len({node for node, *_ in found})
        told["lengths"] = sorted({length for _, length, *_ in found})
        told["reprs"] = sorted({shown for _, _, shown, _ in found})
        told["in an actor"] = ray.get(holder.remote().length.remote())
        told["returned"] = error_of(lambda: ray.get(give_away.remote()))
        told["other name"] = error_of(lambda: ray.get(name_it.remote("nothing")))
        with on_nodes({"second": secret}):
            told["nested"] = ray.get([name_it.remote(each) for each in (NAME, "second")])
        told["after the inner"] = error_of(lambda: ray.get(name_it.remote("second")))
        told["still there"] = ray.get(name_it.remote(NAME))
        late = cluster.add_node(num_cpus=1, resources={"late": 1})
        cluster.wait_for_nodes()
        told["late node"] = error_of(
            lambda: ray.get(name_it.options(resources={"late": 1}).remote(NAME))
        )
        cluster.remove_node(late)
        head = ray.get_runtime_context().get_node_id()
        box = ray.get_actor("bw_magics-box-" + head)
        os.kill(ray.get(box.__ray_call__.remote(lambda _: os.getpid())), signal.SIGKILL)
        told["box died"] = error_of(lambda: value(NAME), patience=20)
    told["after"] = error_of(lambda: ray.get(use.remote(0)))
    told["boxes left"] = [
        each["name"]
        for each in ray.util.list_named_actors(all_namespaces=True)
        if "bw_magics" in each["name"]
    ]
    with on_nodes({f"value {number}": f"{secret}-{number}" for number in range(100_000)}):
        told["many"] = ray.get(name_it.remote("value 99999"))
    for what, call in {
        "argument": lambda: use.remote(secret),
        "put": lambda: ray.put(secret),
        "put in a dictionary": lambda: ray.put({"a": [secret]}),
        "closure": lambda: ray.remote(lambda: len(secret)).remote(),
        "actor's argument": lambda: ray.remote(Taker).remote(secret),
    }.items():
        told[what] = error_of(call)


def error_of(call: Any, patience: float = 0) -> list[str]:
    """The kind of an error and its whole text; nothing where there is none."""
    until = time.monotonic() + patience
    while True:
        try:
            call()
        except Exception as error:
            cause = getattr(error, "cause", error)
            if isinstance(cause, NotFound | UsageMistake) or time.monotonic() >= until:
                return [type(cause).__name__, str(error)]
        if time.monotonic() >= until:
            return []
        time.sleep(0.2)


def dashboard(url: str) -> str:
    """What the dashboard tells everybody."""
    told = ""
    for path in (
        "/nodes?view=summary", "/nodes?view=details", "/api/jobs/", "/logical/actors",
        "/api/v0/tasks?detail=1&limit=1000", "/api/v0/actors?detail=1", "/api/v0/workers?detail=1",
        "/api/v0/runtime_envs?detail=1", "/api/v0/objects?detail=1", "/api/cluster_status",
    ):  # fmt: skip
        try:
            with urllib.request.urlopen(url + path, timeout=30) as answer:
                told += f"{path}\n{answer.read().decode()}\n"
        except OSError as error:
            told += f"{path} {error}\n"
    return told


def store() -> str:
    """All of the control store's key-value pairs."""
    from ray.experimental.internal_kv import _internal_kv_get, _internal_kv_list

    told = b""
    for namespace in (None, b"fun", b"cls", b"session", b"cluster", b"job", b"dashboard", b"serve"):
        for key in _internal_kv_list(b"", namespace=namespace):
            told += key + b"\n" + (_internal_kv_get(key, namespace=namespace) or b"") + b"\n"
    return told.decode("latin-1")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    request = json.load(sys.stdin)
    result = main(
        request["marker"], Path(request["folder"]), request["ports"], request["is_recipe"]
    )
    Path(request["answer"]).write_text(json.dumps(result))
