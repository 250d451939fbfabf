"""The scan over real files, databases and repositories: what it names, and what it survives."""

from __future__ import annotations

import base64
import html
import json
import os
import random
import sqlite3
import string
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics.errors import UsageMistake
from bw_magics.scan.documents import text as text_module
from bw_magics.scan.hit import Hit
from bw_magics.scan.known import KnownValues
from bw_magics.scan.scan import Scan
from bw_magics.secret import Secret

VALUE = "kR7$mQ2!vT<9pL&4x"
LABEL = "Warehouse DB / password"
NOTE = "first line of it\nsecond line, also secret"
OTHER = "ghX2kd93LmQ8sTz5"
SEEKER = KnownValues(
    [
        Secret(VALUE, LABEL),
        Secret(NOTE, "Warehouse DB / notes"),
        Secret(OTHER, "Mail / password"),
        Secret(OTHER, "Old mail / password"),
    ]
)


def notebook(*cells: dict[str, Any], **members: Any) -> str:
    return json.dumps({"cells": list(cells), "nbformat": 4, "metadata": {}, **members}, indent=1)


def code(source: object = "1", *outputs: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs), **members}


def stream(text: object) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def display(**data: Any) -> dict[str, Any]:
    bundle = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": bundle, "metadata": {}}


def scan(*paths: Path, seeker: KnownValues = SEEKER) -> Scan:
    made = Scan(seeker)
    made.paths(paths)
    return made


def found(path: Path) -> list[str]:
    made = scan(path)
    for hit in made.hits:
        assert not any(value in str(hit) for value in (VALUE, OTHER, NOTE))
    return [f"{hit.part}: {' and '.join(hit.labels)}" for hit in made.hits]


PLACES = {
    "a source": (code(f"x = 1\np = {VALUE!r}"), "cell 1, line 2"),
    "a source in lines": (code(["x = 1\n", f"p = {VALUE!r}"]), "cell 1, line 2"),
    "what was printed": (code("1", stream("a\n"), stream(VALUE)), "cell 1, output 2"),
    "printed lines": (code("1", stream(["a\n", VALUE])), "cell 1, output 1, line 2"),
    "a display": (
        code("1", display(text_html=f"<b>{html.escape(VALUE)}</b>")),
        "cell 1, output 1 (text/html)",
    ),
    "data of a display": (
        code("1", display(application_json={"a": [{"b": VALUE}]})),
        "cell 1, output 1 (application/json)",
    ),
    "a key of such data": (
        code("1", display(application_json={VALUE: 1})),
        "cell 1, output 1 (application/json)",
    ),
    "metadata of an output": (
        code("1", {**display(), "metadata": {"m": VALUE}}),
        "cell 1, output 1",
    ),
    "a traceback": (
        code("1", {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["a", VALUE]}),
        "cell 1, output 1, line 2",
    ),
    "a value in colours": (
        code("1", stream("\x1b[31mkR7$mQ2\x1b[0m\x1b[1m!vT<9pL&4x\x1b[0m")),
        "cell 1, output 1",
    ),
    "a value in tags": (
        code("1", display(text_html="<td><span>kR7$</span><span>mQ2!vT&lt;9pL&amp;4x</span></td>")),
        "cell 1, output 1 (text/html)",
    ),
    "an attachment": (
        {
            "cell_type": "markdown",
            "source": "",
            "attachments": {"a": {"image/png": base64.b64encode(b"p" + VALUE.encode()).decode()}},
        },
        "cell 1, attachments",
    ),
    "metadata of a cell": (code(metadata={"tags": [VALUE]}), "cell 1, metadata"),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_part_of_a_notebook_is_searched_and_named(tmp_path: Path, place: str) -> None:
    cell, part = PLACES[place]
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(cell))
    assert found(path) == [f"{part}: {LABEL}"]


def test_metadata_of_a_notebook_is_searched(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(code(), metadata={"papermill": {"parameters": {"p": VALUE}}}))
    assert found(path) == [f"metadata: {LABEL}"]


def test_a_value_of_several_lines_is_found_across_the_lines_of_a_source(tmp_path: Path) -> None:
    first, second = NOTE.split("\n")
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(code([f"'''{first}\n", f"{second}'''"])))
    assert found(path) == ["cell 1, line 1: Warehouse DB / notes"]


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "repr": repr,
    "JSON": json.dumps,
    "JSON twice": lambda value: json.dumps(json.dumps(value)),
    "HTML": html.escape,
    "URL": lambda value: urllib.parse.quote(value, safe=""),
    "URL in JSON in HTML": lambda value: html.escape(json.dumps(urllib.parse.quote(value))),
    "base64": lambda value: base64.b64encode(b"user:" + value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "octal": lambda value: "".join(
        f"\\{ord(each):03o}" if each in "$!<&" else each for each in value
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [".env", "log.txt", "a.ipynb", "data.bin"])
def test_each_form_of_a_value_is_found_in_every_kind_of_file(
    tmp_path: Path, form: str, name: str
) -> None:
    text = f"x = {FORMS[form](VALUE)}\n"
    path = tmp_path / name
    data = notebook(code("1", stream(text))).encode() if name == "a.ipynb" else text.encode()
    path.write_bytes(b"\0\1\2" + data if name == "data.bin" else data)
    assert [hit.labels for hit in scan(path).hits] == [(LABEL,)]


def test_the_beginning_of_an_irregular_value_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text(f"token {OTHER[:10]}...\n")
    assert found(path) == ["line 1: Mail / password and Old mail / password"]


def test_a_line_of_a_text_is_named_and_shared_values_name_both_items(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f"A=1\nB={OTHER}\n# {VALUE}\n")
    assert found(path) == [
        "line 2: Mail / password and Old mail / password",
        f"line 3: {LABEL}",
    ]


def test_checkpoints_and_hidden_files_are_searched_and_packages_are_not(tmp_path: Path) -> None:
    for name in (
        ".ipynb_checkpoints/a-checkpoint.ipynb",
        ".hidden",
        "node_modules/a.js",
        "env/pyvenv.cfg",
        "env/lib/a.py",
        ".git/config",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VALUE)
    names = {Path(hit.source).name for hit in scan(tmp_path).hits}
    assert names == {"a-checkpoint.ipynb", ".hidden"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_texts_of_windows_are_searched(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path.write_bytes(mark + f"a\n{VALUE}\n".encode(encoding))
    assert found(path) == [f"line 2: {LABEL}"]


# Databases.


def test_rows_of_a_history_are_named_and_deleted_rows_are_still_found(tmp_path: Path) -> None:
    path = tmp_path / "profile_default" / "history.sqlite"
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE history (session, line, source, source_raw)")
        database.execute("INSERT INTO history VALUES (3, 7, '1', ?)", (f"p = {VALUE!r}",))
        database.execute("INSERT INTO history VALUES (3, 8, '1', ?)", (f"p = {OTHER!r}",))
        database.execute("DELETE FROM history WHERE line = 8")
    database.close()
    made = Scan(SEEKER)
    made.history(tmp_path)
    parts = {hit.part: hit.labels for hit in made.hits}
    assert parts == {
        "history session 3 line 7, source_raw": (LABEL,),
        "deleted rows (VACUUM removes them)": ("Mail / password", "Old mail / password"),
    }


def test_a_locked_database_is_searched_as_bytes_and_said(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("CREATE TABLE history (a)")
    database.execute("INSERT INTO history VALUES (?)", (VALUE,))
    database.execute("BEGIN EXCLUSIVE")
    made = scan(path)
    database.close()
    assert [hit.labels for hit in made.hits] == [(LABEL,)]
    assert "locked" in made.problems[0].reason


def test_a_damaged_database_is_searched_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 500 + VALUE.encode())
    made = scan(path)
    assert [hit.part for hit in made.hits] == ["binary data"]
    assert made.problems


# Git.


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    return subprocess.run(
        ("git", "-C", str(folder), *identity, *arguments),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.ipynb").write_text(notebook(code("1", stream(VALUE))))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First")
    (folder / "a.ipynb").write_text(notebook(code("1")))
    git(folder, "commit", "-q", "-a", "-m", "Taken out again")
    return folder


def test_git_history_names_commit_path_and_cell(repository: Path) -> None:
    made = Scan(SEEKER)
    made.repository(repository)
    first = git(repository, "log", "--format=%h", "--reverse").split()[0]
    assert [(hit.part, hit.labels) for hit in made.hits] == [
        (f"commit {first}, a.ipynb, cell 1, output 1", (LABEL,))
    ]


def test_commit_messages_and_objects_of_no_branch_are_searched(repository: Path) -> None:
    (repository / "b.txt").write_text(f"x\n{OTHER}\n")
    git(repository, "add", ".")
    git(repository, "reset", "-q")
    git(repository, "commit", "-q", "--allow-empty", "-m", f"Use {VALUE}")
    made = Scan(SEEKER)
    made.repository(repository)
    parts = [hit.part for hit in made.hits]
    assert any("of no branch, line 2" in part for part in parts)
    assert any(part.startswith("commit ") and part.endswith("message, line 6") for part in parts)


def test_packed_repositories_are_searched_once_for_each_object(repository: Path) -> None:
    git(repository, "gc", "-q")
    made = Scan(SEEKER)
    made.repository(repository)
    assert len(made.hits) == 1
    assert made.objects == 4  # two notebooks, two commits


def test_a_folder_outside_a_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match="not in a git repository"):
        Scan(SEEKER).repository(tmp_path)


# Bad input.


def test_broken_notebooks_are_searched_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(code("1", stream(VALUE)))[:-9])
    made = scan(path)
    assert [hit.labels for hit in made.hits] == [(LABEL,)]
    assert [problem.reason for problem in made.problems] == ["not valid JSON: searched as text"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"cells": 1}',
        '{"cells": [1, null, "x", {"outputs": 3}, {"outputs": [1, null, {"data": 4}]}]}',
        '{"cells": [' + "[" * 2000 + "]" * 2000 + "]}",
        '{"cells": [{"outputs": [{"data": ' + '{"a":' * 900 + "1" + "}" * 900 + "}]}]}",
        "\ufeff{",
    ],
)
def test_strange_notebooks_stop_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.ipynb").write_text(text)
    (tmp_path / "b.txt").write_text(VALUE)
    assert [Path(hit.source).name for hit in scan(tmp_path).hits] == ["b.txt"]


def test_loops_of_links_pipes_and_missing_files_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.txt").write_text(VALUE)
    (tmp_path / "again").symlink_to(tmp_path / "a.txt")
    made = scan(tmp_path, tmp_path / "missing", tmp_path / "pipe")
    assert len(made.hits) == 1
    assert {Path(problem.source).name for problem in made.problems} == {"self", "missing"}


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that even root cannot read")
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(VALUE)
    made = scan(Path("/proc/self/mem"), tmp_path)
    assert [problem.source for problem in made.problems] == ["/proc/self/mem"]
    assert len(made.hits) == 1


def test_a_growing_file_is_searched_as_far_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(f"{VALUE}\n")
    is_over = threading.Event()

    def grow() -> None:
        with path.open("ab") as file:
            while not is_over.is_set():
                file.write(b"x" * (1 << 20))

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        while path.stat().st_size < 1 << 24:
            time.sleep(0.001)
        made = scan(path)
    finally:
        is_over.set()
        thread.join()
    assert [hit.part for hit in made.hits] == [f"line 1: {LABEL}".partition(":")[0]]


def test_pieces_of_a_large_file_overlap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "PIECE", 1 << 15)
    path = tmp_path / "a.log"
    lines = 5_000_000 // 50
    with path.open("w") as file:
        for number in range(lines):
            file.write("x" * 49 + "\n")
            if number % 10_000 == 0:
                file.write(f"{VALUE}\n")
    assert [hit.part for hit in scan(path).hits] == [
        f"line {number + number // 10_000 + 2}" for number in range(0, lines, 10_000)
    ]


def test_large_values_are_found_and_ordinary_ones_left_out(tmp_path: Path) -> None:
    big = "".join(random.Random(1).choices(string.ascii_letters, k=1_000_000))
    seeker = KnownValues(
        [
            Secret(big, "big"),
            Secret("a" * 1000, "repeated"),
            Secret(" " * 50, "spaces"),
            Secret("password", "common"),
            Secret("cells", "short"),
            Secret("outputs", "a key of notebooks"),
        ]
    )
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(code("a" * 2000 + " " * 100 + "password", stream(big[5000:7000]))))
    assert {label for hit in scan(path, seeker=seeker).hits for label in hit.labels} == {"big"}


def test_nothing_is_found_without_values(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(VALUE)
    assert scan(tmp_path, seeker=KnownValues([])).hits == []


# Mending.


def test_outputs_with_a_hit_are_emptied_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(
        notebook(
            code("a = 'ä'", stream("kept"), execution_count=1),
            code("b", stream(VALUE), execution_count=2),
            code(VALUE, execution_count=3),
        )
    )
    path.chmod(0o640)
    before = json.loads(path.read_text())
    made = scan(path)
    assert made.notebooks == [str(path)]
    assert made.empty_outputs() == [str(path)]
    before["cells"][1].update(outputs=[], execution_count=None)
    assert json.loads(path.read_text()) == before
    assert "ä" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640
    assert found(path) == [f"cell 3: {LABEL}"]


def test_a_notebook_that_has_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(code("b", stream(VALUE))))
    made = scan(path)
    after = notebook(code("c", stream(VALUE)))
    path.write_text(after)
    with pytest.raises(UsageMistake, match="has changed"):
        made.empty_outputs()
    assert path.read_text() == after


# What is not a secret.


def _generated(chance: random.Random) -> Iterator[dict[str, Any]]:
    words = ["mean", "load", "axis", "plot", "train", "query", "token", "password", "user"]
    for number in range(chance.randint(1, 6)):
        name = "_".join(chance.sample(words, 2))
        numbers = ", ".join(f"{chance.random():.6f}" for _ in range(20))
        data = base64.b64encode(chance.randbytes(300)).decode()
        yield code(
            [f"{name} = load('{chance.choice(words)}.csv')\n", f"{name}.plot()  # {number}"],
            stream(f"{name}\n{numbers}\n"),
            display(text_html=f"<table><td>{numbers}</td></table>", image_png=data),
            execution_count=number,
            id=f"{chance.getrandbits(32):08x}",
        )


def test_generated_notebooks_have_no_false_hits(tmp_path: Path) -> None:
    chance = random.Random(2026)
    seeker = KnownValues(lifelike(chance, 1000))
    for number in range(200):
        (tmp_path / f"{number}.ipynb").write_text(notebook(*_generated(chance)))
    assert scan(tmp_path, seeker=seeker).hits == []


def lifelike(chance: random.Random, count: int) -> list[Secret]:
    """Passwords, passphrases and tokens as vaults hold them."""
    signs = string.ascii_letters + string.digits + "!@#$%^&*"
    words = ["".join(chance.choices(string.ascii_lowercase, k=6)) for _ in range(2000)]
    makers: list[Callable[[], str]] = [
        lambda: "".join(chance.choices(signs, k=chance.randint(10, 18))),
        lambda: chance.choice("- ").join(chance.sample(words, 4)),
        lambda: f"tok_{chance.getrandbits(160):040x}",
    ]
    return [Secret(chance.choice(makers)(), f"Item {number} / password") for number in range(count)]


def test_a_hit_is_harmless_to_show() -> None:
    hit = Hit("a\nb\x1b[31m.ipynb", "cell 1", ("Bank\u202e / password",))
    assert str(hit).isprintable()
