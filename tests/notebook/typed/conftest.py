"""Kernels in which somebody types secrets: the newest, and two older ones."""

from __future__ import annotations

import ast
import contextlib
import functools
import itertools
import os
import queue
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.kernels import FEW_KERNELS, NEWEST, parameter, python_of
from tests.notebook.kernel import Kernel, Outcome, kernel

_NUMBERS = itertools.count()


class TypingKernel(Kernel):
    """A kernel in which somebody sits at the keyboard; its home is `folder`."""

    folder: Path

    def type(self, cell: str) -> Outcome:
        """Runs a cell; a person is there."""
        return self.run(cell, answers=())

    @property
    def payload(self) -> list[dict[str, Any]]:
        """What the last cell sent along with its reply."""
        replies = [m for m in self.messages if m["header"]["msg_type"] == "execute_reply"]
        return list(replies[-1]["content"].get("payload", []))

    @property
    def rewritten(self) -> str | None:
        """What the last cell became; None where it was left as it is."""
        if not self.payload:
            return None
        (only,) = self.payload
        assert only["source"] == "set_next_input"
        assert only["replace"]
        return str(only["text"])

    def value(self, expression: str) -> Any:
        """What a cell's last line gives, which has to be plain data."""
        came = self.run(expression)
        assert came.ok, came.whole
        return ast.literal_eval(came.displayed[-1]["text/plain"])

    def remembered(self, secret: str) -> list[str]:
        """Where the kernel or its files still have it."""
        half = len(secret) // 2
        look = (
            f"import linecache, os; _s = {secret[:half]!r} + {secret[half:]!r}\n"
            "_places = {'In': In, '_ih': _ih, '_i': _i, '_ii': _ii, '_iii': _iii,\n"
            "  **{k: v for k, v in globals().items() if k.startswith('_i') and k[2:].isdigit()},\n"
            "  'raw': get_ipython().history_manager.input_hist_raw,\n"
            "  'pending': get_ipython().history_manager.db_input_cache,\n"
            "  'sources': [v for k, v in linecache.cache.items() if not os.path.exists(k)],\n"
            "  'last': vars(get_ipython().last_execution_result.info)}\n"
            "get_ipython().history_manager.writeout_cache()\n"
            "[k for k, v in _places.items() if _s in str(v)]"
        )
        places = list(self.value(look))
        files = [
            path.name
            for path in self.folder.rglob("*")
            if path.is_file() and secret.encode() in path.read_bytes()
        ]
        return [*places, *files]


Start = Callable[[str], TypingKernel]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts the kernel of a name, once."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def start(name: str) -> TypingKernel:
            folder = tmp_path_factory.mktemp("typed")
            try:
                python = python_of(name)
            except subprocess.CalledProcessError:
                pytest.skip(f"needs the packages of kernel {name}")
            environment = {**os.environ, "IPYTHONDIR": str(folder), "HOME": str(folder)}
            started = stack.enter_context(kernel(environment, python))
            # What the start has left on the channel would be taken for the reply to a cell.
            with contextlib.suppress(queue.Empty):
                while True:
                    started.client.get_shell_msg(timeout=0.5)
            typing = TypingKernel(started.manager, started.client)
            typing.folder = folder
            return typing

        yield start


@pytest.fixture(params=map(parameter, (NEWEST, *FEW_KERNELS)))
def running(request: pytest.FixtureRequest, start: Start) -> TypingKernel:
    """Each of the kernels."""
    return start(request.param)


@pytest.fixture
def newest(start: Start) -> TypingKernel:
    """The newest one only: for long tables of typed lines."""
    return start(NEWEST)


@pytest.fixture
def secret() -> str:
    return f"typed-{next(_NUMBERS)}-Qx7"
