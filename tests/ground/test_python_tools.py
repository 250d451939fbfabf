"""What Python's own tools show of a `Secret`, in a program without a guard."""

# unittest's own assertions are what is tried.
# ruff: noqa: PT009

from __future__ import annotations

import configparser
import contextlib
import cProfile
import doctest
import faulthandler
import importlib.util
import inspect
import io
import logging.config
import pdb
import pydoc
import sys
import timeit
import traceback
import tracemalloc
import types
import unittest
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bw_magics.secret import MASK, Secret

VALUE = "made-up-Secret-9xQ2"
Use = Callable[[Secret], object]
CASE = unittest.TestCase()


def failing(password: str) -> None:
    """Fails with the value in its variables."""
    held = {"password": password}
    raise RuntimeError(len(held))


def with_values(secret: Secret) -> str:
    try:
        failing(secret)
    except RuntimeError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(told.format())
    return ""


def by_cgitb(secret: Secret) -> str:
    import cgitb  # Python 3.13 removed it

    try:
        failing(secret)
    except RuntimeError:
        return cgitb.text(sys.exc_info()) + cgitb.html(sys.exc_info())
    return ""


def a_failing_doctest(secret: Secret) -> None:
    def example() -> None:
        """Has examples that fail."""

    example.__doc__ = ">>> secret\n1\n>>> [secret]\n1\n>>> int(secret)\n1\n"
    doctest.run_docstring_examples(example, {"secret": secret})


def in_pdb(secret: Secret) -> str:
    shown = io.StringIO()
    commands = io.StringIO("p password\npp password\npp [password]\na\nlocals()\nretval\nc\n")
    debugger = pdb.Pdb(stdin=commands, stdout=shown, nosigint=True, readrc=False)

    def use(password: str) -> str:
        debugger.set_trace()
        return password

    use(secret)
    return shown.getvalue()


def timed(secret: Secret) -> None:
    timer = timeit.Timer("int(secret)", globals={"secret": secret})
    try:
        timer.timeit(1)
    except ValueError:
        timer.print_exc()


def documented(secret: Secret) -> str:
    module = types.ModuleType("made_up")
    vars(module).update(PASSWORD=secret, __all__=["PASSWORD"])
    return pydoc.render_doc(module) + pydoc.HTMLDoc().docmodule(module)


def signature(secret: Secret) -> str:
    def use(password: str = secret) -> str:
        return str(inspect.getargvalues(sys._getframe()))

    return str(inspect.signature(use)) + use()


def handler(**settings: Any) -> None:
    logging.config.dictConfig({"version": 1, "handlers": {"x": settings}})


def sub_test(secret: Secret) -> str:
    class Case(unittest.TestCase):
        """Fails once."""

        def test(self) -> None:
            with self.subTest(password=secret):
                self.assertFalse(secret)

    shown = io.StringIO()
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
    unittest.TextTestRunner(stream=shown).run(tests)
    return shown.getvalue()


# Each of these shows the mask.
MASKED: Mapping[str, Use] = {
    "TracebackException": with_values,
    "cgitb": by_cgitb,
    "doctest": a_failing_doctest,
    "pdb": in_pdb,
    "timeit": timed,
    "pydoc": documented,
    "inspect": signature,
    "warnings": lambda s: warnings.warn(f"no access with {s!r}", stacklevel=1),
    "a level of logging": lambda s: logging.config.dictConfig({"version": 1, "root": {"level": s}}),
    "a filter of logging": lambda s: handler(**{"class": "logging.StreamHandler", "filters": [s]}),
    "assertEqual": lambda s: CASE.assertEqual(s, "made up"),
    "assertEqual of lists": lambda s: CASE.assertEqual([s], ["made up"]),
    "assertEqual of tuples": lambda s: CASE.assertEqual((s,), ("made up",)),
    "assertEqual of sets": lambda s: CASE.assertEqual({s}, {"made up"}),
    "assertEqual of dictionaries": lambda s: CASE.assertEqual({"p": s}, {"p": "made up"}),
    "assertCountEqual": lambda s: CASE.assertCountEqual([s], ["made up"]),
    "assertIn": lambda s: CASE.assertIn("made up", s),
    "assertNotIn": lambda s: CASE.assertNotIn("made-up", s),
    "assertRegex": lambda s: CASE.assertRegex(s, "^x"),
    "assertIsNone": CASE.assertIsNone,
    "assertIsInstance": lambda s: CASE.assertIsInstance(s, int),
    "subTest": sub_test,
}


def profiled(secret: Secret) -> None:
    profile = cProfile.Profile()
    profile.runcall(len, secret)
    profile.print_stats()


def traced(secret: Secret, folder: Path) -> str:
    tracemalloc.start(5)
    try:
        held = [Secret(secret) for _ in range(100)]
        snapshot = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    snapshot.dump(str(folder / "snapshot"))
    return f"{len(held)} {snapshot.statistics('traceback')[:20]}"


# These take the text as a line to print, a name, a path or code.
SHOWN: Mapping[str, Use] = {
    "warnings": lambda s: warnings.warn(s, stacklevel=1),
    "fail": CASE.fail,
    "assertMultiLineEqual": lambda s: CASE.assertMultiLineEqual(s, "made up"),
    "the class of a handler": lambda s: handler(**{"class": s}),
    "the file of a handler": lambda s: handler(
        **{"class": "logging.FileHandler", "filename": f"/nowhere/{s}"}
    ),
    "a `%` in configparser": lambda s: configparser.ConfigParser().read_dict(
        {"db": {"p": f"%{s}"}}
    ),
}


def shown_by(use: Use) -> str:
    """All that is printed, returned and raised."""
    shown = io.StringIO()
    with (
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(shown),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        try:
            told = use(Secret(VALUE, "Warehouse DB / password"))
        except Exception as error:
            told = "".join(traceback.format_exception(error))
    return f"{shown.getvalue()}{told}{[str(each.message) for each in warned]}"


@pytest.mark.parametrize("tool", MASKED)
def test_a_tool_that_shows_a_repr_shows_the_mask(tool: str) -> None:
    if tool == "cgitb" and importlib.util.find_spec("cgitb") is None:
        pytest.skip("this Python has no cgitb")
    shown = shown_by(MASKED[tool])

    assert VALUE not in shown
    assert f"{MASK} Warehouse" in shown


def test_profiles_and_dumps_have_no_values(tmp_path: Path) -> None:
    assert VALUE not in shown_by(profiled)
    assert VALUE not in shown_by(lambda secret: traced(secret, tmp_path))
    with (tmp_path / "fault").open("w") as file:
        shown_by(lambda secret: faulthandler.dump_traceback(file, all_threads=secret == ""))

    assert "shown_by" in (tmp_path / "fault").read_text()
    for path in tmp_path.iterdir():
        assert VALUE.encode() not in path.read_bytes()


@pytest.mark.parametrize("tool", SHOWN)
def test_a_tool_that_is_given_a_line_a_name_or_code_shows_it(tool: str) -> None:
    """As SECURITY.md says. Where one of these fails, the tool has become better: move it up."""
    assert VALUE in shown_by(SHOWN[tool])
