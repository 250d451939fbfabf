"""How a name is written as one part of a reference."""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex
from bw_magics.shown import harmless

_ESCAPES = regex(r"(?:%[0-9A-Fa-f]{2})+")
_WITH_SERVER = regex(r"[^/?]*\?(?:[^/]*&)?server=https?:/", re.IGNORECASE)
_LOOKS_ESCAPED = regex(r"%(?=[0-9A-Fa-f]{2})")


def escaped(part: str) -> str:
    """Returns a name as one part: only what would be read as something else is escaped.

    That is a slash, what looks like an escape, quotes and backslashes (dotenv files, lines), the
    start of a comment, spaces at the ends and behind another, what begins a word that a line reads
    in its own way (an option, a variable, a quote), a semicolon at the end, and characters that are
    unprintable or invisible.
    """
    part = _LOOKS_ESCAPED.sub("%25", part)
    return "".join(
        _escape(character)
        if character in '/"\\'
        or not character.isprintable()
        or character not in harmless(character)
        or _is_read_otherwise(part, index)
        else character
        for index, character in enumerate(part)
    )


def _is_read_otherwise(part: str, index: int) -> bool:
    before, character, after = part[index - 1 : index], part[index], part[index + 1 : index + 2]
    match character:
        case " ":
            return before in ("", " ") or not after
        case "#":
            return before in ("", " ")
        case "'":
            return before in (" ", "=") or after in ("", " ")
        case "-":
            return before == " " and (after == "-" or (after.isascii() and after.isalpha()))
        case "{" | "$":
            return before == " "
        case ";":
            return not part[index:].strip(";")
    return False


def is_foreign(text: str) -> bool:
    """Tells whether what follows a scheme is SecretSpec's address of a store at a server, and not a
    reference: `dev?server=https://vault.example.org/path` (docs/decisions/0017-bw-scheme.md).
    """
    return _WITH_SERVER.match(text) is not None


def as_own(text: str) -> str:
    """Returns the parts of a reference so that they do not read as such an address."""
    return text.replace("?", "%3F", 1) if is_foreign(text) else text


def _escape(character: str) -> str:
    try:
        return "".join(f"%{byte:02X}" for byte in character.encode())
    except UnicodeEncodeError:
        return character  # half of a surrogate pair has no escape


def unescaped(part: str) -> str:
    """Returns a name as it was before `escaped`; an invalid escape is literal."""
    return _ESCAPES.sub(lambda found: _read_escapes(found[0]), part)


def _read_escapes(escapes: str) -> str:
    data = bytes.fromhex(escapes.replace("%", ""))
    text = ""
    start = 0
    while True:
        try:
            return text + data[start:].decode()
        except UnicodeDecodeError as error:
            # Invalid UTF-8 is not an escape: it stays as it was written.
            bad, end = start + error.start, start + error.end
            text += data[start:bad].decode() + escapes[3 * bad : 3 * end]
            start = end
