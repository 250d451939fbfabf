"""A changed journal is found, and the line is named."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.session.journal.chain import verify
from bw_magics.session.journal.digest import digest_of, line_of
from bw_magics.session.journal.journal_file import JournalFile
from tests.session.journal.conftest import journal_at, note

Lines = list[bytes]


@cache
def written(torn: bool = False) -> tuple[bytes, ...]:
    """The lines that two kernels wrote in turns; with `torn` a third one was killed in between."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "uses.jsonl")
        one, other = journal_at(path), journal_at(path)
        note(one, "A", "B")
        note(other, "C", "D\u202e\ud83d\ude00")
        if torn:
            with path.open("ab") as file:
                file.write(b'{"previous":"0123')
        note(one, "E")
        note(other, "F", "G", "H")
        return tuple(path.read_bytes().splitlines(keepends=True))


def findings(lines: Lines, folder: Path) -> list[tuple[int, str]]:
    path = folder / "changed.jsonl"
    path.write_bytes(b"".join(lines))
    return [(finding.line, finding.kind) for finding in verify(path).findings]


def forged(previous: bytes) -> bytes:
    """A line with a digest of its own, after the line before it, as somebody may insert it."""
    digest = previous.rstrip(b'"}\n')[-64:].decode()
    return line_of(digest, '"session":"00000000000000ff","number":1,"item":"X"')[0]


def test_what_several_kernels_wrote_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "uses.jsonl"
    path.write_bytes(b"".join(written()))

    verified = verify(path)

    assert (verified.lines, verified.sessions, verified.findings) == (8, 2, ())
    assert verified.is_whole
    assert verified.head.encode() in written()[-1]


def test_an_empty_file_is_whole(tmp_path: Path) -> None:
    assert findings([], tmp_path) == []


Change = Callable[[Lines], Lines]
CHANGES: dict[str, tuple[Change, list[tuple[int, str]]]] = {
    "a name": (
        lambda lines: [each.replace(b'"item":"C"', b'"item":"Z"') for each in lines],
        [(3, "changed")],
    ),
    "a digest": (
        lambda lines: [*lines[:2], lines[2].replace(b'"digest":"', b'"digest":"0')[:-4] + b'"}\n',
                       *lines[3:]],
        [(3, "changed")],
    ),
    "a line that is not JSON": (
        lambda lines: [*lines[:3], b"nothing\n", *lines[4:]],
        [(4, "changed")],
    ),
    "the last line": (
        lambda lines: [*lines[:-1], lines[-1].replace(b'"H"', b'"I"')],
        [(8, "changed")],
    ),
    "a line less": (lambda lines: lines[:3] + lines[4:], [(4, "removed")]),
    "the first lines less": (lambda lines: lines[2:], [(1, "removed")]),
    "two gaps": (
        lambda lines: [lines[0], *lines[2:5], *lines[6:]],
        [(2, "removed"), (5, "removed")],
    ),
    "a copy": (lambda lines: [*lines[:5], lines[2], *lines[5:]], [(6, "inserted")]),
    "a copy before": (lambda lines: [*lines[:1], lines[5], *lines[1:]], [(2, "inserted")]),
    "a forged line": (lambda lines: [*lines[:3], forged(lines[2]), *lines[3:]], [(4, "inserted")]),
    "a forged line after nothing": (
        lambda lines: [*lines[:3], forged(b'f' * 64 + b'"}\n'), *lines[3:]],
        [(4, "inserted")],
    ),
    "an empty line": (lambda lines: [*lines[:3], b"\n", *lines[3:]], [(4, "inserted")]),
    "text in between": (lambda lines: [*lines[:3], b"hello\n", *lines[3:]], [(4, "inserted")]),
    "two lines swapped": (
        lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
        [(5, "moved")],
    ),
    "a line at the end": (lambda lines: [*lines[:2], *lines[3:], lines[2]], [(8, "moved")]),
    "the first line at the end": (lambda lines: [*lines[1:], lines[0]], [(8, "moved")]),
    "another journal behind": (lambda lines: [*lines, *other()], [(9, "inserted")]),
    "half of the last line": (lambda lines: [*lines[:-1], lines[-1][:40]], [(8, "half")]),
    "no end of the last line": (lambda lines: [*lines[:-1], lines[-1][:-1]], [(8, "half")]),
}  # fmt: skip


def other() -> Lines:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "uses.jsonl")
        note(journal_at(path), "Y")
        return [path.read_bytes()]


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=[*CHANGES])
def test_a_change_is_found_and_its_line_is_named(
    tmp_path: Path, change: Change, expected: list[tuple[int, str]]
) -> None:
    assert findings(change([*written()]), tmp_path) == expected


def test_half_a_line_of_a_killed_kernel_is_told_and_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "uses.jsonl"
    path.write_bytes(b"".join(written(torn=True)))

    verified = verify(path)

    assert [(each.line, each.kind) for each in verified.findings] == [(5, "half")]
    assert verified.is_whole


@pytest.mark.parametrize("change", [b"", b'{"previous":"0124\n', b'{"previous":"0123\n\n'])
def test_half_a_line_that_was_changed_is_found(tmp_path: Path, change: bytes) -> None:
    lines = [*written(torn=True)]
    lines[4] = change

    assert "changed" in {kind for _, kind in findings(lines, tmp_path)}


@given(data=st.data())
def test_any_change_of_any_byte_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = b"".join(written(torn=data.draw(st.booleans())))
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    folder = tmp_path_factory.getbasetemp()
    before = findings([whole], folder)

    found = findings([whole[:place] + bytes([byte]) + whole[place + 1 :]], folder)

    assert found != before
    assert found


@given(data=st.data())
def test_any_lines_less_more_or_in_another_order_are_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    lines = [*written()]
    changed = data.draw(st.lists(st.sampled_from(lines), min_size=1, max_size=12))

    found = findings(changed, tmp_path_factory.getbasetemp())

    # Lines that are missing at the end are found by the kernel that wrote them, or by the head.
    assert bool(found) == (changed != lines[: len(changed)])


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_text_at_all_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, pieces: Lines
) -> None:
    found = findings(pieces, tmp_path_factory.getbasetemp())

    assert bool(found) == bool(b"".join(pieces))


def test_a_kernel_misses_its_own_uses_at_the_end(path: Path) -> None:
    journal = journal_at(path)
    note(journal, "A", "B", "C")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0])

    assert not journal.verify().is_whole
    assert verify(path).is_whole
    assert "2 of this kernel's uses" in journal.verify().findings[-1].text


def test_a_digest_in_memory_is_that_of_the_line(path: Path) -> None:
    body = '"session":"00000000000000ff","number":1,"item":"X"'
    assert JournalFile(path).append([body]) == [digest_of("0" * 64, body)]
