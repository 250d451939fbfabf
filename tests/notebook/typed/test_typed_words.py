"""What is taken out of a refused line, and what is left alone everywhere else."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.notebook.extension import registered
from bw_magics.notebook.typed.plain_words import PlainWords
from bw_magics.notebook.typed.typed_line import TypedLine
from tests.notebook.conftest import Notebook

from .conftest import TypingKernel

# The cell, and what becomes of it.
LEFT_ALONE = {
    "a variable of the environment": (
        'name = "BW_PASSWORD"\n%bw_unlock BW_PASSWORD\nos.environ.get("BW_PASSWORD")',
        'name = "BW_PASSWORD"\n%bw_unlock\nos.environ.get("BW_PASSWORD")',
    ),
    "a common word": (
        "password = 5\n%bw_unlock password\nprint(password)",
        "password = 5\n%bw_unlock\nprint(password)",
    ),
    "a name of the namespace": (
        "frame_2024q3_clean = 5\n%bw_unlock frame_2024q3_clean\nprint(frame_2024q3_clean)",
        "frame_2024q3_clean = 5\n%bw_unlock\nprint(frame_2024q3_clean)",
    ),
    "a name that the cell uses later": (
        "%bw_unlock rows_2024q3_clean\nrows_2024q3_clean = 5",
        "%bw_unlock\nrows_2024q3_clean = 5",
    ),
    "a host": (
        'host = "vault.example.org"\n%bw_login vault.example.org',
        'host = "vault.example.org"\n%bw_login',
    ),
    "a server": (
        'host = "https://vault9x8y7.example.org/it"\n%bw login https://vault9x8y7.example.org/it',
        'host = "https://vault9x8y7.example.org/it"\n%bw login',
    ),
    "an e-mail address": (
        'me = "me@example.org"\n%bw login me@example.org',
        'me = "me@example.org"\n%bw login',
    ),
    "a path": (
        "open('/dev/null')\n%bw_unlock /dev/null",
        "open('/dev/null')\n%bw_unlock",
    ),
    "the query beside an option": (
        "what = 'Warehouse'\npw = %bw_get password Warehouse DB --session zK4+9xQ2/7w==",
        "what = 'Warehouse'\npw = %bw_get password Warehouse DB",
    ),
    "the query behind an option": (
        "%bw_list --session zK4+9xQ2/8w== items --search Warehouse",
        "%bw_list items --search Warehouse",
    ),
}
WORDS = "BW_PASSWORD password frame_2024q3_clean vault.example.org me@example.org Warehouse"


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_a_word_that_means_something_else_leaves_its_own_line_only(
    newest: TypingKernel, case: str
) -> None:
    cell, becomes = LEFT_ALONE[case]
    newest.run("import os")
    newest.run(f"earlier = {WORDS!r}")
    came = newest.type(cell)

    assert came.ok, came.whole
    assert newest.rewritten == becomes
    assert newest.value("earlier") == WORDS
    raw = newest.value("get_ipython().history_manager.input_hist_raw[-4:]")
    assert raw[0] == f"earlier = {WORDS!r}"
    assert raw[1].rstrip() == becomes


WHEREVER = {
    "%bw_unlock {}": "%bw_unlock",
    "  %bw_unlock {}": "  %bw_unlock",
    "x = 1\n\n%bw_unlock   {}  \ny = x": "x = 1\n\n%bw_unlock\ny = x",
    "if True:\n    %bw_unlock {}\n    x = 1": "if True:\n    %bw_unlock\n    x = 1",
    "%bw_unlock \\\n{}\nx = 1": "%bw_unlock\nx = 1",
    "bw_unlock {}": "bw_unlock",
    "%bw unlock {}": "%bw unlock",
    "%bw --raw unlock {}": "%bw",
    "%bw_unlock {} # mine": "%bw_unlock",
    "%bw_unlock '{} {}'": "%bw_unlock",
    "%bw_unlock --password {} {}": "%bw_unlock",
    "x = %bw_get password A B --password {} {}": "x = %bw_get password A B",
    "%alias_magic open_it bw_unlock\n%open_it {}": "%alias_magic open_it bw_unlock\n%open_it",
    "get_ipython().run_line_magic('bw_unlock', '{}')": (
        "get_ipython().run_line_magic('bw_unlock', '')"
    ),
    "w = '{}'\nget_ipython().run_line_magic('bw_unlock', w)": (
        "w = '[REDACTED]'\nget_ipython().run_line_magic('bw_unlock', w)"
    ),
    "w = '{}'\n%bw_unlock $w": "w = '[REDACTED]'\n%bw_unlock $w",
}
# Not of the kind that is masked wherever it stands.
SIMPLE = ["hunter2", "correct"]


@pytest.mark.parametrize("word", SIMPLE)
@pytest.mark.parametrize("cell", WHEREVER)
def test_a_simple_word_leaves_its_line_wherever_that_stands(
    newest: TypingKernel, cell: str, word: str
) -> None:
    came = newest.type(cell.replace("{}", word))

    assert came.ok, came.whole
    assert newest.rewritten == WHEREVER[cell]
    assert word not in came.whole
    assert "removed from the cell" in came.text
    assert newest.remembered(word) == []


@pytest.mark.parametrize(
    "word", ['a"b', "a'b\\c", "x=y", "-hunter", "käse", "(?P<x>", "\\1", "Ω≈ç√∫", "x"]
)
def test_it_may_have_any_character(newest: TypingKernel, word: str) -> None:
    cell = f"x = 1\n%bw_unlock {word}\ny = 2"

    assert newest.type(cell).ok
    assert newest.rewritten == "x = 1\n%bw_unlock\ny = 2"
    lines = newest.value("In[-2].split('\\n')")
    assert lines[1] == "get_ipython().run_line_magic('bw_unlock', '')"


def test_no_traceback_of_the_cell_shows_a_simple_word(newest: TypingKernel) -> None:
    came = newest.type("%bw_unlock Kunigunde\n1/0")

    assert came.ename == "ZeroDivisionError"
    assert "Kunigunde" not in came.whole


def test_what_is_surely_a_secret_is_masked_everywhere(newest: TypingKernel) -> None:
    came = newest.type("copy = 'hunter2horse'\n%bw_unlock hunter2horse\nprint(copy)")

    assert newest.rewritten == "copy = '[REDACTED]'\n%bw_unlock\nprint(copy)"
    assert "hunter2horse" not in came.whole
    assert newest.remembered("hunter2horse") == []


NAMES = ("Warehouse DB", "Cluster-Key-2024-Production-Ü", "Finance/Quarterly-Reports-All")
NAMESPACE = {"frame_2024q3": 1}


@pytest.mark.parametrize(
    ("word", "is_secret"),
    [
        ("hunter2horse", True),
        ("zK4+9xQ2/7w==", True),
        ("correct-horse-battery-staple", True),
        ("correct horse battery staple", True),
        ("Bonded7-Unspoken-Frostlike", True),
        ("correcthorsebatterystaple", True),
        ("qZxkRtPwLm", True),
        ("p@ssw0rd99x", True),
        ("hunter2", False),
        ("Warehouse", False),
        ("warehouse db", False),
        ("Cluster-Key-2024-Production-Ü", False),
        ("frame_2024q3", False),
        ("BW_CLIENTSECRET", False),
        ("vault.eu.example.org:8443", False),
        ("me@vault.example.org", False),
        ("127.0.0.1:8443", False),
        ("user.b8ac1c4e-7a01-4a4a-9a3b-b22c00a1b2c3", False),
        ("bw://Warehouse DB/password", False),
        ("~/secrets/password-2024.txt", False),
        ("my_data_frame_with_long_name", False),
        ("scikit_learn.model_selection", False),
        ("myDataFrameLoader", False),
        ("2024-11-29", False),
        ("password123", False),
    ],
)
def test_only_the_irregular_is_surely_a_secret(word: str, is_secret: bool) -> None:
    plain = PlainWords(NAMESPACE, lambda: NAMES)

    assert plain.leave(word) is not is_secret


@pytest.mark.parametrize(
    ("magic", "line", "secrets"),
    [
        ("bw_unlock", "a b", ["a b", "a", "b"]),
        ("bw_unlock", "--password=a", ["a"]),
        ("bw_unlock", "'a b' # c", ["a b"]),
        ("bw_unlock", "$v", ["of v"]),
        ("bw_unlock", "'$v'", ["$v"]),
        ("bw_get", "password A B --session K", ["K"]),
        ("bw_get", "password A --password a b", ["a b", "a", "b"]),
        ("bw", "--session K get password A", ["K"]),
        ("bw", "--session K unlock a", ["--session K unlock a", "K", "unlock", "a"]),
        ("bw_env", "--cell A=x B=bw://Y/z", ["A=x B=bw://Y/z", "A=x", "x", "B=bw://Y/z"]),
    ],
)
def test_what_may_be_the_secret_of_a_line(magic: str, line: str, secrets: list[str]) -> None:
    found = list(TypedLine(magic, line).secrets({"v": "of v"}))

    assert set(secrets) - {"--session K unlock a"} <= set(found)
    if magic in ("bw_get", "bw") and "unlock" not in line:
        assert found == secrets


_TYPED = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.just("\t"))


@example("\\")
@example("a\xa0b")
@given(_TYPED.filter(lambda text: text.strip() and "--" not in text and "$" not in text))
def test_the_line_loses_all_of_any_typed_text(typed: str) -> None:
    line = TypedLine("bw_unlock", typed.strip())
    if line.has_only_variables:
        return
    before, after = "x = 1\n", "\ny = 2"
    # As it is typed, and what IPython makes of it.
    assert line.clean(f"{before}%bw_unlock {typed}{after}") == f"{before}%bw_unlock{after}"
    called = "get_ipython().run_line_magic('bw_unlock', {})"
    text = f"{before}{called.format(repr(typed.strip()))}{after}"
    quote = repr(typed.strip())[0]
    assert line.clean(text) == f"{before}{called.format(quote * 2)}{after}"


def test_names_of_the_open_vault_are_none_and_no_value_is_looked_at(unlocked: Notebook) -> None:
    magics = registered(unlocked.shell)
    assert magics is not None
    plain = magics.typed_secrets._plain

    assert plain.name_something("warehouse db")
    assert plain.name_something("Warehouse")
    assert not plain.name_something("demo-warehouse-password-1")
    unlocked("%bw_lock")
    assert not plain.name_something("warehouse db")
