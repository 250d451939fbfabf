"""The journal's file: private, shared by kernels, whole after a kill, and refused where wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bw_magics import Vault
from bw_magics.errors import JournalProblem, UsageMistake
from bw_magics.session.journal.chain import verify
from bw_magics.session.journal.journal import MOST, OF_PROCESS, Journal
from bw_magics.session.journal.journal_file import JournalFile
from bw_magics.using import Use
from tests.session.journal.conftest import journal_at, note

PROGRAM = Path(__file__).with_name("kernels.py")


def kernel(path: Path, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, PROGRAM, path, str(count)], stdout=subprocess.PIPE)


def test_no_file_is_written_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal()
    note(journal, "A")

    assert journal.path is None
    assert [*tmp_path.iterdir()] == []
    assert [entry.item for entry in journal.entries()] == ["A"]


def test_a_file_is_for_this_user_only_with_any_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        note(journal_at(path), "A")
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600


def test_the_variable_names_a_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BW_MAGICS_JOURNAL", str(path))
    journal = Journal()
    assert not path.exists()

    note(journal, "A")

    assert journal.path == path
    assert len(path.read_bytes().splitlines()) == 1
    journal.to(path.with_name("other.jsonl"))
    assert journal.path == path.with_name("other.jsonl")


def test_a_line_has_all_of_an_entry_in_ascii(path: Path) -> None:
    journal = journal_at(path)
    journal.cells.begin(7, "message-1")
    with journal.because("nightly load"):
        journal.note((Use("Größe\u202e\x1b[2J", "password", "id-1", "work"),), "reference")

    (line,) = path.read_text("ascii").splitlines()
    found = json.loads(line)
    assert {name: found[name] for name in ("item", "field", "id", "source", "way", "reason")} == {
        "item": "Größe\u202e\x1b[2J",
        "field": "password",
        "id": "id-1",
        "source": "work",
        "way": "reference",
        "reason": "nightly load",
    }
    assert (found["cell"], found["message"], found["number"]) == (7, "message-1", 1)
    assert "\x1b" not in line
    (read,), (kept,) = journal.read(), journal.entries()
    assert replace(read, at=kept.at) == kept
    assert abs((read.at - kept.at).total_seconds()) < 0.002


def test_kernels_at_once_write_one_chain(path: Path) -> None:
    running = [kernel(path, 200) for _ in range(3)]
    for each in running:
        each.communicate()
        assert each.returncode == 0

    verified = verify(path)

    assert (verified.lines, verified.sessions, verified.findings) == (1200, 3, ())


def test_threads_at_once_write_one_chain(path: Path) -> None:
    journal = journal_at(path)
    threads = [threading.Thread(target=note, args=(journal, *"ABCDEFGH" * 10)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    verified = journal.verify()
    assert (verified.lines, verified.sessions, verified.findings) == (640, 1, ())
    assert [entry.number for entry in journal.entries()] == [*range(1, 641)]


@pytest.mark.parametrize("after", [1, 50, 400])
def test_a_kernel_killed_while_it_appends_breaks_nothing(path: Path, after: int) -> None:
    running = kernel(path, 1_000_000)
    while not path.exists() or path.read_bytes().count(b"\n") < after:
        time.sleep(0.001)
    running.send_signal(signal.SIGKILL)
    running.communicate()

    journal = journal_at(path)
    note(journal, "after")

    verified = journal.verify()
    assert verified.is_whole
    assert verified.sessions == 2


@pytest.mark.parametrize("length", [1, 12, 13, 40, 200])
@pytest.mark.parametrize("before", [0, 3])
def test_a_half_line_gets_an_end_and_is_named(path: Path, before: int, length: int) -> None:
    """A kill in the middle of a write, which a kernel rarely leaves: the line is cut by hand."""
    first = journal_at(path)
    note(first, *"ABCD"[: before + 1])
    whole = path.read_bytes()
    last = whole.rindex(b"{")
    path.write_bytes(whole[: last + length])
    assert [finding.kind for finding in verify(path).findings] == ["half"]

    note(journal_at(path), "X", "Y")

    verified = verify(path)
    assert [(each.line, each.kind) for each in verified.findings] == [(before + 1, "half")]
    assert verified.is_whole
    assert [entry.item for entry in Journal().read(path)][before:] == ["X", "Y"]
    # The kernel that wrote it goes on, too, and misses its use.
    note(first, "Z")
    assert verify(path).is_whole
    assert not first.verify().is_whole


def test_a_fork_has_a_session_of_its_own(path: Path) -> None:
    OF_PROCESS.to(path)
    try:
        note(OF_PROCESS, "A")
        child = os.fork()
        if child == 0:
            note(OF_PROCESS, "B")
            os._exit(len(OF_PROCESS))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
        note(OF_PROCESS, "C")
        verified = OF_PROCESS.verify()
    finally:
        OF_PROCESS.to(None)

    assert (verified.lines, verified.sessions, verified.findings) == (3, 2, ())


def test_a_file_that_was_moved_away_is_begun_anew(path: Path) -> None:
    journal = journal_at(path)
    note(journal, "A")
    path.rename(path.with_name("old.jsonl"))
    note(journal, "B")

    assert [verify(each).lines for each in (path, path.with_name("old.jsonl"))] == [1, 1]
    assert verify(path).findings == ()


def readable(path: Path) -> None:
    path.write_bytes(b"")
    path.chmod(0o644)


def private(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def link(path: Path) -> None:
    other = path.with_name("other.jsonl")
    note(journal_at(other), "A")
    path.symlink_to(other)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a notebook": (lambda path: private(path, '{"cells": []}\n'), "end with"),
    "one line without an end": (lambda path: private(path, "x"), "end with"),
    "a folder": (lambda path: path.mkdir(), "directory"),
    "a file that others can read": (readable, "by others"),
    "a link": (link, "symbolic links"),
    "a pipe": (lambda path: os.mkfifo(path, 0o600), "not a file"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=[*REFUSED])
def test_what_is_not_a_private_journal_is_refused_and_left_alone(
    path: Path, make: Callable[[Path], object], reason: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    journal = Journal()

    with pytest.raises(JournalProblem, match=reason):
        journal.to(path)

    assert journal.path is None
    assert (path.read_bytes() if path.is_file() else b"") == before
    note(journal, "A")
    assert len(journal) == 1


def test_a_missing_folder_is_named(path: Path) -> None:
    with pytest.raises(JournalProblem, match="No such file"):
        Journal().to(path / "no" / "uses.jsonl")


def test_a_full_disk_leaves_no_half_line_and_no_entry(path: Path) -> None:
    """A limit of this process stands for the disk's end: it also writes a part of the line."""
    resource = pytest.importorskip("resource")
    journal = journal_at(path)
    note(journal, "A")
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))
    try:
        with pytest.raises(JournalProblem, match="File too large"):
            note(journal, "B")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)

    assert path.read_bytes() == before
    assert len(journal) == 1
    note(journal, "C")
    assert journal.verify().findings == ()


def test_a_lock_that_stays_held_is_told_and_does_not_hang(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    journal = journal_at(path)
    monkeypatch.setattr("bw_magics.session.journal.journal_file._PATIENCE", 0.05)
    with path.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(JournalProblem, match="another process holds it"):
            note(journal, "A")
    note(journal, "A")
    assert len(journal) == 1


def test_memory_keeps_the_last_uses(path: Path) -> None:
    journal = Journal()
    journal.note([Use(str(number), "password") for number in range(MOST + 5)], "reference")

    found = journal.entries()
    assert (len(found), found[0].item, found[-1].item) == (MOST, "5", str(MOST + 4))
    assert (found[0].number, found[-1].number) == (6, MOST + 5)


def test_without_a_file_there_is_nothing_to_read_or_verify() -> None:
    for action in (Journal().read, Journal().verify):
        with pytest.raises(UsageMistake, match="BW_MAGICS_JOURNAL"):
            action()
    with pytest.raises(JournalProblem, match="No such file"):
        Journal().verify("nowhere.jsonl")


def test_a_line_is_never_longer_than_a_reader_takes(path: Path) -> None:
    from bw_magics.session.journal.digest import LONGEST_LINE

    journal = journal_at(path)
    name = "\U0001f600" * 5000
    journal.cells.begin(1, name)
    journal.because("\U0001f600" * 200)
    journal.note((Use(name, name, name, name),), name)
    journal.note((Use(name, name, name, name),), name)

    assert max(map(len, path.read_bytes().splitlines())) < LONGEST_LINE
    assert journal_at(path).verify().findings == ()


@pytest.mark.parametrize("reason", ["", "  ", 7, "x" * 201])
def test_a_reason_is_a_short_text(reason: str) -> None:
    with pytest.raises(UsageMistake):
        Vault().because(reason)


def test_a_journal_is_not_pickled(path: Path) -> None:
    import pickle

    for each in (Journal(), JournalFile(path)):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(each)
