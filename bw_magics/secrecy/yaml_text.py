"""Secret values of YAML that are not beside their names: blocks, lists, `name` and `value`.

This reads lines and their indentation, as far as notes and configuration need it. A value beside a
secret name (`password: …`) is found as in any other text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bw_magics.lean_regex import regex
from bw_magics.secrecy.key_names import is_secret_name

_LINE = regex(
    r"""(?P<indent>[ ]*)(?P<dash>(?:-[ ]+)*)
    (?:(?P<quote>["']?)(?P<key>[^\W\d][\w.-]{0,63})(?P=quote)[ ]*:(?:[ \t]+(?P<value>.*))?
    |(?P<item>.*))""",
    re.VERBOSE,
)
_BLOCK = regex(r"[|>][+-]?\d?[+-]?(?:\s+#.*)?")
_REMARK = regex(r"\s+#.*")
# `name: DB_PASSWORD`, `value: …`, as Kubernetes, Compose and pipelines write settings.
_NAMES = ("name", "key")


@dataclass(slots=True)
class _Entry:
    """A mapping in a list, whose members begin at `indent`."""

    indent: int = -1
    members: dict[str, str] = field(default_factory=dict)

    @property
    def meaning(self) -> bool | None:
        """What its name says about its value."""
        name = next((self.members[each] for each in _NAMES if each in self.members), "")
        return is_secret_name(name) if name else None


def secret_values(text: str) -> Iterator[tuple[str, bool]]:
    """Yields values whose names mean secrets; the flag says whether it is the value's own name,
    and not that of a mapping or list around it.
    """
    parents: list[tuple[int, bool | None]] = []
    entry = _Entry()
    block: tuple[int, bool | None] | None = None
    for line in text.splitlines():
        stripped = line.strip()
        found = _LINE.fullmatch(line.rstrip())
        if not stripped or stripped.startswith("#") or found is None:
            continue
        outer = len(found["indent"])
        indent = outer + len(found["dash"])
        if block is not None and outer > block[0]:
            if block[1]:
                yield stripped, True
            continue
        block = None
        if found["dash"] or indent < entry.indent:
            yield from _of(entry)
            entry = _Entry(indent if found["dash"] else -1)
        # A list may begin where its name does.
        while parents and (
            parents[-1][0] > outer or (parents[-1][0] == outer and not found["dash"])
        ):
            parents.pop()
        inherited = parents[-1][1] if parents else None
        if found["key"] is None:
            if found["dash"] and inherited:
                yield _plain(found["item"]), False
            continue
        own = is_secret_name(found["key"])
        value = found["value"] or ""
        if _BLOCK.fullmatch(value):
            meaning = entry.meaning if found["key"] == "value" else own
            block = indent, meaning if meaning is not None else inherited
        elif not _plain(value):
            parents.append((indent, inherited if own is None else own))
        else:
            if indent == entry.indent:
                entry.members[found["key"].casefold()] = _plain(value)
            if own is None and inherited:
                yield _plain(value), False
    yield from _of(entry)


def _of(entry: _Entry) -> Iterator[tuple[str, bool]]:
    if "value" in entry.members and entry.meaning:
        yield entry.members["value"], True


def _plain(value: str) -> str:
    value = value.strip()
    if value[:1] in ('"', "'") and value[0] in value[1:]:
        return value[1 : value.index(value[0], 1)]
    return _REMARK.sub("", value)
