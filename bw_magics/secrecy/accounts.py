"""Accounts, a user and a password in a line or in two: `joe:hunter2x`, `joe / hunter2x`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, repeat

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import looks_named, looks_typed
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.plausible import may_be_secret

_ACCOUNT = regex(
    r"[ \t]*(?:[-*+•][ ]+)?(?P<user>[A-Za-z][\w.+-]{0,63}(?:@[\w.-]+)?)(?:[ ]*:[ ]?|[ ]+/[ ]+|\t)"
    r"(?P<password>[^\s:/][^\s:]{5,127})[ \t]*"
)
# A line of its own: perhaps a host, a user or an address of a person, a password.
_LINE = regex(
    r"""[ \t]*(?:[-*+•>][ ]+|\d{1,2}[.)][ ]+)?(?:[\w-]+(?:\.[\w-]+)+(?::\d+)?[ \t,;|]+)?
    (?P<user>[A-Za-z][\w.+-]{0,63}(?:@[\w.-]+)?|(?:[\w.-]+\\)[\w.-]+)
    (?::|[ ]*[,;|][ ]*|[ ]+(?:[/=–—-]|->|=>|→)[ ]+|[ \t]+)
    (?P<password>(?![\w.-]+=)[^\s:/,;|"'][^\s:"']{5,127})[ \t]*""",
    re.VERBOSE,
)
_HAS_BOTH = regex(r"(?=.*[A-Za-z])(?=.*[0-9!#$%&*@^?])")
_USER = regex(r"[a-z][\w.+-]{0,63}(?:@[\w.-]+)?")
_MAIL = regex(r"[a-z][a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
_HEX = regex("[0-9a-f-]+|[0-9A-F-]+")
# `hunter2x9`, and what rules for passwords ask for: `Made-up-1`.
_IN_TURNS = regex(r"(?=.*[A-Za-z]{4})(?=.{8})[A-Za-z]+\d+[A-Za-z]+\d+[A-Za-z\d]*")
_CLASSES = ("[A-Z]", "[a-z]", "[0-9]", r"[^\w]|_", ".{8}")
# What a line names before a name or number of it.
_NOUNS = frozenset(
    """
    account address arxiv batch bin branch bucket build car charset chapter city client cluster
    code col collation color column commit config container cpu customer dataset date db deployment
    device disk doc doi drive edition encoding event exhibit experiment file flight floor gate gpu
    group guid hash host id image index instance invoice issue item job kernel level line lot
    machine mailto model module monitor namespace network node number office order os package page
    part phase phone pid plan plate pod port printer product profile project queue quarter region
    release report rev revision room router row run schema season section sensor serial server
    service session shard size sku slot sms sprint stage step street switch table tag task team tel
    tenant test ticket topic train tree type unit upgrade urn user uuid ver version vlan vm volume
    week worker year zip zone
    """.split()  # noqa: SIM905 (a list of words)
)
_FEWEST = 2
# Accounts that every system has, anywhere in a line: `Router admin/…`, `db01: root / …`.
_KNOWN = regex(
    r"""(?<![\w/.@-])(?:admin(?:istrator)?|oracle|postgres|root|sa|superuser|sysadmin)(?:@[\w.-]+)?
    (?:[ ]?[/:|,;→][ ]?|[ ][–-][ ]|[ \t]+)
    (?P<password>(?![\w.-]+=)[^\s:/|,;"'<>()]{8,128})(?![^\s|,;)])""",
    re.VERBOSE | re.IGNORECASE,
)


def passwords_of_accounts(text: str) -> Iterator[str]:
    """Yields the passwords of two or more lines in a row that have nothing but a user and one."""
    read = (_password(line) for line in text.splitlines() if line.strip())
    for is_list, group in groupby(read, lambda password: password is not None):
        passwords = [password for password in group if password] if is_list else []
        if len(passwords) >= _FEWEST:
            yield from passwords


def passwords_of_lines(text: str) -> Iterator[str]:
    """Yields the passwords of lines that have nothing but a user and one, or that follow a line
    with a user alone, or that follow an account such as root anywhere; one at least has to look
    more like a password than in a list with colons.
    """
    block: list[tuple[str, str]] = []
    user = ""
    for line in (*text.splitlines(), ""):
        if found := _LINE.fullmatch(line):
            block.append((found["user"], found["password"]))
        else:
            if any(_is_surely(*pair) for pair in block):
                yield from (password for pair in block for password in _weakly(*pair))
            block = []
            word = line.strip()
            if user and " " not in word and _is_surely(user.partition("@")[0], word):
                yield word
        user = line.strip() if _USER.fullmatch(line.strip()) else ""
    yield from _of_known_accounts(text)


def _of_known_accounts(text: str) -> Iterator[str]:
    for found in _KNOWN.finditer(text):
        if _is_surely("root", found["password"]):
            yield found["password"]


def _is_surely(user: str, word: str) -> bool:
    """Returns whether a word behind a user is a password; behind a person's address, anything
    that is not a name or number.
    """
    if not any(_weakly(user, word)):
        return False
    if "@" in user or "\\" in user:
        return True
    if "/" in word or word[0].isdigit():
        return False
    if _IN_TURNS.fullmatch(word) or looks_typed(word):
        return True
    return user.islower() and all(map(re.search, _CLASSES, repeat(word)))


def _weakly(user: str, word: str) -> Iterator[str]:
    """Yields the word if it can be a password, and the one before it a user."""
    if not may_be_secret(word) or looks_named(word) or _HEX.fullmatch(word.strip("{}()")):
        return
    if _MAIL.fullmatch(word):
        return
    is_user = is_secret_name(user) is None and user.casefold() not in _NOUNS
    if is_user and _HAS_BOTH.match(word):
        yield word


def _password(line: str) -> str | None:
    """Returns the password of a line that has a user and a password, and nothing else."""
    found = _ACCOUNT.fullmatch(line)
    # A name that means something belongs to a list of settings.
    if found is None or is_secret_name(found["user"]) is not None:
        return None
    password = found["password"]
    if not may_be_secret(password) or not (_HAS_BOTH.match(password) or looks_typed(password)):
        return None
    return None if looks_named(password) else password
