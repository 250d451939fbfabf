"""When there is a tap, and ■ while a message is taken. Real ones are tried in tests/browser."""

from __future__ import annotations

import signal
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from bw_magics.notebook.panels import tap as taps
from bw_magics.notebook.panels.tap import NoTap, OtherThread, SocketTap, ThreadTap, tap


def kernel(**members: Any) -> SimpleNamespace:
    return SimpleNamespace(session=object(), shell_stream=object(), **members)


def test_the_kernel_decides_which_tap() -> None:
    newer = kernel(shell_channel_thread=object(), shell_channel_thread_main=print)
    older = kernel(schedule_dispatch=print, dispatch_shell=print)

    assert isinstance(tap(newer, "id", print), ThreadTap)
    assert isinstance(tap(older, "id", print), SocketTap)


@pytest.mark.parametrize(
    "unknown",
    [
        SimpleNamespace(),
        SimpleNamespace(session=object(), shell_stream=None),
        kernel(),
        kernel(shell_channel_thread=object()),
        kernel(schedule_dispatch=print),
        kernel(shell_channel_thread=object(), schedule_dispatch=print, dispatch_shell=print),
    ],
)
def test_an_unknown_kernel_has_none(unknown: Any) -> None:
    with pytest.raises(NoTap):
        tap(unknown, "id", print)


def test_there_is_none_in_another_thread() -> None:
    refused = threading.Event()

    def attempt() -> None:
        try:
            tap(kernel(schedule_dispatch=print, dispatch_shell=print), "id", print)
        except OtherThread:
            refused.set()

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()

    assert refused.is_set()


def test_an_interrupt_waits_until_the_message_is_safe() -> None:
    before = signal.getsignal(signal.SIGINT)
    steps = []

    def take() -> None:
        with taps._interrupts_held():
            signal.raise_signal(signal.SIGINT)
            steps.append("the message is safe")

    with pytest.raises(KeyboardInterrupt):
        take()

    assert steps == ["the message is safe"]
    assert signal.getsignal(signal.SIGINT) is before
