"""Lists of accounts, a user and a password a line: `joe:hunter2x`, `joe / hunter2x`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from bw_magics.secrecy.irregular import looks_typed
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.plausible import may_be_secret

_ACCOUNT = re.compile(
    r"[ \t]*(?:[-*+•][ ]+)?(?P<user>[A-Za-z][\w.+-]{0,63}(?:@[\w.-]+)?)(?:[ ]*:[ ]?|[ ]+/[ ]+|\t)"
    r"(?P<password>[^\s:/][^\s:]{5,127})[ \t]*"
)
_HAS_BOTH = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9!#$%&*@^?])")
# `nginx-1.25`, `europe-west1`, `2024-01-15`, `v2beta1`, `10px`, `app.conf`, `main`.
_NO_PASSWORD = re.compile(
    r"(?:[\w.]+-)*v?\d+(?:\.\d+)+\S*|[a-z]+(?:-[a-z]+)+\d{1,2}|[a-z]+-\d{1,3}|[\d.-]+\w{0,2}|#[0-9a-f]+"
    r"|[\w-]+\.[a-z]\w{0,4}|v\d\w*"
)
_FEWEST = 2


def passwords_of_accounts(text: str) -> Iterator[str]:
    """Yields the passwords of two or more lines in a row that have nothing but a user and one."""
    read = (_password(line) for line in text.splitlines() if line.strip())
    for is_list, group in groupby(read, lambda password: password is not None):
        passwords = [password for password in group if password] if is_list else []
        if len(passwords) >= _FEWEST:
            yield from passwords


def _password(line: str) -> str | None:
    """Returns the password of a line that has a user and a password, and nothing else."""
    found = _ACCOUNT.fullmatch(line)
    # A name that means something belongs to a list of settings.
    if found is None or is_secret_name(found["user"]) is not None:
        return None
    password = found["password"]
    if not may_be_secret(password) or not (_HAS_BOTH.match(password) or looks_typed(password)):
        return None
    return None if _NO_PASSWORD.fullmatch(password) else password
