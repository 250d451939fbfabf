"""The project speaks plain English, and points only to documents that it contains."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging import english


def texts(places: list[english.Place]) -> str:
    return "\n".join(map(str, places[:30]))


@pytest.fixture(scope="module")
def places() -> list[english.Place]:
    return english.all_places()


def test_no_folder_breaks_a_rule_more_often_than_the_baseline_allows(
    places: list[english.Place],
) -> None:
    baseline = english.allowed()
    counts = english.counted(places)
    more = {
        (rule, folder)
        for rule, folders in counts.items()
        for folder, count in folders.items()
        if count > baseline.get(rule, {}).get(folder, 0)
    }

    offenders = [place for place in places if (place.rule, place.folder) in more]
    assert not more, f"One of these is new; rewrite it:\n{texts(offenders)}"


def test_the_baseline_is_as_low_as_it_can_be(places: list[english.Place]) -> None:
    baseline = english.allowed()

    assert english.lowered(baseline, english.counted(places)) == baseline, "run `make english`"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("This is no reference.", "is no reference"),
        ("# This\n    # is no\n    # reference.", "is no # reference"),
        ('"This is "\n        "no reference."', 'is " "no reference'),
        ("def test_it_is_no_reference() -> None:", "is no reference"),
        ("Whoever asks", "Whoever"),
        ("what is told about it", "what is told"),
        ("A secret stands in this cell.", "stands in"),
        ("It costs nobody the others.", "costs nobody"),
        ("The server says so.", "says so"),
        ("What came of a cell", "What came of"),
        ("It counts whatever the clock says.", "whatever the"),
        ("No error repeats what was typed.", "what was typed"),
        ("The value cannot be had here.", "cannot be had"),
    ],
)
def test_a_stilted_phrase_is_found(text: str, found: str) -> None:
    assert [place.text for place in english.broken(text, "a.py")] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "There is no item with that name.",
        "It is no longer valid.",
        "It is not a reference.",
        "This noise is normal.",
        "The mask stands in for the value.",
        "They are normal.",
    ],
)
def test_plain_english_is_left_alone(text: str) -> None:
    assert list(english.broken(text, "a.py")) == []


def test_functions_begin_with_a_verb_and_classes_with_a_noun() -> None:
    package = english.ROOT / "bw_magics"
    wrong = [
        f"{path.relative_to(package)}: {each}"
        for path in sorted(package.rglob("*.py"))
        for each in english.misbegun(path.read_text(encoding="utf-8"))
    ]

    listed = "\n".join(wrong)
    assert not wrong, f"Begin with a verb (a function) or a noun (a class):\n{listed}"


@pytest.mark.parametrize(
    ("source", "is_wrong"),
    [
        ('def f():\n    "Returns the key."', False),
        ('def f():\n    "The key."', True),
        ('def f():\n    "Whether it is a key."', True),
        ('async def f():\n    "What it is."', True),
        ('@property\ndef f(self):\n    "The key."', False),
        ('@line_magic\ndef f(self, line):\n    "Show the key."', False),
        ('class C:\n    "The key."', False),
        ('class C:\n    "Makes keys."', True),
        ("def f(): ...", False),
    ],
)
def test_the_first_word_of_a_docstring_is_judged(source: str, is_wrong: bool) -> None:
    assert bool(list(english.misbegun(source))) is is_wrong


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("(design 3)", "documents elsewhere"),
        ("(protocol 4.4)", "documents elsewhere"),
        ("see jupyter.md H", "documents elsewhere"),
        ("(field.md 36)", "documents elsewhere"),
        ("see ../shared/design.md", "documents elsewhere"),
        ("see docs/there.md", None),
        ("see docs/there.md#a-heading", None),
        ("see docs/there.md#another", "missing documents"),
        ("see docs/elsewhere.md", "missing documents"),
        ("see docs/missing/protocol.md", "missing documents"),
        ("protocol version 2", None),
        ("https://example.org/docs/protocol.md", None),
    ],
)
def test_a_document_must_be_in_the_project(text: str, rule: str | None, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "there.md").write_text("# There\n\n## A `heading`\n")

    found = [place.rule for place in english.broken(text, "a.py", tmp_path)]

    assert found == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("text", "path", "is_broken"),
    [
        ("(docs/protocol.md, Keys of items)", "a.py", False),
        ("(docs/protocol.md, Keys of\n        # items): so", "a.py", False),
        ("# docs/protocol.md, Items, written down again", "a.py", False),
        ("see docs/protocol.md, Itemsets.", "a.py", True),
        ("see docs/protocol.md, Keys of folders.", "a.py", True),
        ("see docs/protocol.md.", "a.py", True),
        ("see docs/protocol.md.", "a.js", True),
        ("see docs/protocol.md#items", "a.py", False),
        ("see docs/protocol.md.", "README.md", False),
        ("see docs/protocol.md, Colours.", "README.md", True),
    ],
)
def test_a_comment_names_a_section_that_exists(
    text: str, path: str, is_broken: bool, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "protocol.md").write_text("# Protocol\n\n## Items\n\n## Keys of items\n")

    assert bool(list(english.broken(text, path, tmp_path))) is is_broken


@pytest.mark.parametrize(
    ("link", "is_broken"),
    [
        ("[items](protocol.md)", False),
        ("[items](protocol.md#items)", False),
        ("[items](#here)", False),
        ("[code](../bw_magics)", False),
        ("[elsewhere](https://example.org/docs/no.md)", False),
        ("[items](protocol.md#colours)", True),
        ("[items](#there)", True),
        ("[items](../protocol.md)", True),
    ],
)
def test_a_link_in_a_document_leads_somewhere(link: str, is_broken: bool, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "bw_magics").mkdir()
    (tmp_path / "docs" / "protocol.md").write_text("# Protocol\n\n## Items\n")
    text = f"# Here\n\n{link}\n"
    (tmp_path / "docs" / "page.md").write_text(text)

    found = {place.rule for place in english.broken(text, "docs/page.md", tmp_path)}

    assert ("missing documents" in found) is is_broken


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`client/identity.py`", []),
        ("`identity.py`", []),
        ("`client/identities.py`", ["`client/identities.py`"]),
        ("`ent/identity.py`", ["`ent/identity.py`"]),
        ("## Sources\n\n`upstream/kernel.py`\n\n## Here\n", []),
        ("## Sources\n\n## Here\n\n`upstream/kernel.py`\n", ["`upstream/kernel.py`"]),
    ],
)
def test_a_file_that_a_page_names_exists(text: str, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "package" / "client").mkdir(parents=True)
    (tmp_path / "package" / "client" / "identity.py").touch()

    assert [place.text for place in english.broken(text, "docs/page.md", tmp_path)] == found


def test_the_baseline_is_lowered_and_never_raised() -> None:
    baseline = {"phrases": {"a": 3, "b": 2, "c": 1}}
    now = {"phrases": {"a": 1, "b": 5}, "missing documents": {"a": 1}}

    assert english.lowered(baseline, now) == {"phrases": {"a": 1, "b": 2}}


def test_every_kind_of_file_is_read() -> None:
    read = {path.relative_to(english.ROOT).as_posix() for path in english.sources()}

    assert {"README.md", "Makefile", ".ci/run", "bw_magics/__init__.py"} <= read
    assert "bw_magics/notebook/panels/form.js" in read
    assert not any("node_modules" in path or path.startswith(".venv") for path in read)
