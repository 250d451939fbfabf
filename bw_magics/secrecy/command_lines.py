"""Passwords among the options of programs whose short options for them are known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex

_VALUE = r"""(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"'-][^\s"']*))"""
_ATTACHED = rf"(?<=\s)-p{_VALUE}"
_AFTER = {
    letter: rf"(?<=\s)-{letter}(?!ass(?:word|wd|phrase)?\b)(?:\s+|=)?{_VALUE}" for letter in "apPw"
}
_ORACLE = (
    r"""\s[\w$]+/(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"'/@-][^\s@]*))"""
)
# What a command has to be, and where its password is.
_OPTIONS = [
    (r"(?:mysql|mariadb)\w*(?:-\w+)?|7z[ar]?", _ATTACHED),
    (
        r"sshpass|mongo\w*|cqlsh|beeline|ipmitool|influx|cypher-shell|rdesktop|psexec\d*|certutil"
        r"|mosquitto_\w+|impala-shell|smbmap|crackmapexec|nxc|netexec|evil-winrm|hydra",
        _AFTER["p"],
    ),
    (
        r"(?:docker|podman|nerdctl|helm|az|oc|cf|buildah|skopeo)(?=[^\n]{0,200}\slogin\b)",
        _AFTER["p"],
    ),
    (r"sqlcmd|bcp|osql|isql|tsql|zip|unzip|ipmitool", _AFTER["P"]),
    (r"redis-cli|keydb-cli|valkey-cli", _AFTER["a"]),
    (r"ldap\w+|vsql", _AFTER["w"]),
    (
        r"(?:https?|xhs?)(?=[^\n]{0,200}\bbearer\b)",
        r"(?<=\s)(?:-a|--auth)(?:\s+|=)(?P<double>)(?P<single>)(?P<bare>[^\s\"':-][^\s\"':]*)(?=\s|$)",
    ),
    (r"plink|pscp|psftp|putty(?:\.exe)?|kitty(?:\.exe)?", rf"(?<=\s)-pw\s+{_VALUE}"),
    (r"mosquitto_\w+", _AFTER["P"]),
    (r"x11vnc|vncserver|storescp", rf"(?<=\s)-passwd\s+{_VALUE}"),
    (r"snmp\w+", rf"(?<=\s)-[cAX]\s*{_VALUE}"),
    (r"useradd|usermod|adduser", _AFTER["p"]),
    (r"net\s+use", rf"\\\\\S+\s+(?:/user:\S+\s+)?{_VALUE}"),
    (r"net\s+user", rf"^\s+[\w.-]+\s+{_VALUE}"),
    (r"cmdkey|signtool|runas|mstsc", rf"(?<=\s)/p(?:ass)?[:\s]{_VALUE}"),
    (r"(?:vault|fly|netlify|snyk)(?=\s+login\s)", rf"\slogin\s+{_VALUE}"),
    (r"db2", rf"\susing\s+{_VALUE}"),
    (r"isql", rf"^\s+[\w.-]+\s+[\w.-]+\s+{_VALUE}"),
    (r"(?:sqlplus|expdp|impdp|rman|sqlldr)", _ORACLE),
    (r"\.logon", rf"\s[\w/.-]+,{_VALUE}"),
    (r"smbclient|rpcclient|net", rf"(?<=\s)-U\s*[\"']?[^\s%]+%{_VALUE}"),
    (r"databricks(?=[^\n]{0,80}\ssecrets?\s)", rf"(?<=\s)--string-value(?:\s+|=){_VALUE}"),
    (r"gh(?=\s+secret\s+set\s)", rf"(?<=\s)(?:-b|--body)(?:\s+|=){_VALUE}"),
    (r"aws(?=\s+secretsmanager\s)", rf"(?<=\s)--secret-string(?:\s+|=){_VALUE}"),
    (r"aws(?=\s+ssm\s+put-[^\n]{0,300}SecureString)", rf"(?<=\s)--value(?:\s+|=){_VALUE}"),
    (r"az(?=\s+keyvault\s+secret\s+set\s)", rf"(?<=\s)--value(?:\s+|=){_VALUE}"),
    (r"openssl", rf"(?<=\s)(?:pass|-passin\s+pass|-passout\s+pass):{_VALUE}"),
    (r"lftp", rf"(?<=\s)-u\s+[^\s,]+,{_VALUE}"),
    (r"xfreerdp\d?|wlfreerdp|mstsc", rf"(?<=\s)/p:{_VALUE}"),
]
_PATTERNS = [
    (regex(rf"(?<![\w.$-])(?:{program})(?P<rest>[ \t][^\n|;]{{1,1000}})"), regex(option))
    for program, option in _OPTIONS
]
# Most texts name no such program.
_ANY_PROGRAM = regex(rf"(?<![\w.$-])(?:{'|'.join(program for program, _ in _OPTIONS)})[ \t]")

# `echo PASSWORD | sudo -S`, `kinit joe <<< PASSWORD`.
_PIPED = [
    regex(
        r"""\b(?:echo|printf)(?:\s+-n)?\s+(?:"([^"\n]+)"|'([^'\n]+)'|([^\s|"'$-][^\s|"']*))\s*\|
        \s*(?:sudo\s+)?(?:\w+=\S+\s+)?
        (?:\w*passwd|sudo|su|kinit|cryptsetup|gpg|vault|ecryptfs\S*
        |\S+\s[^\n|;]{0,200}?(?:--(?:password|passphrase|token)-stdin|--stdin|--passphrase-fd))\b""",
        re.VERBOSE,
    ),
    regex(
        r"""\b(?:\w*passwd|sudo|su|kinit|cryptsetup|gpg|ssh-add|docker|vault)\s[^\n|;<]{0,200}
        <<<\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"'$]+))""",
        re.VERBOSE,
    ),
]


def passwords_of_commands(text: str) -> Iterator[str]:
    """Yields the values of options that are passwords: `mysql -pPASSWORD`, `sqlcmd -P PASSWORD`,
    and what is piped into a program that asks for one.
    """
    for pattern in _PIPED:
        for groups in pattern.findall(text):
            piped = next(filter(None, groups)).removesuffix("\\n")
            user, colon, password = piped.partition(":")
            yield password if colon else user
    for program, option in _PATTERNS if _ANY_PROGRAM.search(text) else ():
        for found in program.finditer(text):
            for value in option.finditer(found["rest"]):
                yield value["double"] or value["single"] or value["bare"]
