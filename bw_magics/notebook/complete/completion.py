"""Tab completion: magics, items, members, places and references.

How IPython asks for them: docs/jupyter.md, Completion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from bw_magics.lean_regex import regex
from bw_magics.notebook.complete.candidates import (
    MOST,
    OF_MACHINE,
    Candidate,
    Candidates,
    written,
)
from bw_magics.notebook.complete.fitting import (
    beginning_with,
    common_first,
    containing,
    fixed_words,
    in_quotes,
    owner_named,
)
from bw_magics.notebook.complete.machine_candidates import MachineCandidates
from bw_magics.notebook.line.declared import Completes, Names, completes, of_types
from bw_magics.notebook.line.tokenizer import Token, Typing, unfinished
from bw_magics.notebook.registry import REGISTRY
from bw_magics.vault.field_name import PLACES
from bw_magics.vault.reference import MACHINE_SCHEME, SCHEME

if TYPE_CHECKING:
    import argparse

    from bw_magics.session.vault import Vault

_LONGEST_LINE = 4_000
_MAGIC = regex(r"(\s*|[^%]*=\s*)(%{0,2})(bw(?:_\w+)?)[ \t]+(.*)", re.DOTALL)
_REFERENCE = regex(r"bws?://", re.IGNORECASE)
# Behind a reference without quotes the line may go on.
_GONE_ON = regex(r"\s(?:--?[A-Za-z]|[^\W\d]\w*=)")
_STRING = r"""(?P<quote>["'])(?P<typed>(?:(?!(?P=quote)).)*)"""
_SESSION = regex(rf"\bbw_session(?:\[|\.(?:find|locate)\()\s*{_STRING}$")
_GET = regex(rf"\bbw_session\.get\(\s*{_STRING}$")
_GET_ITEM = regex(rf"""\bbw_session\.get\(\s*["'](?P<object>[\w:]+)["']\s*,\s*{_STRING}$""")
_ITEM = r"""\bbw_session\[\s*(?:"(?P<double>[^"]+)"|'(?P<single>[^']+)')\s*\]\."""
_ATTRIBUTE = regex(rf"{_ITEM}(?P<typed>\w*)$")
_METHOD = regex(
    rf"{_ITEM}(?P<method>field|attachment|find_attachment|get|reference)\(\s*{_STRING}$"
)

_PROFILE = regex(r"""\s--profile(?:=|\s+)["']?([\w.-]+)["']?\s""")

_SCHEMES = (Candidate(SCHEME, "reference"), Candidate(MACHINE_SCHEME, "reference"))
_OF_PLACES = (Names.FOLDER, Names.COLLECTION, Names.ORGANIZATION)


class Completed(NamedTuple):
    """The end of the line to replace, and its replacements."""

    fragment: str
    candidates: list[Candidate]


class Completion:
    """Completion of the line before the cursor with names, never with a value.

    Reads the vault in memory without the network and without a lock. Completes nothing while the
    vault is locked.
    """

    def __init__(self, shell: Any, vault: Vault) -> None:
        self._shell = shell
        self._vault = vault
        self._known = Candidates(vault)
        self._machine = MachineCandidates(vault)

    def complete(self, line: str, after: str = "") -> Completed | None:
        """Completes `line`, the text before the cursor; `after` is the text behind it.

        Returns None for a line that is not ours. Never raises.
        """
        if "bw" not in line or len(line) > _LONGEST_LINE:
            return None
        with suppress(Exception):  # a TAB shows no errors; a lock can come at any moment
            profile = _PROFILE.search(line) or _PROFILE.search(f"{after} ")
            if profile is not None and profile[1] != self._vault.profile_name:
                others = (each for each in self._vault.profiles if each.profile_name == profile[1])
                return Completion(self._shell, next(others)).complete(line, after)
            for way in (self._reference, self._session, self._magic):
                found = way(line, after)
                if found is not None:
                    unique = dict.fromkeys(found.candidates)
                    return Completed(found.fragment, list(unique)[:MOST])
        return None

    # IPython's two ways to ask.

    def match(self, context: Any) -> dict[str, Any]:
        """Completes a `CompletionContext`, as a matcher of IPython 8.6 and later."""
        from IPython.core.completer import SimpleCompletion

        line = context.text_until_cursor
        whole = context.full_text.split("\n")[context.cursor_line]
        after = whole[len(line) :] if whole.startswith(line) else ""
        completed = self.complete(line, after)
        if completed is None:
            return {"completions": []}
        return {
            "completions": [SimpleCompletion(text, type=kind) for text, kind in completed[1]],
            "matched_fragment": completed.fragment,
            "suppress": True,
            "ordered": True,
        }

    def hook(self, shell: Any, event: Any) -> list[str]:
        """Completes `event.symbol` before IPython 8.6; it can begin later than our fragment."""
        completed = self.complete(event.text_until_cursor)
        symbol = event.symbol
        if completed is None or not completed.fragment.endswith(symbol):
            return []
        before = completed.fragment[: len(completed.fragment) - len(symbol)]
        return [text[len(before) :] for text, _ in completed.candidates if text.startswith(before)]

    # Places on a line that can be completed.

    def _reference(self, line: str, after: str) -> Completed | None:
        places = list(_REFERENCE.finditer(line))
        if not places:
            return None
        start, typed = places[-1].start(), line[places[-1].end() :]
        quote = line[start - 1 : start]
        magic = _MAGIC.fullmatch(line)
        if quote and quote in "\"'":
            if quote in typed:
                return None
        elif magic is None or _GONE_ON.search(typed):
            return None
        else:
            quote = ""
        found = []
        is_of_machine = places[-1][0].lower() == MACHINE_SCHEME
        known = self._machine if is_of_machine else self._known
        for text, kind in known.references(typed):
            if quote:
                text = text.replace("'", "%27") if quote == "'" else text
            else:
                text = written(text, together=not _is_value(line[:start])) or ""
            if text:
                found.append(Candidate(text, kind))
        return Completed(line[start:], found)

    def _session(self, line: str, after: str) -> Completed | None:
        if "bw_session" not in line:
            return None
        if found := _SESSION.search(line):
            return self._in_string(found, self._known.items(found["typed"]))
        if found := _GET.search(line):
            return self._in_string(found, containing(found["typed"], self._known.objects()))
        if found := _GET_ITEM.search(line):
            return self._in_string(found, self._queries(found["object"], found["typed"]))
        if found := _METHOD.search(line):
            members = self._known.members(_named(found))
            which = {"field": members.fields, "attachment": members.files}
            which["find_attachment"] = members.files
            names = which.get(found["method"], (*members.members, *members.fields))
            candidates = (Candidate(name, "field") for name in names)
            return self._in_string(found, containing(found["typed"], candidates))
        if found := _ATTRIBUTE.search(line):
            return Completed(found["typed"], list(self._attributes(_named(found), found["typed"])))
        return None

    def _attributes(self, item: str, typed: str) -> Iterator[Candidate]:
        from bw_magics.vault.item import Item

        members = self._known.members(item).members
        if not members:
            return
        other = (name for name in dir(Item) if not name.startswith("_") and name not in members)
        for name in (*members, *other):
            if name.startswith(typed):
                yield Candidate(name, "field" if name in members else "attribute")

    @staticmethod
    def _in_string(found: re.Match[str], candidates: Iterable[Candidate]) -> Completed:
        """Escapes candidates for a Python string."""
        escaped = [
            Candidate(_escaped(text, found["quote"]), kind)
            for text, kind in candidates
            if text.isprintable()
        ]
        return Completed(found["typed"], escaped)

    def _magic(self, line: str, after: str) -> Completed | None:
        found = _MAGIC.fullmatch(line)
        if found is None or ("=" in found[1] and found[2] != "%"):
            return None
        name, rest = found[3], found[4]
        if name == "bw":
            command, space, rest = rest.partition(" ")
            if not space:
                commands = (Candidate(each, "command") for each in REGISTRY.commands)
                return Completed(command, beginning_with(command, commands))
            name = f"bw_{command}"
        magic = self._shell.magics_manager.magics["line"].get(name)
        parser = getattr(magic, "parser", None)
        typing = unfinished(rest)
        if parser is None or typing is None:
            return None
        return _Line(self, parser, typing, rest, after).completed()

    def _queries(self, object: str, typed: str) -> Iterator[Candidate]:
        if object in OF_MACHINE:
            return self._machine.named(object, typed)
        if object in PLACES:
            return self._known.places([object], typed)
        return iter(()) if object == "attachment" else self._known.items(typed)


class _Line:
    """A magic's line that is being typed."""

    def __init__(
        self,
        completion: Completion,
        parser: argparse.ArgumentParser,
        typing: Typing,
        text: str,
        after: str,
    ) -> None:
        self._completion = completion
        self._known = completion._known
        self._options: dict[str, Any] = parser._option_string_actions
        self._positional = list(parser._get_positional_actions())
        self._typing = typing
        self._text = text
        self._after = after

    def completed(self) -> Completed | None:
        """Completes the word at the cursor."""
        typing = self._typing
        used, groups, pending = self._before()
        head, equals, value = (typing.head + typing.text).partition("=")
        if pending:
            return self._value(pending, typing.text, typing.quote, typing.start)
        if equals and head in self._options:
            return self._value(head, value, typing.quote, typing.start + len(head) + 1)
        if typing.text.startswith("-") and not typing.quote:
            return Completed(typing.text, self._option_names(typing.text, used))
        if typing.head:
            return None
        words = [entry for group in groups for entry in group]
        at = min(len(words), len(self._positional) - 1)
        kind = completes(self._positional[at]) if self._positional else ()
        # The last one takes several words, which belong together up to an option.
        several = groups[-1][max(0, len(self._positional) - 1 - len(words) + len(groups[-1])) :]
        return self._word(kind, words, several, used)

    def _before(self) -> tuple[set[str], list[list[tuple[int, Token]]], str]:
        """Returns the options on the line, the words between them, and the option whose value is
        being typed.
        """
        used: set[str] = set()
        groups: list[list[tuple[int, Token]]] = [[]]
        pending = ""
        for start, token in self._typing.words:
            if pending:
                pending = ""
            elif token.is_option:
                option, equals, _ = token.text.partition("=")
                used.add(option)
                groups.append([])
                action = self._options.get(option)
                takes_value = action is not None and action.nargs != 0
                pending = option if takes_value and not equals else ""
            else:
                groups[-1].append((start, token))
        return used, groups, pending

    def _word(
        self,
        kind: Completes,
        words: list[tuple[int, Token]],
        several: list[tuple[int, Token]],
        used: set[str],
    ) -> Completed | None:
        """Completes a word that is not an option; `kind` is what its argument declares."""
        typing = self._typing
        start, typed = typing.start, typing.text
        if kind in _OF_PLACES:
            places = self._known.places([kind.value], typed)
            return Completed(self._text[start:], in_quotes(places, typing.quote, one=True))
        if kind is Names.OBJECT:
            named = self._after.partition(" --")[0].strip()
            candidates = [*self._known.objects(named), *_SCHEMES]
            fitting = common_first(beginning_with(typed, candidates), typed)
            return Completed(typed, in_quotes(fitting, typing.quote, one=True))
        if isinstance(kind, tuple) and kind:
            return Completed(typed, fixed_words(typed, kind))
        if kind is Names.ASSIGNMENT:
            _, equals, value = typed.partition("=")
            schemes = [each for each in _SCHEMES if each.text.startswith(value)]
            if equals and schemes:
                return Completed(value, schemes)
        if kind in (Names.QUERY, Names.ITEM):
            if not typing.quote and all(token.quoted is None for _, token in several):
                start = several[0][0] if several else start
                typed = " ".join([*(token.text for _, token in several), typing.text])
            object = words[0][1].text if kind is Names.QUERY and words else ""
            candidates = list(self._completion._queries(object, typed))
            if candidates:
                return Completed(self._text[start:], in_quotes(candidates, typing.quote))
        if not typing.text and not typing.quote:
            return Completed("", self._option_names("", used))
        return None

    def _option_names(self, typed: str, used: set[str]) -> list[Candidate]:
        words = [token.text for _, token in self._typing.words if not token.is_option]
        item_type = owner_named(words[0]) if words else ""
        names = [
            name
            for name, action in self._options.items()
            if name.startswith("--")
            and name not in used
            and (not of_types(action) or item_type in ("", *of_types(action)))
        ]
        return beginning_with(typed, (Candidate(name, "option") for name in names))

    def _value(self, option: str, typed: str, quote: str, start: int) -> Completed | None:
        kind = completes(self._options[option])
        if kind in _OF_PLACES:
            places = self._known.places([kind.value], typed)
            return Completed(self._text[start:], in_quotes(places, quote, one=True))
        if kind is Names.ITEM:
            items = self._known.items(typed)
            return Completed(self._text[start:], in_quotes(items, quote, one=True))
        if kind is Names.PROJECT:
            projects = self._completion._machine.projects(typed)
            return Completed(self._text[start:], in_quotes(projects, quote, one=True))
        if kind is Names.PROFILE:
            profiles = (each.profile_name for each in self._completion._vault.profiles)
            kind = tuple(filter(None, profiles))
        if isinstance(kind, tuple) and kind:
            last = typed.rpartition(",")[2]
            return Completed(last, fixed_words(last, kind))
        return None


def _named(found: re.Match[str]) -> str:
    return found["double"] or found["single"] or ""


def _escaped(text: str, quote: str) -> str:
    return text.replace("\\", "\\\\").replace(quote, f"\\{quote}")


def _is_value(before: str) -> bool:
    """Returns whether the next word is an option's value, which is one word."""
    return re.search(r"--?[A-Za-z][\w-]*(?:=|\s+)$", before) is not None
