"""How names are shown: the names in a vault come from anyone who shares it.

`harmless` replaces what steers a terminal, turns the direction of writing or cannot be seen;
`one_line` also joins lines; `told_apart` marks names that look the same and are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from bw_magics.lean_regex import regex

# Controls, signs for direction, and signs whose shape each font chooses (private use).
_STEERING = (
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u206f\\u200e\\u200f\\u061c"
    "\\ufff9-\\ufffb\\ud800-\\udfff\\ue000-\\uf8ff\\U000f0000-\\U0010ffff]"
)
_INVISIBLE = (
    "[\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u2060-\\u2065\\u2800\\u3164"
    "\\ufeff\\uffa0\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff]"
)
# Joiners and variation selectors belong to emoji and to scripts such as Persian and Hindi.
_JOINER = "(?<![\\u00a9\\u00ae\\u0300-\\U0010ffff])[\\u200c\\u200d\\ufe00-\\ufe0f]"

# Cyrillic, Greek and Armenian letters, dashes and quotes, and the ASCII signs they look like.
_LIKE_LATIN = str.maketrans(
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421"
    "\u0422\u0423\u0425\u04ae\u050c\u051c\u0430\u0435\u043e\u0440\u0441\u0443"
    "\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u04cf"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4"
    "\u03a5\u03a7\u03bf\u03bd\u03c1\u03f2"
    "\u057d\u0578\u0585\u0581\u0570\u0131"
    "\u2010\u2011\u2012\u2013\u2014\u2212"
    "\u2018\u2019",
    "ABESIJKMHOPCTYXYGWaeopcyxijsdqwhlABEZHIKMNOPTYXovpcunoghi------''",
)


# ASCII signs that look like each other in many fonts, and how a mark names them.
_ALIKE = {
    "0": ("O", "digit 0"),
    "O": ("O", "capital O"),
    "1": ("l", "digit 1"),
    "l": ("l", "small l"),
    "I": ("l", "capital I"),
    "|": ("l", "bar"),
    "rn": ("m", "r and n"),
    "m": ("m", "small m"),
    "vv": ("w", "two v"),
    "w": ("w", "small w"),
}
_SIGNS = regex(r"rn|vv|.", re.DOTALL)


def harmless(text: str) -> str:
    """Returns the text with a replacement character for each sign that steers or is invisible."""
    if text.isascii() and text.isprintable():
        return text
    for pattern in (_STEERING, _INVISIBLE, _JOINER):
        # Compiled here and kept by `re`: most programs never show such a text.
        text = re.sub(pattern, "\N{REPLACEMENT CHARACTER}", text)
    return text


def one_line(text: str) -> str:
    """Returns the same on one line, for names in a table or a list."""
    return harmless(" ".join(text.split()))


def told_apart(names: Sequence[str]) -> list[str]:
    """Returns the names on one line each; one that only looks like another of them begins with
    a mark and the unusual signs in it, or with the signs that differ: `digit 1`, `small l`.
    """
    shown = [one_line(name) for name in names]
    import unicodedata

    looks = [_look(text) for text in shown]
    alike = defaultdict(set)
    similar: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for name, look in zip(names, looks, strict=True):
        alike[look].add(unicodedata.normalize("NFC", name))
        signs: list[str] = _SIGNS.findall(look)
        similar["".join(_ALIKE.get(sign, (sign,))[0] for sign in signs)][look] = signs
    differing = {
        look: _differing(signs, [*group.values()])
        for group in similar.values()
        for look, signs in group.items()
    }
    return [
        f"⚠ {marks}: {text}" if marks else text
        for name, text, look in zip(names, shown, looks, strict=True)
        for marks in [(len(alike[look]) > 1 and _unusual(name)) or differing[look]]
    ]


def _differing(signs: list[str], group: list[list[str]]) -> str:
    """Returns the signs, in words, in which texts that look the same differ."""
    places = zip(signs, *group, strict=True)
    named = dict.fromkeys(_ALIKE[sign][1] for sign, *all in places if len(set(all)) > 1)
    return ", ".join([*named][:4])


def _look(shown: str) -> str:
    if shown.isascii():
        return shown
    import unicodedata

    return unicodedata.normalize("NFKC", shown).translate(_LIKE_LATIN)


def _unusual(name: str) -> str:
    """Returns what is unusual in a name, in words; empty if nothing is."""
    signs = dict.fromkeys(sign for sign in name if not sign.isascii() or not sign.isprintable())
    named = [f"U+{ord(sign):04X}" for sign in signs]
    if " ".join(name.split()) != name.replace("\N{NO-BREAK SPACE}", " "):
        named.append("blanks")
    return ", ".join(named[:4])
