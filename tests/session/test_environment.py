"""Values of the vault in `os.environ`: until the lock, again after it, and for a `with` block."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import (
    BitwardenError,
    FieldNotFound,
    NotFound,
    NotLoggedIn,
    Unreadable,
    UsageMistake,
    VaultLocked,
)
from bw_magics.secret import Secret
from bw_magics.session.environment.assignments import Assignment, inline, read_file
from bw_magics.session.environment.environment import _process
from bw_magics.session.environment.ledger import Layer
from bw_magics.vault.reference import Reference
from tests.session.conftest import WAREHOUSE, Begin, Clock, Session

PASSWORD = "bw://Warehouse DB/password"
HOST = "bw://Warehouse DB/host"
NOTE = Reference("Forecasting .env", "notes")
NAME = "BWM_TEST_PASSWORD"
OTHER = "BWM_TEST_HOST"


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """Whatever a test leaves in the environment goes with it."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


def note_with(session: Session, text: str) -> Reference:
    """Puts text into the note that NOTE names."""
    change_note(session, text)
    return NOTE


def change_note(session: Session, text: str) -> None:
    items = session.server.account_items(session.account)
    plain = next(item for item in items if item["name"] == NOTE.item)
    session.server.add_item(session.account, {**plain, "notes": text})
    session.vault.sync(force=True)


def put(session: Session, **references: str) -> None:
    session.vault.environment.set(inline(references))


def test_variables_last_until_the_lock_and_come_back_with_the_next_unlock(
    unlocked: Session,
) -> None:
    put(unlocked, **{NAME: PASSWORD, OTHER: HOST})
    assert os.environ[NAME] == WAREHOUSE
    assert type(os.environ[NAME]) is str

    unlocked.vault.lock()
    assert NAME not in os.environ
    assert unlocked.vault.environment.absent == [OTHER, NAME]
    assert unlocked.vault.environment.variables == []

    unlocked.unlock()
    assert os.environ[NAME] == WAREHOUSE
    assert unlocked.vault.environment.absent == []
    assert set(unlocked.vault.environment.restored.set) == {NAME, OTHER}


def test_a_lock_restores_the_values_from_before(unlocked: Session) -> None:
    os.environ[NAME] = "before"
    put(unlocked, **{NAME: PASSWORD})
    put(unlocked, **{NAME: HOST})

    unlocked.vault.lock()

    assert os.environ[NAME] == "before"


def test_a_logout_is_for_good(unlocked: Session) -> None:
    put(unlocked, **{NAME: PASSWORD})

    unlocked.vault.logout()
    assert NAME not in os.environ

    unlocked.enter()
    assert NAME not in os.environ


def test_an_idle_lock_takes_them_too(server: DemoServer, begin: Begin) -> None:
    session = begin(server, lock_timeout=60)
    clock = Clock()
    session.vault._idle.clock = clock
    session.enter()
    put(session, **{NAME: PASSWORD})

    clock.now += 61
    reason = session.vault.hold()

    assert reason is not None
    assert NAME not in os.environ
    assert session.vault.environment.absent == [NAME]


def test_what_the_user_changed_stays_through_lock_and_unlock(unlocked: Session) -> None:
    put(unlocked, **{NAME: PASSWORD, OTHER: HOST})
    os.environ[NAME] = "mine"

    unlocked.vault.lock()
    assert os.environ[NAME] == "mine"
    os.environ[OTHER] = "also mine"

    unlocked.unlock()
    assert os.environ[NAME] == "mine"
    assert os.environ[OTHER] == "also mine"


def test_what_changed_in_the_vault_meanwhile_is_read_anew_or_said(unlocked: Session) -> None:
    put(unlocked, **{NAME: PASSWORD, OTHER: "bw://Model registry/password"})
    unlocked.vault.lock()
    unlocked.rename("Warehouse DB", "Warehouse DB (old)")
    unlocked.vault.sync()

    unlocked.unlock()

    assert NAME not in os.environ
    assert os.environ[OTHER] == "demo-registry-token-3"
    [(name, error)] = unlocked.vault.environment.restored.failed
    assert name == NAME
    assert isinstance(error, NotFound)


@pytest.mark.parametrize(
    ("references", "error"),
    [
        ({NAME: PASSWORD, OTHER: "bw://Nobody/password"}, NotFound),
        ({NAME: PASSWORD, OTHER: "bw://Warehouse DB/no such field"}, FieldNotFound),
        ({NAME: PASSWORD, OTHER: "bw://Payroll/password"}, Unreadable),
        ({NAME: PASSWORD, OTHER: "bw://Warehouse DB/item"}, UsageMistake),
        ({NAME: PASSWORD, OTHER: "hunter2"}, UsageMistake),
        ({NAME: PASSWORD, "A=B": HOST}, UsageMistake),
        ({NAME: PASSWORD, "A\0": HOST}, UsageMistake),
        ({NAME: PASSWORD, "": HOST}, UsageMistake),
    ],
)
def test_one_mistake_and_nothing_is_set(
    unlocked: Session, references: dict[str, str], error: type[BitwardenError]
) -> None:
    before = dict(os.environ)

    with pytest.raises(error) as caught:
        put(unlocked, **references)

    assert dict(os.environ) == before
    assert unlocked.vault.environment.variables == []
    assert "hunter2" not in str(caught.value)
    with pytest.raises(error), unlocked.vault.env(**references):
        raise AssertionError("the block must not run")
    assert dict(os.environ) == before


def test_a_name_that_is_given_twice_is_a_mistake(unlocked: Session) -> None:
    twice = [*inline({NAME: PASSWORD}), *inline({NAME: HOST})]

    with pytest.raises(UsageMistake):
        unlocked.vault.environment.set(twice)

    assert NAME not in os.environ


@pytest.mark.parametrize("leave", ["lock", "logout"])
def test_a_locked_vault_sets_nothing(unlocked: Session, leave: str) -> None:
    getattr(unlocked.vault, leave)()
    expected = VaultLocked if leave == "lock" else NotLoggedIn

    with pytest.raises(expected):
        put(unlocked, **{NAME: PASSWORD})
    with pytest.raises(expected):
        unlocked.vault.environment.set([Assignment(NAME, "plain", "a file")])

    assert NAME not in os.environ


def test_a_lock_in_the_middle_leaves_nothing_behind(
    unlocked: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = unlocked.vault.environment
    read = environment._values

    def and_lock(assignments: list[Assignment]) -> dict[str, str]:
        values = read(assignments)
        unlocked.vault.lock()
        return values

    monkeypatch.setattr(environment, "_values", and_lock)

    with pytest.raises(VaultLocked):
        put(unlocked, **{NAME: PASSWORD})
    assert NAME not in os.environ


# With a block.


def test_a_block_sets_and_takes_back_also_when_it_fails(unlocked: Session) -> None:
    os.environ[OTHER] = "before"

    def fail() -> None:
        with unlocked.vault.env(**{NAME: PASSWORD, OTHER: HOST}):
            child = subprocess.run(
                [sys.executable, "-c", f"import os; print(os.environ[{NAME!r}])"],
                capture_output=True,
                text=True,
            )
            assert child.stdout.strip() == WAREHOUSE
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert NAME not in os.environ
    assert os.environ[OTHER] == "before"


def test_blocks_nest_over_each_other_and_over_what_lasts(unlocked: Session) -> None:
    put(unlocked, **{NAME: PASSWORD})

    with unlocked.vault.env(**{NAME: HOST}):
        with unlocked.vault.env(**{NAME: "bw://Warehouse DB/port"}):
            assert os.environ[NAME] == "5432"
            put(unlocked, **{NAME: "bw://Warehouse DB/database"})
            assert os.environ[NAME] == "analytics"
        assert os.environ[NAME] == "analytics"

    assert os.environ[NAME] == "analytics"
    unlocked.vault.lock()
    assert NAME not in os.environ


def test_a_lock_within_a_block_is_for_good(unlocked: Session) -> None:
    with unlocked.vault.env(**{NAME: PASSWORD}):
        unlocked.vault.lock()
        assert NAME not in os.environ
        unlocked.unlock()
        assert NAME not in os.environ

    assert NAME not in os.environ
    assert unlocked.vault.environment.absent == []


def test_a_secret_in_hand_will_do_and_other_text_will_not(unlocked: Session) -> None:
    password = unlocked.vault["Warehouse DB"].password
    assert isinstance(password, Secret)

    with unlocked.vault.env(**{NAME: password}):
        assert os.environ[NAME] == WAREHOUSE
    with pytest.raises(UsageMistake), unlocked.vault.env(**{NAME: "hunter2"}):
        pass

    # What nobody can read again does not outlive a lock.
    put(unlocked, **{NAME: password})
    unlocked.vault.lock()
    unlocked.unlock()
    assert NAME not in os.environ


def test_a_block_is_a_decorator_too(unlocked: Session) -> None:
    @unlocked.vault.env(**{NAME: PASSWORD})
    def connect() -> str:
        return os.environ[NAME]

    assert connect() == connect() == WAREHOUSE
    assert NAME not in os.environ


def test_threads_set_and_take_back_without_disturbing_each_other(
    unlocked: Session, pool: ThreadPoolExecutor
) -> None:
    put(unlocked, **{NAME: HOST})
    barrier = threading.Barrier(8, timeout=240)

    def work(number: int) -> None:
        barrier.wait()
        for _ in range(20):
            with unlocked.vault.env(**{NAME: PASSWORD, f"{OTHER}_{number}": PASSWORD}):
                assert os.environ[f"{OTHER}_{number}"] == WAREHOUSE

    list(pool.map(work, range(8)))

    assert os.environ[NAME] == "warehouse.demo.example"
    assert not [name for name in os.environ if name.startswith(OTHER)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_keeps_what_it_inherited_and_nobody_elses(unlocked: Session) -> None:
    put(unlocked, **{NAME: PASSWORD})
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)

    def child() -> None:
        inherited = os.environ.get(NAME) == WAREHOUSE
        state = unlocked.vault.status.state
        try:
            put(unlocked, **{OTHER: HOST})
        except VaultLocked:
            writer.send((inherited, state))

    with unlocked.vault.env(**{OTHER: PASSWORD}):
        process = context.Process(target=child)
        process.start()
        process.join(120)

    assert reader.poll(1)
    assert reader.recv() == (True, "locked")
    assert os.environ[NAME] == WAREHOUSE
    assert OTHER not in os.environ


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_was_forked_within_a_block_can_leave_it(unlocked: Session) -> None:
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    holder = unlocked.vault.env(**{NAME: PASSWORD})
    held = threading.Event()
    let_go = threading.Event()

    def hold() -> None:
        with _process.locked():
            held.set()
            let_go.wait(120)

    def child() -> None:
        # Another thread of the parent holds the lock at this moment.
        holder.__exit__(None, None, None)
        writer.send(NAME in os.environ)

    holder.__enter__()
    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(120)
    process = context.Process(target=child)
    process.start()
    process.join(120)
    let_go.set()
    thread.join()

    assert reader.poll(1)
    assert reader.recv() is False
    assert os.environ[NAME] == WAREHOUSE
    holder.__exit__(None, None, None)


def test_two_vaults_take_back_each_its_own(server: DemoServer, begin: Begin) -> None:
    first, second = begin(server).enter(), begin(server, 1).enter()
    os.environ[NAME] = "before"
    put(first, **{NAME: PASSWORD, OTHER: HOST})
    item = second.vault.items()[0]
    with second.vault.env(**{NAME: item.reference("username")}):
        first.vault.lock()
        assert os.environ[NAME] == item.username
        assert OTHER not in os.environ
        assert first.vault.environment.variables == []
        assert [variable.name for variable in second.vault.environment.variables] == [NAME]

    assert os.environ[NAME] == "before", "a locked vault's value does not come back"
    first.unlock()
    assert os.environ[NAME] == WAREHOUSE


# From dotenv text.


def test_a_file_mixes_references_and_plain_values(unlocked: Session, tmp_path: Path) -> None:
    file = tmp_path / "test.env"
    file.write_text(f'\ufeff{NAME}="{PASSWORD}"\nexport {OTHER}=pa${{HOME}}x # plain\n')

    outcome = unlocked.vault.environment.set(read_file(file))

    assert outcome.set == (NAME, OTHER)
    assert os.environ[NAME] == WAREHOUSE
    assert os.environ[OTHER] == "pa${HOME}x"
    unlocked.vault.lock()
    file.unlink()
    unlocked.unlock()
    assert os.environ[NAME] == WAREHOUSE
    assert os.environ[OTHER] == "pa${HOME}x"


def test_a_note_is_read_again_after_the_lock(unlocked: Session) -> None:
    unlocked.vault.environment.set(unlocked.vault.environment.read_text(NOTE))
    assert os.environ["PGPASSWORD"] == "demo warehouse password"
    assert os.environ["SMTP_PASSWORD"] == "pa${HOME}x"

    unlocked.vault.lock()
    assert "PGPASSWORD" not in os.environ
    environment = unlocked.vault.environment
    held = [absent.assignment.value for absent in environment._absent.values()]
    assert set(held) == {""}, "no value of the vault outlives the lock"

    unlocked.unlock()
    assert os.environ["PGPASSWORD"] == "demo warehouse password"
    announced = {str(secret) for secret in unlocked.announced}
    assert "demo warehouse password" in announced


def test_a_setting_of_a_note_is_not_a_secret(unlocked: Session) -> None:
    found = {entry.name: entry.value for entry in unlocked.vault.environment.read_text(NOTE)}

    assert isinstance(found["PGPASSWORD"], Secret)
    announced = {str(secret) for secret in unlocked.announced}
    for name in ("PGHOST", "PGPORT"):
        assert found[name]
        assert not isinstance(found[name], Secret)
        assert found[name] not in announced


@pytest.mark.parametrize(
    ("line", "is_secret"),
    [
        ("DB_NAME=analytics", False),
        ("STAGE=europe", False),
        ("S3_BUCKET=nightly-exports", False),
        ("LOG_LEVEL=WARNING", False),
        ("DB_PASSWORD=europe-west", True),
        ("SLACK_TOKEN=xoxb-123456789012-abcdef", True),
        ("LICENCE=aB3dE5gH7jK9mN1p", True),
    ],
)
def test_only_a_secret_of_a_note_is_announced(
    unlocked: Session, line: str, is_secret: bool
) -> None:
    name, _, value = line.partition("=")
    environment = unlocked.vault.environment

    environment.set(environment.read_text(note_with(unlocked, f"{line}\n")))

    assert os.environ[name] == value
    assert (value in {str(secret) for secret in unlocked.announced}) is is_secret


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("BWM_TEST_HOST=made-up\n".encode("utf-16"), "is UTF-16 text"),
        ("A=1\nBWM_TEST_HOST=ü\n".encode("latin-1"), "line 2 has another encoding"),
    ],
)
def test_a_file_in_another_encoding_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "windows.env").write_bytes(data)

    with pytest.raises(UsageMistake) as caught:
        read_file(tmp_path / "windows.env")

    assert "windows.env" in caught.value.fact
    assert reason in caught.value.fact


def test_existing_names_are_kept_unless_told_otherwise(unlocked: Session) -> None:
    os.environ[NAME] = "mine"
    keeping = [Assignment(name, "theirs", ".env", overrides=False) for name in (NAME, OTHER)]

    outcome = unlocked.vault.environment.set(keeping)
    assert (outcome.set, outcome.kept) == ((OTHER,), (NAME,))
    assert os.environ[NAME] == "mine"

    # What was set from here is refreshed.
    again = [Assignment(OTHER, "newer", ".env", overrides=False)]
    assert unlocked.vault.environment.set(again).kept == ()
    assert os.environ[OTHER] == "newer"

    # What a with block set counts as ours as well.
    with unlocked.vault.env(BWM_TEST_THIRD_HOST=HOST):
        third = [Assignment("BWM_TEST_THIRD_HOST", "x", ".env", overrides=False)]
        assert unlocked.vault.environment.set(third).kept == ()


MAKE = "--eval=$(shell touch pwned)"


def test_make_does_not_run_what_a_note_says(
    unlocked: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Makefile").write_text("all:\n\t@echo built\n")
    # `make` reads MAKEFLAGS before it knows its own shell, and takes the caller's.
    monkeypatch.setenv("SHELL", "/bin/sh")
    note = note_with(unlocked, f"{OTHER}=db.example.org\nMAKEFLAGS='{MAKE}'\n")
    environment = unlocked.vault.environment

    with pytest.raises(UsageMistake) as caught:
        environment.set(environment.read_text(note))
    subprocess.run(["make"], cwd=tmp_path, check=True)

    assert "MAKEFLAGS" in caught.value.fact
    assert "allow=['MAKEFLAGS']" in caught.value.remedy
    assert "touch" not in str(caught.value)
    assert not {OTHER, "MAKEFLAGS"} & os.environ.keys()
    assert not (tmp_path / "pwned").exists()

    # The same note runs it once a person allows the name.
    environment.set(environment.read_text(note, allow=["MAKEFLAGS"]))
    subprocess.run(["make"], cwd=tmp_path, check=True)
    assert (tmp_path / "pwned").exists()


def test_a_reference_in_a_file_is_judged_by_the_value_it_names(
    unlocked: Session, tmp_path: Path
) -> None:
    file = tmp_path / "shared.env"
    file.write_text(f"{OTHER}={HOST}\nMAKEFLAGS={PASSWORD}\nBWM_TEST_TOOL={HOST}\n")

    with pytest.raises(UsageMistake) as caught:
        unlocked.vault.environment.set(read_file(file))

    assert "MAKEFLAGS, BWM_TEST_TOOL" in caught.value.fact
    assert OTHER not in os.environ
    unlocked.vault.environment.set(read_file(file, allow=["MAKEFLAGS", "BWM_TEST_TOOL"]))
    assert os.environ["MAKEFLAGS"] == WAREHOUSE


def test_a_note_that_changed_after_the_lock_is_judged_again(unlocked: Session) -> None:
    note = note_with(unlocked, "BWM_TEST_TOOL=5\nBWM_TEST_LEVEL=1\n")
    environment = unlocked.vault.environment
    environment.set(environment.read_text(note))
    change_note(unlocked, "BWM_TEST_TOOL=/tmp/tool\nBWM_TEST_LEVEL=2\n")

    unlocked.vault.lock()
    unlocked.unlock()

    assert environment.restored.set == ("BWM_TEST_LEVEL",)
    assert [name for name, _ in environment.restored.failed] == ["BWM_TEST_TOOL"]
    assert "BWM_TEST_TOOL" not in os.environ


def test_what_a_file_leaves_as_it_is_needs_no_permission(
    unlocked: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = str(tmp_path)
    monkeypatch.setenv("HOME", home)
    file = tmp_path / "home.env"
    file.write_text(f"HOME=/nowhere\n{OTHER}=db.example.org\n")
    keeping = [replace(each, overrides=False) for each in read_file(file)]

    assert unlocked.vault.environment.set(keeping).kept == ("HOME",)
    assert os.environ["HOME"] == home


@pytest.mark.parametrize(
    "name",
    ["BASH_FUNC_x%%", "TWO\nLINES", "RIGHT\u202eTOLEFT", "A BLANK", "NO\u00a0BREAK",
     "ZERO\u200bWIDTH", "TAB\tBED", "", "=X", "1ST", "ESC\x1b[2J", "ENV()", "A;B",
     "LOOKALIKE\u0410", "FILLER\u3164"],
    ids=ascii,
)  # fmt: skip
def test_a_name_that_is_not_a_plain_word_is_refused_everywhere(
    unlocked: Session, tmp_path: Path, name: str
) -> None:
    before = dict(os.environ)
    environment = unlocked.vault.environment
    ways: list[Callable[[], object]] = [
        lambda: environment.set(inline({name: HOST})),
        lambda: environment.set([Assignment(name, "1", "a file", is_named=True)]),
        lambda: environment.set(inline({name: HOST}), layer=Layer("test")),
        lambda: unlocked.vault.env(**{name: HOST}).__enter__(),
    ]
    for way in ways:
        with pytest.raises(UsageMistake) as caught:
            way()
        assert not name.strip() or name not in str(caught.value)
    assert dict(os.environ) == before


@pytest.mark.parametrize("contents", [None, b"\xff\xfe\x00A", b"A" * (1024 * 1024 + 1), "folder"])
def test_what_cannot_be_read_as_a_file_is_one_mistake(
    tmp_path: Path, contents: bytes | str | None
) -> None:
    file = tmp_path / "secret-file-name"
    if isinstance(contents, bytes):
        file.write_bytes(contents)
    elif contents is not None:
        file.mkdir()

    with pytest.raises(UsageMistake) as caught:
        read_file(file)

    assert "secret-file-name" not in str(caught.value)


def test_a_value_with_a_nul_is_refused(unlocked: Session) -> None:
    account = unlocked.account
    plain = next(p for p in unlocked.server.account_items(account) if p["name"] == "Model registry")
    plain["login"]["password"] = "before\0after"
    unlocked.server.add_item(account, plain)
    unlocked.vault.sync()

    with pytest.raises(UsageMistake) as caught:
        put(unlocked, **{OTHER: HOST, NAME: "bw://Model registry/password"})

    assert "before" not in str(caught.value)
    assert OTHER not in os.environ


def test_nothing_that_is_shown_holds_a_value(unlocked: Session) -> None:
    put(unlocked, **{NAME: PASSWORD})
    environment = unlocked.vault.environment
    environment.set([Assignment(OTHER, WAREHOUSE, ".env")], layer=Layer("test"))

    shown = f"{environment!r} {environment.variables!r} {environment._ledger!r} {Layer('x')!r}"
    shown += repr(Assignment(OTHER, WAREHOUSE, ".env")) + repr(environment._assignments)

    assert WAREHOUSE not in shown
    assert NAME in shown
    assert PASSWORD in shown
