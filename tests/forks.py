"""Runs the collected tests in several processes: `--processes 6`.

Each process of pytest-xdist collects all tests for itself. Here one process collects them, and
then forks: the others have every test and every import from the start. The tests of a file run
in one process, and files begin in the order of the collection.
"""

from __future__ import annotations

import atexit
import os
import pickle
import random
import selectors
import signal
import struct
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NoReturn

import pytest
from _pytest.pathlib import cleanup_numbered_dir
from xdist.remote import serialize_warning_message  # type: ignore[import-untyped]
from xdist.workermanage import unserialize_warning_message  # type: ignore[import-untyped]

_NUMBER = struct.Struct("!H")
_SIZE = struct.Struct("!I")

# How long a process may take to end after an interrupt, in seconds.
_PATIENCE = 10.0


@dataclass
class _Process:
    """One process, as the first one sees it."""

    pid: int
    pipe: int
    received: bytearray = field(default_factory=bytearray)
    # The tests that it has still to run, and the last one that it began, by their places.
    waiting: list[int] = field(default_factory=list)
    last: int = 0
    is_done: bool = False

    def messages(self) -> Iterator[tuple[str, Any]]:
        """Takes whole messages out of what was received."""
        while len(self.received) >= _SIZE.size:
            (size,) = _SIZE.unpack_from(self.received)
            end = _SIZE.size + size
            if len(self.received) < end:
                return
            message = bytes(self.received[_SIZE.size : end])
            del self.received[:end]
            yield pickle.loads(message)


class Forks:
    """A plugin of pytest that shares out the files of tests among processes."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._started = 0
        self._processes: dict[int, _Process] = {}
        self._selector = selectors.DefaultSelector()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Runs all tests; leaves it to pytest where nothing is to be run."""
        options = session.config.option
        is_broken = session.testsfailed and not options.continue_on_collection_errors
        if is_broken or options.collectonly or not session.items:
            return None
        terminal: Any = session.config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            # Tests of several files end in turns: their names would fill the screen.
            terminal.showfspath = False
        factory: Any = session.config._tmp_path_factory  # type: ignore[attr-defined]
        factory.getbasetemp()
        self._session = session
        self._files = by_file(session.items)
        self._queue, end = os.pipe()
        os.write(end, b"".join(map(_NUMBER.pack, range(len(self._files)))))
        os.close(end)
        try:
            for _ in range(min(self._number, len(self._files))):
                self._start([])
            while self._processes:
                self._receive()
        finally:
            self._end()
            os.close(self._queue)
        return True

    def _start(self, first: Sequence[int]) -> None:
        """Starts a process, which runs the tests at these places before it takes a file."""
        mine, theirs = os.pipe()
        self._started += 1
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            # The server of pytest-rerunfailures waits in a thread; no test uses it.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if not pid:
            work = _Work(self._session, self._files, self._queue, theirs)
            work.run(first, f"process-{self._started}", unused=self)
        os.close(theirs)
        self._processes[mine] = _Process(pid, mine, waiting=list(first))
        self._selector.register(mine, selectors.EVENT_READ)

    def _receive(self) -> None:
        for key, _ in self._selector.select():
            process = self._processes[key.fd]
            data = os.read(key.fd, 1 << 20)
            process.received += data
            for kind, content in process.messages():
                self._take(process, kind, content)
            if not data:
                self._ended(process)
            if self._session.shouldfail:
                raise self._session.Failed(self._session.shouldfail)
            if self._session.shouldstop:
                raise self._session.Interrupted(self._session.shouldstop)

    def _take(self, process: _Process, kind: str, content: Any) -> None:
        config = self._session.config
        if kind == "takes":
            process.waiting += self._files[content]
        elif kind == "begins":
            process.last = content
            process.waiting.remove(content)
        elif kind == "reports":
            self._tell(
                process.last,
                [
                    config.hook.pytest_report_from_serializable(config=config, data=data)
                    for data in content
                ],
            )
        elif kind == "warning":
            message = unserialize_warning_message(content.pop("warning_message"))
            config.hook.pytest_warning_recorded.call_historic(
                kwargs={"warning_message": message, **content}
            )
        elif kind == "done":
            process.is_done = True
        else:
            self._tell(process.last, [self._failure(process.last, "teardown", content)])

    def _ended(self, process: _Process) -> None:
        """Says which test a process did not survive, and has another one run those after it."""
        self._selector.unregister(process.pipe)
        os.close(process.pipe)
        del self._processes[process.pipe]
        _, status = os.waitpid(process.pid, 0)
        if process.is_done:
            return
        code = os.waitstatus_to_exitcode(status)
        text = f"The process ended with {code}."
        self._tell(process.last, [self._failure(process.last, "call", text)])
        self._start(process.waiting)

    def _failure(self, place: int, when: Any, text: str) -> pytest.TestReport:
        item = self._session.items[place]
        return pytest.TestReport(item.nodeid, item.location, {}, "failed", text, when)

    def _tell(self, place: int, reports: Sequence[Any]) -> None:
        """Has the plugins of the first process take the reports of a test."""
        item = self._session.items[place]
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in reports:
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)

    def _end(self) -> None:
        """Ends the processes that still run."""
        pids = {process.pid for process in self._processes.values()}
        for pid in pids:
            os.kill(pid, signal.SIGINT)
        end = time.monotonic() + _PATIENCE
        while pids:
            pids = {pid for pid in pids if os.waitpid(pid, os.WNOHANG) == (0, 0)}
            if time.monotonic() > end:
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        for pipe in self._processes:
            os.close(pipe)
        self._processes.clear()


def by_file(items: Sequence[pytest.Item]) -> list[list[int]]:
    """Groups the places of tests by their files."""
    files: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        files.setdefault(item.nodeid.partition("::")[0], []).append(place)
    return list(files.values())


class _Work:
    """The work of one process: it takes files from a queue, and sends reports."""

    def __init__(
        self, session: pytest.Session, files: Sequence[Sequence[int]], queue: int, pipe: int
    ) -> None:
        self._session = session
        self._files = files
        self._queue = queue
        self._pipe = pipe
        self._reports: list[Any] = []

    def run(self, first: Sequence[int], name: str, *, unused: object) -> NoReturn:
        """Runs tests until none is left, and ends the process."""
        try:
            self._be_apart(name, unused)
            self._run(first)
            self._send("done", None)
        except BaseException:
            self._send("trouble", traceback.format_exc())
            self._send("done", None)
        finally:
            os._exit(0)

    def _be_apart(self, name: str, unused: object) -> None:
        """Shares neither captured output nor folders nor random numbers with other processes."""
        config = self._session.config
        plugins = config.pluginmanager
        capturing: Any = plugins.getplugin("capturemanager")
        capturing.stop_global_capturing()
        capturing.start_global_capturing()
        capturing.suspend_global_capture()
        for plugin in (plugins.getplugin("terminalreporter"), unused):
            if plugin is not None:
                plugins.unregister(plugin)
        plugins.register(self)
        factory: Any = config._tmp_path_factory  # type: ignore[attr-defined]
        factory._basetemp = factory.getbasetemp() / name
        factory._basetemp.mkdir(mode=0o700)
        atexit.unregister(cleanup_numbered_dir)
        random.seed()

    def _run(self, first: Sequence[int]) -> None:
        places = first or self._next_file()
        while places:
            for place, following in pairwise(places):
                self._run_test(place, following)
            # What the last test shares with the next one is kept for it.
            after = self._next_file()
            self._run_test(places[-1], after[0] if after else None)
            places = after
        self._session.config._ensure_unconfigure()
        atexit._run_exitfuncs()

    def _next_file(self) -> Sequence[int]:
        data = os.read(self._queue, _NUMBER.size)
        if not data:
            return ()
        (number,) = _NUMBER.unpack(data)
        self._send("takes", number)
        return self._files[number]

    def _run_test(self, place: int, following: int | None) -> None:
        item = self._session.items[place]
        after = None if following is None else self._session.items[following]
        self._send("begins", place)
        self._reports.clear()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        self._send("reports", self._reports)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps a report until its test has ended."""
        config = self._session.config
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        self._reports.append(data)

    def pytest_warning_recorded(
        self,
        warning_message: warnings.WarningMessage,
        when: str,
        nodeid: str,
        location: tuple[str, int, str] | None,
    ) -> None:
        """Sends a warning, which the first process shows at the end."""
        told = serialize_warning_message(warning_message)
        place = {"when": when, "nodeid": nodeid, "location": location}
        self._send("warning", {"warning_message": told, **place})

    def _send(self, kind: str, content: Any) -> None:
        message = pickle.dumps((kind, content))
        view = memoryview(_SIZE.pack(len(message)) + message)
        while view:
            view = view[os.write(self._pipe, view) :]
