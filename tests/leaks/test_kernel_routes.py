"""No route out of a kernel shows a secret while the guard is on, and every one does while it is
off; nor does any file that the guarded kernel leaves behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .kernel import Kernel
from .markers import found, found_in_files
from .routes import ROUTES, Route
from .verdict import Record, Verdict, judge, tell

# What IPython 7 and ipykernel 6.17 do not show by themselves.
CLOSED = {"6.17": ("exception group", "exception with a note", "comm of one's own")}


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_a_route_is_open_without_the_guard_and_shut_with_it(
    route: Route, kernel: str, unguarded: Kernel, guarded: Kernel, record_property: Record
) -> None:
    begun = [(each, each.begin(route.code, route.answers)) for each in (unguarded, guarded)]
    control, shown = (each.collect(id, route.answers, late=route.late) for each, id in begun)

    verdict = judge(control.text, shown.text)
    tell(record_property, kernel, {route.name: verdict})
    assert verdict is not Verdict.LEAKS, shown.text[-1500:]
    is_closed = route.name in CLOSED.get(kernel, ())
    assert verdict is (Verdict.EMPTY if is_closed else Verdict.CLEAN), control.text[-1500:]
    assert shown.error == control.error


REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "inspect": ("inspect", {"code": "s", "cursor_pos": 1}),
    "complete a key of a dictionary": ("complete", {"code": "held['", "cursor_pos": 6}),
    "history": ("history", {"raw": True, "output": True, "hist_access_type": "range"}),
    "user expressions": ("execute", {"code": "", "user_expressions": {"x": "s", "y": "int(s)"}}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_a_front_end_asks_for_by_itself_is_masked_too(
    name: str, unguarded: Kernel, guarded: Kernel
) -> None:
    method, arguments = REQUESTS[name]
    shown = []
    for kernel in (unguarded, guarded):
        kernel.run("held = {s: 1}\nint_of = 1")
        # The history holds the typed text: a cell that holds a secret, once it is known.
        kernel.run("get_ipython().history_manager.input_hist_raw[-1] += s")
        shown.append(kernel.collect(getattr(kernel.client, method)(**arguments)).text)

    assert found(shown[0]), shown[0][-1500:]
    assert not found(shown[1]), shown[1][-1500:]


def test_the_debugger_shows_nothing(unguarded: Kernel, guarded: Kernel) -> None:
    shown = []
    for kernel in (unguarded, guarded):
        text = ""
        for number, command in enumerate(
            ("initialize", "inspectVariables", "richInspectVariables")
        ):
            arguments = {"variableName": "s"} if command.startswith("rich") else {}
            message = kernel.client.session.msg(
                "debug_request",
                {"type": "request", "seq": number + 1, "command": command, "arguments": arguments},
            )

            kernel.client.control_channel.send(message)
            text += kernel.collect(message["header"]["msg_id"], channel="control").text
        shown.append(text)

    assert found(shown[0]), shown[0][-1500:]
    assert not found(shown[1]), shown[1][-1500:]


def test_unlocking_itself_shows_nothing(guarded: Kernel) -> None:
    assert not found(guarded.start.text)


def test_what_the_mask_is_is_not_said_again(guarded: Kernel) -> None:
    guarded.run("print(p)")
    lines = [m for m in guarded.run("print(p)").text.splitlines() if "--reveal" in m]

    assert lines == [], "it is said once"


def test_what_the_kernel_wrote_holds_no_secret(
    guarded: Kernel, guarded_home: Path, unguarded: Kernel, folder: Path
) -> None:
    """Runs last in this file: after all routes. The log is one at DEBUG."""
    for kernel in (guarded, unguarded):
        kernel.run("import subprocess; subprocess.run(['echo', s + ' was echoed'])")
        kernel.run("get_ipython().history_manager.writeout_cache()")
        kernel.wait_for_log(b" was echoed")

    assert found_in_files([unguarded.log]), "the control's log has it"
    assert found_in_files([guarded_home, guarded.log]) == []
    assert guarded.log.stat().st_size > 10_000
