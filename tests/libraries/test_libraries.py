"""No value in a message, log or file by accident, and no crash that prints it."""

from __future__ import annotations

import base64
import copy
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import cloudpickle
import dill
import msgspec
import pydantic
import pytest
import tomli_w
import yaml
from rich.pretty import pretty_repr

from bw_magics.secret import Secret
from tests.later import joblib
from tests.libraries.case import LABEL, VALUE, Case, Verdict
from tests.libraries.exports import CASES as EXPORTS
from tests.libraries.light import CASES as LIGHT
from tests.libraries.table import PAGE, rows, written
from tests.libraries.tools import CASES as TOOLS
from tests.libraries.trackers import CASES as TRACKERS

CASES = [*LIGHT, *EXPORTS]
HEAVY = [*TOOLS, *TRACKERS]

# These start a cluster for each case.
SLOW = {"Dask"}
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


@pytest.mark.parametrize(
    "case",
    [
        *(pytest.param(case, id=case.id) for case in CASES if case.library not in SLOW),
        *(
            pytest.param(case, id=case.id, marks=pytest.mark.libraries)
            for case in CASES
            if case.library in SLOW
        ),
        *(pytest.param(case, id=case.id, marks=pytest.mark.install) for case in HEAVY),
    ],
)
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
    """The result of a case."""
    if has_value(said.encode("utf-8", "replace")):
        return Verdict.SHOWN
    if has_value(files):
        return Verdict.DELIVERED
    return Verdict.REFUSED if is_refused else Verdict.MASKED


DEEP: dict[str, Callable[[object], object]] = {
    "repr": lambda value: print(repr(value)),
    "pickle": pickle.dumps,
    "cloudpickle": cloudpickle.dumps,
    "dill": dill.dumps,
    "joblib": lambda value: joblib.hash(value),
    "yaml": yaml.safe_dump,
    "msgspec": msgspec.json.encode,
    "rich": lambda value: print(pretty_repr(value, max_depth=30)),
    "copy": lambda value: print(repr(copy.deepcopy(value))),
    "pydantic": pydantic.TypeAdapter(dict[str, int]).validate_python,
    "tomli-w": lambda value: tomli_w.dumps({"a": value, "b": object()}),
    "logging": lambda value: logging.getLogger("deep").warning("got %s", value),
}


@pytest.mark.parametrize("library", DEEP)
def test_a_structure_nested_1000_deep_shows_no_value(
    library: str, log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    value: object = Secret(VALUE, LABEL)
    for number in range(1000):
        value = {"password": value} if number % 2 else [value]
    failure = ""
    try:
        DEEP[library]({"in": value})
    except Exception as error:
        failure = "".join(traceback.format_exception(error))

    assert not has_value("".join([failure, *capfd.readouterr(), log.read_text()]).encode())


def test_the_page_has_the_table() -> None:
    """`python -m tests.libraries` writes it."""
    assert written(PAGE.read_text()) == rows([*CASES, *HEAVY])


def test_at_least_25_libraries_are_tried() -> None:
    assert len({case.library for case in [*CASES, *HEAVY]}) >= 25
