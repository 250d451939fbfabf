"""Secrets that follow their name without a sign, or fill the line below it.

`identified by '…'`, `--storepass …`, `The password is …`, `Password - …`, `setenv DB_PASSWORD …`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import looks_named
from bw_magics.secrecy.key_names import is_secret_name, words_of_name
from bw_magics.secrecy.languages import SIGN
from bw_magics.secrecy.plausible import may_be_secret

_VALUE = r"""(?:"(?P<double>[^"\n]{1,1000})"|'(?P<single>[^'\n]{1,1000})'|`(?P<ticks>[^`\n]{1,200})`
    |(?P<bare>[^\s;,)"'`]{6,}))"""
# A name and its value, with `is` or a dash between them or nothing.
_FOLLOWED = regex(
    rf"""(?<![\w.$%-])(?P<dash>-{{0,2}})(?P<name>convertto-securestring(?:\ -string)?
    |identified\ (?:(?:with|via)\ \w+\ )?(?:by|as|using)
    |[^\W\d][\w-]{{1,40}}(?:[ ](?:key|code|phrase))?)
    (?P<between>(?:[ \t]+(?:(?:(?:is|was)[ ]+)?(?:changed|re-?set|set)[ ]+to
    |is|was|ist|war|lautet|es|est|è|era|är|er|jest)(?=[ \t])
    |[ \t]+(?:-|–|—|[-=]*>{{1,3}}|→|⇒|➡\ufe0f?|\.{{2,40}}|…)(?=[ \t])|➡\ufe0f?|[*_]{{1,2}})?)
    [ \t]{{1,8}}(?={_VALUE})""",
    re.VERBOSE | re.IGNORECASE,
)
_WORDS = frozenset({"bearer", "basic"})
# Names that other words follow as often as a secret does: `auth oauth2-proxy`.
_VAGUE = frozenset(
    """
    auth authorization cookie cookies credential credentials creds jwt mnemonic otp pass passe
    passes passwords pat secrets sig signature tokens totp
    """.split()  # noqa: SIM905 (a list of words)
)
# Behind two hyphens they are passwords: `curl --pass …`.
_OPTIONS = frozenset({("pass",)})
# Options that tell where a secret comes from, or ask for one: `--ask-pass`, `--password-stdin`.
_ASKING = frozenset(
    """
    ask change fd force generate get no print prompt read reset set show skip stdin store with
    without
    """.split()  # noqa: SIM905 (a list of words)
)
# `Set the password to …`.
_CHANGED = regex(
    r"\b(?:changed?|re-?set|set)[ ](?:the[ ]|its[ ])?\w*password[ ]to[ ]+(\S{6,})", re.IGNORECASE
)
# These programs ask for a password after `--password`; the next word is something else.
_ASKS = regex(r"(?:mysql|mariadb|psql|pg_dump|createdb)\w*[^\n|;]{0,300}\Z")
# Commands that name a secret instead of saying it: `kubectl get secret warehouse-2`.
_NAMES_FOLLOW = regex(
    r"\b(?:access|annotate|delete|describe|edit|fetch|get|list|read|show|versions)[ ]+\Z"
)
# `curl -u joe:…`, `http -a joe:…`, `Basic joe:…`.
_USER_AND_PASSWORD = regex(
    r"""(?:(?<!\S)(?:-[uaUE]|--(?:proxy-)?(?:user(?:name)?|cert)|--auth|--creds)(?:[ \t]+|=)
    |\bbasic[ \t]+|\bcurl\b[^\n|;]{0,300}\s-[uU])
    (?:["']?[^\s:/@={"']{1,64}:(?P<password>(?=[^\s:/]*[^\d\s])[^\s:/"']{6,})
    |(?P<quote>["'])[^\s:/@={"']{1,64}:(?P<quoted>[^\n"']{6,200})(?P=quote))""",
    re.VERBOSE | re.IGNORECASE,
)
# After these the option names a user and a group.
_WITH_GROUP = regex(r"(?:docker|podman|nerdctl|chown|setpriv|runuser)\b[^\n|;]*\Z")
# Commands that set a variable or a setting.
_SET = regex(
    rf"""(?<![\w.-])(?:set\ -[gUx]+|setenv|setx|config(?:ure)?\ set(?:\ --\w+)*|config(?:\ --\w+)*)
    [ \t]+(?P<name>[\w.:/-]{{2,80}})[ \t]+{_VALUE}""",
    re.VERBOSE,
)
# `spark.hadoop.fs.s3a.secret.key …`, the lines of Spark's and Kafka's settings.
_DOTTED = regex(r"^[ \t]*([a-z][\w-]*(?:\.[\w-]+){1,12})[ \t]+(\S{6,200})[ \t\r]*$", re.MULTILINE)
# A name as a whole line, and the next line.
_HEADED = regex(
    rf"""^[ \t]*+(?:\#{{1,6}}[ ]+|[-*+][ ]+)?[*_]{{0,2}}(?P<name>[^\W\d](?:[ ]|{SIGN}){{1,40}}?)
    [*_]{{0,2}}[ \t]*(?P<colon>[:\uff1a]?)[*_]{{0,2}}[ \t]*\r?\n(?:[ \t]*\r?\n){{0,3}}
    (?=[ \t]*(?P<value>[^\s].{{5,120}}?)[ \t\r]*$)""",
    re.VERBOSE | re.MULTILINE,
)
_PHRASE = regex(r"[a-z]{2,12}(?:[ -][a-z]{2,12}){2,11}")


def secrets_behind_names(text: str) -> Iterator[str]:
    """Yields values that follow a name that means a secret in the same line."""
    for found in _FOLLOWED.finditer(text):
        value = _value_of(found)
        is_option = len(found["dash"]) == 2 and words_of_name(found["name"]) in _OPTIONS
        if (is_option or _names_one(found["name"])) and _is_value(found, value, text):
            yield value
            yield value.rstrip(".")
    for found in _USER_AND_PASSWORD.finditer(text):
        before = text[max(0, found.start() - 400) : found.start()]
        value = found["quoted"] or found["password"]
        if may_be_secret(value) and not _WITH_GROUP.search(before):
            yield value
    for value in _CHANGED.findall(text):
        if may_be_secret(value) and any(map(str.isdigit, value)) and not looks_named(value):
            yield value.rstrip(".,;")
    for name, value in _DOTTED.findall(text):
        if is_secret_name(name) and may_be_secret(value):
            yield value
    for found in _SET.finditer(text):
        value = _value_of(found)
        if is_secret_name(found["name"]) and may_be_secret(value):
            yield value


def secrets_below_names(text: str) -> Iterator[str]:
    """Yields values whose name is the line above them: `Password:` and the next line."""
    for found in _HEADED.finditer(text):
        if is_secret_name(found["name"]) and _stands_below(found["value"], found["colon"] != ""):
            yield found["value"].strip("`*")


def _value_of(found: re.Match[str]) -> str:
    return found["double"] or found["single"] or found["ticks"] or found["bare"]


def _names_one(name: str) -> bool:
    """Returns whether a secret follows a name, and not just any other word."""
    if name.casefold() in _WORDS or name.casefold().startswith(("identified ", "convertto-")):
        return True
    words = words_of_name(name)
    while words[-1:] in (("value",), ("text",), ("string",)):
        words = words[:-1]
    is_pair = words[-1:] in (("key",), ("code",), ("phrase",))
    last = words[-2:] if is_pair else words[-1:]
    return _VAGUE.isdisjoint(last) and bool(is_secret_name(" ".join(last)))


def _is_value(found: re.Match[str], value: str, text: str) -> bool:
    is_quoted = found["bare"] is None
    if found["dash"] and not found["between"]:
        if not _ASKING.isdisjoint(words_of_name(found["name"])):
            return False
        if _ASKS.search(text, max(0, found.start() - 400), found.start()):
            return False
        return may_be_secret(value, is_quoted=is_quoted) and not value.startswith("-")
    if not may_be_secret(value, is_quoted=is_quoted and found["between"] != ""):
        return False
    if not found["between"] and _NAMES_FOLLOW.search(
        text, max(0, found.start() - 20), found.start()
    ):
        return False
    if value.isdigit():
        return words_of_name(found["name"])[-1] != "token"
    return is_quoted or (any(map(str.isdigit, value)) and not looks_named(value))


def _stands_below(value: str, is_announced: bool) -> bool:
    """Returns whether a line below a name is its value, and not a text or another name."""
    value = value.strip("`*")
    if " " in value:
        return is_announced and _PHRASE.fullmatch(value) is not None
    if (
        not may_be_secret(value)
        or value[-1:] in ":{["
        or re.match(r"[-*+#|<>{\[]|[\w.-]+[=:]\S", value)
    ):
        return False
    return is_announced or (any(map(str.isdigit, value)) and not looks_named(value))
