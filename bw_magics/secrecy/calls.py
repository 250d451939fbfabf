"""Names and values in programs: `define('PASSWORD', '…')`, and passwords that follow a user
among the arguments of a call: `login("joe", "…")`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import looks_named
from bw_magics.secrecy.plausible import may_be_secret

# Each has the groups of a name and of a value.
NAMED_IN_CALLS = (
    # `define('PASSWORD', '…')`, `setattr(config, 'password', '…')`
    regex(
        r"""\b(?:define|setenv|putenv|put|set|setProperty|setdefault|setattr)\(\s{0,4}
        (?:[\w.]{1,64},\s{0,4})?
        ["']([\w.-]{1,64})["']\s{0,4},\s{0,4}["']([^"'\n]{1,1000})["']""",
        re.VERBOSE,
    ),
    # `password("…")` of Stata, SQL and builders
    regex(
        r"""(?<![\w])(?:set_?|with_?)?(password|passwd|passphrase|pwd|token|apikey)\(\s{0,4}
        ["']([^"'\n]{1,1000})["']\s{0,4}\)""",
        re.VERBOSE | re.IGNORECASE,
    ),
    # `ENV["PASSWORD"] = "…"`, `variable "password" { default = "…" }`
    regex(
        r"""["']([\w.-]{1,64})["'](?:\]\s{0,4}=|\s{0,4}=>|\s{0,4}\{[^{}"']{0,200}\bdefault\s{0,8}=)
        \s{0,4}["']([^"'\n]{1,1000})["']""",
        re.VERBOSE,
    ),
    # `let password: &str = "…"` of Rust, `password <- "…"` of R
    regex(
        r"""(?<![\w$-])([A-Za-z][\w.]{1,63})\s{0,4}(?:<{1,2}-|:\s{0,4}&?[A-Za-z][\w.\[\]<>?]{0,31}\s{0,4}=)
        \s{0,4}["']([^"'\n]{1,1000})["']""",
        re.VERBOSE,
    ),
    # `$password = '…'` of PHP and PowerShell
    regex(r"""\$([A-Za-z]\w{1,63})\s{0,4}=\s{0,4}["']([^"'\n]{1,1000})["']"""),
)
_TEXT = r"""["']([^"'\n]{1,200})["']"""
_USER = r"""["'][^"'\n]{1,64}["']\s{0,4},\s{0,4}"""
# What has a user and a password as its next arguments.
_WITH_LOGIN = regex(
    rf"""(?:\b(?:FTP(?:_TLS)?|Connection|Transport)\(\s{{0,4}}["'][^"'\n]{{1,200}}["']\s{{0,4}},(?:\s{{0,4}}\d+,)?
    |\b(?:cx_Oracle|oracledb)\.(?:connect|create_pool|SessionPool)\(
    |\bauth\s{{0,4}}=\s{{0,4}}\(|\bauth["']:\s{{0,4}}\(|(?:Auth|Credentials?)\(
    |\.(?:login|authenticate|username_pw_set)\(
    |\bURL\.create\(\s{{0,4}}["'][\w+]+["'],
    |\b(?:getConnection|dbConnect)\([^()"']{{0,64}}["'][^"'\n]{{1,500}}["']\s{{0,4}},
    |\.connect\(\s{{0,4}}["'][^"'\n]{{1,200}}["']\s{{0,4}},(?:\s{{0,4}}\d+,)?)\s{{0,4}}{_USER}{_TEXT}""",
    re.VERBOSE,
)


# `EXEC sp_addlogin 'joe', '…'` of SQL Server.
_PROCEDURE = regex(
    r"""\bsp_(?:addlogin|addremotelogin)\s{1,4}(?:@\w+\s?=\s?)?N?'[^'\n]{1,64}'\s{0,4},
    \s{0,4}(?:@\w+\s?=\s?)?N?'([^'\n]{1,200})'""",
    re.VERBOSE | re.IGNORECASE,
)


def passwords_of_calls(text: str) -> Iterator[str]:
    """Yields the passwords that follow a user among the arguments of a call."""
    for value in (
        *(_WITH_LOGIN.findall(text) if "(" in text else ()),
        *(_PROCEDURE.findall(text) if "'" in text else ()),
    ):
        if may_be_secret(value, is_quoted=True) and not looks_named(value):
            yield value
