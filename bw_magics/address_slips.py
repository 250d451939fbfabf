"""Slips in a typed address: which ones are refused, and what was likely meant.

An address that only looks right would send the API key to a server that nobody meant.
"""

from __future__ import annotations

import re
import unicodedata

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex

_LATER_SCHEME = regex(r".https?://", re.IGNORECASE | re.DOTALL)
_BARE_VERSION_6 = regex(r"https?://\[?[0-9a-f]*:[0-9a-f]*:[0-9a-f:.%]*", re.IGNORECASE)
_ODD_PORT = regex(
    r"https?://[\w.-]+(?::[^/]*[^/\d]|:0+(?=/|$)|[;,]\d"
    r"|:(?:6553[6-9]|655[4-9]\d|65[6-9]\d\d|6[6-9]\d{3}|[7-9]\d{4}|\d{6,}))",
    re.IGNORECASE,
)
_COMMA = regex(r"https?://(?=[^/]*,)[\w-]+(?:[.,][\w-]+)+(?=[:/]|$)", re.IGNORECASE)
# Words for a region that are not one of its two names.
_REGION_WORDS = {
    **dict.fromkeys(("com", "america", "usa", "united-states", "us-east", "us-west"), "us"),
    **dict.fromkeys(("europe", "europa", "eu-west", "eu-central"), "eu"),
}

# Both halves of an API key, and the ids of which `client_id` is made.
_ID = regex(r"(?:\w+\.)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SECRET = regex(r"(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9]{30}")

# `httpsvault.example.org`, without `://`; hosts named `httpd` and `http2` are usual.
_GLUED_SCHEME = regex(r"(?:https|http(?!s|d?\d*[.-]))[a-z0-9]", re.IGNORECASE)

_CLOUD = ("bitwarden", ("com", "eu"))
# Endings near those of the cloud, and others that anybody can register; those of countries have
# two letters.
_NEAR_ENDINGS = frozenset(
    """
    app biz cloud comm con cpm dev info net online org page security site vom xyz
    """.split()  # noqa: SIM905 (a list of words)
)
# `bitwarden.co.uk`, `bitwarden.com.au`.
_SECOND_LEVELS = ("co", "com", "org")

_ALPHABETS = ("CYRILLIC", "GREEK", "ARMENIAN")


def likely_meaning(text: str) -> str:
    """Says what may be wrong in a text that is not an address; empty where nothing is likely."""
    if _LATER_SCHEME.search(text):
        return "Give the address alone, from its https:// on."
    if re.search(r"\s", text):
        return "Leave out the blanks in it."
    if _BARE_VERSION_6.match(text):
        return "An IPv6 address is in brackets, as in https://[fd00::1]:8443."
    if _ODD_PORT.match(text):
        return "A port is a number from 1 to 65535 after one colon."
    if _COMMA.match(text):
        return "A dot separates the parts of a host name, not a comma."
    return ""


def refuse_what_is_not_meant(text: str, host: str, what: str) -> None:
    """Raises `UsageMistake` for a text that reads as an address, but that is not likely one.

    `host` is its host, and `what` names it in the error, which does not repeat it.
    """
    typed = text.strip()
    if _ID.fullmatch(host) or _SECRET.fullmatch(typed.rpartition("/")[2]):
        raise UsageMistake(
            f"The {what} looks like half of an API key.",
            "It was sent nowhere. Use us, eu, or the address of your server.",
        )
    if host in ("0.0.0.0", "::"):  # noqa: S104 - refused, not listened on
        raise UsageMistake(
            f"The {what} stands for every address of a machine.",
            "For a server on this machine: localhost and its port.",
        )
    if _GLUED_SCHEME.match(typed) and "/" not in typed[:8] and ":" not in typed[:8]:
        raise UsageMistake(
            f"The {what} begins with http, but has no ://.",
            "Write https:// before the name of the host.",
        )
    if region := _REGION_WORDS.get(host):
        raise UsageMistake(f"The {what} is not the name of a region.", f"Did you mean {region}?")
    if _is_nearly_the_cloud(host):
        raise UsageMistake(
            f"The {what} is not one of Bitwarden's cloud, but only resembles it.",
            "Use us for bitwarden.com, or eu for bitwarden.eu.",
        )
    if any(_mixes_alphabets(label) for label in host.split(".")):
        raise UsageMistake(
            f"The {what} mixes letters of two alphabets that look alike.",
            "Type it anew, with Latin letters.",
        )


def _is_nearly_the_cloud(host: str) -> bool:
    name, endings = _CLOUD
    *before, label, ending = ["", "", *host.rstrip(".").split(".")]
    if before[-1] == name and label in _SECOND_LEVELS:
        return len(ending) == 2
    if label == name:
        return ending in _NEAR_ENDINGS or (len(ending) == 2 and ending not in endings)
    return ending in endings and _is_one_slip(label, name)


def _is_one_slip(typed: str, meant: str) -> bool:
    """Tells whether one letter too many, too few or wrong, or two swapped ones, differ."""
    while typed and meant and typed[0] == meant[0]:
        typed, meant = typed[1:], meant[1:]
    while typed and meant and typed[-1] == meant[-1]:
        typed, meant = typed[:-1], meant[:-1]
    return max(len(typed), len(meant)) == 1 or (len(typed) == 2 and typed == meant[::-1])


def _mixes_alphabets(label: str) -> bool:
    if label.isascii():
        return False
    has_latin = any(sign.isascii() and sign.isalpha() for sign in label)
    return has_latin and any(
        unicodedata.name(sign, "").partition(" ")[0] in _ALPHABETS for sign in label
    )
