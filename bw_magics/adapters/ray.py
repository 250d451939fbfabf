"""Ray: named values for the tasks of a cluster, for the length of a `with` block.

    from bw_magics.adapters.ray import on_nodes, value

    @ray.remote
    def load(part):
        return fetch(part, password=value("password"))

    with on_nodes({"password": bw_session["Warehouse DB"].password}):
        ray.get([load.remote(part) for part in parts])

Each node has one box, an actor that takes no processor. The values are sealed to it; a task's
process makes a key of its own, and the box seals the value to that. So object stores, the control
store, the dashboard, logs and environments see public keys and ciphertext. Every task and actor
that runs on these nodes in the same namespace can ask a box.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from bw_magics.adapters import remote
from bw_magics.adapters.extra import load
from bw_magics.crypto.sealed_box import BoxKey, seal_box
from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret

__all__ = ["on_nodes", "value"]

_BOX = "bw_magics-box-"
_CONTEXT = b"bw_magics, a task of Ray: "
# In seconds: how long a node may take to start its box, and a box to answer.
_START = 120.0
_ANSWER = 30.0
# How long boxes and nodes that have gone may be listed, and how often to look.
_RETRY = 10.0
_PAUSE = 0.3
_ENTER_AGAIN = "Enter the block again, so that every present node has the values."


class Box:
    """The actor of a node. It opens what was sealed to it, and seals values to the processes that
    ask.
    """

    def __repr__(self) -> str:
        return "Box"

    def offer_key(self, block: str) -> bytes:
        """Makes the box's key for a block; returns the public half."""
        return remote.offer_key(block)

    def take(self, block: str, sealed: Mapping[bytes, bytes]) -> bool:
        """Keeps the values that were sealed to the box."""
        return remote.take(block, sealed)

    def drop(self, block: str) -> bool:
        """Forgets a block; returns whether there are others."""
        remote.drop(block)
        return remote.has_blocks()

    def give(self, name: str, public: bytes) -> bytes | None:
        """Seals a value to a process; None where there is none of that name."""
        try:
            text = remote.value(name)
        except NotFound:
            return None
        return seal_box(text.encode(), to=public, context=_CONTEXT + name.encode())


@contextmanager
def on_nodes(values: Mapping[str, str]) -> Iterator[None]:
    """Gives the values to every node of the cluster, and removes them at the end.

    A node that joins later has none: `value` raises `NotFound` there. Raises `UsageMistake` where
    Ray is not connected, and where a node cannot start a box, such as one without this package.
    """
    remote.check(values)
    ray = _ray()
    if not ray.is_initialized():
        raise UsageMistake("Ray is not connected.", "Call ray.init() first.")
    block = remote.new_block()
    boxes: dict[str, Any] = {}
    try:
        keys = _start_boxes(ray, block, boxes)
        sealed = remote.seal_all(values, block, keys, "Ray nodes")
        _ask_all(ray, [box.take.remote(block, sealed) for box in boxes.values()], _ANSWER)
        yield
    finally:
        for name, box in boxes.items():
            has_others = False
            with suppress(Exception):  # it may have died, or its node
                has_others = ray.get(box.drop.remote(block), timeout=_ANSWER)
            if not has_others:
                with suppress(Exception):
                    _end(ray, name, box)


def value(name: str) -> Secret:
    """Returns the value of that name from the box of this node; for tasks and actors.

    Raises `NotFound` on a node that joined after the block began or whose box has died, and after
    the block. The value cannot be pickled, so a task cannot return it by mistake.
    """
    ray = _ray()
    key = BoxKey()
    problem = ""
    sealed: bytes | None = None
    if not ray.is_initialized():
        problem = "This process is not a part of a Ray cluster."
    else:
        node = ray.get_runtime_context().get_node_id()
        try:
            box = ray.get_actor(_BOX + node)
            sealed = ray.get(box.give.remote(name, key.public), timeout=_ANSWER)
        except ValueError:
            problem = "This node has no values: it joined after the block began, or that has ended."
        except ray.exceptions.RayActorError:
            problem = "The box of this node has died, or the block has ended."
        except ray.exceptions.GetTimeoutError:
            problem = "The box of this node does not answer."
    if problem:
        raise NotFound(problem, _ENTER_AGAIN)
    if sealed is None:
        raise NotFound("The block has no value of that name.", "Name it where the block begins.")
    text = key.open(sealed, context=_CONTEXT + name.encode()).decode()
    return Secret(text, f"{name} (on this node)")


def _ray() -> Any:
    return load("ray", extra="ray", what="Ray")


def _end(ray: Any, name: str, box: Any) -> None:
    """Ends a box, and waits until the next block cannot take it for its own any more."""
    ray.kill(box)
    until = time.monotonic() + _RETRY
    with suppress(ValueError):
        while time.monotonic() < until:
            ray.get_actor(name)
            time.sleep(_PAUSE)


def _start_boxes(ray: Any, block: str, boxes: dict[str, Any]) -> set[bytes]:
    """Fills `boxes` with one for each node; returns their keys for the block."""
    strategy = load(
        "ray.util.scheduling_strategies", extra="ray", what="Ray"
    ).NodeAffinitySchedulingStrategy
    actor = ray.remote(num_cpus=0, max_restarts=0, max_concurrency=1)(Box)
    until = time.monotonic() + _RETRY
    while True:
        boxes.clear()
        for node in [each["NodeID"] for each in ray.nodes() if each["Alive"]]:
            options = {"name": _BOX + node, "scheduling_strategy": strategy(node, soft=False)}
            boxes[_BOX + node] = actor.options(get_if_exists=True, **options).remote()
        # A box that has just ended, or a node, may still be listed.
        is_last = time.monotonic() > until
        with nullcontext() if is_last else suppress(UsageMistake):
            asked = [box.offer_key.remote(block) for box in boxes.values()]
            return set(_ask_all(ray, asked, _START))
        time.sleep(_PAUSE)


def _ask_all(ray: Any, asked: list[Any], patience: float) -> list[Any]:
    reason = ""
    try:
        answers: list[Any] = ray.get(asked, timeout=patience)
        return answers
    except ray.exceptions.RayError as error:  # its text has paths and hosts
        reason = type(error).__name__
    raise UsageMistake(
        f"A node of the cluster cannot be given the values ({reason}).",
        "Install this version of bw_magics on every node.",
    )
