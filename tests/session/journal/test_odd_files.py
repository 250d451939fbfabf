"""What is not a journal, or was made to be hard to read, costs one sentence and little time."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from bw_magics.errors import JournalProblem
from bw_magics.session.journal import chain
from bw_magics.session.journal.chain import read_entries, verify
from bw_magics.session.journal.digest import line_of
from bw_magics.session.journal.journal import Journal
from tests.session.journal.conftest import journal_at, note

BODY = '"session":"00000000000000ff","number":1,"item":"X"'


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


@pytest.mark.parametrize("make", [pipe, lambda _: Path("/dev/zero"), lambda folder: folder])
@pytest.mark.parametrize("look", [verify, lambda path: read_entries(path, most=1)])
def test_what_would_never_end_is_not_read(
    tmp_path: Path, make: Callable[[Path], Path], look: Callable[[Path], object]
) -> None:
    path = make(tmp_path)

    with pytest.raises(JournalProblem, match="not a file"):
        look(path)


NO_PATHS = ["a\0b", "~nobody-has-this-name/uses.jsonl", "a\ud800b"]


def written(path: str) -> None:
    journal = Journal()
    journal.to(path, checks=False)
    note(journal, "A")


USES: dict[str, Callable[[str], object]] = {
    "named": lambda path: Journal().to(path),
    "written": written,
    "read": lambda path: Journal().read(path),
    "verified": lambda path: Journal().verify(path),
}


@pytest.mark.parametrize("path", NO_PATHS, ids=["zero", "home", "half a sign"])
@pytest.mark.parametrize("use", USES.values(), ids=[*USES])
def test_a_name_that_names_no_file_is_one_sentence(path: str, use: Callable[[str], object]) -> None:
    with pytest.raises(JournalProblem, match="The journal '") as caught:
        use(path)

    assert "\0" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        '{"at":"0001-01-01T00:00:00+23:59","item":"a","field":"b","way":"c","number":1}',
        '{"at":"2026-01-01T00:00:00Z","item":"a","field":"b","way":"c","number":Infinity}',
    ],
)
def test_a_line_with_a_number_beyond_all_is_left_out(path: Path, line: str) -> None:
    path.write_text(f"{line}\n")

    assert read_entries(path, most=1) == []


def test_lines_that_name_each_other_in_a_circle_are_found(path: Path) -> None:
    claimed = sha256(b"made up").hexdigest()
    sound, digest = line_of(claimed, BODY)
    changed = line_of(digest, BODY)[0][:-67] + claimed.encode() + b'"}\n'
    another = line_of(digest, BODY)[0][:-67] + sha256(b"other").hexdigest().encode() + b'"}\n'
    path.write_bytes(changed + sound + another)

    found = verify(path)

    assert not found.is_whole
    assert {finding.line for finding in found.findings} >= {1, 3}


def test_of_a_very_long_file_the_first_wrong_line_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "_MOST_EXPLAINED", 4)
    note(journal_at(path), "A", "B")
    with path.open("ab") as file:
        file.write(b'{"previous":"0123')
    note(journal_at(path), "C", "D", "E")

    assert [(each.line, each.kind) for each in verify(path).findings] == [(3, "half")]
    path.write_bytes(path.read_bytes().replace(b'"item":"D"', b'"item":"X"'))
    assert [(each.line, each.kind) for each in verify(path).findings] == [(5, "changed")]


def test_a_file_named_by_a_variable_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BW_MAGICS_JOURNAL", "uses.jsonl")
    journal = Journal()
    note(journal, "A")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")

    assert [entry.item for entry in journal.read()] == ["A"]
    assert journal.verify().is_whole
