r"""The texts by which an escaped form of a value differs first from the value.

A value of short runs, such as `1,2,3,4` or `!?!?!?`, has no word to search for, and to undo all
escapes of a text takes long. But an escaped form of it has all that comes before its first escape
as it is, and then an escape of the next character: `1,2%2C`, `1\u002c2`, `1&amp;#44;2`. Such texts
are rare, and many of them are found in one pass.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from bw_magics.matching.encodings.escapes import BLANKS as ENCODED_BLANKS
from bw_magics.matching.encodings.escapes import CONTROLS, LATEX
from bw_magics.matching.search.needle import decode, encode

_BLANKS = "".join(map(decode, ENCODED_BLANKS))
# With so many bytes before an escape, its first byte is enough; more make the search quicker.
_STRONG, _ENOUGH = 3, 10
# An escape after so many characters is not looked for: the characters before it are.
_MOST = 32
# An escape of any character, and an escape of an escape, begins with one of these.
_LEADS = ("\\", "%", "&")
# How one of these begins an escape of itself: not as `50 % of it` does.
_OWN_LEADS = {
    "%": ("%2", "%u"),
    "&": ("&a", "&A", "&#"),
    "\\": tuple(f"\\{letter}" for letter in "\\xuUN1P"),
}
# A line that is folded at a blank, and one that goes on below; each as JSON has it, and twice.
_FOLDS = tuple(f"{before}{end}  " for before in ("", " ", "\t") for end in ("\n", "\\n", "\\\\n"))
_FOLDS += tuple(f"{end}{blanks}" for end in ("%0A", "&#10;") for blanks in ("%20%20", "++", "  "))
_CONTINUED = ("\\\n", "\\\\\\n", "\\\\\\\\\\\\n", "%5C%0A")
_GOES_ON = tuple(map(encode, _CONTINUED))
# How the escapes of a backslash and of a percent sign end.
_AFTER_BACKSLASH = ("\\\\", "5c", "5C", "92;", "5c;", "5C;", "bsol;", "134", "SOLIDUS}", "bs{}")
_AFTER_PERCENT = ("25", "37;", "25;", "percnt;", "045", "SIGN}", "\\%", "pc{}")
_AFTER_NUMBER_SIGN = ("#", "23", "35;", "num;", "043", "SIGN}", "sh{}")
# Characters that are escaped in ordinary texts.
_FREQUENT = " \n\t\r\"'&<>/\\%=:+-_.#?;,@"


def beginnings(value: bytes, *, is_plain: bool) -> Iterator[bytes]:
    """Yields texts: each escaped form of an unescaped value contains one, and so does the value.

    Letters and digits may be escaped, too, where it was not `is_plain` before it was unescaped.
    """
    text = decode(value)
    yield encode(text[:_MOST])
    for index, character in enumerate(text[:_MOST]):
        before = encode(text[max(0, index - _ENOUGH) : index])
        if len(before) >= _STRONG:
            yield from (before + first for first in _firsts(character))
            continue
        for whole in _open_escapes(character) if before else ():
            yield before + whole
        if is_plain and _is_kept(character):
            continue
        next = text[index + 1 : index + 2]
        is_kept = not next or (is_plain and _is_kept(next))
        # A line may go on below between two characters.
        after = [encode(next), *(_GOES_ON if is_kept else _firsts(next))]
        for whole in _escapes(character):
            yield from (before + whole + each for each in after)
        for end in _ends(character):
            yield from (end + each for each in after)
        for end in _rare_ends(character):
            yield from (end + each for each in (after if character in _FREQUENT else (b"",)))
        yield from _split_ends(character)


def _is_kept(character: str) -> bool:
    """Returns whether no escape changes a character: letters and digits."""
    return character.isascii() and character.isalnum()


@cache
def _firsts(character: str) -> tuple[bytes, ...]:
    """Returns the first bytes of all escapes of a character."""
    firsts = [lead for lead in _LEADS if lead != character]
    firsts += _OWN_LEADS.get(character, ())
    if character == " ":
        firsts += ["+", "\n", " \n", "\t\n", *_BLANKS]
    elif character == "\n":
        firsts += ["\r", "\n", " ", "\t"]
    elif character in "\"'":
        firsts += [character * 2, "'\"", "'\\", "'%", "'&"]
    return tuple(map(encode, firsts))


@cache
def _alike(character: str) -> str:
    """Returns the characters that become this one: a blank is written in many ways."""
    return {" ": f" +{_BLANKS}", "\n": "\n\r"}.get(character, character)


@cache
def _escapes(character: str) -> tuple[bytes, ...]:
    """Returns the escapes of a character of one layer that do not end like one of `_ends`."""
    found: set[str] = set()
    for each in _alike(character):
        found.add(f"\\{each}")
        found |= {f"%{digits}" for digits in _digits(each, "%")}
        found |= {f"\\{digits}" for digits in _octal(each)}
        found |= {f"\\{chr(letter)}" for letter, plain in CONTROLS.items() if plain == each}
        found |= {f"\\PYZ{name}{{}}" for name in _latex(each)}
    if character == " ":
        found |= {"+", *_BLANKS}
    elif character == "\n":
        found.add("\r\n")
    elif character in "\"'":
        found |= {character * 2, f"\\{character * 2}"}
    return tuple(map(encode, sorted(found)))


@cache
def _open_escapes(character: str) -> tuple[bytes, ...]:
    """Returns beginnings of escapes that end after a number of blanks, or in other ways."""
    found = set(_CONTINUED)
    if character == " ":
        found |= set(_FOLDS)
    elif character == "\n":
        found |= {"\n\n  ", "\\n\\n  ", "\\\\n\\\\n  ", "%0A%0A"}
    elif character == "'":
        found |= {f"'{lead}" for lead in (*_LEADS, '"')}
    return tuple(map(encode, sorted(found)))


@cache
def _ends(character: str) -> tuple[bytes, ...]:
    """Returns the ends of the escapes of a character, of one layer or several."""
    found: set[str] = set()
    for each in _alike(character):
        behind = [each, *_octal(each), *(f"PYZ{name}{{}}" for name in _latex(each))]
        behind += [f"\\PYZ{name}{{}}" for name in _latex(each)]
        behind += [f"%{digits}" for digits in _digits(each, "%")]
        behind += [chr(letter) for letter, plain in CONTROLS.items() if plain == each]
        found |= {before + rest for before in _AFTER_BACKSLASH for rest in behind}
        found |= {before + digits for before in _AFTER_PERCENT for digits in _digits(each, "%")}
        found |= {f"x{digits}" for digits in _digits(each, "\\x")}
    return tuple(map(encode, sorted(found)))


@cache
def _rare_ends(character: str) -> tuple[bytes, ...]:
    """Returns those that nothing else ends with, unless the character is often escaped."""
    found: set[str] = set()
    for each in _alike(character):
        found |= {f"u{units}" for units in _units(each, "\\u")}
        found |= {f"U{digits}" for digits in _cases(f"{ord(each):08x}")}
        found |= {f"{name}}}" for name in _names(each)}
        found |= {f"{name};" for name in _entity_names(each)}
    return tuple(map(encode, sorted(found)))


@cache
def _split_ends(character: str) -> tuple[bytes, ...]:
    """Returns parts of the escapes of a character behind which another escape follows: that of the
    next byte or unit of it, or of what ends the escape.
    """
    firsts = {f"u{units.split()[0]}" for units in _units(character, " ") if " " in units}
    for before, digits in (
        ("x", _digits(character, " ")),
        *((before, _digits(character, " ")) for before in _AFTER_PERCENT),
        *((before, _octal(character, " ")) for before in _AFTER_BACKSLASH),
    ):
        firsts |= {before + each.split()[0] for each in digits if " " in each}
    for each in _alike(character):
        firsts |= {f"PYZ{name}" for name in _latex(each)}
        firsts |= {re.split("[^A-Z0-9]", name)[-1] for name in _names(each)}
        firsts |= set(_entity_names(each))
    return tuple(encode(first + lead) for first in sorted(firsts) for lead in _LEADS)


def _entity_names(character: str) -> list[str]:
    """Returns the names and numbers of a character in HTML, as no layer changes them."""
    code = ord(character)
    found = [f"{before}{code:0{width}}" for before in _AFTER_NUMBER_SIGN for width in (1, 3, 4)]
    found += [
        f"{x}{digits}"
        for x in "xX"
        for width in (1, 2, 4)
        for digits in _cases(f"{code:0{width}x}")
    ]
    return found + _entities().get(character, [])


def _cases(digits: str) -> set[str]:
    return {digits, digits.upper()}


def _units(character: str, lead: str) -> set[str]:
    """Returns the UTF-16 units of a character in hexadecimal, with `lead` between them."""
    data = character.encode("utf-16-be", "surrogatepass")
    return {case(data.hex(" ", -2)).replace(" ", lead) for case in (str, str.upper)}


def _digits(character: str, lead: str) -> set[str]:
    """Returns the bytes of a character in hexadecimal, with `lead` between them."""
    return {
        case(data.hex(" ")).replace(" ", lead)
        for data in _bytes_of(character)
        for case in (str, str.upper)
    }


def _octal(character: str, lead: str = "\\") -> set[str]:
    return {lead.join(f"{byte:03o}" for byte in data) for data in _bytes_of(character)}


def _bytes_of(character: str) -> set[bytes]:
    latin = character.encode("latin-1", "ignore")
    return {encode(character), latin} if latin else {encode(character)}


def _names(character: str) -> list[str]:
    name = unicodedata.name(character, "")
    return [name] if name else []


def _latex(character: str) -> list[str]:
    return [decode(name) for name, sign in LATEX.items() if decode(sign) == character]


@cache
def _entities() -> dict[str, list[str]]:
    """Returns the names that HTML has for each character, as far as they are undone."""
    found: dict[str, list[str]] = {}
    for name, text in html.entities.html5.items():
        if name.endswith(";") and name[:-1].isalpha() and 2 <= len(name) - 1 <= 6:
            found.setdefault(text, []).append(name[:-1])
    return found
