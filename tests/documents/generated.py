"""Writes the pages and tables that follow from the code: `python -m tests.documents.generated`.

It writes the index of the magics, too.

One page a magic from its parser and the example below, the table of all magics, the settings, the
errors and the extras. A test compares each with the file, so that none can be out of date.
"""

from __future__ import annotations

import argparse
import inspect
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import bw_magics.notebook.extension  # noqa: F401 # it finds the magics
from bw_magics import errors
from bw_magics.errors import BitwardenError
from bw_magics.notebook import magics
from bw_magics.notebook.line.command import Command
from bw_magics.notebook.line.declared import of_types, shown_as
from bw_magics.notebook.magics.index import INDEX
from bw_magics.notebook.magics.settings import BwMagics
from bw_magics.notebook.registry import REGISTRY
from tests.documents.messages import Message, messages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXAMPLES = DOCS / "magics" / "examples.toml"
INDEX_FILE = Path(magics.__path__[0]) / "index.py"

_EXECUTED = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
_WRITTEN = "% Written by python -m tests.documents.generated\n"
_OPENED = """```{code-cell} ipython3
:tags: [remove-output]
%load_ext bw_magics
%bw_demo
%bw_unlock
```
"""


def pages() -> dict[Path, Callable[[], str]]:
    """What gives the text of each written page, by the page's file."""
    examples = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))
    written: dict[Path, Callable[[], str]] = {
        DOCS / "magics" / f"{command.magic}.md": partial(
            _magic, command, examples.get(command.name, {})
        )
        for command in REGISTRY.commands.values()
    }
    written[DOCS / "errors.md"] = _errors
    for path, name, table in (
        (DOCS / "magics" / "index.md", "magics", _magics),
        (DOCS / "settings.md", "settings", _settings),
        (DOCS / "install.md", "extras", _extras),
        (DOCS / "security.md", "tests", _tests),
    ):
        written[path] = partial(_with_table, path, name, table)
    return written


def write() -> None:
    """Writes the index and every page, and removes those of magics that are gone."""
    INDEX_FILE.write_text(index(), encoding="utf-8")
    written = pages()
    for path in (DOCS / "magics").glob("bw_*.md"):
        if path not in written:
            path.unlink()
    for path, text in {path: give() for path, give in written.items()}.items():
        path.write_text(text, encoding="utf-8")


def index() -> str:
    """Gives the text of the index: its modules in their order, then new ones."""
    modules = sorted(path.stem for path in INDEX_FILE.parent.glob("*.py"))
    order = dict.fromkeys((*(name for name in INDEX if name in modules), *modules))
    lines = []
    for module in [name for name in order if name != "__init__"]:
        words = [
            f'"{prefix}{name}",'
            for kind in REGISTRY.kinds
            if kind.__module__ == f"{magics.__name__}.{module}"
            for prefix, of in (("%", "line"), ("%%", "cell"))
            for name in vars(kind)["magics"][of]
        ]
        begin, end = f'    "{module}": (', "),"
        if len(words) > 1:
            lines += [begin, *(f"        {word}" for word in words), f"    {end}"]
        else:
            lines.append(f"{begin}{''.join(words)}{end}")
    begin, brace, _ = INDEX_FILE.read_text(encoding="utf-8").partition("= {\n")
    return "\n".join((f"{begin}{brace}".rstrip(), *lines, "}", ""))


def _with_table(path: Path, name: str, table: Callable[[], str]) -> str:
    text = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: python -m tests.documents.generated -->", f"<!-- end of {name} -->"
    before, has_begin, rest = text.partition(begin)
    _, has_end, after = rest.partition(end)
    if not (has_begin and has_end):
        raise ValueError(f"The page has no place for the table of {name}.")
    return f"{before}{begin}\n\n{table()}\n\n{end}{after}"


def _magics() -> str:
    tree = "\n".join(command.magic for command in REGISTRY.commands.values())
    commands = REGISTRY.commands.values()
    giving = [f"`%{each.magic}`" for each in commands if _gives_value(each)]
    profiles = [each for each in commands if "--profile" not in _names(each)]
    without = [f"`%{each.magic}`" for each in profiles]
    return "\n\n".join(
        (
            REGISTRY.as_table(),
            f"{_listed(giving)} return a value, which a cell can assign; the others return "
            "nothing.",
            f"All but {_listed(without)} also take `--profile NAME`, for a session beside the "
            "first one.",
            f"```{{toctree}}\n:hidden:\n\n{tree}\n```",
        )
    )


def _gives_value(command: Command) -> bool:
    return bool(command.function.__annotations__["return"] != "None")


def _names(command: Command) -> list[str]:
    parser: argparse.ArgumentParser = command.function.parser
    return [name for action in parser._actions for name in action.option_strings]


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _magic(command: Command, example: dict[str, Any]) -> str:
    parser: argparse.ArgumentParser = command.function.parser
    described = inspect.cleandoc(str(parser.description)).strip()
    first, _, rest = described.partition("\n")
    parts = [_EXECUTED, _WRITTEN, f"# %{command.magic}\n", f"{first}\n"]
    parts.append(f"```text\n{command.usage}\n```\n")
    parts += [f"{paragraph}\n" for paragraph in _paragraphs(rest)]
    options = list(_options(parser))
    if options:
        parts += ["## Options\n", "| option | means |\n| --- | --- |\n" + "\n".join(options) + "\n"]
    parts.append("## Example\n")
    if example.get("text"):
        parts.append(f"{example['text'].strip()}\n")
    if example.get("open", True):
        parts.append(_OPENED)
    for cell in example["cells"]:
        parts.append(f"```{{code-cell}} ipython3\n{cell.strip(chr(10))}\n```\n")
    return "\n".join(parts)


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a docstring in Markdown; what is indented is an example."""
    for part in re.split(r"\n\s*\n", text.strip("\n")):
        if part.startswith("    "):
            yield f"```text\n{textwrap.dedent(part)}\n```"
        elif part.strip():
            yield re.sub(r"([\\_*<\[\]`])", r"\\\1", " ".join(part.split()))


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    members: dict[tuple[str, ...], list[str]] = {}
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or "--help" in action.option_strings:
            continue
        if shown_as(action) == "[--MEMBER VALUE]":
            named = members.setdefault(tuple(of_types(action)), [])
            named.append(f"`{action.option_strings[0]} {action.metavar}`")
            continue
        value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
        names = ", ".join(f"`{name}{value}`" for name in action.option_strings)
        written = names or f"`{action.metavar or action.dest}`"
        meaning = str(action.help or "").replace("%%", "%")
        yield f"| {_in_cell(written)} | {_in_cell(meaning)} |"
    for types, options in members.items():
        yield f"| {_in_cell(', '.join(options))} | members of: {', '.join(types)} |"


def _settings() -> str:
    rows = [
        f"| `{name}` | `{trait.default_value!r}` | {_in_cell(str(trait.help))} |"
        for name, trait in BwMagics.class_traits(config=True).items()
        if name in BwMagics.class_own_traits(config=True)
    ]
    return "\n".join(("| setting | default | means |", "| --- | --- | --- |", *sorted(rows)))


def _errors() -> str:
    parts = [
        _WRITTEN,
        "# Errors\n",
        "Every error of bw_magics is a `BitwardenError`: one sentence about what happened to which "
        "object, one about what to do next. `error.fact` and `error.remedy` are these sentences, "
        "`error.steps` the next steps as data. None of them holds a secret. In a notebook a step "
        "is a magic, in a program a call.\n",
        "The tree is ordered by what you can do. Catch the type that you have an answer to. "
        "Examples below a type are messages of the code; `…` stands for a value. "
        "[Troubleshooting](troubleshooting.md) explains the common ones.\n",
    ]
    parts += [f"{line}\n" for line in _below(BitwardenError, 2, list(messages()))]
    return "\n".join(parts)


def _below(kind: type[BitwardenError], level: int, known: list[Message]) -> Iterator[str]:
    every = [getattr(errors, name) for name in errors.__dir__()]
    kinds: list[type] = [each for each in every if inspect.isclass(each)]
    for child in (each for each in kinds if each.__bases__[:1] == (kind,)):
        also = [base.__name__ for base in child.__bases__[1:] if base is not BitwardenError]
        yield f"{'#' * min(level, 4)} {child.__name__}"
        yield _linked(inspect.cleandoc(child.__doc__ or ""))
        if also:
            yield f"It is also a Python `{also[0]}`."
        if examples := _examples(child, known):
            yield "```text\n" + "\n".join(examples) + "\n```"
        yield from _below(child, level + 1, known)


def _examples(kind: type[BitwardenError], known: list[Message]) -> list[str]:
    """Two messages of a type: those that Troubleshooting quotes come first, panels' last."""
    own = {message.text: message for message in known if message.kind is kind}
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    quoted = [
        max(text.split("…"), key=len).strip(" .,;:")
        for heading in re.findall(r"^### (.*)$", page, re.M)
        for text in re.findall(r'"(.*?)"', heading)
    ]

    def order(text: str) -> tuple[bool, bool, bool, int, int]:
        is_quoted = any(piece in text for piece in quoted)
        lacks_step = not own[text].remedy
        return lacks_step, not is_quoted, own[text].is_of_panel, text.count("…"), len(text)

    return sorted(own, key=order)[:2]


def _linked(text: str) -> str:
    """The text with a link for each page and section of the documentation that it names."""

    def link(found: re.Match[str]) -> str:
        page, section = found[1], found[2]
        if section is None:
            return f"[{page}]({page}.md)"
        anchor = section.lower().replace(" ", "-")
        return f"[{section}]({page}.md#{anchor})"

    return re.sub(r"docs/([\w-]+)\.md(?:, ([A-Z][\w ]*\w))?", link, text)


def _extras() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    rows = [
        f"| `{name}` | {', '.join(requirements)} |"
        for name, requirements in project["optional-dependencies"].items()
    ]
    return "\n".join(("| extra | brings |", "| --- | --- |", *rows))


def _tests() -> str:
    promises = tomllib.loads((DOCS / "security_tests.toml").read_text(encoding="utf-8"))
    rows = [
        f"| {promise.rstrip(' .,')} | {', '.join(f'`{test}`' for test in named['tests'])} |"
        for promise, named in promises.items()
    ]
    return "\n".join(("| promise | shown by |", "| --- | --- |", *rows))


def _in_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    write()
