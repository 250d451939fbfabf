"""Secrets in the configuration of devices and servers, without a sign between name and value:
`snmp-server community …`, `username … secret 5 …`, `requirepass …`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.secrecy.plausible import may_be_secret

# How the value is stored: Cisco's numbers, Huawei's and Junos' words.
_STORED = (
    r"(?:(?:[0-9]{1,2}|enc|cipher|irreversible-cipher|simple|plain|encrypted|hash|ascii|hex|text"
    r"|ascii-text|hexadecimal|sha256|hmac-sha-256|md5|clear|cleartext|local|remote)[ \t]+){0,2}"
)
_VALUE = rf"""{_STORED}(?:"(?P<quoted>[^"\n]+)"|(?P<bare>[^\s"';]+))"""
# Beginnings of lines, up to the name of the secret.
_BEFORE = r"""^[ \t]*+(?:no[ ]+)?(?:
      snmp-(?:server|agent)\ [^\n]{0,80}?\bcommunity(?:\ (?:read|write))?
    | snmp-server\ host\ \S+(?:\ (?:traps|informs))?(?:\ version\ (?:1|2c))?
    | (?:set\ )?snmp\ community
    | enable\ (?:password|secret)(?:\ level\ \d+)?
    | (?:username|local-user|user)\ \S+\ [^\n]{0,80}?\b(?:password|secret)
    | (?:neighbor\ \S+|ppp\ chap|ppp\ pap\ sent-username\ \S+|isis|area\ \S+|bgp)\ password
    | (?:area|domain)-password
    | (?:tacacs|radius|hwtacacs|ldap)[\w-]*\ [^\n]{0,80}?\b(?:key|shared-secret|secret)
    | crypto\ isakmp\ key(?=\ [^\n]{0,200}\ (?:address|hostname)\b)
    | [^\n]{0,80}?\b(?:message-digest|authentication)-key\ \d+\ (?:md5|hmac[\w-]*|sha[\w-]*|value)
    | (?:standby|vrrp|glbp)\ \d+\ authentication(?:\ md5\ key-string)?
    | [^\n]{0,80}?\b(?:key-string|pre-shared-key|server-key|shared-secret|psksecret)
    | wpa-psk | wpa-passphrase | wep-key
    | set\ [\w-]*(?:passwd|password|secret|passphrase|password-value)
    | r[ow]community6? | com2sec\ \S+\ \S+
    | requirepass | masterauth | user\ \S+\ on\ > | auth-pass\ \S+ | sentinel\ auth-pass\ \S+
    | password(?:_pbkdf2)\ \S+
    | chpasswd | SQLConnectInfo\ \S+\ \S+
    )(?:(?<=>)|[ \t]+)"""
_NAMED = regex(_BEFORE + _VALUE, re.VERBOSE | re.MULTILINE)
# Both secrets of a user of SNMPv3, in a configuration and among the options of a program.
_SNMP_USER = regex(
    r"""^[ \t]*+(?:snmp-server\ user|createUser)\ [^\n]{0,100}?\b(?:md5|sha[\w-]*)\ +(?P<first>\S+)
    (?:\ +(?:priv\ +)?(?:des|3des|aes)(?:\ *-?\d+)?\ +(?P<second>\S+))?""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
# A line with nothing but `password …`: netrc, msmtp, the lines of a router.
_LINE = regex(
    rf"^[ \t]*+(?:password|passwd|pass|pw|passphrase|secret|key)[ \t]+{_STORED}"
    r"(?P<bare>(?=\S*[^A-Za-z\s])[^\s\"';]+)[ \t]*$",
    re.MULTILINE,
)
# ipsec.secrets, chap-secrets, userlist.txt of pgbouncer, hashes of crypt.
_OTHERS = [
    regex(r':[ \t]*(?:PSK|XAUTH|EAP|NTLM|PIN)[ \t]+"?([^"\s]+)'),
    regex(r'^"?[\w.@\\-]+"?[ \t]+(?:\*|[\w.-]+)[ \t]+"?([^"\s*]+)"?[ \t]+\*', re.MULTILINE),
    regex(r'^"[^"\s]{1,64}" "([^"\n]+)"', re.MULTILINE),
    regex(r"(\$(?:[1-9][aby]?|y|gy|apr1|argon2\w{1,2}|pbkdf2[\w-]*|scrypt)\$[^\s:\"',;]{8,})"),
]
# Other words where a value is expected.
_COMMANDS = frozenset(
    "address chain encryption generate import policy recovery version zeroize".split()  # noqa: SIM905
)


def secrets_of_devices(text: str) -> Iterator[str]:
    """Yields the secrets of lines that configure routers, servers and VPNs."""
    for found in _NAMED.finditer(text):
        yield from _plausible(found["quoted"] or found["bare"])
    for found in _LINE.finditer(text):
        yield from _plausible(found["bare"])
    for found in _SNMP_USER.finditer(text):
        yield from _plausible(found["first"])
        yield from _plausible(found["second"] or "")
    for pattern in _OTHERS:
        for value in pattern.findall(text):
            yield from _plausible(value)


def _plausible(value: str) -> Iterator[str]:
    if may_be_secret(value) and value not in _COMMANDS:
        yield value
