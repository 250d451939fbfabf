"""No value in a message, log or file by accident, and no crash that prints it."""

from __future__ import annotations

import base64
import logging
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from bw_magics.secret import Secret
from tests.libraries.case import LABEL, VALUE, Case, Verdict
from tests.libraries.heavy import CASES as HEAVY
from tests.libraries.light import CASES
from tests.libraries.table import PAGE, rows, written

FORMS = (
    VALUE.encode(),
    VALUE.encode().hex().encode(),
    base64.b64encode(VALUE.encode())[:-4],
    base64.b64encode(f"etl:{VALUE}".encode())[:-4],
    VALUE.encode("utf-16-le"),
)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A file with all that is logged, at DEBUG."""
    path = tmp_path / "all.log"
    handler = logging.FileHandler(path)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


def has_value(data: bytes) -> bool:
    """Whether the value is in there, in any form."""
    return any(form in data for form in FORMS)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_library_shows_no_value_but_where_the_table_says_it(
    case: Case,
    log: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    failure = ""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            case.does(Secret(VALUE, LABEL), folder)
        except Exception as error:
            failure = "".join(traceback.format_exception(error))
    said = "\n".join([failure, *capfd.readouterr(), *(str(each.message) for each in warned)])
    said += log.read_text(errors="replace")
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    assert verdict(said, files, bool(failure)) is case.verdict, said[-3000:]
    assert bool(case.why) is (case.verdict in (Verdict.DELIVERED, Verdict.SHOWN))


def verdict(said: str, files: bytes, is_refused: bool) -> Verdict:
    """What came of a case."""
    if has_value(said.encode("utf-8", "replace")):
        return Verdict.SHOWN
    if has_value(files):
        return Verdict.DELIVERED
    return Verdict.REFUSED if is_refused else Verdict.MASKED


def test_the_page_has_the_table() -> None:
    """`python -m tests.libraries` writes it."""
    assert written(PAGE.read_text()) == rows([*CASES, *HEAVY])


def test_at_least_25_libraries_are_tried() -> None:
    assert len({case.library for case in [*CASES, *HEAVY]}) >= 25
