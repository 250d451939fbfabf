"""Finds stilted English, and references to documents that the project does not contain.

`english.json` holds how often each rule is broken in each folder today. A number there may only
shrink. `python -m tests.packaging.english` lowers the numbers to what it counts, and never raises
one; with the name of a folder it prints the places.
"""

from __future__ import annotations

import ast
import functools
import json
import posixpath
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
BASELINE: Final = Path(__file__).with_name("english.json")

Counts = dict[str, dict[str, int]]
"""How often each rule is broken in each folder."""

_SUFFIXES = {".py", ".ipy", ".js", ".css", ".md", ".ipynb", ".toml", ".yml"}
_NAMES = {"Makefile", "run", "postBuild", "CODEOWNERS"}
_SKIPPED = {"node_modules", "build", "gallery", "dist", "artifacts", "results", "__pycache__"}
_HIDDEN = {".github", ".ci"}
_ABOUT_THIS = {"english.py", "test_english.py", "english.json"}

# A space in a phrase is also the end of a line of a comment, a docstring or a text.
_SPACE = r'[\s#*/"]+(?:f")?'
_TEST_NAME = re.compile(r"\btest_\w+")

PHRASES: Final = {
    "name the thing": r"what is (?:said|told|shown|there|asked|kept|typed|meant)",
    "a person, someone": r"who(?:so)?ever",
    "not a": r"(?<!there\W)(?:is|are) no (?!longer|more\b)[a-z]+",
    "affects": r"costs? (?:nobody|none|no ?one)",
    "until when": r"for a while",
    "leave it out": r"that (?:is|are|there is|there are) (?:there|here)",
    "unchanged": r"as (?:it|they) came",
    "skipped": r"out of the race",
    "drops": r"let(?:s|ting)? go of",
    "what it says": r"(?:say|says|said) so",
    "none of it": r"nothing of (?:it|that|them)",
    "when it is known": r"(?:can|could) have told",
    "records": r"keep(?:s|ing)? in mind",
    "localhost, here": r"this very",
    "wait and retry": r"(?:is|be) patient",
    "to which listener": r"to whom",
    "contains": r"stands? (?:in(?! for)|there|here|elsewhere)",
    "unclear": r"does not fit",
    "the result": r"what came of",
    "for any, regardless of": r"whatever (?:is|was|were|has|it|they|else|its|the)",
    "unknown": r"nobody knows",
    "the person who": r"who (?:is|are) to",
    "is not available": r"(?:can|cannot) be had",
    "too, anyway": r"(?<!-)all the same",
    "the typed text": r"what was (?:said|told|shown|asked|kept|typed|meant|sent|found|there)",
    "is beside": r"stand(?:s|ing)? (?:beside|behind|before|between|around|where|at|as|by|below)",
    "gets, learns": r"hears? of",
    "does not have": r"ha(?:s|ve|d) none of",
}

# The first words of docstrings that only look like verbs, and verbs that no class may begin with.
_NOT_VERBS: Final = {"Whether", "This", "These", "Those", "Its", "As", "Items", "Values"}
_VERBS: Final = {
    *("Adds", "Asks", "Changes", "Checks", "Completes", "Decrypts", "Encrypts", "Finds", "Gives"),
    *("Hears", "Holds", "Joins", "Keeps", "Knows", "Makes", "Masks", "Prints", "Reads", "Refuses"),
    *("Removes", "Returns", "Sends", "Sets", "Shows", "Unpacks", "Writes", "Yields"),
}

_ELSEWHERE = r"""
    (?<![\w./])(?:design|protocol|jupyter|style)\ \d+(?:\.\d+)*\b
    | (?:(?<![\w/-])|(?<=shared/))
      (?:design|protocol|protocol-writing|writes-recorded|jupyter|cli|field|style|house)\.md\b
    | \bjupyter\ [A-J]\b
"""
_DOCUMENT = re.compile(r"(?<![\w./-])docs/[\w./-]*\w\.\w+(?:#[\w-]+)?")

# "docs/protocol.md, Items": a comment names a section. In code these documents always have one.
_SECTION = re.compile(
    r"(?<![\w./-])(?P<document>docs/(?:protocol|jupyter)\.md)(?!#)`?"
    r"(?P<section>,[\s#*]+[A-Z][^.;:()\"]*)?"
)
_CODE = {".py", ".js"}
# A file of ours in a page of docs/: `client/identity.py`. Upstream's are in the section Sources.
_FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)*\.(?:py|js|ipy))`")
_UPSTREAM = re.compile(r"^## Sources\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?![a-z]+:)([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Place:
    """One place where a rule is broken."""

    rule: str
    path: str
    line: int
    text: str
    advice: str

    @property
    def folder(self) -> str:
        """The first two folders of the path, so that a move within them changes no number."""
        return "/".join(Path(self.path).parts[:-1][:2]) or "."

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text!r} ({self.advice})"


def _phrase(pattern: str) -> re.Pattern[str]:
    spaced = pattern.replace(" ", _SPACE)
    return re.compile(rf"(?<![A-Za-z])(?:{spaced})(?![A-Za-z])", re.IGNORECASE)


_PHRASES = {advice: _phrase(pattern) for advice, pattern in PHRASES.items()}
_ELSEWHERES = re.compile(_ELSEWHERE, re.VERBOSE)


def sources(root: Path = ROOT) -> Iterator[Path]:
    """Yields every file that people read."""
    for path in sorted(root.iterdir()):
        if path.name.startswith(".") and path.name not in _HIDDEN:
            continue
        if path.is_dir():
            if path.name not in _SKIPPED:
                yield from sources(path)
        elif path.name not in _ABOUT_THIS and (path.suffix in _SUFFIXES or path.name in _NAMES):
            yield path


def headings(document: str) -> list[str]:
    """Returns the headings of a Markdown document."""
    return re.findall(r"^#+ +(.+?)\s*$", document, re.MULTILINE)


def anchors(document: str) -> set[str]:
    """Returns the anchors of a Markdown document's headings, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings(document)}


def _resolves(reference: str, root: Path) -> bool:
    name, _, anchor = reference.partition("#")
    path = root / name
    if not path.exists():
        return False
    return not anchor or anchor in anchors(path.read_text(encoding="utf-8"))


def _linked(link: str, path: str) -> str:
    """What a relative link in a document names, seen from the root."""
    name, _, anchor = link.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
    return f"{target}#{anchor}" if anchor else target


def _blank_lines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


@functools.cache
def _files(root: Path) -> tuple[str, ...]:
    return tuple(f"/{path.relative_to(root).as_posix()}" for path in sources(root))


def _is_file(name: str, root: Path) -> bool:
    """Whether a file has that name, or that end of a path."""
    return any(path.endswith(f"/{name}") for path in _files(root))


def _has_section(document: str, section: str | None, root: Path) -> bool:
    """Whether what follows a document's name begins with one of its headings."""
    if section is None or not (root / document).is_file():
        return False
    words = re.sub(r"[\s#*]+", " ", section).removeprefix(", ")
    return any(
        words.startswith(heading) and not words[len(heading) :][:1].isalnum()
        for heading in headings((root / document).read_text(encoding="utf-8"))
    )


def misbegun(source: str) -> Iterator[str]:
    """Yields the functions whose docstring begins without a verb, and the classes with one.

    A function that a shell offers as a magic is told in the imperative; a property is a noun.
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        described = (ast.get_docstring(node) or "").split()
        decorators = " ".join(ast.unparse(each) for each in node.decorator_list)
        if not described or re.search(r"property|\bsetter\b|magic", decorators):
            continue
        first = described[0].rstrip(",:;")
        is_verb = re.fullmatch(r"[A-Z]\w+s", first) and first not in _NOT_VERBS
        if first in _VERBS if isinstance(node, ast.ClassDef) else not is_verb:
            yield f"{node.name}: {' '.join(described[:8])}"


def broken(text: str, path: str, root: Path = ROOT) -> Iterator[Place]:
    """Yields every place in a text where a rule is broken. A test's name is read as words."""
    text = _TEST_NAME.sub(lambda name: name[0].replace("_", " "), text)

    def at(rule: str, match: re.Match[str], advice: str) -> Place:
        line = text.count("\n", 0, match.start()) + 1
        return Place(rule, path, line, " ".join(match[0].split()), advice)

    for advice, pattern in _PHRASES.items():
        for match in pattern.finditer(text):
            yield at("phrases", match, advice)
    for match in _ELSEWHERES.finditer(text):
        if (root / path).with_name(match[0]).is_file():
            continue
        yield at("documents elsewhere", match, "name a document in docs/")
    for match in _DOCUMENT.finditer(text):
        if not _resolves(match[0], root):
            yield at("missing documents", match, "no such document or heading")
    if path.endswith(".md"):
        for match in _LINK.finditer(text):
            if not _resolves(_linked(match[1], path), root):
                yield at("missing documents", match, "no such file or heading")
    if path.startswith("docs/"):
        for match in _FILE.finditer(_UPSTREAM.sub(_blank_lines, text)):
            if not _is_file(match[1], root):
                yield at("missing documents", match, "no such file")
    is_code = Path(path).suffix in _CODE
    for match in _SECTION.finditer(text):
        if not (is_code or match["section"]):
            continue
        if not _has_section(match["document"], match["section"], root):
            yield at("missing documents", match, "name a heading of the document")


def all_places(root: Path = ROOT) -> list[Place]:
    """Returns every place in the project where a rule is broken."""
    return [
        place
        for path in sources(root)
        for place in broken(
            path.read_text(encoding="utf-8"), path.relative_to(root).as_posix(), root
        )
    ]


def counted(places: list[Place]) -> Counts:
    """Returns how many places each rule has in each folder."""
    counts = Counter((place.rule, place.folder) for place in places)
    rules = sorted({rule for rule, _ in counts})
    return {
        rule: {folder: n for (its, folder), n in sorted(counts.items()) if its == rule}
        for rule in rules
    }


def allowed() -> Counts:
    """Returns the baseline."""
    baseline: Counts = json.loads(BASELINE.read_text(encoding="utf-8"))
    return baseline


def lowered(baseline: Counts, now: Counts) -> Counts:
    """Returns the baseline with every number lowered to today's; none is raised or added."""
    return {
        rule: kept
        for rule, folders in baseline.items()
        if (
            kept := {
                folder: least
                for folder, before in folders.items()
                if (least := min(before, now.get(rule, {}).get(folder, 0)))
            }
        )
    }


def main(arguments: list[str]) -> None:
    """Lowers the baseline; with arguments, prints the places in these folders instead."""
    places = all_places()
    if arguments:
        for place in places:
            if place.folder in arguments:
                print(place)
        return
    after = lowered(allowed(), counted(places))
    BASELINE.write_text(json.dumps(after, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
