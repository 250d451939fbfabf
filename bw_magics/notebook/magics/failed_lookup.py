"""The error of a lookup that found nothing: the missing name, and likely ones.

A word of the line is repeated only where it resembles a name of the vault: any other word can be a
password that somebody typed.
"""

from __future__ import annotations

import re
from contextlib import suppress

from bw_magics.errors import BitwardenError, FieldNotFound, NotFound, UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.complete.candidates import Candidates, written
from bw_magics.session.vault import Vault
from bw_magics.shown import harmless, one_line
from bw_magics.steps import RESTORE
from bw_magics.vault.escapes import unescaped
from bw_magics.vault.field_name import PLACES, FieldName
from bw_magics.vault.names import folded
from bw_magics.vault.reference import is_reference

# What people write for an object of %bw_get.
_OTHER_OBJECTS = {
    **{f"{place}s": place for place in (*PLACES, "item", "attachment")},
    **dict.fromkeys(("org", "orgs", "organisation", "organisations"), "organization"),
    **dict.fromkeys(("file", "files"), "attachment"),
    "dir": "folder",
}
_HALF_SCHEME = regex(r"^bw:?/{0,2}(?=[^/])(?<=[:/])", re.IGNORECASE)
_SCHEME = regex(r"^bw:?/{0,2}(?<=[:/])", re.IGNORECASE)
# `password=NAME`, `password: NAME`.
_WITH_SIGN = regex(r"(?P<what>\w+)\s*[:=]\s*(?P<name>[^/].*)")
# `%bw_get OBJECT NAME` has one word before the name.
_MOST_BEFORE = 2

Failed = NotFound | FieldNotFound


def explained(
    failed: Failed, vault: Vault, object: str, name: str, *, magic: str = "%bw_get", line: str = ""
) -> Failed | UsageMistake:
    """Returns the error for a line `OBJECT NAME` of a magic that found nothing.

    `object` is empty where the magic has none: its line is a name alone. `line` is the whole line,
    which may have the name in other words.
    """
    forgotten = forgotten_object(vault, f"{object} {name}", magic=magic) if object else None
    if forgotten is not None:
        return forgotten
    other: NotFound | UsageMistake | None = meant_literally(vault, line)
    other = other or _reference_for_name(vault, object, name, magic)
    if other is None and magic == "%bw_get":
        other = _other_object(object, name) or _turned_round(vault, f"{object} {name}")
    if other is not None:
        return other
    noun = object if object in PLACES else "item"
    if isinstance(failed, NotFound):
        spaced = _spelled_with_other_blanks(vault, name)
        if spaced is not None:
            return NotFound(
                f"No {noun} has exactly this name: blanks or a final semicolon differ.",
                _in_quotes(spaced),
                closest=[spaced],
            )
        # A name that can be restored is one of the vault.
        if not failed.closest and RESTORE not in failed.steps:
            return NotFound(f"No {noun} has the name on the line.", failed.remedy)
        return failed
    if not (failed.closest or FieldName.parse(object).is_usual):
        return FieldNotFound("The item does not have what the line asks for.", failed.remedy)
    return failed


def meant_literally(vault: Vault, line: str) -> NotFound | None:
    """Returns the error for a line whose text is a name of the vault, and whose words are not:
    `name # 1`, `--help`, `say "hi"`, `{name}`; else None.
    """
    rest = line.strip()
    texts = [folded(rest)]
    while len(texts) <= _MOST_BEFORE and rest:
        rest = rest[len(rest.split()[0]) :].lstrip()
        texts.append(folded(rest))
    named = {folded(name): name for name in Candidates(vault).names()}
    found = next((named[text] for text in texts if text in named), "")
    if not found or written(found, together=True) == found:
        return None
    return NotFound(
        f"The line does not read as the name '{one_line(found)}'.",
        _in_quotes(found),
        closest=[found],
    )


def meant_object(object: str) -> str | None:
    """Returns the object that a word for something similar means: `folder` for `folders`."""
    return _OTHER_OBJECTS.get(object.casefold())


def _other_object(object: str, name: str) -> UsageMistake | None:
    meant = meant_object(object)
    if meant is None or not name:
        return None
    return UsageMistake(f"%bw_get has no object '{object}'.", f"Did you mean %bw_get {meant} …?")


def _reference_for_name(vault: Vault, object: str, name: str, magic: str) -> UsageMistake | None:
    """Returns the error for a line with a reference in place of an item's name; else None."""
    if not (is_reference(name) or (not object and "/" in name)):
        return None
    what = f"{object} " if object in PLACES or FieldName.parse(object).is_usual else ""
    fact = "The line has a reference where the name of an item belongs."
    # The item is most often the part before the last.
    parts = [part for part in _SCHEME.sub("", name).split("/") if part]
    for part in (*parts[-2::-1], *parts[-1:]):
        with suppress(BitwardenError):
            shown = written(vault.find(unescaped(part)).name, together=True) or "NAME"
            return UsageMistake(fact, f"Write {magic} {what}{shown}")
    return UsageMistake(fact, f"Write {magic} {what}NAME") if is_reference(name) else None


def _turned_round(vault: Vault, text: str) -> UsageMistake | None:
    """Returns the error for a line with the item first: `Warehouse DB password`, `Warehouse
    DB/password`; else None.
    """
    if found := _WITH_SIGN.fullmatch(text):
        what = FieldName.parse(found["what"])
        with suppress(BitwardenError):
            if what.is_usual:
                item = vault.find(found["name"], what=what.meant)
                shown = written(item.name, together=True) or "NAME"
                return UsageMistake(
                    "Between the object and the name stands nothing but a blank.",
                    f"Write %bw_get {what.meant} {shown}",
                )
    text = _HALF_SCHEME.sub("", text)
    for mark in (" ", "/", ".", ":"):
        before, _, after = text.rpartition(mark)
        what = FieldName.parse(after.strip())
        if not (before and what.is_usual):
            continue
        try:
            item = vault.find(before.strip(), what=what.meant)
        except BitwardenError:
            continue
        shown = written(item.name, together=True) or "NAME"
        return UsageMistake(
            f"The line names the item '{item.name}' before what to get of it.",
            f"Write %bw_get {what.meant} {shown}",
        )
    return None


def forgotten_object(vault: Vault, name: str, *, magic: str = "%bw_get") -> UsageMistake | None:
    """Returns the error for a line that names an item without an object; else None."""
    try:
        item = vault.find(name)
    except BitwardenError:
        return None
    is_reading = magic == "%bw_get"
    takes_members = is_reading or magic == "%bw_rotate"
    what = "password" if takes_members and item.holds("password") else "item"
    shown = written(item.name, together=True)
    example = f"{magic} {what} {shown or 'NAME'}"
    fact = f"The line names the item '{item.name}', and not what to get of it."
    if not is_reading:
        fact = f"Before the name '{item.name}' the line lacks a word such as '{what}'."
    return UsageMistake(fact, f"For example: {example}")


def _spelled_with_other_blanks(vault: Vault, name: str) -> str | None:
    wanted = _without_blanks(name)
    if not wanted:
        return None
    names = Candidates(vault).names()
    spelled = (each for each in names if _without_blanks(each) == wanted)
    return next((each for each in spelled if folded(each) != folded(name)), None)


def _without_blanks(name: str) -> str:
    return folded("".join(name.split()).rstrip(";"))


def _in_quotes(name: str) -> str:
    quoted = written(name, '"' if "'" in name else "", together=True)
    if quoted is None and not ('"' in name and "'" in name):
        # A sign that is not seen is copied with the line.
        mark = "'" if '"' in name else '"'
        quoted = f"{mark}{name}{mark}"
    # An error shows no sign that steers or is invisible, so that its line could not be copied.
    if quoted is None or "\n" in quoted or harmless(quoted) != quoted:
        return "Put the name into a variable, and write $variable for it."
    return f"Put it in quotes: {quoted}"
