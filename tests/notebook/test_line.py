"""Reading a magic's line: examples, and what holds for every line."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.tokenizer import Token, substitute, tokenize

LINES = st.text(
    st.one_of(st.sampled_from("ab =\"'#;-$ \t{}\\é測\u00a0\n"), st.characters(codec="utf-8")),
    max_size=40,
)
PLAIN_WORDS = st.from_regex(r"[A-Za-z0-9.:/\\@]+", fullmatch=True)


def texts(line: str) -> list[str]:
    return [token.text for token in tokenize(line)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("  \t ", [], id="only space"),
        pytest.param("password Warehouse DB", ["password", "Warehouse", "DB"], id="bare words"),
        pytest.param("password  Warehouse\tDB ", ["password", "Warehouse", "DB"], id="wide gaps"),
        pytest.param('password "Warehouse DB"', ["password", "Warehouse DB"], id="double quotes"),
        pytest.param("password 'Warehouse DB'", ["password", "Warehouse DB"], id="single quotes"),
        pytest.param(
            'password "  two  spaces  "', ["password", "  two  spaces  "], id="space kept"
        ),
        pytest.param('--folder="My Work" x', ["--folder=My Work", "x"], id="quotes after ="),
        pytest.param(
            "NAME='bw://Warehouse DB/password'", ["NAME=bw://Warehouse DB/password"], id="="
        ),
        pytest.param("a=b='c", ["a=b='c"], id="only the first = opens"),
        pytest.param("Bob's laptop", ["Bob's", "laptop"], id="apostrophe in a word"),
        pytest.param("rock 'n' roll", ["rock", "n", "roll"], id="quotes around a word"),
        pytest.param('"Bob\'s laptop"', ["Bob's laptop"], id="apostrophe in double quotes"),
        pytest.param("'Bob's laptop'", ["Bob's laptop"], id="apostrophe in single quotes"),
        pytest.param("'say \"hi\"'", ['say "hi"'], id="double in single"),
        pytest.param('""', [""], id="empty quotes"),
        pytest.param("--folder=''", ["--folder="], id="empty value"),
        pytest.param(r"a\ b \"c\"", ["a\\", "b", r"\"c\""], id="backslashes are literal"),
        pytest.param(r'"C:\new"', [r"C:\new"], id="backslash in quotes"),
        pytest.param(r'"ends in \"', ["ends in \\"], id="backslash before the end quote"),
        pytest.param("X # comment", ["X"], id="comment"),
        pytest.param("X #", ["X"], id="empty comment"),
        pytest.param("# all comment", [], id="nothing but a comment"),
        pytest.param("X # it's", ["X"], id="apostrophe in a comment"),
        pytest.param('X # "open', ["X"], id="quote in a comment"),
        pytest.param("X;", ["X"], id="semicolon"),
        pytest.param("X ;", ["X"], id="semicolon apart"),
        pytest.param("X;;", ["X"], id="two semicolons"),
        pytest.param("X; # why", ["X"], id="semicolon, then comment"),
        pytest.param('"X";', ["X"], id="semicolon after quotes"),
        pytest.param('"X"; # why', ["X"], id="semicolon after quotes, then comment"),
        pytest.param('"X;"', ["X;"], id="semicolon in quotes"),
        pytest.param('"X # y"', ["X # y"], id="comment in quotes"),
        pytest.param("C# notes", ["C#", "notes"], id="# inside a word"),
        pytest.param("Build #2", ["Build", "#2"], id="# that begins a word is not a comment"),
        pytest.param("a;b c", ["a;b", "c"], id="semicolon inside"),
        pytest.param("a; b", ["a;", "b"], id="semicolon in the middle"),
    ],
)
def test_a_line_is_read_as_these_words(line: str, words: list[str]) -> None:
    assert texts(line) == words


@pytest.mark.parametrize(
    "line", ['"open', "'open", "password 'Warehouse DB", '--folder="My Work', "'a'b", '"']
)
def test_a_quote_that_is_not_closed_is_a_mistake_that_repeats_nothing(line: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        tokenize(line)
    assert str(caught.value) == "A quote in the line is not closed. Close it."


@pytest.mark.parametrize(
    ("line", "is_option"),
    [
        ("--folder", True),
        ("--folder=x", True),
        ("--folder='x'", True),
        ("-f", True),
        ("--", False),
        ("-", False),
        ("-1", False),
        ("---x", False),
        ("'--folder'", False),
        ("a--b", False),
    ],
)
def test_only_unquoted_words_that_look_like_one_are_options(line: str, is_option: bool) -> None:
    (token,) = tokenize(line)
    assert token.is_option is is_option


@given(LINES)
def test_every_line_is_read_or_refused_as_one_mistake(line: str) -> None:
    try:
        tokens = tokenize(line)
    except UsageMistake:
        return
    assert all(token.text in line or token.quoted is not None for token in tokens)


@given(st.text(max_size=30), st.sampled_from("\"'"), PLAIN_WORDS)
@example("--", "'", "x")
@example("# no comment", '"', "x")
@example("$name", '"', "x")
def test_a_quoted_word_is_read_back_as_it_is(word: str, quote: str, before: str) -> None:
    word = word.replace(quote, "")
    assert texts(f"{before} {quote}{word}{quote}") == [before, word]
    assert texts(f"--opt={quote}{word}{quote} {before}") == [f"--opt={word}", before]
    assert substitute(tokenize(f"{quote}{word}{quote}"), {"name": "value"})[0].text == word


@given(
    st.lists(PLAIN_WORDS, min_size=1, max_size=5),
    st.sampled_from([";", " ;", ";;", " # note", " #", "; # note", ' # "', " # it's ; so", "  "]),
)
def test_a_comment_or_semicolon_at_the_end_changes_nothing(words: list[str], end: str) -> None:
    assert texts(" ".join(words) + end) == words
    assert texts('"' + " ".join(words) + '"' + end) == [" ".join(words)]


@given(st.lists(PLAIN_WORDS, max_size=6), st.sampled_from([" ", "  ", "\t", " \t "]))
def test_unquoted_words_come_out_one_by_one(words: list[str], gap: str) -> None:
    assert texts(gap.join(words)) == words


NAMESPACE = {"name": "the value", "größe": "ü", "number": 7, "empty": "", "n2": "--x"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("$name", ["the value"], id="dollar"),
        pytest.param("{name}", ["the value"], id="braces"),
        pytest.param("$größe", ["ü"], id="not ASCII"),
        pytest.param("VAR=$name", ["VAR=the value"], id="after ="),
        pytest.param("VAR={name}", ["VAR=the value"], id="braces after ="),
        pytest.param("$empty", [""], id="empty text"),
        pytest.param("$name;", ["the value"], id="before a semicolon"),
        pytest.param("'$name'", ["$name"], id="quoted"),
        pytest.param('VAR="$name"', ["VAR=$name"], id="quoted after ="),
        pytest.param("pa$name", ["pa$name"], id="inside a word"),
        pytest.param("$name.x", ["$name.x"], id="more than a name"),
        pytest.param("${name}", ["${name}"], id="both"),
        pytest.param("$1", ["$1"], id="no name"),
        pytest.param("{}", ["{}"], id="empty braces"),
        pytest.param("x {name} y", ["x", "the value", "y"], id="among others"),
    ],
)
def test_a_whole_unquoted_word_is_read_from_the_namespace(line: str, words: list[str]) -> None:
    assert [token.text for token in substitute(tokenize(line), NAMESPACE)] == words


@pytest.mark.parametrize("line", ["$number", "{absent}", "VAR=$absent"])
def test_a_variable_without_text_is_a_mistake_that_repeats_nothing(line: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        substitute(tokenize(line), NAMESPACE)
    assert "number" not in str(caught.value)
    assert "absent" not in str(caught.value)


@given(LINES)
def test_nothing_but_whole_unquoted_words_is_substituted(line: str) -> None:
    try:
        tokens = tokenize(line)
    except UsageMistake:
        return
    untouched = [
        token
        for token in tokens
        if token.quoted is not None or not any(mark in token.head for mark in "${")
    ]
    assert substitute(untouched, NAMESPACE) == untouched


@pytest.mark.parametrize("option", ["--folder=$name", "--folder={name}"])
def test_an_options_value_is_read_from_the_namespace_too(option: str) -> None:
    assert substitute(tokenize(option), NAMESPACE) == [Token("--folder=", "the value")]


def test_a_value_from_the_namespace_is_never_taken_for_an_option() -> None:
    (token,) = substitute(tokenize("$n2"), NAMESPACE)
    assert token.text == "--x"
    assert not token.is_option
